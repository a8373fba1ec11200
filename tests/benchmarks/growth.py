"""Growth benchmark, pages by number of entries and accounts: `python tests/benchmarks/growth.py`.

The same pages of one account with a thousand, a hundred thousand and a million entries of 250 words, and of
one with a thousand beside 999 others like it. Each database has a process of its own that answers by the app
itself, in this round and the next in another order; a ratio is taken within a round. A row is a name and a
path, see ROWS.
"""

import argparse
import asyncio
import json
import logging
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from statistics import median
from typing import IO, Any
from uuid import uuid4

import filled
import machine
from growing import NEWEST, PAIR, RARE, SOME, Size
from quart import Quart
from report import write

from journal import settings
from journal.app import create_app
from journal.database import rows
from tests.postgres import Postgres

DOCUMENT = filled.ROOT / "docs" / "performance.md"
BEGIN, END = "<!-- figures of tests/benchmarks/growth.py -->", "<!-- end of growth -->"
GOAL = 1.3
REPEATS = 5  # requests of a row in a round, of which the quickest counts
SIZES = [Size(1_000), Size(100_000), Size(1_000_000), Size(1_000, 1_000)]

# name -> path, where {deep} is the cursor of a page near the end, {day}, {month} and {year} are of NEWEST.
ROWS = {
    "timeline": "/",
    "timeline, a page deep in the past": "/?before={deep}",
    "a day": "/days/{day}",
    "a month": "/calendar/{month}",
    "a year": "/calendar/{year}",
    "on this day": "/on-this-day",
    "an entry at random": "/random",
    "the empty editor": "/entries/new",
    "a tag": "/tags/tag3",
    "a tag, a page deep in the past": "/tags/tag3?before={deep}",
    "all tags": "/tags",
    "starred": "/starred",
    "statistics": "/statistics?year={year}",
    "a year in pixels": "/statistics?year={year}&by=mood",
    "search: a rare word": f"/search?q={RARE}+",
    "search: one entry in forty": f"/search?q={SOME}+",
    "search: a common word": "/search?q=garden+",
    "search: the commonest two words": "/search?q=andor+thator+",
    "search: a phrase": f'/search?q="{PAIR.replace(" ", "+")}"',
    "search: a word without another": "/search?q=garden+-kettle",
    "search: a beginning of two letters": "/search?q=th",
    "search: a beginning of four": "/search?q=ther",
    "search: a tag and a year": "/search?q=tag:tag3+on:{year}",
    "search: nothing": "/search?q=qqqqq",
    "search, a page deep in the past": "/search?q=garden+&before={deep}",
    "search, best first: a rare word": f"/search?sort=best&q={RARE}+",
    "search, best first: a common word": "/search?sort=best&q=garden+",
    "save": "PUT /entries/{new}",
}


# The process that serves one database


async def answer(url: str) -> None:
    """Reads names of rows from standard input and prints the milliseconds of each."""
    os.environ |= filled.settings(Path.cwd(), "http://localhost") | {"DATABASE_URL": url}
    app = create_app(settings.load())
    logging.getLogger("journal.requests").setLevel(logging.WARNING)
    async with app.test_app():
        told = await known()
        print("ready", flush=True)
        while line := await asyncio.to_thread(sys.stdin.readline):
            name, repeats = json.loads(line)
            print(min([await took(app, ROWS[name], told) for _ in range(repeats)]), flush=True)


async def known() -> dict[str, str]:
    last = await rows(
        "SELECT day, uid FROM entries WHERE user_id = ? ORDER BY day, id LIMIT 1 OFFSET 60", filled.READER
    )
    day = NEWEST.isoformat()
    deep = f"{last[0]['day']}.{last[0]['uid']}"
    return {"deep": deep, "day": day, "month": f"{NEWEST:%Y/%m}", "year": f"{NEWEST:%Y}"}


async def took(app: Quart, path: str, told: dict[str, str]) -> float:
    method, _, path = f"GET {path}".rpartition(" ")
    path = path.format(**told, new=uuid4())
    form = (
        {"body": "A garden. " * 100, "version": "0", "day": NEWEST.isoformat()} if "PUT" in method else None
    )
    headers = {"Cookie": filled.cookies(int(time.time())), "Host": "localhost"}
    client = app.test_client(use_cookies=False)
    started = time.perf_counter()
    answered = await client.open(path, method=method.split()[-1], headers=headers, form=form)
    body = await answered.get_data()
    seconds = time.perf_counter() - started
    assert answered.status_code in (200, 303), (path, answered.status_code, body[:500])
    return seconds * 1000


def environment() -> dict[str, str]:
    return os.environ | {"PYTHONPATH": f"{filled.ROOT}:{Path(__file__).parent}"}


