"""Rendering sweep: after a change of the rules for HTML every entry is rendered again, a few at a time."""

import asyncio
import time
from collections.abc import Sequence
from datetime import datetime
from functools import partial

from journal.database import committed, rows, translate_errors
from journal.entries import store
from journal.entries.models import Entry
from journal.text import analysis
from journal.text.analysis import Analysis, Source

BATCH = 20  # entries in one transaction


async def sweep(_now: datetime) -> None:
    """Renders all outdated entries, and sleeps as long as it works, to use at most half of one processor."""
    while True:
        started = time.monotonic()
        if not await _batch():
            return
        await asyncio.sleep(time.monotonic() - started)


async def complete() -> None:
    while await _batch():
        pass


async def outdated() -> int:
    """How many entries were rendered by earlier rules."""
    found = await rows("SELECT count(*) AS n FROM entries WHERE rendering < ?", analysis.VERSION)
    return int(found[0]["n"])


async def _batch() -> int:
    with translate_errors():
        entries = await Entry.filter(rendering__lt=analysis.VERSION).order_by("rendering", "id").limit(BATCH)
    if entries:
        analyses = await asyncio.to_thread(_analysed, entries)
        rendered = sorted(zip(entries, analyses, strict=True), key=lambda pair: pair[0].id)
        await committed(partial(store.rerender, rendered=rendered))
    return len(entries)


def _analysed(entries: Sequence[Entry]) -> list[Analysis]:
    return [
        analysis.analyse(Source(entry.title, entry.body, entry.tags), str(entry.uid)) for entry in entries
    ]
