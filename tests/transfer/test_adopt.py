"""Repeated imports keep what was changed here, and a dry run writes nothing."""

import asyncio
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from journal.accounts.models import User
from journal.entries import saving
from journal.entries.bin import moving
from journal.entries.models import Entry, Revision
from journal.entries.values import EntryFields, SaveRequest
from journal.transfer import known_entries
from journal.transfer.legacy.known_schemas import CannotAdopt, UnreadableSource
from tests.servers import environment
from tests.transfer.old_apps import OldApp, fingerprints, unchanged, usual_app
from tests.transfer.sites import NOW, Site, at, everybody, everything, one_entry, said, snapshot, write

pytestmark = pytest.mark.slow

# Repeated imports


async def test_a_second_run_changes_nothing(old: OldApp, site: Site) -> None:
    for id in (1, 2):
        await old.person(id, f"p{id}")
        await old.entry(id, id, title="t", tags="a,b", mood="merry")
    await site.adopts(old)
    before = await snapshot(site)
    report = await site.adopts(old, now=NOW + timedelta(days=1))
    assert await snapshot(site) == before
    assert said(report, "People: 0").endswith("2 are here already.")
    assert said(report, "Entries: 0").endswith("2 are here already.")


async def test_what_is_new_there_comes_with_the_next_run(old: OldApp, site: Site) -> None:
    await old.person(1, "ann")
    await old.entry(1)
    await site.adopts(old)
    await old.person(2, "bob")
    await old.entry(2, 1)
    await old.entry(3, 2)
    report = await site.adopts(old)
    assert list(await everything(site)) == ["1", "2", "3"]
    assert "1 came" in said(report, "People: 1")
    assert "2 came" in said(report, "Entries: 2")


@pytest.mark.parametrize(
    "change",
    [
        "content = 'new'",
        "title = 'new'",
        "tags = 'new'",
        "mood = 'new'",
        "created_at = '2016-09-02 22:00:00'",
    ],
)
async def test_what_changed_there_and_was_untouched_here_is_updated(
    old: OldApp, site: Site, change: str
) -> None:
    await old.person(1, "ann")
    await old.entry(1, content="old words")
    await site.adopts(old)
    uid = (await one_entry(site)).uid
    await old.run(f"UPDATE journal_entry SET {change}")
    report = await site.adopts(old)
    entry = await one_entry(site)
    assert (entry.uid, entry.version, entry.source_version) == (uid, 2, 2)
    assert "new" in (entry.body, entry.title, *entry.tags) or entry.written_at.hour == 22
    assert said(report, "Entries: 0") == "Entries: 0 came, 1 were updated, 0 are here already."
    async with at(site):
        kept = await Revision.filter(entry_id=entry.id).values_list("body", flat=True)
        assert kept == ["old words"], "the text before is kept"
    before = await snapshot(site)
    await site.adopts(old)
    assert await snapshot(site) == before


async def test_what_was_edited_here_is_left_as_it_is_here(old: OldApp, site: Site) -> None:
    await old.person(1, "ann")
    for id in (1, 2):
        await old.entry(id)
    await site.adopts(old)
    for entry in (await everything(site)).values():
        await write(site, entry, "mine")
    await old.run("UPDATE journal_entry SET content = 'theirs' WHERE id = 1")
    before = await snapshot(site)
    report = await site.adopts(old)
    assert await snapshot(site) == before
    assert said(report, "Entries that changed there and here").endswith("among its versions: 1 (1).")
    assert said(report, "Entries: 0").endswith("1 is here already.")


async def test_what_is_edited_here_at_the_same_moment_is_left_as_it_is_here(
    old: OldApp, site: Site, monkeypatch: Any
) -> None:
    steps = known_entries.planned

    async def late(wanted: Any) -> Any:
        found = await steps(wanted)
        entry = await Entry.all().first()
        assert entry
        await saving.save(entry.user_id, entry.uid, SaveRequest(EntryFields(body="mine"), 1, uuid4()), NOW)
        return found

    await old.person(1, "ann")
    await old.entry(1)
    await site.adopts(old)
    await old.run("UPDATE journal_entry SET content = 'theirs'")
    monkeypatch.setattr(known_entries, "planned", late)
    await site.adopts(old)
    assert (await one_entry(site)).body == "mine"


async def test_what_was_deleted_here_does_not_come_back(old: OldApp, site: Site) -> None:
    await old.person(1, "ann")
    await old.entry(1)
    await site.adopts(old)
    entry = await one_entry(site)
    async with at(site):
        await moving.delete(entry.user_id, entry.uid, NOW)
    for content in ("Words.", "changed"):
        await old.run(f"UPDATE journal_entry SET content = '{content}'")
        report = await site.adopts(old)
        assert (await one_entry(site)).deleted_at
        assert said(report, "Entries that were deleted here").endswith("1 (1).")


