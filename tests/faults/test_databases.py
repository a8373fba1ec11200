"""The disk is full, the database locked, damaged or away, and clients hang up: it is said, and it passes."""

import asyncio
import random
import resource
import socket
import sqlite3
import struct
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, closing
from html import unescape
from pathlib import Path
from typing import Any
from uuid import uuid4

import asyncpg
import pytest
from quart import Quart

from journal import database
from journal.database import Unavailable, rows
from tests.conftest import Person
from tests.figures import Counted
from tests.postgres import Postgres, free_port
from tests.servers import host, joined, serving
from tests.stoppable import Stoppable

pytestmark = pytest.mark.slow


async def run_sql(url: str, sql: str) -> None:
    """On a connection of its own, to put a PostgreSQL database in order for the next test that gets it."""
    other = await asyncpg.connect(url)
    await other.execute(sql)
    await other.close()


# A full disk


@pytest.fixture
async def full_disk(
    app: Quart, ann: Person, database_url: str, postgres: Postgres | None
) -> AsyncIterator[Callable[[bool], Awaitable[None]]]:
    """Fills the disk, or frees it: SQLite by a real limit, PostgreSQL by the error that it gives then."""

    async def fill(full: bool) -> None:
        db = database.connection()
        if postgres is None:
            pages = (await db.execute_query("PRAGMA page_count"))[1][0][0]
            await db.execute_query(f"PRAGMA max_page_count = {pages if full else 2**30}")
        elif full:
            await db.execute_script(
                "CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION "
                "'could not extend file: No space left on device' USING ERRCODE = 'disk_full'; END $$; "
                "CREATE TRIGGER full_disk BEFORE INSERT ON entries EXECUTE FUNCTION full_disk()"
            )
        else:
            await db.execute_script("DROP FUNCTION full_disk CASCADE")

    yield fill
    if postgres:
        await run_sql(database_url, "DROP FUNCTION IF EXISTS full_disk CASCADE")


async def test_a_full_disk_is_said_and_once_there_is_room_the_save_works(
    ann: Person, full_disk: Callable[[bool], Awaitable[None]]
) -> None:
    kept = await ann.writes("Before the disk was full.")
    await full_disk(True)
    for _ in range(3):
        answer = await ann.post("/entries", {"body": "All my words. " * 5000})
        assert answer.status_code == 507
        assert answer.headers["Retry-After"]
        assert "disk of this site is full" in await answer.get_data(as_text=True)
    assert (await ann.get(kept)).status_code == 200
    await full_disk(False)
    path = await ann.writes("All my words. " * 5000)
    assert (await ann.get(path)).status_code == 200
    assert len(await rows("SELECT 1 FROM entries")) == 2


def test_a_disk_that_takes_no_more_at_the_commit_is_said_and_it_passes(tmp_path: Path) -> None:
    """A limit on the size of files is the one way to a write that fails at that moment."""
    with serving(tmp_path) as server, joined(server) as ann:
        ann.post("/entries", data={"body": "Before."})
        largest = max(file.stat().st_size for file in (tmp_path / "data").iterdir())
        unlimited = resource.RLIM_INFINITY
        resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE, (largest + 4096, unlimited))
        for _ in range(3):
            answer = ann.post("/entries", data={"body": "All my words. " * 20000})
            assert (answer.status_code, answer.headers.get("Retry-After")) == (503, "2")
        assert ann.get("/").status_code == 200
        resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE, (unlimited, unlimited))
        path = ann.post("/entries", data={"body": "All my words. " * 20000}).headers["Location"]
        assert ann.get(path).text.count("All my words.") == 20000
        assert server.stop() == 0
        with closing(sqlite3.connect(tmp_path / "data" / "journal.sqlite3")) as file:
            assert file.execute("PRAGMA integrity_check").fetchone() == ("ok",)
            assert file.execute("SELECT count(*) FROM entries").fetchone() == (2,)


# A locked database


