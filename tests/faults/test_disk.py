"""The disk is full or broken at one place: a commit, a checkpoint, a migration or the backup before it."""

import contextlib
import os
import re
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest

from journal import database, schema
from journal.database import rows
from tests.faults.disks import FULL, UNSYNCED, failing
from tests.faults.power import program
from tests.faults.writers import Writers, check
from tests.migrating import made_by_the_first
from tests.servers import Server, environment, joined, serving
from tests.stoppable import Stoppable

pytestmark = pytest.mark.slow

LONG = "All my words. " * 5000


def database_of(server: Server) -> Path:
    return server.folder / "data" / "journal.sqlite3"


def is_whole(file: Path) -> bool:
    with closing(sqlite3.connect(file)) as db:
        return db.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


def wal(file: Path) -> Path:
    return file.with_name(f"{file.name}-wal")


@pytest.mark.parametrize(("fault", "status"), [(FULL, 507), (UNSYNCED, 503)])
def test_a_commit_that_the_disk_refuses_is_not_acknowledged(
    tmp_path: Path, fault: tuple[str, str], status: int
) -> None:
    with serving(tmp_path) as server, joined(server) as ann:
        ann.post("/entries", data={"body": "Before."})
        with failing([server.process.pid], [wal(database_of(server))], *fault):
            for _ in range(3):
                assert ann.post("/entries", data={"body": LONG}).status_code == status
            assert "Before." in ann.get("/").text
        path = ann.post("/entries", data={"body": LONG}).headers["Location"]
        assert ann.get(path).text.count("All my words.") == 5000
        assert server.stop() == 0
        with closing(sqlite3.connect(database_of(server))) as db:
            assert db.execute("SELECT count(*) FROM entries").fetchone() == (2,)
        assert is_whole(database_of(server))


async def test_a_disk_that_is_full_at_each_checkpoint_loses_nothing(tmp_path: Path) -> None:
    """The text is in the WAL, which grows until the rest of the file can be written."""
    with serving(tmp_path) as server, Writers(server) as writers:
        file = database_of(server)
        with failing([server.process.pid], [file], *FULL):
            size = file.stat().st_size
            deadline = time.monotonic() + 60
            while wal(file).stat().st_size < 5_000_000 and time.monotonic() < deadline:
                time.sleep(0.1)
            assert file.stat().st_size == size
            kept = len(writers.kept)
            server.kill()
        server.start()
        time.sleep(0.5)
    assert kept > 20
    assert is_whole(file)
    await check(f"sqlite://{file}", writers)


@pytest.fixture
async def old(tmp_path: Path) -> Path:
    """A journal of the first version, with an earlier backup beside it."""
    file = tmp_path / "data" / "journal.sqlite3"
    await made_by_the_first(f"sqlite://{file}")
    with closing(sqlite3.connect(file)) as db:
        person = "username, username_key, session_stamp, zone, created_at, is_admin, is_active"
        db.execute(f"INSERT INTO users ({person}) VALUES ('Ann', 'ann', 's', 'UTC', '2024-05-31', 1, 1)")
        db.commit()
    (tmp_path / "data" / "backups").mkdir()
    (tmp_path / "data" / "backups" / "earlier.sqlite3").write_bytes(file.read_bytes())
    return file


def migrated_while(folder: Path, fault: str) -> "subprocess.CompletedProcess[str]":
    (folder / ".env").touch()
    command = [program(), "-f", "-o", "/dev/null", "-e", "trace=pwrite64", "-e", fault]
    command += [sys.executable, "-m", "journal", "migrate"]
    env = environment(FLASK_ENV="development")
    return subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, timeout=120)


def applied(file: Path) -> list[str]:
    with closing(sqlite3.connect(file)) as db:
        assert db.execute("SELECT username FROM users").fetchall() == [("Ann",)]
        return [name for (name,) in db.execute("SELECT name FROM tortoise_migrations ORDER BY name")]


@pytest.mark.parametrize(
    "after", [4, 40, *(pytest.param(n, marks=pytest.mark.soak) for n in range(1, 100, 9))]
)
async def test_a_disk_that_fills_up_while_migrating_leaves_the_old_whole(
    old: Path, tmp_path: Path, after: int
) -> None:
    """At the first writes there is no room for the backup, later none for the new tables."""
    backups = old.parent / "backups"
    done = migrated_while(tmp_path, f"inject=pwrite64:error=ENOSPC:when={after}+")
    assert is_whole(old)
    if done.returncode == 0:  # there were fewer writes than that
        assert applied(old) == schema.known()
    else:
        assert len(done.stderr.splitlines()) == 1
        assert done.stderr.startswith("journal: ")
        assert re.search("full|disk I/O", done.stderr)
        assert applied(old) == schema.known()[:1]
    assert all(is_whole(backup) for backup in backups.iterdir())
    assert applied(backups / "earlier.sqlite3") == schema.known()[:1]
    await schema.migrate(f"sqlite://{old}", tmp_path / "data")
    assert applied(old) == schema.known()


# PostgreSQL


PLACES = """
SELECT pg_relation_filepath(c.oid) FROM pg_class c JOIN pg_class t ON c.oid IN (t.oid, t.reltoastrelid)
WHERE t.relname IN ('entries', 'revisions')
"""


@pytest.mark.engine("postgres")
async def test_a_postgres_whose_disk_is_full_is_said_and_it_passes(tmp_path: Path, database_url: str) -> None:
    with Stoppable.started() as own:
        url = own.create("journal")
        with serving(tmp_path, DATABASE_URL=url) as server, joined(server) as ann:
            assert ann.post("/entries", data={"body": "Before."}).status_code == 303
            async with database.connected(url):
                found = await rows(PLACES)
            data = own.folder / "data"
            tables = [data / row["pg_relation_filepath"] for row in found]
            assert len(tables) == 4
            random_text = os.urandom(100_000).hex()  # what can be packed takes no new page
            with failing(family(int((data / "postmaster.pid").read_text().split()[0])), tables, *FULL):
                for _ in range(3):
                    answer = ann.post("/entries", data={"body": random_text})
                    assert (answer.status_code, "disk of this site is full" in answer.text) == (507, True)
                assert "Before." in ann.get("/").text
            path = ann.post("/entries", data={"body": random_text}).headers["Location"]
            assert random_text in ann.get(f"{path}/edit").text
        async with database.connected(url):
            assert len(await rows("SELECT 1 FROM entries")) == 2


def family(process: int) -> list[int]:
    """A process and its children that live."""
    found = [process]
    for status in Path("/proc").glob("[0-9]*/status"):
        with contextlib.suppress(OSError):
            told = status.read_text()
            if f"\nPPid:\t{process}\n" in told and "\nState:\tZ" not in told:
                found.append(int(status.parent.name))
    return found
