"""Reading and writing on both engines, also when clients hang up, and the disk or the database fails."""

import asyncio
import json
import random
import subprocess
import sys
from collections.abc import Awaitable, Callable
from importlib import import_module
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from asyncpg import SerializationError
from tortoise.exceptions import IntegrityError

from journal import clock, database
from journal.accounts.models import User
from journal.database import Unavailable, committed, rows
from journal.entries.models import Save
from tests.figures import Counted
from tests.postgres import OPTIONS
from tests.servers import environment

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


@pytest.mark.engine("postgres")
async def test_postgres_waits_for_the_disk_though_its_server_is_set_not_to(db: None) -> None:
    told = await rows("SELECT setting FROM pg_settings WHERE name = 'synchronous_commit'")
    assert told[0]["setting"] == "on"
    assert "synchronous_commit=off" in OPTIONS


async def test_rows_that_refer_to_nothing_are_refused(db: None) -> None:
    with pytest.raises(IntegrityError):
        await committed(lambda db: nobodys_save().save(using_db=db))


def nobodys_save() -> Save:
    values = {"digest": "", "outcome": "", "version": 1, "created_at": clock.now()}
    return Save(user_id=7, save_id=uuid4(), entry_uid=uuid4(), **values)


# Reading


async def test_what_is_committed_is_read_and_what_is_not_is_not(db: None) -> None:
    writing = asyncio.create_task(committed(adding("Ann", pause=0.8)))
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


@pytest.mark.parametrize("times", [300, pytest.param(3000, marks=pytest.mark.soak)])
async def test_a_writer_cancelled_at_any_await_leaves_no_lock(db: None, times: int, counted: Counted) -> None:
    for n in range(times):
        writing = asyncio.create_task(committed(adding(f"{n}")))
        if n % 2:
            await asyncio.sleep(random.random() * 0.004)
        else:
            for _ in range(n // 2 % 60):
                await asyncio.sleep(0)
        writing.cancel()
    await asyncio.wait_for(committed(adding("last")), 5)
    assert "last" in await names()
    counted(f"{times:,} writers cancelled at any await", "no lock and no connection stays taken")


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


# Who is in the way of others


async def test_of_two_that_wait_for_each_other_one_is_done_again(db: None) -> None:
    for name in ("Ann", "Bob"):
        await committed(adding(name))
    begun = 0

    def changing(*names: str) -> Callable[[Any], Awaitable[None]]:
        async def work(db: Any) -> None:
            nonlocal begun
            begun += 1
            for name in names:
                user = await User.filter(username=name).using_db(db).select_for_update().get()
                await User.filter(id=user.id).using_db(db).update(zone=user.zone + "+")
                await asyncio.sleep(0.2)

        return work

    await asyncio.gather(committed(changing("Ann", "Bob")), committed(changing("Bob", "Ann")))
    assert {row["zone"] for row in await rows("SELECT zone FROM users")} == {"UTC++"}
    assert begun == (3 if database.is_postgres(database.connection()) else 2)


async def test_what_is_undone_again_and_again_is_given_up(db: None) -> None:
    tries = 0

    async def work(db: Any) -> None:
        nonlocal tries
        tries += 1
        await adding("Ann")(db)
        raise SerializationError("others were in the way")

    with pytest.raises(Unavailable):
        await committed(work)
    assert tries == database.TRIES
    assert await names() == set()


# Errors


async def test_a_name_that_sounds_like_a_fault_is_none(db: None) -> None:
    """PostgreSQL's errors quote values, and a name may be "disk full" or "locked"."""
    for name in ("full", "locked", "No space left"):
        await committed(adding(name))
        with pytest.raises(IntegrityError):
            await committed(adding(name))


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
                await asyncio.wait_for(committed(adding("nobody")), 5)
    await asyncio.wait_for(committed(adding("Ann")), 5)


@pytest.mark.engine("sqlite")
async def test_a_commit_that_is_refused_leaves_no_transaction_open(db: None) -> None:

    async def orphan(db: Any) -> None:
        await db.execute_query("PRAGMA defer_foreign_keys = ON")
        await nobodys_save().save(using_db=db)

    with pytest.raises(IntegrityError):
        await committed(orphan)
    await committed(adding("Ann"))
    assert await names() == {"Ann"}
    assert await rows("SELECT 1 FROM saves") == []
