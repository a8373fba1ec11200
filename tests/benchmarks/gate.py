"""Cost of authentication in a timeline request: `python tests/benchmarks/gate.py`.

The same page by the same app, with the gate's hooks and with one that only says who is signed in: in this
process and on hypercorn, in shuffled rounds. A share is taken within a round.
"""

import argparse
import asyncio
import logging
import os
import random
import re
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from statistics import median
from typing import Any
from unittest import mock

import filled
from driving import Target, drive
from pages import fetch
from quart import Quart, g
from servers import LOOPBACK, free_port, running

import journal.app
from journal import database, settings
from journal.accounts.preferences import Preferences
from journal.sessions.access_cache import AccessCache, CurrentUser
from journal.sessions.gate import Gate

GOAL = 3.0  # per cent of a page
CYCLES = 150  # requests of each kind in a round in this process
GATED, STUBBED, FIRST, RENEWED = (
    "valid access cookie",
    "no gate, the person given",
    "access cookie seen for the first time",
    "access cookie expired: both renewed",
)
PREFERENCES = Preferences(zone="Europe/London")


class Stub(Gate):
    """A stub of the gate that returns the reader without any check."""

    def install(self, app: Quart) -> None:
        app.extensions["gate"] = self
        app.before_request(self.authenticate)

    async def authenticate(self) -> None:
        g.user = CurrentUser(filled.READER, 0)
        g.preferences = PREFERENCES


def gated() -> Quart:
    return journal.app.create_app()


def stubbed() -> Quart:
    with mock.patch.object(journal.app, "Gate", Stub):
        return journal.app.create_app()


def both() -> Any:
    """Serves both apps in one process, as two processes differ by more than the gate costs."""
    one, other, port = gated(), stubbed(), int(os.environ["STUBBED_PORT"])

    async def app(scope: Any, receive: Any, send: Any) -> None:
        is_stubbed = scope["type"] == "http" and scope["server"][1] == port
        await (other if is_stubbed else one)(scope, receive, send)

    return app


# In this process


class Asker:
    """One kind of request to an app, and its cost."""

    def __init__(self, app: Any, cookies: str, forgetful: bool = False) -> None:
        self.app, self.gate = app, app.extensions["gate"]
        self.headers = [(b"host", b"localhost"), (b"cookie", cookies.encode())]
        self.forgetful = forgetful

    async def cpu_micros(self) -> float:
        if self.forgetful:
            self.gate.access_cache = AccessCache()
        begun = time.thread_time_ns()
        await self.page()
        return (time.thread_time_ns() - begun) / 1000

    async def page(self) -> list[dict[str, Any]]:
        arriving: list[dict[str, Any]] = [{"type": "http.request", "body": b""}]
        sent: list[dict[str, Any]] = []

        async def receive() -> dict[str, Any]:
            return arriving.pop() if arriving else await asyncio.Future()

        async def send(message: dict[str, Any]) -> None:
            sent.append(message)

        scope = {"type": "http", "http_version": "1.1", "method": "GET", "scheme": "http", "path": "/"}
        scope |= {"raw_path": b"/", "query_string": b"", "root_path": "", "headers": self.headers}
        await self.app(scope | {"client": (LOOPBACK, 1), "extensions": {}}, receive, send)
        assert b"<article" in sent[1]["body"]
        return sent


async def in_process(folder: Path, rounds: int) -> list[str]:
    os.environ |= filled.settings(folder, "http://localhost")
    async with database.connected(settings.load(folder).database_url):
        askers = _askers(int(time.time()))
        queries = {kind: await _queries(asker) for kind, asker in askers.items()}
        taken = [await _round(askers) for _ in range(rounds + 1)][1:]  # the first warms up
    return [_row(kind, taken, queries[kind]) for kind in askers]


