"""Damaged tables, files without rights, a read-only disk, and files replaced under the site: told truly."""

import os
import random
import shutil
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from html import unescape
from pathlib import Path

import httpx
import pytest

from journal import database, readiness
from tests.faults.disks import failing
from tests.postgres import free_port
from tests.servers import ROOT, Server, environment, joined, listening, serving
from tests.stoppable import Stoppable

NOBODY = 65534
# Root then has no more rights to others' files than anybody else.
LIKE_ANYBODY = ["setpriv", "--bounding-set", "-dac_override,-dac_read_search", "--inh-caps=-all", "--"]
LONG = "All my words. " * 500


def database_of(server: Server) -> Path:
    return server.folder / "data" / "journal.sqlite3"


def ready(server: Server) -> tuple[int, str]:
    answer = httpx.get(f"http://127.0.0.1:{server.port}/readyz", timeout=20)
    return answer.status_code, answer.text.replace("backups: off\n", "")


Done = subprocess.CompletedProcess[str]


def run(folder: Path, *arguments: str, before: Sequence[str] = (), **settings: str) -> Done:
    env = environment(FLASK_ENV="development", **settings)
    command = [*before, sys.executable, "-m", "journal", *arguments]
    return subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, timeout=120)


# Damage


def pages(file: Path, table: str) -> list[int]:
    """Where in the file the pages of a table's b-tree are, without its root."""
    with closing(sqlite3.connect(file)) as db:
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        size = db.execute("PRAGMA page_size").fetchone()[0]
        try:
            found = db.execute("SELECT pageno FROM dbstat WHERE name = ?", (table,)).fetchall()
        except sqlite3.OperationalError:
            pytest.skip("this SQLite was built without dbstat, which tells a table's pages")
    return [(number - 1) * size for (number,) in found]


def overwrite(file: Path, offsets: list[int]) -> None:
    with file.open("r+b") as damaged:
        for offset in offsets:
            damaged.seek(offset)
            damaged.write(random.randbytes(1024))


@pytest.mark.parametrize("table", ["entries", "day_counts"])
def test_a_damaged_table_is_named_and_the_other_checks_are_made(tmp_path: Path, table: str) -> None:
    with serving(tmp_path) as server, joined(server) as ann:
        for n in range(30):
            assert ann.post("/entries", data={"body": f"{n} {LONG}"}).status_code == 303
    file = database_of(server)
    overwrite(file, pages(file, table)[:5])
    told = run(tmp_path, "doctor")
    assert told.returncode == 1, told
    assert "Traceback" not in told.stderr
    assert f"! The table {table} is damaged" in told.stdout
    assert "restore a backup" in told.stdout
    assert "SQLite 3" in told.stdout
    assert ("What people have written is not in there" in told.stdout) == (table == "day_counts")
    assert "(tags)" in told.stdout or "The tag index" in told.stdout  # the last check


def test_visitors_of_a_damaged_database_read_what_has_to_be_done(tmp_path: Path) -> None:
    with serving(tmp_path) as server, joined(server) as ann:
        paths = [ann.post("/entries", data={"body": f"{n} {LONG}"}).headers["Location"] for n in range(30)]
        assert ready(server) == (200, "ok\n")
        server.stop()
        overwrite(database_of(server), pages(database_of(server), "entries")[1:])
        server.start()
        answer = ann.get(paths[20])
        assert answer.status_code == 503
        assert "The database is damaged; whoever runs this site has to restore a backup." in unescape(
            answer.text
        )
        assert ready(server) == (503, "the database is damaged\n")
        assert ann.get("/settings").status_code == 200


# Files that are replaced or deleted


@pytest.mark.parametrize("how", ["deleted", "replaced"])
def test_a_database_that_is_not_there_any_more_takes_no_words(tmp_path: Path, how: str) -> None:
    with serving(tmp_path) as server, joined(server) as ann:
        assert ann.post("/entries", data={"body": "Before."}).status_code == 303
        file = database_of(server)
        if how == "replaced":
            shutil.copy(file, tmp_path / "backup")
            os.replace(tmp_path / "backup", file)
        else:
            file.unlink()
        answer = ann.post("/entries", data={"body": "Lost?"})
        assert answer.status_code == 503
        assert "was replaced while the site was running" in unescape(answer.text)
        assert ready(server)[0] == 503
        assert "Before." in ann.get("/").text


def test_after_a_deleted_wal_nothing_that_was_saved_is_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "sitecustomize.py").write_text("from journal import readiness\nreadiness.INTERVAL = 0.5\n")
    with serving(tmp_path, PYTHONPATH=f"{tmp_path}:{ROOT}") as server, joined(server) as ann:
        assert ann.post("/entries", data={"body": "Before."}).status_code == 303
        database_of(server).with_name("journal.sqlite3-wal").unlink()
        assert ann.post("/entries", data={"body": "After."}).status_code == 503
        assert ready(server)[0] == 503
        deadline = time.monotonic() + 30
        while "What was saved is in the database. Start the site again." not in server.log:
            assert time.monotonic() < deadline, server.log
            time.sleep(0.1)
        server.kill()
        server.start()
        assert "Before." in ann.get("/").text
        assert ready(server)[0] == 200


def test_the_log_is_told_within_a_minute() -> None:
    assert readiness.INTERVAL <= 60


# Rights


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    if os.geteuid():
        pytest.skip("only root can give files to somebody else, or mount a disk")
    (tmp_path / ".env").touch()
    assert run(tmp_path, "migrate").returncode == 0
    return tmp_path


