"""Import pages: upload, preview, import, report, undo and again; and refused and broken uploads."""

import asyncio
from datetime import timedelta
from pathlib import Path
from stat import S_IMODE
from typing import Any
from uuid import uuid4

import pytest
from quart import Quart

from journal import clock
from journal.entries.imported import Place
from journal.entries.models import Entry
from journal.jobs.models import Job
from journal.settings import Settings
from journal.transfer import imports, media, uploads
from journal.transfer.formats import readers
from journal.transfer.models import Import
from journal.web import body_stream
from tests.conftest import Person
from tests.transfer.fake_reader import Fake, imported
from tests.transfer.uploading import BOUNDARY, MULTIPART, brings, brought, does, form, settled, shown

pytestmark = pytest.mark.slow_on_postgres
SECRET = "only-the-owner"


@pytest.fixture(autouse=True)
def fake(monkeypatch: pytest.MonkeyPatch) -> Fake:
    made = Fake([imported(1), imported(2)])
    monkeypatch.setattr(readers, "READERS", (made,))
    return made


@pytest.fixture
def folder(settings: Settings) -> Path:
    return settings.data_dir / "uploads"


def left(folder: Path) -> list[str]:
    return [file.name for file in folder.iterdir()] if folder.exists() else []


# The way of an import


async def test_a_preview_shows_what_would_come_and_a_click_brings_it(ann: Person, fake: Fake) -> None:
    fake.entries[0] = imported(1, "*Rain* <b>", place=Place("Lisbon"), weather="12 °C")
    path = await brought(ann)
    page = await shown(ann, path)
    for words in (
        "2 new entries",
        "Import 2 entries",
        "From <time",
        "<em>Rain</em>",
        "Lisbon, 12 °C",
        "A fake",
    ):
        assert words in page
    assert "the &lt;third&gt;" in page
    assert not await Entry.exists()
    page = await does(ann, f"{path}/start")
    assert "2 entries added" in page
    assert 'href="/days/2019-05-03"' in page
    assert await Entry.all().count() == 2


async def test_an_undo_can_be_followed_by_the_same_import_again(ann: Person) -> None:
    path = await brought(ann)
    await does(ann, f"{path}/start")
    page = await does(ann, f"{path}/undo")
    assert "The import is undone" in page
    assert "2 entries were taken back" in page
    assert not await Entry.exists()
    assert "2 entries added" in await does(ann, f"{path}/start")


async def test_the_method_delete_undoes_an_import(ann: Person) -> None:
    path = await brought(ann)
    await does(ann, f"{path}/start")
    assert (await ann.client.delete(path)).status_code == 303
    await settled(ann, path)
    assert not await Entry.exists()


async def test_the_report_names_everything_that_was_left_out(ann: Person, fake: Fake) -> None:
    path = await brought(ann)
    await does(ann, f"{path}/start")
    answer = await ann.get(f"{path}/report")
    assert answer.headers["Content-Disposition"].startswith("attachment;")
    assert answer.content_type.startswith("text/plain")
    text = await answer.get_data(as_text=True)
    assert "Entries: 2 came, 0 were changed, 0 were here already." in text
    assert "Entries that can't be read, and are left out: 1\n  the <third>" in text


async def test_the_same_form_sent_twice_is_one_import(ann: Person, folder: Path) -> None:
    key = str(uuid4())
    one, other = [await brought(ann, save=key) for _ in range(2)]
    assert one == other
    assert (await Import.all().count(), await Job.all().count(), len(left(folder))) == (1, 1, 1)


async def test_a_second_click_begins_nothing_twice(ann: Person) -> None:
    path = await brought(ann)
    await asyncio.gather(*(ann.post(f"{path}/start") for _ in range(3)))
    await settled(ann, path)
    assert (await Job.filter(kind="import").count(), await Entry.all().count()) == (1, 2)