@asynccontextmanager
async def held_by_another(url: str) -> AsyncIterator[None]:
    """Another program is in the middle of writing, as a backup or an import may be; reading goes on."""
    if database.is_sqlite(url):
        file = database.sqlite_file(url)
        with closing(sqlite3.connect(file, isolation_level=None, check_same_thread=False)) as other:
            await asyncio.to_thread(other.execute, "BEGIN IMMEDIATE")
            yield
    else:
        other = await asyncpg.connect(url)
        try:
            await other.execute("BEGIN; LOCK TABLE entries, users, saves IN EXCLUSIVE MODE")
            yield
        finally:
            await other.close()


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(database.PRAGMAS, "busy_timeout", 200)


async def test_a_save_waits_for_a_lock_of_three_and_a_half_seconds(ann: Person, database_url: str) -> None:
    async with held_by_another(database_url):
        saving = asyncio.create_task(ann.post("/entries", {"body": "Patience."}))
        await asyncio.sleep(3.5)
        assert (await ann.get("/")).status_code == 200
        assert not saving.done()
    assert (await saving).status_code == 303


@pytest.mark.usefixtures("impatient")
async def test_a_lock_that_lasts_is_said_and_nothing_stays_locked_after_it(
    ann: Person, database_url: str
) -> None:
    async with held_by_another(database_url):
        # More often than PostgreSQL's pool has connections: none of them may be lost either.
        answers = await asyncio.wait_for(many_saves(ann), 20)
        assert {answer.status_code for answer in answers} == {503}
        assert all(int(answer.headers["Retry-After"]) > 0 for answer in answers)
        assert (await ann.get("/")).status_code == 200
    answers = await asyncio.wait_for(many_saves(ann), 20)
    assert {answer.status_code for answer in answers} == {303}
    assert len(await rows("SELECT 1 FROM entries")) == 12


async def many_saves(person: Person) -> list[Any]:
    return await asyncio.gather(*(person.post("/entries", {"body": f"{n}"}) for n in range(12)))


# A database that is not there


async def cannot_connect(url: str) -> str:
    """The sentence that says why."""
    with pytest.raises(Unavailable) as raised:
        async with database.connected(url):
            pass
    return str(raised.value)


async def test_a_file_that_is_no_database_is_said_and_left_alone(tmp_path: Path) -> None:
    file = tmp_path / "diary.sqlite3"
    file.write_bytes(b"Dear diary, this is not a database. " * 100)
    before = file.read_bytes()
    assert "not a database" in await cannot_connect(f"sqlite://{file}")
    assert file.read_bytes() == before


async def test_a_folder_that_is_missing_is_said(tmp_path: Path) -> None:
    assert "unable to open" in await cannot_connect(f"sqlite://{tmp_path / 'nowhere' / 'diary.sqlite3'}")


async def test_a_folder_in_place_of_the_file_is_said(tmp_path: Path) -> None:
    assert "unable to open" in await cannot_connect(f"sqlite://{tmp_path}")


@pytest.fixture
async def damage(
    database_url: str, postgres: Postgres | None
) -> AsyncIterator[Callable[[], Awaitable[None]]]:
    """Damages the table of entries: SQLite's file by random bytes; on PostgreSQL the error is raised."""

    async def damaged() -> None:
        db = database.connection()
        if postgres is None:
            file = database.sqlite_file(database_url)
            await db.execute_query("PRAGMA wal_checkpoint(TRUNCATE)")
            size = file.stat().st_size
            with file.open("r+b") as opened:
                opened.seek(4096)
                opened.write(random.randbytes(size - 4096))
        else:
            await db.execute_script(
                "CREATE FUNCTION damaged() RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION "
                "'invalid page in block 7 of relation base/1/2' USING ERRCODE = 'data_corrupted'; END $$; "
                "ALTER TABLE entries RENAME TO stored; "
                "CREATE VIEW entries AS SELECT * FROM stored WHERE damaged()"
            )

    yield damaged
    if postgres:
        await run_sql(database_url, "DROP FUNCTION damaged CASCADE; ALTER TABLE stored RENAME TO entries")


