"""Reading and writing on both engines, also when clients hang up, and the disk or the database fails."""

import asyncio
import json
import random
import socket
import sqlite3
import struct
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, closing
from html import unescape
from importlib import import_module
from pathlib import Path
from typing import Any
from uuid import uuid4

import asyncpg
import pytest
from quart import Quart
from tortoise.exceptions import IntegrityError

from journal import clock, database
from journal.accounts.models import User
from journal.database import Unavailable, committed, rows
from journal.entries.models import Save
from tests.conftest import Person
from tests.postgres import Postgres, free_port
from tests.servers import environment, host, joined, serving
from tests.stoppable import Stoppable

INCREMENT = """
import asyncio, sys
from journal import database
from journal.accounts.models import User

async def increment(db):
    user = await User.all().using_db(db).select_for_update().first()
    await User.filter(id=user.id).using_db(db).update(zone=str(int(user.zone) + 1))

async def main(url, times):
    async with database.connected(url):
        for _ in range(int(times)):
            await database.committed(increment)

asyncio.run(main(*sys.argv[1:]))
"""


def new_user(name: str, zone: str = "UTC") -> User:
    now = clock.now()
    return User(username=name, username_key=name.lower(), session_stamp="s" * 16, zone=zone, created_at=now)


def adding(name: str, pause: float = 0) -> Callable[[Any], Awaitable[None]]:
    """Work for `committed`: a row, with a pause before its commit."""

    async def work(db: Any) -> None:
        await new_user(name).save(using_db=db)
        await asyncio.sleep(pause)

    return work


async def names() -> set[str]:
    return {row["username"] for row in await rows("SELECT username FROM users")}


# Several processes


@pytest.mark.parametrize("processes", [2, 4])
async def test_processes_that_read_and_then_write_lose_nothing(
    db: None, database_url: str, processes: int
) -> None:
    await committed(lambda db: new_user("counter", zone="0").save(using_db=db))
    command = [sys.executable, "-c", INCREMENT, database_url, "80"]
    started = [
        subprocess.Popen(command, env=environment(), stderr=subprocess.PIPE, text=True)
        for _ in range(processes)
    ]
    for process in started:
        _, errors = await asyncio.to_thread(process.communicate)
        assert process.returncode == 0, errors
    assert (await rows("SELECT zone FROM users"))[0]["zone"] == str(80 * processes)


# The configuration that is served with; these tests run with another one


def test_sqlite_waits_for_the_disk_keeps_foreign_keys_and_writes_ahead(tmp_path: Path) -> None:
    asking = """
import asyncio, json, sys
from journal import database

async def main(url):
    async with database.connected(url):
        names = ["synchronous", "foreign_keys", "journal_mode", "busy_timeout"]
        answers = [await database.connection().execute_query(f"PRAGMA {name}") for name in names]
        print(json.dumps([rows[0][0] for _, rows in answers]))

asyncio.run(main(sys.argv[1]))
"""
    command = [sys.executable, "-c", asking, f"sqlite://{tmp_path / 'new.sqlite3'}"]
    told = subprocess.run(command, env=environment(), capture_output=True, text=True, check=True).stdout
    full = 2
    assert json.loads(told) == [full, 1, "wal", 5000]


async def test_rows_that_refer_to_nothing_are_refused(db: None) -> None:
    nobodys = Save(
        user_id=7,
        save_id=uuid4(),
        entry_uid=uuid4(),
        digest="",
        outcome="",
        version=1,
        created_at=clock.now(),
    )
    with pytest.raises(IntegrityError):
        await committed(lambda db: nobodys.save(using_db=db))


# Reading


async def test_what_is_committed_is_read_and_what_is_not_is_not(db: None) -> None:
    writing = asyncio.create_task(committed(adding("Ann", pause=0.2)))
    await asyncio.sleep(0.1)
    assert await names() == set()
    await writing
    assert await names() == {"Ann"}


async def test_a_question_mark_stands_for_a_value_whatever_the_value_is(db: None) -> None:
    for name in ("who?", "$1", "'; DROP TABLE users; --", "日記"):
        await committed(adding(name))
        found = await rows("SELECT username FROM users WHERE zone = ? AND username = ?", "UTC", name)
        assert [row["username"] for row in found] == [name]