async def test_another_zone_makes_the_preview_anew_without_another_upload(ann: Person, fake: Fake) -> None:
    zones: list[str] = []
    read = fake.read

    def noted(archive: Any, options: Any, report: Any) -> Any:
        zones.append(f"{options.zone} {options.date_format}".strip())
        return read(archive, options, report)

    fake.read = noted  # type: ignore[method-assign]
    path = await brought(ann)
    answer = await ann.post(f"{path}/reading", {"zone": "Asia/Tokyo", "date_format": "%d.%m.%Y"})
    assert answer.status_code == 303
    await settled(ann, path)
    assert zones == ["UTC", "Asia/Tokyo %d.%m.%Y"]


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("zone", "Mars/Olympus", "not a time zone"),
        ("format", "wordstar", "one of the formats"),
        ("date_format", "tomorrow", "Write it like"),
        ("date_format", "%q", "Write it like"),
        ("date_format", "%d.%m.%Y" + "x" * 100, "Write it like"),
    ],
)
async def test_a_wrong_setting_is_refused_with_a_sentence(
    ann: Person, folder: Path, field: str, value: str, sentence: str
) -> None:
    answer = await brings(ann, **{field: value})
    assert answer.status_code == 422
    assert left(folder) == []
    path = await brought(ann)
    answer = await ann.post(f"{path}/reading", {field: value})
    assert answer.status_code == 422
    assert sentence in await answer.get_data(as_text=True)


async def test_a_file_that_nobody_reads_offers_to_bring_another(ann: Person) -> None:
    page = await shown(ann, await brought(ann, name="holiday.doc"))
    assert "holiday.doc is not recognised" in page
    assert "Bring another file" in page


async def test_an_import_that_has_brought_nothing_can_be_removed(ann: Person, folder: Path) -> None:
    path = await brought(ann)
    await ann.post(f"{path}/deletion")
    assert (await ann.get(path)).status_code == 404
    assert left(folder) == []


async def test_an_import_with_entries_is_not_removed(ann: Person) -> None:
    path = await brought(ann)
    await does(ann, f"{path}/start")
    await ann.post(f"{path}/deletion")
    assert "2 entries added" in await shown(ann, path)


@pytest.mark.parametrize(
    ("state", "says"), [("running", "Undo this import"), ("reading", "can’t be imported")]
)
async def test_an_import_whose_job_was_given_up_can_be_left(ann: Person, state: str, says: str) -> None:
    path = await brought(ann)
    found = await Import.get()
    kind = {"running": "import", "reading": "import preview"}[state]
    await Job.all().delete()
    await Job.create(
        user_id=found.user_id,
        kind=kind,
        subject=found.id,
        state="failed",
        problem="Given up.",
        created_at=found.created_at,
    )
    await Import.all().update(state=state)
    page = await shown(ann, path)
    assert "Given up." in page
    assert says in page


async def test_a_page_without_scripts_reloads_itself_while_a_job_runs(ann: Person) -> None:
    path = await brought(ann)
    await Import.all().update(state="running")
    page = await shown(ann, path)
    assert '<noscript><meta http-equiv="refresh"' in page
    assert 'hx-trigger="every 1s"' in page
    fragment = await shown(ann, path, headers={"HX-Request": "true"})
    assert fragment.lstrip().startswith("<section")
    await Import.all().update(state="ready")
    assert "http-equiv" not in await shown(ann, path)


async def test_the_list_has_every_import_and_the_settings_lead_there(ann: Person) -> None:
    path = await brought(ann)
    page = await shown(ann, "/imports")
    assert "fake.json" in page
    assert "not imported yet" in page
    assert 'href="/imports"' in await shown(ann, "/settings")
    assert 'href="/imports"' in await shown(ann, "/")  # as long as nothing is written
    await does(ann, f"{path}/start")
    assert "2 entries added" in await shown(ann, "/imports")


def test_a_preview_shows_names_in_place_of_references() -> None:
    shown_body = media.without_links(imported(1, "see ![a cat](attachment:a) and [Monday](entry:x)"))
    assert shown_body == "see a cat and Monday"


# Uploads


async def test_another_file_by_the_same_form_is_another_import(ann: Person) -> None:
    key = str(uuid4())
    one = await brought(ann, save=key)
    other = await brought(ann, save=key, content=b"[1]", name="fake.2")
    assert one != other
    assert "fake.2" in await shown(ann, other)


async def test_an_upload_is_private_on_the_disk(ann: Person, folder: Path) -> None:
    await brought(ann)
    (file,) = folder.iterdir()
    assert (S_IMODE(folder.stat().st_mode), S_IMODE(file.stat().st_mode)) == (0o700, 0o600)