async def test_a_second_old_app_comes_under_a_source_of_its_own(tmp_path: Path, site: Site) -> None:
    for name in ("one", "two"):
        old = await usual_app(tmp_path / f"{name}.db")
        await old.person(1, "ann", email=f"{name}@example.org")
        await old.entry(1, content=name)
        await site.adopts(old, source=name)
    async with at(site):
        found = await User.all().order_by("id").values_list("username", "source", "source_id")
        assert found == [("ann", "one", "1"), ("ann-two", "two", "1")]
        assert await Entry.all().order_by("id").values_list("body", flat=True) == ["one", "two"]


KILLED = """
import asyncio, os, signal, sys
from datetime import datetime
from pathlib import Path
import journal.composition
from journal.entries import importing
from journal.transfer import adopt
from journal.transfer.adoption import import_entries, import_users

import_entries.SIZE = import_users.SIZE = 3
calls, last = 0, int(sys.argv[3])
for module, name in ((import_users, "_write"), (importing, "add")):
    def deadly(original):
        async def write(*arguments):
            global calls
            calls += 1
            answer = await original(*arguments)
            if calls == last:
                os.kill(os.getpid(), signal.SIGKILL)
            return answer
        return write
    setattr(module, name, deadly(getattr(module, name)))

now = datetime.fromisoformat("2024-05-31T22:30:00+00:00")
asyncio.run(adopt.adopt(sys.argv[1], Path("data"), sys.argv[2], adopt.Options(), now))
"""


@pytest.mark.parametrize("last", [1, 2, 3, 4])
async def test_a_run_that_is_killed_and_repeated_ends_the_same(
    old: OldApp, site: Site, tmp_path: Path, last: int
) -> None:
    for id in range(1, 5):
        await old.person(id, f"p{id}")
    for id in range(1, 9):
        await old.entry(id, id % 2 + 1, content=f"entry {id}")
    command = [sys.executable, "-c", KILLED, site.url, old.place, str(last)]
    killed = await asyncio.to_thread(subprocess.run, command, env=environment(), cwd=tmp_path)
    assert killed.returncode == -9
    await site.adopts(old)
    async with at(site):
        found = await User.all().order_by("id").values_list("username", "is_admin")
        assert found == [("p1", True), ("p2", False), ("p3", False), ("p4", False)]
        entries = await Entry.all().order_by("user_id", "id").values_list("body", flat=True)
        assert entries == [f"entry {id}" for id in (2, 4, 6, 8, 1, 3, 5, 7)]


# Dry runs and refusals


async def test_a_dry_run_writes_nothing_and_says_what_would_come(
    old: OldApp, site: Site, tmp_path: Path
) -> None:
    await old.person(1, "ann")
    await old.entry(1)
    await old.entry(2, None)
    before = await snapshot(site)
    async with unchanged(tmp_path):
        dry = await site.adopts(old, dry_run=True)
    assert await snapshot(site) == before == [[], []]
    real = await site.adopts(old)
    assert dry.lines()[-1] == "This was a dry run: nothing was written."
    assert [
        line.replace("would come", "came").replace("would be", "were") for line in dry.lines()[:-1]
    ] == real.lines()


async def test_a_dry_run_compares_with_what_is_here(old: OldApp, site: Site, tmp_path: Path) -> None:
    await old.person(1, "ann")
    for id in (1, 2, 3):
        await old.entry(id)
    await site.adopts(old)
    await old.person(2, "Ann")
    await old.run("UPDATE journal_entry SET content = 'new' WHERE id = 1")
    await old.entry(4, 2)
    before = await snapshot(site)
    async with unchanged(tmp_path):
        report = await site.adopts(old, dry_run=True)
    assert await snapshot(site) == before
    assert said(report, "People: 1") == "People: 1 would come, 0 would be updated, 1 is here already."
    assert "1 would come, 1 would be updated, 2 are here already" in said(report, "Entries: 1")
    assert said(report, "People whose name is another's but for its case").endswith("1 (Ann).")


async def test_a_dry_run_makes_no_database(tmp_path: Path) -> None:
    old = await usual_app(tmp_path / "old.db")
    await old.person(1, "ann")
    new = Site(f"sqlite://{tmp_path}/data/journal.sqlite3", tmp_path / "data")
    async with unchanged(tmp_path):
        report = await new.adopts(old, dry_run=True)
    assert not new.data_dir.exists()
    assert "1 would come" in said(report, "People: 1")


@pytest.mark.engine("postgres")
async def test_a_dry_run_migrates_no_database(postgres_place: str, tmp_path: Path) -> None:
    old = await usual_app(tmp_path / "old.db")
    await old.person(1, "ann")
    new = Site(postgres_place, tmp_path / "data")
    report = await new.adopts(old, dry_run=True)
    assert "1 would come" in said(report, "People: 1")
    with pytest.raises(UnreadableSource, match="It holds no tables at all"):
        await Site(f"sqlite://{tmp_path}/x.sqlite3", tmp_path).adopts(OldApp(postgres_place))