async def test_a_transaction_that_fails_leaves_nothing_behind(db: None) -> None:
    async def work(db: Any) -> None:
        await new_user("Ann").save(using_db=db)
        raise KeyError("a mistake of ours")

    with pytest.raises(KeyError):
        await committed(work)
    assert await names() == set()
    await committed(adding("Bob"))
    assert await names() == {"Bob"}


# Those who hang up


async def test_a_writer_cancelled_at_any_await_leaves_no_lock(db: None) -> None:
    for n in range(300):
        writing = asyncio.create_task(committed(adding(f"{n}")))
        if n % 2:
            await asyncio.sleep(random.random() * 0.004)
        else:
            for _ in range(n // 2 % 60):
                await asyncio.sleep(0)
        writing.cancel()
    await asyncio.wait_for(committed(adding("last")), 5)
    assert "last" in await names()


async def test_a_write_that_has_begun_is_finished_though_nobody_waits(db: None) -> None:
    writing = asyncio.create_task(committed(adding("Ann", pause=0.1)))
    await asyncio.sleep(0.05)
    writing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await writing
    await asyncio.sleep(0.2)
    assert await names() == {"Ann"}


async def test_cancelled_readers_leave_no_lock_and_no_slot(db: None) -> None:
    async def read() -> None:
        await User.filter(username="nobody").first()
        await rows("SELECT username FROM users")

    for n in range(300):
        reading = asyncio.create_task(read())
        await asyncio.sleep(random.random() * 0.002 if n % 2 else 0)
        reading.cancel()
    await asyncio.wait_for(asyncio.gather(*(read() for _ in range(20))), 5)


async def test_a_stop_waits_for_writes_under_way(database_url: str) -> None:
    async with database.connected(database_url):
        writing = asyncio.create_task(committed(adding("Ann", pause=0.3)))
        await asyncio.sleep(0.1)
        writing.cancel()
    async with database.connected(database_url):
        assert await names() == {"Ann"}


# A full disk


@pytest.fixture
async def full_disk(app: Quart, ann: Person, postgres: Postgres | None) -> Callable[[bool], Awaitable[None]]:
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

    return fill


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


async def test_a_name_that_sounds_like_a_fault_is_none(db: None) -> None:
    """PostgreSQL's errors quote values, and a name may be "disk full" or "locked"."""
    for name in ("full", "locked", "No space left"):
        await committed(adding(name))
        with pytest.raises(IntegrityError):
            await committed(adding(name))


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
        answers = await asyncio.gather(*(ann.post("/entries", {"body": f"{n}"}) for n in range(12)))
        assert {answer.status_code for answer in answers} == {503}
        assert all(int(answer.headers["Retry-After"]) > 0 for answer in answers)
        assert (await ann.get("/")).status_code == 200
    answers = await asyncio.wait_for(
        asyncio.gather(*(ann.post("/entries", {"body": f"{n}"}) for n in range(12))), 10
    )
    assert {answer.status_code for answer in answers} == {303}
    assert len(await rows("SELECT 1 FROM entries")) == 12


async def test_a_transaction_that_can_not_begin_gives_back_what_it_holds(
    db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = import_module(database.connection().__module__)

    async def fail(self: Any) -> None:
        raise OSError("the line broke just now")

    with monkeypatch.context() as broken:
        broken.setattr(engine.Transaction, "begin", fail)
        for _ in range(12):
            with pytest.raises(Unavailable):
                await committed(adding("nobody"))
    await asyncio.wait_for(committed(adding("Ann")), 5)


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


async def test_a_damaged_database_is_said_on_its_pages_without_a_traceback(
    ann: Person, database_url: str, postgres: Postgres | None
) -> None:
    path = await ann.writes("Whole.")
    if postgres is None:
        file = database.sqlite_file(database_url)
        await database.connection().execute_query("PRAGMA wal_checkpoint(TRUNCATE)")
        size = file.stat().st_size
        with file.open("r+b") as damaged:
            damaged.seek(4096)
            damaged.write(random.randbytes(size - 4096))
    else:
        await database.connection().execute_script(
            "CREATE FUNCTION damaged() RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION "
            "'invalid page in block 7 of relation base/1/2' USING ERRCODE = 'data_corrupted'; END $$; "
            "ALTER TABLE entries RENAME TO stored; "
            "CREATE VIEW entries AS SELECT * FROM stored WHERE damaged()"
        )
    answer = await ann.get(path)
    assert answer.status_code == 503
    text = unescape(await answer.get_data(as_text=True))
    assert "can't reach its database" in text
    assert "Traceback" not in text
    assert "malformed" not in text


async def test_postgres_that_is_not_there_is_said() -> None:
    assert "Connect call failed" in await cannot_connect(f"postgres://journal@127.0.0.1:{free_port()}/journal")


async def test_a_database_that_postgres_does_not_have_is_said(
    postgres: Postgres | None, database_url: str
) -> None:
    if postgres is None:
        pytest.skip("on PostgreSQL only")
    assert "nowhere" in await cannot_connect(postgres.url("nowhere"))


async def test_connections_that_postgres_ends_are_made_anew(
    ann: Person, postgres: Postgres | None, database_url: str
) -> None:
    if postgres is None:
        pytest.skip("on PostgreSQL only")
    ending = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() "
    for n in range(15):
        other = await asyncpg.connect(database_url)
        await other.execute(ending + "AND pid <> pg_backend_pid()")
        await other.close()
        answer = await ann.post("/entries", {"body": f"{n}"})
        assert answer.status_code in (303, 503)
    assert (await asyncio.wait_for(ann.post("/entries", {"body": "last"}), 5)).status_code == 303


async def test_a_site_outlives_the_stop_and_start_of_its_postgres(
    tmp_path: Path, postgres: Postgres | None, database_url: str
) -> None:
    if postgres is None:
        pytest.skip("on PostgreSQL only")
    with Stoppable.started() as own, serving(tmp_path, DATABASE_URL=own.create("journal")) as server:
        with joined(server) as ann:
            assert ann.post("/entries", data={"body": "Before."}).status_code == 303
            own.stop()
            for _ in range(12):
                answer = ann.post("/entries", data={"body": "Meanwhile."})
                assert (answer.status_code, answer.headers.get("Retry-After")) == (503, "5")
            assert ann.get("/").status_code == 503
            assert ann.get("/readyz").status_code == 503
            assert ann.get("/healthz").status_code == 200
            own.start()
            assert ann.get("/readyz").status_code == 200
            assert ann.post("/entries", data={"body": "After."}).status_code == 303
            assert "Before." in ann.get("/").text


# Clients that hang up on a real server


@pytest.mark.parametrize("clients", [200, pytest.param(1000, marks=pytest.mark.slow)])
def test_clients_that_hang_up_in_mid_save_do_no_harm(tmp_path: Path, database_url: str, clients: int) -> None:
    with serving(tmp_path, DATABASE_URL=database_url) as server, joined(server) as ann:
        cookies = "; ".join(f"{name}={value}" for name, value in ann.cookies.items())
        for n in range(clients):
            body = f"body=Hung+up+{n}.&version=0"
            method = ("PUT", "POST")[n % 2]
            head = f"{method} /entries/{uuid4()} HTTP/1.1\r\nHost: {host(server)}\r\nCookie: {cookies}\r\n"
            head += "Content-Type: application/x-www-form-urlencoded\r\n"
            hang_up(server.port, f"{head}Content-Length: {len(body)}\r\n\r\n{body}".encode(), n)
        started = time.monotonic()
        answer = ann.post("/entries", data={"body": "Still here."})
        assert answer.status_code == 303
        assert time.monotonic() - started < 5
        assert "Still here." in ann.get("/").text
        assert server.stop() == 0
        assert "Traceback" not in server.log


def hang_up(port: int, request: bytes, n: int) -> None:
    """Sends it and is gone: at once or some milliseconds later, by a reset or politely."""
    with socket.create_connection(("127.0.0.1", port)) as line:
        if n % 3:
            line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        line.sendall(request)
        time.sleep(n % 16 / 2000)