async def test_a_form_without_a_file_says_what_is_missing(ann: Person, folder: Path) -> None:
    for body in (form(b"", name=""), form().replace(b'"file"', b'"other"')):
        answer = await brings(ann, body)
        assert answer.status_code == 422
        assert "Choose the file" in await answer.get_data(as_text=True)
    assert (await ann.post("/imports", {"file": "words"})).status_code == 422
    assert left(folder) == []


DAMAGED = {
    "cut off in the file": form(b"x" * 100)[:-60],
    "cut off before the end": form()[:-8],
    "without its boundary": b"nothing of the kind",
    "a long field": form(zone="x" * 5000),
    "too many parts": form(**{f"f{n}": "" for n in range(30)}),
}


ENDLESS = {
    "words before the first boundary": b"",
    "the head of a part": f"--{BOUNDARY}\r\nX: ".encode(),
    "words after the last boundary": form() + b"\r\n",
}


@pytest.mark.parametrize("beginning", ENDLESS.values(), ids=ENDLESS)
async def test_what_no_part_holds_does_not_fill_the_memory(
    ann: Person, folder: Path, beginning: bytes
) -> None:
    answer = await brings(ann, beginning + b"x" * 1_000_000 + b"\r\n\r\n" + form())
    assert answer.status_code == 400
    assert left(folder) == []


async def test_a_boundary_that_no_header_can_hold_is_refused(ann: Person) -> None:
    kind = {"Content-Type": "multipart/form-data; boundary*=utf-8''%E2%82%AC"}
    answer = await ann.client.post("/imports", data=form(), headers=kind)
    assert answer.status_code == 400


@pytest.mark.parametrize("body", DAMAGED.values(), ids=DAMAGED)
async def test_a_damaged_upload_leaves_nothing(ann: Person, folder: Path, body: bytes) -> None:
    answer = await brings(ann, body)
    assert 400 <= answer.status_code < 500
    assert left(folder) == []
    assert not await Import.exists()


