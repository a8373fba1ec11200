"""A reader that yields what a test says, and the end of the jobs that an import needs."""

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime

from journal.entries.imported import ImportedEntry
from journal.entries.values import EntryFields
from journal.jobs.models import Job
from journal.transfer.archive import Archive, UnreadableArchive
from journal.transfer.formats.reader import ReadOptions
from journal.transfer.report import Report

WHEN = datetime(2019, 5, 3, 8, 30, tzinfo=UTC)


def imported(number: int, body: str = "words", **others: object) -> ImportedEntry:
    fields = EntryFields("A title", body, date(2019, 5, 3), "Europe/Berlin", ["tag"], "good")
    return replace(ImportedEntry(fields, WHEN, WHEN, "fake", str(number)), **others)  # type: ignore[arg-type]


class Fake:
    """Reads files whose names begin with `fake`."""

    NAME, LABEL = "fake", "A fake"

    def __init__(self, entries: list[ImportedEntry]) -> None:
        self.entries = entries

    def recognises(self, archive: Archive) -> bool:
        return archive.name.startswith("fake")

    def read(self, archive: Archive, options: ReadOptions, report: Report) -> Iterator[ImportedEntry]:
        if not archive.read(archive.name):
            raise UnreadableArchive("the file is empty")
        report.miss("Entries that can't be read, and are left out", "the <third>")
        yield from self.entries


async def jobs_finished() -> None:
    while await Job.filter(state__in=["waiting", "running"]).exists():
        await asyncio.sleep(0.01)
