"""The power fails at any moment: with SQLite's WAL and synchronous=FULL no acknowledged save is lost."""

import re
import shutil
import sqlite3
import time
from collections import Counter
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

import pytest

from journal import schema
from tests.faults.power import Event, cuts, read, recorded, somewhere, wait_for_the_end
from tests.faults.writers import Writers
from tests.figures import Counted

pytestmark = pytest.mark.slow

ANSWER = re.compile(rb"HTTP/1\.1 303 .*?location: /entries/([0-9a-f-]{36})\r\n", re.DOTALL)
VERSION = re.compile(rb"x-version: (\d+)\r\n")
DATABASE = "data/journal.sqlite3"


class Recording(NamedTuple):
    events: list[Event]
    kept: Mapping[tuple[str, int], str]  # the text of each version that was acknowledged

    def told(self) -> str:
        kinds = Counter(event.kind for event in self.events)
        return f"{kinds['write']:,} writes and {kinds['sync']:,} syncs recorded"


def record(folder: Path, synchronous: str, seconds: float) -> Recording:
    """People write; the server is stopped, which folds the WAL into the file, started, and killed."""
    with recorded(folder, synchronous) as (server, trace):
        with Writers(server, scripted=False) as writers:
            time.sleep(seconds)
            server.stop()
            wait_for_the_end(server, trace)
            server.start()
            time.sleep(seconds / 2)
        server.kill()
        wait_for_the_end(server, trace)
    assert not writers.wrong
    events = read(trace, folder, acknowledged)
    told = {event.name for event in events if event.kind == "answer"}
    assert {f"{uid} {version}" for uid, version in writers.kept} <= told
    return Recording(events, writers.kept)


def acknowledged(said: bytes) -> str | None:
    answer, version = ANSWER.match(said), VERSION.search(said)
    return f"{answer[1].decode()} {int(version[1])}" if answer and version else None


def write(place: Path, files: Mapping[str, bytes]) -> Path:
    """The database of the site as a power cut left it, in a place of its own."""
    shutil.rmtree(place, ignore_errors=True)
    (place / DATABASE).parent.mkdir(parents=True)
    for name, content in files.items():
        (place / name).parent.mkdir(parents=True, exist_ok=True)
        (place / name).write_bytes(content)
    return place / DATABASE


def outcome(file: Path, told: set[str], kept: Mapping[tuple[str, int], str]) -> str:
    texts = {key: text for key, text in kept.items() if f"{key[0]} {key[1]}" in told}
    try:
        found = versions(file)
    except sqlite3.DatabaseError:
        return "corrupt"
    return "whole" if {key: found.get(key) for key in texts} == texts else "lost"


def versions(file: Path) -> dict[tuple[str, int], str]:
    """The text of every version that is in a database; it may not have got as far as having tables."""
    with closing(sqlite3.connect(file)) as db:
        db.execute("PRAGMA synchronous = OFF")
        if db.execute("PRAGMA integrity_check").fetchall() != [("ok",)]:
            raise sqlite3.DatabaseError("it is not whole")
        if db.execute("PRAGMA foreign_key_check").fetchall():
            raise sqlite3.DatabaseError("rows refer to nothing")
        if not db.execute("SELECT 1 FROM sqlite_master WHERE name = 'revisions'").fetchall():
            return {}
        earlier = "SELECT e.uid, r.version, r.body FROM revisions r JOIN entries e ON e.id = r.entry_id"
        found = db.execute(f"{earlier} UNION ALL SELECT uid, version, body FROM entries")
        return {(uid, version): body for uid, version, body in found}


def outcomes(recording: Recording, folder: Path, count: int) -> "Counter[str]":
    found = Counter(
        outcome(write(folder, files), told, recording.kept)
        for told, files in cuts(recording.events, somewhere(recording.events, count))
    )
    return found


@pytest.fixture(scope="module")
def short(tmp_path_factory: pytest.TempPathFactory) -> Recording:
    return record(tmp_path_factory.mktemp("short"), "FULL", 1)


@pytest.mark.soak
def test_1000_power_cuts_lose_nothing_that_was_acknowledged(tmp_path: Path, counted: Counted) -> None:
    recording = record(tmp_path / "site", "FULL", 6)
    assert len(recording.kept) > 100
    assert outcomes(recording, tmp_path / "after", 1000) == {"whole": 1000}
    told = f"{len(recording.kept):,} versions acknowledged, {recording.told()}: none lost, none corrupt"
    counted("1,000 power cuts, synchronous=FULL", told)


def test_a_power_cut_loses_nothing_that_was_acknowledged(short: Recording, tmp_path: Path) -> None:
    assert outcomes(short, tmp_path, 40) == {"whole": 40}


async def test_a_power_cut_in_the_first_start_leaves_what_the_next_one_completes(
    short: Recording, tmp_path: Path
) -> None:
    """Not even the folder may be there, or a file without a table in it."""
    first = next(number for number, event in enumerate(short.events) if event.kind == "answer")
    begun = short.events[:first]
    left = [files for _, files in cuts(begun, [*range(30), *somewhere(begun, 30)])]
    assert len({tuple(files) for files in left}) > 3
    for files in left:
        await schema.migrate(f"sqlite://{write(tmp_path, files)}", tmp_path)
        with closing(sqlite3.connect(tmp_path / DATABASE)) as db:
            applied = [name for (name,) in db.execute("SELECT name FROM tortoise_migrations ORDER BY name")]
            assert applied == schema.known()
            assert db.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


@pytest.mark.parametrize(
    ("seconds", "count"),
    [pytest.param(1, 40, id="quick"), pytest.param(3, 300, id="soak", marks=pytest.mark.soak)],
)
@pytest.mark.parametrize("synchronous", ["NORMAL", "OFF"])
def test_with_less_syncing_the_same_power_cuts_lose_saves(
    tmp_path: Path, synchronous: str, seconds: int, count: int, counted: Counted
) -> None:
    """So that the tests above can fail, and the setting is known to matter."""
    recording = record(tmp_path / "site", synchronous, seconds)
    found = outcomes(recording, tmp_path / "after", count)
    assert found["lost"] + found["corrupt"] > count / 4
    told = f"saves lost in {found['lost']}, the file corrupt in {found['corrupt']}"
    counted(f"{count} power cuts, synchronous={synchronous}", told)