async def test_a_damaged_database_is_said_on_its_pages_without_a_traceback(
    ann: Person, damage: Callable[[], Awaitable[None]]
) -> None:
    path = await ann.writes("Whole.")
    await damage()
    answer = await ann.get(path)
    assert answer.status_code == 503
    text = unescape(await answer.get_data(as_text=True))
    assert "The database is damaged; whoever runs this site has to restore a backup." in text
    assert "Traceback" not in text
    assert "malformed" not in text


async def test_postgres_that_is_not_there_is_said() -> None:
    assert "Connect call failed" in await cannot_connect(
        f"postgres://journal@127.0.0.1:{free_port()}/journal"
    )


@pytest.mark.engine("postgres")
async def test_a_database_that_postgres_does_not_have_is_said(postgres: Postgres, database_url: str) -> None:
    assert "nowhere" in await cannot_connect(postgres.url("nowhere"))


@pytest.mark.engine("postgres")
async def test_connections_that_postgres_ends_are_made_anew(ann: Person, database_url: str) -> None:
    ending = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() "
    for n in range(15):
        other = await asyncpg.connect(database_url)
        await other.execute(ending + "AND pid <> pg_backend_pid()")
        await other.close()
        answer = await ann.post("/entries", {"body": f"{n}"})
        assert answer.status_code in (303, 503)
    assert (await asyncio.wait_for(ann.post("/entries", {"body": "last"}), 5)).status_code == 303


@pytest.mark.engine("postgres")
async def test_a_site_outlives_the_stop_and_start_of_its_postgres(tmp_path: Path, database_url: str) -> None:
    with (
        Stoppable.started() as own,
        serving(tmp_path, DATABASE_URL=own.create("journal")) as server,
        joined(server) as ann,
    ):
        assert ann.post("/entries", data={"body": "Before."}).status_code == 303
        own.stop()
        for _ in range(12):
            answer = ann.post("/entries", data={"body": "Meanwhile."})
            assert (answer.status_code, answer.headers.get("Retry-After")) == (503, "2")
        assert ann.get("/").status_code == 503
        assert ann.get("/readyz").status_code == 503
        assert ann.get("/healthz").status_code == 200
        own.start()
        assert ann.get("/readyz").status_code == 200
        assert ann.post("/entries", data={"body": "After."}).status_code == 303
        assert "Before." in ann.get("/").text


# Clients that hang up on a real server


@pytest.mark.parametrize("clients", [200, pytest.param(1000, marks=pytest.mark.soak)])
def test_clients_that_hang_up_in_mid_save_do_no_harm(
    tmp_path: Path, database_url: str, clients: int, counted: Counted
) -> None:
    with serving(tmp_path, DATABASE_URL=database_url) as server, joined(server) as ann:
        cookies = "; ".join(f"{name}={value}" for name, value in ann.cookies.items())
        for n in range(clients):
            body = f"body=Hung+up+{n}.&version=0"
            method = ("PUT", "POST")[n % 2]
            head = f"{method} /entries/{uuid4()} HTTP/1.1\r\nHost: {host(server)}\r\nCookie: {cookies}\r\n"
            head += "Content-Type: application/x-www-form-urlencoded\r\n"
            hang_up(server.port, f"{head}Content-Length: {len(body)}\r\n\r\n{body}".encode(), n)
        # The saves of those that are gone come first; a server that was frozen would never answer.
        answer = ann.post("/entries", data={"body": "Still here."}, timeout=60)
        assert answer.status_code == 303
        # Not on the timeline: saves whose clients have hung up may commit after this one and push it off.
        assert "Still here." in ann.get(answer.headers["Location"], timeout=60).text
        assert server.stop() == 0
        assert "Traceback" not in server.log
    counted(f"{clients:,} clients that hang up in mid-save", "the server goes on")


def hang_up(port: int, request: bytes, n: int) -> None:
    """Sends it and is gone: at once or some milliseconds later, by a reset or politely."""
    with socket.create_connection(("127.0.0.1", port)) as line:
        if n % 3:
            line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        line.sendall(request)
        time.sleep(n % 16 / 2000)
