"""The server is killed while people write, and so is PostgreSQL: what was acknowledged is there, once."""

import random
import re
import resource
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import httpx
import pytest

from tests.faults.writers import Writers, check
from tests.figures import Counted
from tests.servers import Server, joined, serving
from tests.stoppable import Stoppable

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("kills", [3, pytest.param(200, marks=pytest.mark.soak)])
async def test_a_server_that_is_killed_loses_and_doubles_nothing(
    tmp_path: Path, database_url: str, kills: int, counted: Counted
) -> None:
    with serving(tmp_path, DATABASE_URL=database_url) as server:
        with Writers(server) as writers:
            for _ in range(kills):
                writers.go_on()
                server.kill()
                server.start()
        assert server.stop() == 0
    await check(database_url, writers)
    counted(f"{kills:,} kill -9 of the server under four writers", outcome(kills, writers))


def outcome(kills: int, writers: Writers) -> str:
    """With too few saves it would show nothing."""
    assert len(writers.kept) > kills
    replays = writers.answers["200 replay"]
    assert replays > 0 or kills < 50  # between the commit and the answer
    first = (
        f"{len(writers.kept):,} versions acknowledged, {replays} of them after their first answer was lost"
    )
    return f"{first}: none lost, none doubled"


@pytest.mark.engine("postgres")
@pytest.mark.parametrize("crashes", [3, pytest.param(25, marks=pytest.mark.soak)])
async def test_a_postgres_that_crashes_loses_nothing_that_was_acknowledged(
    tmp_path: Path, database_url: str, crashes: int, counted: Counted
) -> None:
    with Stoppable.started() as own:
        url = own.create("journal")
        with serving(tmp_path, DATABASE_URL=url) as server, Writers(server) as writers:
            for _ in range(crashes):
                writers.go_on()
                own.stop()
                own.start()
            time.sleep(0.5)
        await check(url, writers)
        counted(f"{crashes} crashes of PostgreSQL under four writers", outcome(crashes, writers))


RAW = """
import sqlite3, sys

db = sqlite3.connect(sys.argv[1], isolation_level=None)
db.execute("PRAGMA journal_mode = WAL")
db.execute("PRAGMA synchronous = FULL")
db.execute("CREATE TABLE IF NOT EXISTS texts (number INTEGER PRIMARY KEY, text TEXT)")
number = db.execute("SELECT coalesce(max(number), 0) FROM texts").fetchone()[0]
while True:
    number += 1
    db.execute("INSERT INTO texts VALUES (?, ?)", [number, f"{number} " * (number % 500)])
    print(number, flush=True)
"""


@pytest.mark.parametrize("kills", [10, pytest.param(200, marks=pytest.mark.soak)])
def test_a_bare_writer_of_sqlite_that_is_killed_loses_nothing(
    tmp_path: Path, kills: int, counted: Counted
) -> None:
    file, told = tmp_path / "texts.sqlite3", [0]
    for _ in range(kills):
        writer = subprocess.Popen([sys.executable, "-c", RAW, str(file)], stdout=subprocess.PIPE, text=True)
        assert writer.stdout
        told += [int(writer.stdout.readline())]
        time.sleep(random.random() * 0.02)
        writer.kill()
        told += [int(line) for line in writer.stdout if line.endswith("\n")]
        writer.wait()
        writer.stdout.close()
    with closing(sqlite3.connect(file)) as db:
        assert db.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        found = db.execute("SELECT number, text FROM texts").fetchall()
    assert [number for number, _ in found] == list(range(1, len(found) + 1))
    assert max(told) <= len(found) <= max(told) + 1
    assert all(text == f"{number} " * (number % 500) for number, text in found)
    outcome = f"{len(told) - 1:,} texts acknowledged: none lost, the file whole"
    counted(f"{kills} kill -9 of a bare writer", outcome)


async def test_a_server_without_memory_loses_nothing_that_was_acknowledged(
    tmp_path: Path, database_url: str
) -> None:
    """A limit makes it fail in the middle of things; then it is killed, as the kernel does it."""
    with (
        serving(tmp_path, DATABASE_URL=database_url) as server,
        joined(server, "Bob") as bob,
        Writers(server) as writers,
    ):
        time.sleep(0.3)
        limit = (memory(server), resource.RLIM_INFINITY)
        resource.prlimit(server.process.pid, resource.RLIMIT_AS, limit)
        deadline = time.monotonic() + 20
        while has_memory_for_a_preview(bob):
            assert time.monotonic() < deadline, "the limit is of no effect"
        time.sleep(0.3)
        server.kill()
        server.start()
        time.sleep(0.3)
    print(f"\nwithout memory: {dict(writers.answers)}")
    await check(database_url, writers)


def has_memory_for_a_preview(browser: httpx.Client) -> bool:
    """Of a text that takes megabytes, while saves may find room in what was freed before."""
    form = {"body": "A line *of* many.\n\n" * 40_000}
    try:
        answer = browser.post("/preview", data=form, headers={"HX-Request": "true"}, timeout=20)
    except httpx.HTTPError:
        return False
    return answer.status_code == 200


def memory(server: Server) -> int:
    """How many bytes of addresses it has now."""
    status = Path(f"/proc/{server.process.pid}/status").read_text()
    return int(re.findall(r"VmSize:\s+(\d+) kB", status)[0]) * 1024
