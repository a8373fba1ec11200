"""What the index and the entries disagree about is found and mended, and what is missing is added."""

import asyncio
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from journal import database, doctor
from journal.accounts.models import User
from journal.database import committed, connection, rows
from journal.derived.contract import silent
from journal.doctor import database_checks
from journal.entries import store
from journal.entries.values import EntryFields
from journal.search import queries, search_index
from journal.search.query import parse
from journal.search.search_index import Comparison
from journal.settings import Settings
from journal.text import tokenizer
from journal.text.analysis import Source, analyse
from tests.search.test_index import NOW, ann, write
from tests.servers import environment

pytestmark = pytest.mark.slow

__all__ = ["ann"]


async def execute(sql: str) -> None:
    await connection().execute_query(sql)


async def hits(person: User, typed: str) -> int:
    return len((await queries.newest(person.id, parse(typed), None, 500)).ids)


async def fill(person: User, count: int) -> None:
    words = EntryFields(body="A red door.", day=NOW.date())
    analysis = analyse(Source("", "A red door.", []), "")
    entries = [store.new(person.id, uuid4(), words, analysis, NOW) for _ in range(count)]
    await committed(lambda db: store.add(db, [(entry, analysis) for entry in entries]))


async def test_a_difference_is_found_told_and_mended(ann: User) -> None:
    for n in range(5):
        await write(ann, f"A red door {n}.")
    assert await search_index.compare() == Comparison(entries=5)
    ids = [row["entry_id"] for row in await rows("SELECT entry_id FROM search_texts ORDER BY entry_id")]
    await execute(f"DELETE FROM search_texts WHERE entry_id = {ids[0]}")
    await execute(f"UPDATE search_texts SET words = ' _u{ann.id} blue ' WHERE entry_id = {ids[1]}")
    await execute(f"UPDATE search_texts SET id = id + 1000000 WHERE entry_id = {ids[2]}")
    await execute(f"UPDATE entries SET tags = '[\"x\"]' WHERE id = {ids[3]}")
    seen: list[int] = []
    assert await search_index.compare() == Comparison(5, missing=ids[:1], different=ids[1:4])
    await search_index.rebuild(seen.append)
    assert seen == [4]
    assert await search_index.compare() == Comparison(entries=5)
    assert (await hits(ann, "red"), await hits(ann, "blue"), await hits(ann, "tag:x")) == (5, 0, 1)


@pytest.mark.engine("sqlite")  # PostgreSQL has no second copy of the words to lose
async def test_a_full_text_index_that_lost_something_is_made_anew(ann: User) -> None:
    await write(ann, "A red door.")
    await execute("INSERT INTO search_index (search_index) VALUES ('delete-all')")
    assert await hits(ann, "red") == 0
    assert len((await search_index.compare()).faults) == 1
    await search_index.rebuild(silent)
    assert (await search_index.check()).problems == []
    assert await hits(ann, "red") == 1


async def test_what_was_there_before_the_index_is_added_in_pieces(
    ann: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search_index, "BATCH", 10)
    await fill(ann, 45)
    assert await search_index.outdated() == 0
    await execute("DELETE FROM search_texts")
    assert await search_index.outdated() == 45
    seen: list[int] = []
    await search_index.rebuild(seen.append, only_outdated=True)
    assert seen == [10, 20, 30, 40, 45]
    assert (await search_index.outdated(), await hits(ann, "red")) == (0, 45)


async def test_adding_goes_on_where_it_was_stopped(ann: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search_index, "BATCH", 10)
    await fill(ann, 45)
    await execute("DELETE FROM search_texts")

    def stop(done: int) -> None:
        if done == 20:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        await search_index.rebuild(stop, only_outdated=True)
    await write(ann, "A red door, written meanwhile.")
    assert await search_index.outdated() == 25
    await search_index.rebuild(silent, only_outdated=True)
    assert await search_index.outdated() == 0
    assert await hits(ann, "red") == 46


async def test_texts_that_an_older_version_has_cut_are_cut_anew(ann: User) -> None:
    await fill(ann, 3)
    await execute(f"UPDATE search_texts SET words = ' _u{ann.id} old ', folding = {tokenizer.VERSION - 1}")
    assert await search_index.outdated() == 3
    await search_index.rebuild(silent, only_outdated=True)
    assert await search_index.outdated() == 0
    assert (await hits(ann, "red"), await hits(ann, "old")) == (3, 0)


async def test_without_entries_nothing_is_missing(ann: User) -> None:
    assert await search_index.outdated() == 0
    await search_index.rebuild(silent)
    assert await search_index.compare() == Comparison()


