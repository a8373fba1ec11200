"""`journal import` and `journal export`: from one account into another, also while the site is running."""

import json
import re
import time
from pathlib import Path

import pytest
from click.testing import Result

from journal.transfer.formats import journal as own_json
from journal.transfer.formats import readers
from tests.servers import PASSWORD, joined, serving
from tests.test_cli import invoked

pytestmark = pytest.mark.slow

ENTRIES = [
    {
        "uid": f"00000000-0000-4000-8000-{number:012}",
        "version": 1,
        "day": f"2019-01-{number % 28 + 1:02}",
        "zone": "Europe/Berlin",
        "title": f"Number {number}",
        "body": "Some words",
        "tags": [],
        "mood": "",
        "written_at": "2019-01-05T08:00:00+00:00",
        "updated_at": "2019-01-05T08:00:00+00:00",
    }
    for number in range(120)
]
DAMAGED = {"uid": "nothing of the kind"}


@pytest.fixture(autouse=True)
def registered(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(readers, "READERS", (own_json,))
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".env").touch()


@pytest.fixture
def url(database_url: str) -> str:
    invoked(database_url, "user", "add", "Ann", typed=PASSWORD)
    return database_url


def written(folder: Path, entries: list[dict[str, object]]) -> str:
    file = folder / "old.json"
    file.write_text(json.dumps({"format": "journal", "format_version": 1, "entries": entries}))
    return str(file)


def done(result: Result) -> str:
    assert result.exit_code == 0, result.output
    return result.output


def test_an_account_leaves_as_it_came(url: str, tmp_path: Path) -> None:
    file = written(tmp_path, [*ENTRIES[:3], DAMAGED])
    said = done(invoked(url, "import", file, "--user", "ann", "--dry-run"))
    assert "Entries: 3 would come" in said
    assert "old.json, entry 4" in said
    assert "nothing was written" in said
    assert "Entries: 3 came" in done(invoked(url, "import", file, "--user", "ann"))
    assert "Entries: 0 came, 0 were changed, 3 were here already." in done(
        invoked(url, "import", file, "--user", "ann")
    )
    target = tmp_path / "new.json"
    target.write_text("an older file")
    assert "3 entries" in done(invoked(url, "export", str(target), "--user", "ann", "--format", "json"))
    found = json.loads(target.read_text())["entries"]
    assert [entry["title"] for entry in found] == ["Number 0", "Number 1", "Number 2"]
    assert target.stat().st_mode & 0o777 == 0o600
    assert not list(tmp_path.glob("*.part"))


def test_days_narrow_an_export(url: str, tmp_path: Path) -> None:
    done(invoked(url, "import", written(tmp_path, ENTRIES[:5]), "--user", "ann"))
    target = tmp_path / "new.json"
    days = ["--from", "2019-01-02", "--to", "2019-01-03"]
    assert "2 entries" in done(
        invoked(url, "export", str(target), "--user", "ann", "--format", "json", *days)
    )


def test_an_export_that_finds_no_room_leaves_the_older_file(url: str, tmp_path: Path) -> None:
    done(invoked(url, "import", written(tmp_path, ENTRIES[:1]), "--user", "ann"))
    target = tmp_path / "new.json"
    target.write_text("an older file")
    (tmp_path / "new.json.part").symlink_to("/dev/full")
    result = invoked(url, "export", str(target), "--user", "ann", "--format", "json")
    assert result.exit_code == 1
    assert "can't be written: No space left on device" in result.output
    assert target.read_text() == "an older file"


WRONG = {
    "Nobody here is called bob": ["import", "old.json", "--user", "bob"],
    "'wordstar' is no format": ["export", "new.zip", "--user", "ann", "--format", "wordstar"],
    "one of the formats": ["import", "old.json", "--user", "ann", "--format", "wordstar"],
    "not a time zone": ["import", "old.json", "--user", "ann", "--timezone", "Mars"],
    "is not recognised": ["import", "holiday.doc", "--user", "ann"],
    "not in the calendar": ["export", "new.zip", "--user", "ann", "--from", "yesterday"],
    "can't be written": ["export", "nowhere/new.zip", "--user", "ann"],
}


@pytest.mark.parametrize(("sentence", "arguments"), WRONG.items(), ids=WRONG)
def test_what_can_not_be_done_is_said_in_a_sentence(
    url: str, tmp_path: Path, sentence: str, arguments: list[str]
) -> None:
    written(tmp_path, [])
    (tmp_path / "holiday.doc").write_text("words")
    result = invoked(url, *arguments)
    assert result.exit_code == 1
    assert sentence in result.output
    assert "Traceback" not in result.output


def test_an_import_works_while_the_site_runs_and_can_be_undone_there(url: str, tmp_path: Path) -> None:
    with serving(tmp_path / "site", DATABASE_URL=url) as server, joined(server, "Bob") as bob:
        said = done(invoked(url, "import", written(tmp_path, ENTRIES), "--user", "bob"))
        assert f"Entries: {len(ENTRIES)} came" in said
        assert bob.post("/entries", data={"body": "Meanwhile"}).status_code == 303
        (page,) = re.findall(r"/imports/[0-9a-f-]{36}", bob.get("/imports").text)
        assert "4000-8000-000000000027" in bob.get("/search?q=27").text
        assert written_by(bob.get("/exports/json").content) == len(ENTRIES) + 1
        bob.post(f"{page}/undo")
        while 'data-state="undoing"' in bob.get(page).text:
            time.sleep(0.05)
        assert written_by(bob.get("/exports/json").content) == 1


def written_by(export: bytes) -> int:
    return len(json.loads(export)["entries"])
