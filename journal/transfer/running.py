"""Run of an import: reads an archive in a thread of its own, and hands its entries to the importer in
batches."""

import asyncio
import logging
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from itertools import islice

from journal.entries.imported import ImportedEntry
from journal.transfer.archive import Archive, UnreadableArchive
from journal.transfer.formats.reader import Reader, ReadOptions
from journal.transfer.importer import Importer, Owned
from journal.transfer.known_entries import Plan

log = logging.getLogger(__name__)

BATCH = 50  # entries in one transaction
BREAK = "The rest of the file can't be read"
Told = Callable[[int, list[Plan]], None]  # how many entries are read, and what becomes of the last ones


async def run(
    archive: Archive,
    reader: Reader,
    options: ReadOptions,
    importer: Importer,
    user_id: int | None,
    tell: Told,
) -> int:
    """Returns how many entries were read. What can't be read is in the report. Raises Unavailable."""
    done = 0
    with ThreadPoolExecutor(max_workers=1, thread_name_prefix="import") as thread:
        importer.thread = thread
        entries = _guarded(archive, reader, options, importer)
        with closing(importer.analysis):
            while batch := await asyncio.get_running_loop().run_in_executor(thread, _next, entries):
                done += len(batch)
                tell(done, await importer.add([Owned(user_id, entry) for entry in batch]))
    for sentence, name in archive.refused:
        importer.report.miss(sentence, name)
    return done


def _next(entries: Iterator[ImportedEntry]) -> list[ImportedEntry]:
    return list(islice(entries, BATCH))


def _guarded(
    archive: Archive, reader: Reader, options: ReadOptions, importer: Importer
) -> Iterator[ImportedEntry]:
    """Ends the entries where the file can't be read any further: those before it are imported."""
    try:
        yield from reader.read(archive, options, importer.report)
    except UnreadableArchive as error:
        importer.report.miss(BREAK, str(error))
    except Exception as error:  # a damaged file may break a reader in any way
        log.warning("a file could not be read as %s: %s", reader.NAME, type(error).__name__)
        importer.report.miss(BREAK, f"{type(error).__name__}: {error}"[:300])