async def test_the_doctor_says_what_is_wrong_and_whether_it_is_mended(
    ann: User, capsys: pytest.CaptureFixture[str]
) -> None:
    await write(ann, "A red door.")
    assert await doctor.examine(repair=False)
    assert "Entries that can be found by searching: all, 1." in capsys.readouterr().out
    await execute("DELETE FROM search_texts")
    assert not await doctor.examine(repair=False)
    told = capsys.readouterr().out
    assert "! Entries that can't be found by searching: 1. `journal doctor --repair` mends it." in told
    assert await doctor.examine(repair=True)
    assert "Entries that can't be found by searching: 1. Mended." in capsys.readouterr().out
    assert await doctor.examine(repair=False)


def journal(folder: Path, url: str, *arguments: str) -> "subprocess.CompletedProcess[str]":
    (folder / ".env").touch()
    env = environment(FLASK_ENV="development", DATABASE_URL=url, DATA_DIR=str(folder))
    command = [sys.executable, "-m", "journal", *arguments]
    return subprocess.run(command, env=env, cwd=folder, capture_output=True, text=True)


async def test_migrating_makes_what_was_there_findable_and_says_so(
    ann: User, settings: Settings, tmp_path: Path
) -> None:
    await fill(ann, 45)
    await execute("DELETE FROM search_texts")
    url = settings.database_url
    ill = await asyncio.to_thread(journal, tmp_path, url, "doctor")
    assert (ill.returncode, "can't be found by searching: 45." in ill.stdout) == (1, True)
    done = await asyncio.to_thread(journal, tmp_path, url, "migrate")
    assert (done.stdout, done.returncode) == ("Made findable: 45 of 45 entries\n", 0)
    assert await hits(ann, "red") == 45
    again = await asyncio.to_thread(journal, tmp_path, url, "migrate")
    assert again.stdout == "The database is up to date.\n"
    well = await asyncio.to_thread(journal, tmp_path, url, "doctor")
    assert (well.returncode, "all, 45." in well.stdout) == (0, True)


@pytest.mark.engine("sqlite")
@pytest.mark.parametrize(
    ("number", "is_old"), [("3.40.1", True), ("3.51.2", True), ("3.51.3", False), ("4.0.0", False)]
)
async def test_the_doctor_names_a_database_program_that_may_do_harm(
    db: None, monkeypatch: pytest.MonkeyPatch, number: str, is_old: bool
) -> None:
    async def told(_sql: str) -> Any:
        return [{"version": number}]

    monkeypatch.setattr(database_checks, "rows", told)
    finding = (await database_checks.version(False))[0]
    assert finding.sentence.startswith(f"SQLite {number}.")
    assert ("could damage" in finding.sentence) is is_old
    assert not finding.is_fault


@pytest.mark.engine("sqlite")
async def test_the_doctor_finds_rows_that_refer_to_nothing(database_url: str) -> None:
    async with database.connected(database_url):
        whole = await database_checks.foreign_keys(False)
        assert [finding.is_fault for finding in whole] == [False]
        await execute("PRAGMA foreign_keys = OFF")
        await execute(
            "INSERT INTO saves (user_id, save_id, entry_uid, digest, outcome, version, created_at) "
            "VALUES (99, 'a', 'a', '', '', 1, '2024-05-31')"
        )
        (found,) = await database_checks.foreign_keys(False)
        assert found.sentence.startswith("1 rows of saves refer to rows of users that are not there")


WRITER = """
import asyncio, sys
from datetime import date, UTC, datetime
from uuid import uuid4
from journal import composition, database
from journal.entries import saving
from journal.entries.values import EntryFields, SaveRequest

async def main(url, user_id):
    async with database.connected(url):
        print("ready", flush=True)
        for n in range(100_000):
            fields = EntryFields(body=f"A red door {n}. " * 20, day=date(2024, 5, 31))
            await saving.save(user_id, uuid4(), SaveRequest(fields, 0, uuid4()), datetime.now(UTC))

asyncio.run(main(sys.argv[1], int(sys.argv[2])))
"""


async def test_after_a_writer_was_killed_the_doctor_finds_nothing(ann: User, settings: Settings) -> None:
    for pause in (0.05, 0.2, 0.35):
        writer = subprocess.Popen(
            [sys.executable, "-c", WRITER, settings.database_url, str(ann.id)], stdout=subprocess.PIPE
        )
        assert writer.stdout
        await asyncio.to_thread(writer.stdout.readline)
        await asyncio.sleep(pause)
        os.kill(writer.pid, signal.SIGKILL)
        await asyncio.to_thread(writer.wait)
        writer.stdout.close()
    found = await search_index.compare()
    assert found == Comparison(entries=found.entries)
    assert found.entries > 0
    assert await hits(ann, "red door") == min(found.entries, 500)
