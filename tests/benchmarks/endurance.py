"""Mixed load for a long time: `python tests/benchmarks/endurance.py --minutes 60`.

A real server, people who write, read, search, compare, preview, sign in and hang up, each at their own pace.
Memory, open files, threads and asyncio tasks are sampled; the slope is that of the second half.
"""

import argparse
import asyncio
import contextlib
import os
import random
import socket
import sys
import tempfile
import time
from dataclasses import astuple, dataclass
from pathlib import Path
from statistics import linear_regression, median
from uuid import uuid4

import httpx
from servers import LOOPBACK, Server, free_port, running

ROOT = Path(__file__).resolve().parents[2]
PASSWORD = "correct horse battery"
PEOPLE = 8
PAUSE = 0.05  # seconds on average between two requests of a person
LONG = "Some *words* of a [long](https://example.org) text, #tagged and `more` of it.\n\n"
# A server that writes its number of tasks into a file every second.
COUNTING = """
import asyncio, pathlib, sys
from journal import app, cli

file, create = pathlib.Path(sys.argv.pop(1)), app.create_app

async def counting():
    while True:
        written = file.with_suffix(".new")
        written.write_text(str(len(asyncio.all_tasks())))
        written.replace(file)
        await asyncio.sleep(1)

def create_app():
    site = create()

    async def begin():
        site.counting = asyncio.create_task(counting())

    async def end():
        site.counting.cancel()

    site.before_serving(begin)
    site.after_serving(end)
    return site

app.create_app = create_app
cli.main()
"""


@dataclass(frozen=True)
class Sample:
    seconds: float
    megabytes: float  # resident
    files: float
    threads: float
    tasks: float
    requests: float


NAMES = ("resident MB", "open files", "threads", "tasks")


def sampled(server: Server, tasks: Path, begun: float, requests: int) -> Sample:
    proc = Path(f"/proc/{server.pid}")
    status = dict(
        line.split(":\t", 1) for line in (proc / "status").read_text().splitlines() if ":\t" in line
    )
    return Sample(
        time.monotonic() - begun,
        int(status["VmRSS"].split()[0]) / 1000,
        len(os.listdir(proc / "fd")),
        int(status["Threads"]),
        int(tasks.read_text()),
        requests,
    )


class Person:
    """Writes into the same few entries, so that the journal does not grow."""

    count = 0
    failures = 0

    def __init__(self, server: Server, name: str) -> None:
        self.server, self.name, self.paths = server, name, list[str]()
        host = {"Host": f"localhost:{server.port}"}
        self.browser = httpx.AsyncClient(base_url=server.url, headers=host, timeout=60)

    async def ask(self, method: str, path: str, **options: object) -> httpx.Response:
        answer = await self.browser.request(method, path, **options)  # type: ignore[arg-type]
        Person.count += 1
        Person.failures += answer.status_code >= 500 and answer.status_code != 503
        return answer

    async def signs_up(self) -> None:
        form = {"username": self.name, "email": f"{self.name}@example.org", "password": PASSWORD}
        await self.ask("POST", "/register", data=form)
        for n in range(10):
            answer = await self.ask("POST", "/entries", data={"body": f"{n}. {LONG * 5}"})
            self.paths.append(answer.headers["Location"])

    async def writes(self) -> None:
        path, length = random.choice(self.paths), random.choice([1, 5, 20, 200])
        version = (await self.ask("GET", f"{path}/version")).headers["X-Version"]
        form = {"body": f"{uuid4()} {LONG * length}", "version": version, "kind": "auto"}
        await self.ask("POST", path, data=form)

    async def reads(self) -> None:
        paths = ["/", "/calendar", "/tags", "/statistics", "/settings", "/bin", "/entries/new"]
        await self.ask("GET", random.choice([*paths, *self.paths]))

    async def searches(self) -> None:
        query = random.choice(["words", '"words of"', "tag:tagged", "te", "-words"])
        await self.ask("GET", "/search", params={"q": query, "sort": random.choice(["newest", "best"])})

    async def compares(self) -> None:
        await self.ask("GET", f"{random.choice(self.paths)}/revisions")

    async def previews(self) -> None:
        text = LONG * random.choice([5, 50, 400])
        await self.ask("POST", "/preview", data={"body": text}, headers={"HX-Request": "true"})

    async def signs_in(self) -> None:
        password = random.choice([PASSWORD, "wrong wrong wrong"])
        await self.ask("POST", "/login", data={"username": self.name, "password": password})

    async def hangs_up(self) -> None:
        """Hangs up with nothing sent, after half a head, or before the response."""
        whole = f"GET /search?q=words HTTP/1.1\r\nHost: localhost:{self.server.port}\r\n\r\n".encode()
        line = socket.create_connection((LOOPBACK, self.server.port))
        line.sendall(random.choice([b"", whole[:20], whole]))
        line.close()

    async def lives(self) -> None:
        ways = [self.writes] * 4 + [self.reads] * 6 + [self.searches, self.compares, self.previews]
        ways += [self.signs_in, self.hangs_up]
        while True:
            with contextlib.suppress(httpx.TransportError):
                await random.choice(ways)()
            await asyncio.sleep(random.expovariate(1 / PAUSE))


async def measure(server: Server, tasks: Path, minutes: float) -> list[Sample]:
    people = [Person(server, f"Person{n}") for n in range(PEOPLE)]
    for person in people:
        await person.signs_up()
    lives = [asyncio.create_task(person.lives()) for person in people]
    begun, samples, step = time.monotonic(), list[Sample](), max(2.0, minutes * 60 / 120)
    while time.monotonic() - begun < minutes * 60:
        await asyncio.sleep(step)
        samples.append(sampled(server, tasks, begun, Person.count))
        show(samples[-1])
        if ended := [life for life in lives if life.done()]:
            ended[0].result()
    for life in lives:
        life.cancel()
    return samples


def show(sample: Sample) -> None:
    figures = zip(NAMES, astuple(sample)[1:5], strict=True)
    print(f"{sample.seconds:6.0f} s", *(f"{value:7.1f} {name}" for name, value in figures), flush=True)


def report(samples: list[Sample]) -> None:
    late = samples[len(samples) // 2 :]
    requests = [sample.requests for sample in late]
    print(f"\n{samples[-1].requests:.0f} requests, {Person.failures} failed; of the second half:")
    for n, name in enumerate(NAMES, 1):
        values = [astuple(sample)[n] for sample in late]
        slope = linear_regression(requests, values).slope * 10_000
        size = f"median {median(values):6.1f}, largest {max(values):6.1f}"
        print(f"{name:12} {size}, {slope:+.2f} in 10,000 requests")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--database-url", default="")
    wanted = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="journal-endurance-") as name:
        folder, port = Path(name), free_port()
        (folder / ".env").touch()
        tasks = folder / "tasks"
        env = {"FLASK_ENV": "development", "SECRET_KEY": "k" * 40, "PYTHONPATH": str(ROOT)}
        env |= {"PUBLIC_URL": f"http://localhost:{port}", "DATABASE_URL": wanted.database_url}
        command = [sys.executable, "-c", COUNTING, str(tasks), "serve", "--bind", f"{LOOPBACK}:{port}"]
        with running("journal", command, port=port, folder=folder, env=env) as server:
            samples = asyncio.run(measure(server, tasks, wanted.minutes))
    report(samples)


if __name__ == "__main__":
    main()