async def test_a_missing_database_is_made(tmp_path: Path) -> None:
    old = await usual_app(tmp_path / "old.db")
    await old.person(1, "ann")
    new = Site(f"sqlite://{tmp_path}/data/journal.sqlite3", tmp_path / "data")
    await new.adopts(old)
    assert list(await everybody(new)) == ["1"]


async def test_what_can_not_be_adopted_leaves_no_trace(tmp_path: Path) -> None:
    new = Site(f"sqlite://{tmp_path}/data/journal.sqlite3", tmp_path / "data")
    (tmp_path / "text.db").write_text("Dear diary")
    OldApp(tmp_path / "empty.db")
    songs = OldApp(tmp_path / "songs.db")
    await songs.run("CREATE TABLE songs (id INTEGER PRIMARY KEY, title TEXT)")
    nobody = await usual_app(tmp_path / "nobody.db")
    before = fingerprints(tmp_path)
    for place, options, sentence in (
        (tmp_path / "missing.db", {}, "missing.db does not exist."),
        (tmp_path / "text.db", {}, "text.db is not a SQLite database."),
        (
            songs.place,
            {},
            r"songs.db can't be adopted as it is. None of its tables looks like people \(songs\)",
        ),
        (nobody.place, {}, "nobody.db has nobody in its table user; there is nothing to adopt."),
        (
            nobody.place,
            {"stored_in": "Mars/Base"},
            "'Mars/Base' is not a time zone; it should be a name like Europe",
        ),
        (nobody.place, {"source": ""}, "'' can't name a source; it should be a short word like flask."),
    ):
        with pytest.raises(CannotAdopt, match=sentence):
            await new.adopts(OldApp(place), **options)
    assert fingerprints(tmp_path) == before


async def test_the_database_of_the_site_itself_is_refused(site: Site) -> None:
    before = await snapshot(site)
    with pytest.raises(UnreadableSource, match="is the database of this site itself"):
        await site.adopts(OldApp(site.url))
    assert await snapshot(site) == before


# The command


def journal(folder: Path, *arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "journal", *arguments]
    usual = {"FLASK_ENV": "development", "SECRET_KEY": "k" * 40}
    return subprocess.run(
        command, cwd=folder, env=environment(**usual, **settings), capture_output=True, text=True
    )


async def test_the_command_adopts_and_prints_what_it_understood(
    old: OldApp, site: Site, tmp_path: Path
) -> None:
    (tmp_path / ".env").touch()
    await old.person(1, "ann")
    await old.entry(1, created_at="2016-09-02 00:30:00")
    options = ("--column", "entries.mood=", "--entries", "journal_entry", "--password-salt", "pepper")
    zones = ("--timezone", "Europe/Berlin", "--people-in", "Europe/Berlin")
    dry = journal(tmp_path, "adopt", old.place, "--dry-run", *options, *zones, DATABASE_URL=site.url)
    assert (dry.returncode, dry.stderr) == (0, "")
    assert "taken as Europe/Berlin, and days are those in Europe/Berlin." in dry.stdout
    assert not (tmp_path / ".env").read_text()
    assert dry.stdout.endswith("This was a dry run: nothing was written.\n")
    zones = ("--stored-in", "Europe/Berlin")
    done = journal(tmp_path, "adopt", old.place, *options, *zones, DATABASE_URL=site.url)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines()[1:] == [
        "People: table user: id, name from username, email, password from password_hash, "
        "created from created_at.",
        "Entries: table journal_entry: id, owner from user_id, title, body from content, tags, "
        "created from created_at, updated from updated_at.",
        "Not brought over: journal_entry.mood.",
        "People: 1 came, 0 were updated, 0 are here already.",
        "Entries: 1 came, 0 were updated, 0 are here already. They are from 2016-09-02 to 2016-09-02.",
        f"PASSWORD_SALT stands in {tmp_path / '.env'} now: start the site again, so that people can sign in.",
    ]
    assert (tmp_path / ".env").read_text() == "\nPASSWORD_SALT='pepper'\n"
    assert (await one_entry(site)).zone == "Europe/Berlin"


def test_the_command_refuses_with_one_sentence(tmp_path: Path) -> None:
    (tmp_path / ".env").touch()
    for arguments, sentence in (
        (["missing.db"], "journal: missing.db does not exist.\n"),
        (
            ["missing.db", "--people-in", "Mars"],
            "journal: 'Mars' is not a time zone; it should be a name like Europe/London.\n",
        ),
    ):
        answer = journal(tmp_path, "adopt", *arguments)
        assert (answer.returncode, answer.stdout, answer.stderr) == (1, "", sentence)
    assert [path.name for path in tmp_path.iterdir()] == [".env"]
    answer = journal(tmp_path, "adopt", "missing.db", "--column", "body")
    assert (answer.returncode, answer.stderr.splitlines()[-1]) == (
        2,
        "Error: Invalid value for '--column': 'body' should look like entries.body=texte.",
    )
