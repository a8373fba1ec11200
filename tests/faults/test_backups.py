"""A backup made while people write holds all that was acknowledged before it, and can be served from."""

import asyncio
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path
from uuid import uuid4

import pytest

from journal import schema
from tests.conftest import PASSWORD, Person
from tests.servers import browser_at, serving

pytestmark = pytest.mark.slow_on_postgres

TIMES = 25


async def write_on(person: Person, number: int, kept: dict[str, int], stopping: asyncio.Event) -> None:
    """Version after version of one entry, as long as it goes."""
    path, version = f"/entries/{uuid4()}", 0
    while not stopping.is_set():
        form = {"body": f"{number} " * (version + 1), "version": str(version), "save": str(uuid4())}
        answer = await person.put(path, form, headers={"HX-Request": "true"})
        assert answer.status_code == 200
        version += 1
        kept[path.removeprefix("/entries/")] = version


@pytest.mark.engine("sqlite")
async def test_a_backup_under_busy_writers_holds_all_that_was_saved_before_it(
    ann: Person, tmp_path: Path
) -> None:
    stopping, kept = asyncio.Event(), dict[str, int]()
    writing = [asyncio.create_task(write_on(ann, number, kept, stopping)) for number in range(4)]
    await asyncio.sleep(0.2)
    for n in range(TIMES):
        before, target = dict(kept), tmp_path / f"{n}.sqlite3"
        await schema.backup(target)
        with closing(sqlite3.connect(target)) as backup:
            assert backup.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
            found = dict(backup.execute("SELECT uid, version FROM entries").fetchall())
        assert {uid: version for uid, version in before.items() if found.get(uid, 0) < version} == {}
        assert target.stat().st_mode & 0o777 == 0o600
        await asyncio.sleep(0.01)
    stopping.set()
    await asyncio.gather(*writing)
    assert min(kept.values()) > TIMES
    assert not list(tmp_path.glob("*.part"))


@pytest.mark.engine("sqlite")
async def test_a_backup_is_a_journal_that_can_be_served(ann: Person, tmp_path: Path) -> None:
    await ann.writes("Before the backup.")
    await schema.backup(tmp_path / "backup.sqlite3")
    place = tmp_path / "restored" / "data"
    place.mkdir(parents=True)
    shutil.copy(tmp_path / "backup.sqlite3", place / "journal.sqlite3")
    with serving(tmp_path / "restored") as server, browser_at(server) as browser:
        answer = browser.post("/login", data={"username": "Ann", "password": PASSWORD})
        assert answer.status_code == 303
        assert "Before the backup." in browser.get("/").text


@pytest.mark.engine("sqlite")
async def test_a_backup_that_breaks_off_leaves_nothing_behind(ann: Person, tmp_path: Path) -> None:
    (tmp_path / "backup.sqlite3").mkdir()  # so that the last step fails
    with pytest.raises(OSError, match="directory"):
        await schema.backup(tmp_path / "backup.sqlite3")
    assert not list(tmp_path.glob("*.part"))
