"""PostgreSQL falls silent, holds a lock, or takes no writes: every wait has an end, and saves go on."""

import asyncio
import socket
import time
from pathlib import Path
from typing import Any
from uuid import uuid4

import asyncpg
import httpx
import pytest
from quart import Quart

from journal import database, housekeeping
from journal.database import Unavailable, committed, rows
from journal.engines import timeouts
from tests.conftest import Person
from tests.faults.lines import swallowing
from tests.faults.writers import Writers, check
from tests.postgres import Postgres
from tests.servers import browser_at, joined, serving
from tests.stoppable import Stoppable
from tests.test_database import adding, names

pytestmark = [pytest.mark.engine("postgres"), pytest.mark.slow]  # SQLite has no lines that could fall silent

GOAL = 10  # seconds after which everybody can save again
READY = 2  # seconds in which /readyz answers
PEOPLE = ("Ann", "Bob", "Charlie", "Dora")  # whose shares together are all connections


@pytest.fixture
def server(postgres: Postgres | None) -> Postgres:
    assert postgres
    return postgres


@pytest.mark.parametrize("times", [1, pytest.param(20, marks=pytest.mark.soak)])
async def test_saves_go_on_when_every_line_falls_silent(
    tmp_path: Path, server: Postgres, database_url: str, times: int
) -> None:
    took: list[float] = []
    ready: list[float] = []
    with swallowing(server.port) as line:
        url = database_url.replace(f":{server.port}/", f":{line.port}/")
        with serving(tmp_path, DATABASE_URL=url) as site, browser_at(site) as probe:
            with Writers(site, 10, people=PEOPLE) as writers:
                for _ in range(times):
                    writers.go_on()
                    line.swallow()
                    ready.append(answer_time(probe))
                    took.append(writers.recovery(60))
                    line.forget()
            print(f"\n{times} times silent: saves went on after {[round(t, 1) for t in took]} s,", end=" ")
            print(f"readyz within {max(ready):.1f} s, {dict(writers.answers)}")
            assert probe.get("/readyz").status_code == 200
    await check(database_url, writers)
    assert max(took) < GOAL
    assert max(ready) < READY


def answer_time(probe: httpx.Client) -> float:
    began = time.monotonic()
    assert probe.get("/readyz", timeout=30).status_code in (200, 503)
    return time.monotonic() - began


async def test_one_account_with_a_locked_row_keeps_nobody_else_waiting(
    app: Quart, ann: Person, bob: Person, server: Postgres, database_url: str
) -> None:
    path = await ann.writes("Locked.")
    other = await asyncpg.connect(database_url)
    await other.execute("BEGIN; SELECT 1 FROM entries FOR UPDATE")
    saves = [ann.post(path, {"body": f"{n}", "version": "1", "save": str(uuid4())}) for n in range(25)]
    waiting = [asyncio.create_task(save) for save in saves]
    await asyncio.sleep(0.5)
    began = time.monotonic()
    await bob.writes("Not locked.")
    assert (await bob.get("/")).status_code == 200
    took = time.monotonic() - began
    await other.close()
    assert {answer.status_code for answer in await asyncio.gather(*waiting)} <= {303, 409}
    print(f"\nbeside 25 saves of a locked row another person waited {took:.2f} s")
    assert took < 2


async def test_a_server_that_takes_no_writes_is_said_and_is_not_ready(
    tmp_path: Path, server: Postgres, database_url: str
) -> None:
    with (
        Stoppable.started() as own,
        serving(tmp_path, DATABASE_URL=own.create("journal")) as site,
        joined(site) as ann,
    ):
        ann.post("/entries", data={"body": "Before."})
        own.set("default_transaction_read_only", "on")
        answer = ann.post("/entries", data={"body": "Meanwhile."})
        assert (answer.status_code, answer.headers.get("Retry-After")) == (503, "2")
        assert "can be read at the moment, but not written" in answer.text
        assert "Before." in ann.get("/").text
        assert ann.get("/readyz").status_code == 503
        own.set("default_transaction_read_only", "off")
        assert ann.get("/readyz").status_code == 200
        assert ann.post("/entries", data={"body": "After."}).status_code == 303
        assert "Traceback" not in site.log


# Single waits


async def test_a_transaction_that_does_nothing_is_ended_and_its_locks_go(
    server: Postgres, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(timeouts, "IDLE", 0.5)
    async with database.connected(database_url, is_site=True):
        with pytest.raises(Unavailable):
            await committed(adding("Ann", pause=1))
        await committed(adding("Ann"))
    async with database.connected(database_url):  # a command may think for long
        await committed(adding("Bob", pause=1))
        assert await names() == {"Ann", "Bob"}


async def test_a_statement_ends_in_time_and_its_connection_is_used_again(
    server: Postgres, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(timeouts, "STATEMENT", 0.3)
    async with database.connected(database_url, is_site=True):
        (before,) = await rows("SELECT pg_backend_pid() AS pid")
        began = time.monotonic()
        with pytest.raises(Unavailable):
            await rows("SELECT pg_sleep(60)")
        assert time.monotonic() - began < 2
        assert (await rows("SELECT pg_backend_pid() AS pid"))[0]["pid"] == before["pid"]


async def test_commands_and_sweeps_may_take_longer_than_pages(
    server: Postgres, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    swept = []

    async def sweep(_: Any) -> None:
        swept.append(await committed(lambda db: db.execute_query("SELECT pg_sleep(0.6)")))

    monkeypatch.setattr(timeouts, "STATEMENT", 0.3)
    monkeypatch.setattr(housekeeping, "SWEEPS", (sweep,))
    async with database.connected(database_url, is_site=True):
        await housekeeping.sweep(is_believed=False)
    assert len(swept) == 1
    async with database.connected(database_url):
        assert await rows("SELECT pg_sleep(0.6)")


async def test_whoever_finds_no_connection_free_is_told_in_time(
    server: Postgres, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(timeouts, "ACQUIRE", 0.3)
    async with database.connected(database_url, is_site=True):
        long = [asyncio.create_task(rows("SELECT pg_sleep(2)")) for _ in range(10)]
        await asyncio.sleep(0.5)
        began = time.monotonic()
        for waiting in (rows("SELECT 1"), committed(adding("Ann"))):
            with pytest.raises(Unavailable):
                await waiting
        assert time.monotonic() - began < 1.5
        await asyncio.gather(*long)
        await committed(adding("Ann"))


async def test_lines_to_postgres_are_kept_alive_and_watched(server: Postgres, database_url: str) -> None:
    async with database.connected(database_url, is_site=True):
        lines = [holder._con for holder in database.connection()._pool._holders if holder._con]
        assert lines
        for line in lines:
            ours = line._transport.get_extra_info("socket")
            assert ours.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE)
            assert ours.getsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE) == 10
            assert ours.getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT) == 10_000
        found = await rows("SELECT setting FROM pg_settings WHERE name = 'tcp_keepalives_idle'")
        assert found[0]["setting"] == "10"
