"""Imports, undos and exports are killed: everything is there once, and no half file has the final name."""

import asyncio
import json
import random
import subprocess
import sys
import time
from datetime import UTC, date, datetime
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from journal import clock, database
from journal.accounts import users
from journal.database import committed, rows
from journal.entries import importing
from journal.entries.imported import ImportedEntry
from journal.entries.models import Entry
from journal.entries.values import EntryFields
from journal.transfer import imports
from tests.figures import Counted
from tests.servers import Server, environment, serving

pytestmark = pytest.mark.slow

ENTRIES = 200
LONG = 60  # long entries
NOW = datetime(2024, 5, 31, 12, tzinfo=UTC)


def export() -> str:
    """Lines of our own format's document, each an entry."""
    entries = [
        {"title": f"Number {n}", "body": f"The text {n} of a day. " * 20, "day": "2019-05-03"}
        | {"written_at": f"2019-05-03T08:{n % 60:02}:00+00:00", "zone": "UTC", "uid": str(UUID(int=n + 1))}
        for n in range(ENTRIES)
    ]
    return json.dumps({"format": "journal", "format_version": 1, "entries": entries})


@pytest.mark.soak_on_postgres
@pytest.mark.parametrize("kills", [1, pytest.param(20, marks=pytest.mark.soak)])
async def test_an_import_that_is_killed_brings_every_entry_once(
    tmp_path: Path, database_url: str, kills: int, counted: Counted
) -> None:
    uid = uuid4()
    path = imports.upload_path(tmp_path / "data", uid)
    path.parent.mkdir(parents=True)
    path.write_text(export())
    with serving(tmp_path, DATABASE_URL=database_url) as server:
        async with database.connected(database_url):
            ann = (await users.create("ann", None, "correct horse battery", "UTC", clock.now())).id
            await imports.begin(ann, uid, "export.json", zone="UTC")
            await until(server, ann, uid, "ready", 0)
            await imports.start(ann, uid)
            await until(server, ann, uid, "done", kills)
            assert await Entry.all().count() == ENTRIES
            bodies = {row["body"] for row in await rows("SELECT body FROM entries")}
            assert len(bodies) == ENTRIES
            assert (await imports.one(ann, uid))["report"]["entries_added"] == ENTRIES
            await imports.take_back(ann, uid)
            await until(server, ann, uid, "undone", kills)
            assert not await Entry.exists()
    counted(f"{kills} kill -9 of an import and of its undo", f"{ENTRIES} entries came once and left whole")


async def until(server: Server, ann: int, uid: UUID, state: str, kills: int) -> None:
    """Kills and starts the server until the import has come to that state."""
    started = time.monotonic()
    while (found := await imports.one(ann, uid))["state"] != state:
        assert time.monotonic() - started < 120 + 10 * kills, found
        assert found["state"] != "failed", found["report"]
        if (job := await imports.job(found)) and job["state"] == "failed":
            await imports.start(ann, uid)  # it was killed more often than a job may be
        if kills and job and job["state"] == "running":
            await asyncio.sleep(random.random())
            server.kill()
            server.start()
            kills -= 1
        await asyncio.sleep(0.02)


@pytest.mark.engine("sqlite")
@pytest.mark.parametrize("kills", [2, pytest.param(20, marks=pytest.mark.soak)])
async def test_an_export_that_is_killed_leaves_no_half_file(
    tmp_path: Path, database_url: str, kills: int, counted: Counted
) -> None:
    (tmp_path / ".env").touch()
    async with database.connected(database_url):
        ann = (await users.create("ann", None, "correct horse battery", "UTC", clock.now())).id
        fields = EntryFields("", "The text of a day. " * 2000, date(2019, 5, 3), "UTC", [], "")
        old = [ImportedEntry(fields, NOW, NOW, "old", str(n)) for n in range(LONG)]
        new = [importing.prepared(ann, entry) for entry in old]
        await committed(lambda db: importing.add(db, ann, new, NOW))
    file, command = tmp_path / "export.json", [sys.executable, "-m", "journal", "export"]
    options = ["--user", "ann", "--format", "json", str(file)]
    settings = environment(DATABASE_URL=database_url, FLASK_ENV="development", DATA_DIR=str(tmp_path))
    in_the_middle = 0
    for _ in range(kills):
        export = subprocess.Popen([*command, *options], cwd=tmp_path, env=settings)
        while export.poll() is None and not list(tmp_path.glob("export.json*")):
            await asyncio.sleep(0.005)
        await asyncio.sleep(random.random() * 0.2)
        export.kill()
        in_the_middle += export.wait() == -9
        assert not file.exists() or len(json.loads(file.read_text())["entries"]) == LONG
        file.unlink(missing_ok=True)
    assert subprocess.run([*command, *options], cwd=tmp_path, env=settings).returncode == 0
    assert len(json.loads(file.read_text())["entries"]) == LONG
    assert list(tmp_path.glob("export.json*")) == [file]
    counted(f"{kills} kill -9 of an export", f"{in_the_middle} in the middle, no half file")