@pytest.mark.parametrize(
    "what", ["journal.sqlite3", "journal.sqlite3.lock", ""], ids=["file", "lock", "folder"]
)
def test_a_file_without_rights_is_said_with_its_owner_and_a_cure(folder: Path, what: str) -> None:
    wrong = folder / "data" / what
    if wrong.is_dir():
        (wrong / "journal.sqlite3.lock").unlink()
    os.chown(wrong, NOBODY, NOBODY)
    wrong.chmod(0o755 if wrong.is_dir() else 0o644)
    told = run(folder, "serve", "--bind", "127.0.0.1:0", before=LIKE_ANYBODY)
    assert told.returncode == 1
    assert len(told.stderr.splitlines()) == 1, told.stderr
    for part in (str(wrong), "owner nobody", "runs as root", "chown -R root"):
        assert part in told.stderr


def test_a_file_that_loses_its_rights_under_the_site_makes_it_not_ready(folder: Path) -> None:
    port = free_port()
    command = [*LIKE_ANYBODY, sys.executable, "-m", "journal", "serve", "--bind", f"127.0.0.1:{port}"]
    with listening(folder, port, command) as server:
        assert ready(server) == (200, "ok\n")
        os.chown(database_of(server), NOBODY, NOBODY)
        database_of(server).chmod(0o444)
        status, said = ready(server)
        assert (status, "can't be written" in said, str(folder) in said) == (503, True, False)


# A disk that is read-only


def mount(*arguments: object) -> None:
    subprocess.run(["mount", *map(str, arguments)], check=True)


@pytest.fixture
def small_disk(folder: Path) -> Iterator[Path]:
    """The data folder, on a file system of its own."""
    data = folder / "data"
    kept = folder / "kept"
    data.rename(kept)
    data.mkdir()
    if subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "mode=0700", "tmpfs", data], capture_output=True
    ).returncode:
        pytest.skip("this machine lets nobody mount a file system, without which a disk can't be read-only")
    shutil.copytree(kept, data, dirs_exist_ok=True)
    yield data
    subprocess.run(["umount", "-l", data], check=True)


def test_a_read_only_disk_is_said_at_the_start_and_the_doctor_runs(small_disk: Path) -> None:
    mount("-o", "remount,ro", small_disk)
    told = run(small_disk.parent, "serve", "--bind", "127.0.0.1:0")
    assert told.returncode == 1
    assert "disk is mounted read-only" in told.stderr
    assert len(told.stderr.splitlines()) == 1, told.stderr
    told = run(small_disk.parent, "doctor")
    assert told.returncode == 1
    assert "disk is mounted read-only" in told.stdout
    assert "The file is whole." in told.stdout


def test_a_disk_that_becomes_read_only_makes_the_site_not_ready(small_disk: Path) -> None:
    with serving(small_disk.parent) as server:
        assert ready(server)[0] == 200
        mount("--bind", small_disk, small_disk)
        mount("-o", "remount,bind,ro", small_disk)
        assert ready(server)[0] == 503
        subprocess.run(["umount", "-l", small_disk], check=True)
        assert ready(server)[0] == 200


@pytest.mark.parametrize("error", ["EROFS", "EIO"])
def test_people_read_and_stay_signed_in_while_the_disk_takes_nothing(tmp_path: Path, error: str) -> None:
    with serving(tmp_path, ACCESS_TOKEN_EXPIRY="1") as server, joined(server) as ann:
        ann.post("/entries", data={"body": "Before."})
        wal = database_of(server).with_name("journal.sqlite3-wal")
        with failing([server.process.pid], [wal], "pwrite64,fallocate,fdatasync", error):
            time.sleep(2)  # the access token has ended
            answer = ann.get("/")
            assert (answer.status_code, "Before." in answer.text) == (200, True)
            answer = ann.post("/entries", data={"body": LONG})
            assert answer.status_code == 503
            assert "The disk of this site can't be written." in unescape(answer.text)
        assert ann.post("/entries", data={"body": LONG}).status_code == 303


# PostgreSQL


@pytest.mark.engine("postgres")
async def test_a_damaged_table_of_postgres_is_named(tmp_path: Path, engine: str) -> None:
    with Stoppable.started() as own:
        url = own.create("journal")
        with serving(tmp_path, DATABASE_URL=url) as server, joined(server) as ann:
            path = ann.post("/entries", data={"body": LONG}).headers["Location"]
            async with database.connected(url):
                found = await database.rows("SELECT pg_relation_filepath('entries') AS file")
            own.leave()
            own._control("-m", "fast", "stop")
            overwrite(own.folder / "data" / found[0]["file"], [0])
            own.start()
            answer = ann.get(path)
            assert answer.status_code == 503
            assert "The database is damaged" in unescape(answer.text)
            assert ready(server) == (503, "the database is damaged\n")
        told = run(tmp_path, "doctor", DATABASE_URL=url)
        assert told.returncode == 1
        assert "! The table entries is damaged" in told.stdout
        assert "restore a backup" in told.stdout
        assert "(tags)" in told.stdout or "The tag index" in told.stdout


# Who else can read it


def test_what_others_can_read_is_made_private_at_the_start(tmp_path: Path) -> None:
    data = tmp_path / "data"
    (data / "backups").mkdir(parents=True)
    (data / "backups" / "old.sqlite3").touch()
    (data / "clock.json").touch()
    (data / "journal.sqlite3").touch()
    for path in (data, data / "backups"):
        path.chmod(0o755)
    with serving(tmp_path) as server, joined(server) as ann:
        assert ann.post("/entries", data={"body": "Mine."}).status_code == 303
        open_to_others = [p for p in (tmp_path / ".env", data, *data.rglob("*")) if p.stat().st_mode & 0o077]
        assert open_to_others == []
        assert {"journal.sqlite3-wal", "journal.sqlite3-shm"} <= {path.name for path in data.iterdir()}
        assert server.stop() == 0
