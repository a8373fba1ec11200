"""Import and export benchmark: `python tests/benchmarks/transfer.py`.

Prints the entries a second of each writer and of the reader that reads its export, the time of an import of
all entries on SQLite by the site itself, and the p95 of timeline reads while it runs, beside its quiet value.
"""

import argparse
import asyncio
import json
import logging
import os
import resource
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from statistics import quantiles
from uuid import UUID, uuid4

import filled
from quart import Quart

from journal import settings
from journal.app import create_app
from journal.entries.models import Entry
from journal.entries.values import EntryFields
from journal.transfer import imports
from journal.transfer.archive import Archive
from journal.transfer.formats.reader import ReadOptions
from journal.transfer.formats.readers import UnknownFormat, reader_for
from journal.transfer.formats.writer import About, ExportedEntry
from journal.transfer.report import Report
from journal.transfer.writers.writers import WRITERS

NOW = datetime(2024, 5, 31, 12, tzinfo=UTC)
PAUSE = 0.05  # seconds between two reads of the timeline
QUIET_READS = 200


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--entries", type=int, default=10_000)
    parser.add_argument("--only-import", action="store_true", help="neither writers nor readers alone")
    return parser.parse_args()


def entries(number: int) -> Iterator[ExportedEntry]:
    """Entries of the sample diary again and again, on days of their own."""
    texts = [json.loads(line)["text"] for line in filled.DIARY.read_text(encoding="utf-8").splitlines()]
    for n in range(number):
        at = NOW - timedelta(hours=7 * (number - n))
        fields = EntryFields(
            f"Number {n}", f"{texts[n % len(texts)]}\n\n{n}", at.date(), "Europe/London", ["diary"], "good"
        )
        yield ExportedEntry(UUID(int=n + 1), 1, fields, "<p>The text.</p>", at, at)


def months(number: int) -> dict[tuple[int, int], int]:
    counted: dict[tuple[int, int], int] = {}
    for entry in entries(number):
        day = entry.fields.day or date.min
        counted[day.year, day.month] = counted.get((day.year, day.month), 0) + 1
    return counted


def formats(folder: Path, number: int) -> None:
    print("| format | written, entries/s | read, entries/s | size, MB | memory, MB |\n|---|--:|--:|--:|--:|")
    about = About("Samuel", NOW, months(number))
    for writer in WRITERS:
        path = folder / f"export{writer.SUFFIX}"
        started = time.process_time()
        with path.open("wb") as sink:
            writer.write(entries(number), sink, about)
        written = number / (time.process_time() - started)
        size, memory = path.stat().st_size / 1e6, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(f"| {writer.NAME} | {written:,.0f} | {read(path, number)} | {size:.1f} | {memory:.0f} |")


def read(path: Path, number: int) -> str:
    with Archive(path) as archive:
        try:
            reader = reader_for(archive)
        except UnknownFormat:
            return "-"
        started, report = time.process_time(), Report()
        found = sum(1 for _ in reader.read(archive, ReadOptions("Europe/London", NOW), report))
    assert found == number, (path, found, report.missing)
    return f"{number / (time.process_time() - started):,.0f}"


# The import by the site


async def imported(folder: Path, number: int) -> None:
    await filled._fill(f"sqlite://{folder}/journal.sqlite3", folder, 0)
    os.environ |= filled.settings(folder, "http://localhost")
    app = create_app(settings.load(folder))
    logging.getLogger("journal.requests").setLevel(logging.WARNING)
    async with app.test_app():
        quiet = [await took(app) for _ in range(QUIET_READS)]
        uid = await brought(folder, number)
        previewed, _ = await until(app, uid, "ready")
        await imports.start(filled.READER, uid)
        seconds, busy = await until(app, uid, "done")
        assert await Entry.filter(source="journal").count() == number
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"\n{number:,} entries: preview {previewed:.0f} s, import {seconds:.0f} s, memory {memory:.0f} MB.")
    print(f"Timeline reads: p95 {p95(quiet):.1f} ms quiet, {p95(busy):.1f} ms during the import, ", end="")
    print(f"{p95(busy) / p95(quiet):.1f} times; the slowest {max(busy):.0f} ms.")


async def brought(folder: Path, number: int) -> UUID:
    uid = uuid4()
    path = imports.upload_path(folder, uid)
    path.parent.mkdir(parents=True, exist_ok=True)
    writer = next(writer for writer in WRITERS if writer.NAME == "json")
    with path.open("wb") as sink:
        writer.write(entries(number), sink, About("Samuel", NOW))
    await imports.begin(filled.READER, uid, "export.json", zone="Europe/London")
    return uid


async def until(app: Quart, uid: UUID, state: str) -> tuple[float, list[float]]:
    """Reads the timeline until the import is in that state."""
    started, reads = time.monotonic(), []
    while (found := await imports.one(filled.READER, uid))["state"] != state:
        assert found["state"] != "failed", found["report"]
        reads.append(await took(app))
        await asyncio.sleep(PAUSE)
    return time.monotonic() - started, reads


async def took(app: Quart) -> float:
    """Milliseconds of a timeline."""
    headers = {"Cookie": filled.cookies(int(time.time())), "Host": "localhost"}
    client = app.test_client(use_cookies=False)
    started = time.perf_counter()
    answer = await client.get("/", headers=headers)
    assert answer.status_code == 200
    await answer.get_data()
    return (time.perf_counter() - started) * 1000


def p95(values: list[float]) -> float:
    return quantiles(values, n=20)[-1]


def main() -> None:
    wanted = arguments()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if not wanted.only_import:
            formats(folder, wanted.entries)
        asyncio.run(imported(folder, wanted.entries))


if __name__ == "__main__":
    main()