class Worker:
    def __init__(self, url: str, folder: Path) -> None:
        command = [sys.executable, __file__, "--answer", url]
        pipes: Any = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
        self.process = subprocess.Popen(command, cwd=folder, env=environment(), **pipes)
        assert self._out.readline() == "ready\n", "see above"

    @property
    def _out(self) -> IO[str]:
        assert self.process.stdout
        return self.process.stdout

    def measure(self, name: str, repeats: int) -> float:
        assert self.process.stdin
        self.process.stdin.write(json.dumps([name, repeats]) + "\n")
        self.process.stdin.flush()
        return float(self._out.readline())

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait()


# Measuring


Samples = dict[tuple[str, Size], list[float]]  # milliseconds, one of each round


def measured(workers: dict[Size, Worker], names: list[str], rounds: int) -> Samples:
    samples: Samples = {(name, size): [] for name in names for size in workers}
    for name, size in samples:
        workers[size].measure(name, 2)  # warm
    for _ in range(rounds):
        for name in random.sample(names, len(names)):
            for size in random.sample(list(workers), len(workers)):
                samples[name, size].append(workers[size].measure(name, REPEATS))
    return samples


def table(samples: Samples, sizes: list[Size], names: list[str]) -> str:
    """The milliseconds at each size, and their ratio to those at the first."""
    first, others = sizes[0], sizes[1:]
    heads = [f"{first}, ms", *(f"{size}, ms | ÷" for size in others)]
    lines = [f"| one account's entries | {' | '.join(heads)} |", "|---|--:|" + "--:|--:|" * len(others)]
    for name in names:
        cells = [f"{median(samples[name, first]):.2f}"]
        for size in others:
            ratio = median(b / a for a, b in zip(samples[name, first], samples[name, size], strict=True))
            shown = f"**{ratio:.2f}**" if ratio > GOAL else f"{ratio:.2f}"
            cells += [f"{median(samples[name, size]):.2f}", shown]
        lines.append(f"| {name} | {' | '.join(cells)} |")
    return "\n".join(lines)


@contextmanager
def databases(engine: str, sizes: list[Size], folder: Path) -> Iterator[dict[Size, Worker]]:
    """Creates the databases that are not in the folder yet, and starts a process for each."""
    with ExitStack() as stack:
        kept = folder / "postgres"
        server = stack.enter_context(Postgres.started(kept)) if engine == "postgres" else None
        workers = {}
        for size in sizes:
            name = f"{size.entries}x{size.accounts}"
            place = folder / name
            place.mkdir(exist_ok=True, parents=True)
            (place / ".env").touch()
            url = server.url(f"growth{name}") if server else f"sqlite://{place / 'journal.sqlite3'}"
            prepare(url, server, place, size)
            workers[size] = Worker(url, place)
            stack.callback(workers[size].stop)
        yield workers


def prepare(url: str, server: Postgres | None, place: Path, size: Size) -> None:
    whole = place / f"{url.partition(':')[0]}-is-whole"
    if whole.exists():
        return
    started = time.monotonic()
    if server:
        server.drop(url.rpartition("/")[2])
        server.create(url.rpartition("/")[2])
    else:
        (place / "journal.sqlite3").unlink(missing_ok=True)
    # In a process of its own: Tortoise remembers one engine's SQL for the other.
    call = f"growing.fill({url!r}, pathlib.Path(), growing.Size{tuple(size)})"
    fill = f"import asyncio, pathlib, growing; asyncio.run({call})"
    subprocess.run([sys.executable, "-c", fill], cwd=place, env=environment(), check=True)
    whole.touch()
    print(f"{url.partition(':')[0]}: {size} entries in {time.monotonic() - started:.0f} s", file=sys.stderr)


def size_of(text: str) -> Size:
    """Reads `1000` (entries) or `1000x1000` (entries x accounts)."""
    return Size(*(int(number) for number in text.split("x")))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sizes", nargs="+", type=size_of, default=SIZES, metavar="N[xACCOUNTS]")
    parser.add_argument("--engines", nargs="+", default=["sqlite", "postgres"])
    parser.add_argument("--rounds", type=int, default=11)
    parser.add_argument("--rows", default="", help="only those that have this in their name")
    parser.add_argument("--folder", type=Path, help="keeps the databases for the next time")
    parser.add_argument("--write", action="store_true", help="updates docs/performance.md")
    parser.add_argument("--answer", help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.answer:
        asyncio.run(answer(chosen.answer))
        return
    names = [name for name in ROWS if chosen.rows in name]
    texts = [f"{chosen.rounds} rounds. {machine.here()}"]
    with tempfile.TemporaryDirectory() as temporary:
        for engine in chosen.engines:
            with databases(engine, chosen.sizes, (chosen.folder or Path(temporary)).resolve()) as workers:
                texts.append(
                    f"### {engine}\n\n{table(measured(workers, names, chosen.rounds), chosen.sizes, names)}"
                )
                print(texts[-1])
    if chosen.write:
        write(DOCUMENT, "\n\n".join(texts), BEGIN, END)


if __name__ == "__main__":
    main()