def _askers(now: int) -> dict[str, Asker]:
    app, other, valid = gated(), stubbed(), filled.cookies(now)
    app.logger.handlers = [logging.FileHandler(os.devnull)]  # both log there
    return {
        STUBBED: Asker(other, valid),
        GATED: Asker(app, valid),
        FIRST: Asker(app, valid, forgetful=True),
        RENEWED: Asker(app, filled.cookies(now, access=False)),
    }


async def _queries(asker: Asker) -> int:
    """The number of queries of a request, read from its line in the log."""
    lines: list[str] = []
    heard = logging.Handler()
    heard.emit = lambda record: lines.append(record.getMessage())  # type: ignore[method-assign]
    logging.getLogger("journal").addHandler(heard)
    await asker.page()
    logging.getLogger("journal").removeHandler(heard)
    found = re.search(r" (\d+)q ", lines[-1])
    assert found, lines
    return int(found[1])


async def _round(askers: dict[str, Asker]) -> dict[str, float]:
    """CPU microseconds of the median request of each kind, in an order shuffled for each turn."""
    spent: dict[str, list[float]] = {kind: [] for kind in askers}
    for _ in range(CYCLES):
        for kind in random.sample(list(askers), len(askers)):
            spent[kind].append(await askers[kind].cpu_micros())
    return {kind: median(times) for kind, times in spent.items()}


def _row(kind: str, taken: list[dict[str, float]], queries: int) -> str:
    dearer = [100 * (one[kind] - one[STUBBED]) / one[kind] for one in taken]
    cost = median(one[kind] - one[STUBBED] for one in taken)
    return (
        f"| {kind} | {queries} | {median(one[kind] for one in taken):.0f} | {cost:.0f}"
        f" | {median(dearer):.1f} ({min(dearer):.1f} to {max(dearer):.1f}) |"
    )


# On hypercorn


def on_hypercorn(folder: Path, rounds: int, seconds: float) -> str:
    with _served(folder) as targets:
        shares = [_share(*targets, seconds) for _ in range(rounds + 1)][1:]
    percent, page = [share for share, _ in shares], median(cpu for _, cpu in shares)
    return f"{median(percent):.1f} % ({min(percent):.1f} to {max(percent):.1f}) of {page:.0f} µs"


@contextmanager
def _served(folder: Path) -> Iterator[tuple[Target, Target]]:
    ports = free_port(), free_port()
    env = filled.settings(folder, f"http://{LOOPBACK}:{ports[0]}") | {"STUBBED_PORT": str(ports[1])}
    command = [sys.executable, "-m", "hypercorn", "-c", str(filled.ROOT / "hypercorn.toml")]
    command += [word for port in ports for word in ("--bind", f"{LOOPBACK}:{port}")]
    with running("gated", [*command, "gate:both()"], port=ports[0], folder=folder, env=env) as server:
        cookies = filled.cookies(int(time.time()))
        servers = server, replace(server, name="stubbed", port=ports[1])
        one, other = (Target(found, cookies, fetch(found, cookies)) for found in servers)
        yield one, other


def _share(gated: Target, stubbed: Target, seconds: float) -> tuple[float, float]:
    """The share of CPU time that the stub saves, in per cent, and the CPU time of the page."""
    cpu = {}
    for target in random.sample([gated, stubbed], 2):
        cpu[target.server.name] = drive(target, 1, seconds).cpu_micros
    return 100 * (1 - cpu["stubbed"] / cpu["gated"]), cpu["gated"]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--seconds", type=float, default=2.0, help="length of a turn on hypercorn")
    wanted = parser.parse_args()
    print(f"load {os.getloadavg()[0]:.1f}, {wanted.rounds} rounds; the goal is {GOAL:g} % at most\n")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        filled.fill(folder)
        print("| in this process | queries | CPU µs of the page | µs of it for the gate | share, % |")
        print("|---|--:|--:|--:|--:|")
        print("\n".join(asyncio.run(in_process(folder, wanted.rounds))))
        print(f"\non hypercorn the gate takes {on_hypercorn(folder, wanted.rounds, wanted.seconds)}")


if __name__ == "__main__":
    main()
