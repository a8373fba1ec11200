"""Images and files beside an old app, which its entries name, come along as attachments."""

from pathlib import Path

import pytest

from journal.attachments import store
from journal.attachments.models import Attachment
from journal.entries.models import Entry
from journal.transfer.adoption.local_files import LocalFiles
from tests.transfer.old_apps import OldApp, usual_app
from tests.transfer.sites import Site, at, one_entry, said

pytestmark = pytest.mark.engine("sqlite")

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 40


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    uploads = tmp_path / "app" / "static" / "uploads"
    uploads.mkdir(parents=True)
    (uploads / "a cat.png").write_bytes(PNG)
    (tmp_path / "secret.png").write_bytes(PNG)
    (uploads / "link.png").symlink_to(tmp_path / "secret.png")
    return tmp_path / "app"


@pytest.mark.parametrize(
    ("address", "below"),
    [
        ("/static/uploads/a%20cat.png", ""),
        ("static/uploads/a%20cat.png?v=2", ""),
        ("../static/uploads/a%20cat.png", None),
        ("/static/uploads/a%20cat.png", "static/uploads"),
        ("uploads/a%20cat.png#x", "static"),
        ("/static/uploads/link.png", None),
        ("../secret.png", None),
        ("/static/uploads/../../../secret.png", None),
        ("https://example.org/a%20cat.png", None),
        ("//example.org/a%20cat.png", None),
        ("/static/uploads/none.png", None),
        ("/static/uploads", None),
        ("/" + "x" * 300, None),
        ("/a%00b.png", None),
    ],
)
def test_an_address_leads_to_a_file_of_the_folder_only(folder: Path, address: str, below: str | None) -> None:
    found = LocalFiles(folder / (below or "")).find(address)
    assert found == (None if below is None else folder / "static" / "uploads" / "a cat.png")


async def test_images_come_with_a_later_run_too(tmp_path: Path, folder: Path, site: Site) -> None:
    (tmp_path / "old").mkdir()
    old: OldApp = await usual_app(str(tmp_path / "old" / "old.db"))
    await old.person(1, "ann")
    await old.entry(1, content="before ![the cat](/static/uploads/a%20cat.png) and ![b](/static/b.png) after")
    report = await site.adopts(old)
    assert said(report, "Images that entries name").endswith(
        ": 2 (/static/uploads/a%20cat.png, /static/b.png)."
    )
    for _ in range(2):
        report = await site.adopts(old, files=folder)
        assert said(report, "Images that entries name").endswith(": 1 (/static/b.png).")
    async with at(site):
        photo = await Attachment.get()
        assert (await Entry.get()).body == (
            f"before ![the cat](/attachments/{photo.uid}) and ![b](/static/b.png) after"
        )
    assert store.path(store.folder_in(site.data_dir), photo.sha256).read_bytes() == PNG
    assert (await one_entry(site)).version == 2


async def test_a_folder_that_is_not_there_is_refused(tmp_path: Path, site: Site) -> None:
    (tmp_path / "old").mkdir()
    old = await usual_app(str(tmp_path / "old" / "old.db"))
    with pytest.raises(Exception, match="is no folder"):
        await site.adopts(old, files=tmp_path / "none")