async def test_an_upload_that_is_too_large_is_refused_when_that_is_known(
    ann: Person, app: Quart, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    limited = app.asgi_app.app.app  # type: ignore[attr-defined]
    monkeypatch.setitem(limited.uploads, "/imports", 50_000)
    answer = await brings(ann, form(b"x" * 60_000))
    assert answer.status_code == 413
    assert left(folder) == []


async def test_an_upload_that_does_not_fit_on_the_disk_is_refused(
    ann: Person, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(uploads, "RESERVE", 2**62)
    answer = await brings(ann)
    assert answer.status_code == 507
    assert "no room for this file" in await answer.get_data(as_text=True)
    assert left(folder) == []


async def test_what_a_killed_upload_has_left_is_removed(
    ann: Person, folder: Path, settings: Settings
) -> None:
    await brought(ann)
    (folder / f"old{imports.PART}").touch()
    await imports.sweep(settings.data_dir, clock.now() + timedelta(hours=3))
    (kept,) = left(folder)
    assert not kept.endswith(imports.PART)
    await imports.sweep(settings.data_dir, clock.now() + timedelta(days=8))
    assert left(folder) == []


async def test_a_page_of_another_account_uploads_nothing(ann: Person, folder: Path) -> None:
    answer = await brings(ann, owner="999999")
    assert answer.status_code == 422
    assert "Another account" in await answer.get_data(as_text=True)
    assert left(folder) == []


class Wire:
    """A request whose body comes bit by bit, as hypercorn hands it over."""

    def __init__(self, app: Quart, headers: dict[str, str], pieces: list[bytes]) -> None:
        self.app, self.pieces, self.taken = app, pieces, 0
        self.headers = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
        self.hangs_up = self.stalls = False
        self.sent: list[dict[str, Any]] = []
        self.answered, self.goes_on = asyncio.Event(), asyncio.Event()

    @property
    def status(self) -> int:
        return int(self.sent[0]["status"])

    async def receive(self) -> dict[str, Any]:
        await asyncio.sleep(0)
        if self.taken < len(self.pieces):
            self.taken += 1
            return {"type": "http.request", "body": self.pieces[self.taken - 1], "more_body": True}
        if self.stalls:
            await self.goes_on.wait()
        if self.hangs_up:
            return {"type": "http.disconnect"}
        if self.taken == len(self.pieces):
            self.taken += 1
            return {"type": "http.request", "body": b"", "more_body": False}
        await self.answered.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: dict[str, Any]) -> None:
        self.sent.append(message)
        if message["type"] == "http.response.body" and not message.get("more_body"):
            self.answered.set()

    async def run(self) -> None:
        scope = {
            "type": "http", "http_version": "1.1", "method": "POST", "scheme": "http", "path": "/imports",
            "raw_path": b"/imports", "query_string": b"", "root_path": "", "headers": self.headers,
            "client": ("127.0.0.1", 5), "server": ("127.0.0.1", 80), "extensions": {},
        }  # fmt: skip
        await self.app(scope, self.receive, self.send)  # type: ignore[arg-type]


def signed_in(ann: Person) -> dict[str, str]:
    jar = ann.client.cookie_jar
    assert jar is not None
    cookies = "; ".join(f"{cookie.name}={cookie.value}" for cookie in jar)
    return {"Host": "localhost", "Cookie": cookies, "Content-Length": "100000", **MULTIPART}


PIECES = [form(b"x" * 50_000)[start : start + 1000] for start in range(0, 50_000, 1000)]


async def test_a_client_that_hangs_up_leaves_nothing(ann: Person, app: Quart, folder: Path) -> None:
    wire = Wire(app, signed_in(ann), PIECES[:20])
    wire.hangs_up = True
    await asyncio.wait_for(wire.run(), 10)
    assert wire.taken == 20
    assert wire.sent == []
    assert left(folder) == []


async def test_an_upload_that_stalls_is_given_up(
    ann: Person, app: Quart, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(body_stream, "STALLED", 0.05)
    monkeypatch.setattr(body_stream, "DRAIN_SECONDS", 0.05)
    wire = Wire(app, signed_in(ann), PIECES[:20])
    wire.stalls = True
    await asyncio.wait_for(wire.run(), 10)
    assert wire.status == 408
    assert left(folder) == []


@pytest.mark.parametrize(
    ("headers", "status"),
    [({"Cookie": ""}, 401), ({"Sec-Fetch-Site": "cross-site"}, 403), ({"Content-Length": "5000000000"}, 413)],
    ids=["signed out", "from another site", "too large"],
)
async def test_a_refused_upload_is_refused_before_its_body_is_read(
    ann: Person, app: Quart, monkeypatch: pytest.MonkeyPatch, headers: dict[str, str], status: int
) -> None:
    monkeypatch.setattr(body_stream, "MAX_DRAINED", -(10**10))
    wire = Wire(app, {**signed_in(ann), **headers}, PIECES)
    await asyncio.wait_for(wire.run(), 10)
    assert (wire.status, wire.taken) == (status, 0)


async def test_a_third_upload_of_an_account_waits_for_the_others(
    ann: Person, app: Quart, folder: Path
) -> None:
    wires = [Wire(app, signed_in(ann), PIECES[:20]) for _ in range(2)]
    tasks = []
    for wire in wires:
        wire.stalls = True
        wire.hangs_up = True
        tasks.append(asyncio.create_task(wire.run()))
    while not all(wire.taken for wire in wires):
        await asyncio.sleep(0.01)
    answer = await brings(ann)
    assert answer.status_code == 429
    assert "on their way" in await answer.get_data(as_text=True)
    for wire in wires:
        wire.goes_on.set()
    await asyncio.gather(*tasks)
    assert left(folder) == []
    await brought(ann)


async def test_a_slow_disk_slows_the_client_down(
    ann: Person, app: Quart, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No more is taken from the client than was written, but for the block that is being collected."""
    written, ahead = 0, 0
    append = uploads.Upload._append

    def slowly(self: uploads.Upload, block: bytearray) -> None:
        nonlocal written, ahead
        ahead = max(ahead, wire.taken * 100_000 - written)
        append(self, block)
        written += len(block)

    monkeypatch.setattr(uploads.Upload, "_append", slowly)
    body = form(b"x" * 20_000_000)
    wire = Wire(app, signed_in(ann), [body[n : n + 100_000] for n in range(0, len(body), 100_000)])
    wire.headers = [(name, value) for name, value in wire.headers if name != b"content-length"]
    await asyncio.wait_for(wire.run(), 30)
    assert wire.status == 303
    assert ahead < 2 * uploads.BLOCK
