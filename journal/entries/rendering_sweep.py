"""Renders entries anew after a change of the rules: a few at a time, in the hourly sweep, texts untouched."""

import asyncio
import time
from collections.abc import Sequence
from datetime import datetime
from functools import partial

from journal.database import committed, rows, translate_errors
from journal.entries import store
from journal.entries.models import Entry
from journal.entries.rendered import RENDERING, Rendered
from journal.text import analysis, plain

BATCH = 20  # entries in one transaction
THE_SITE = 0  # the account in whose turn this work is done; no person has this id


async def sweep(_now: datetime) -> None:
    """Renders every outdated entry, and sleeps as long as it works, to use at most half of one processor."""
    while True:
        started = time.monotonic()
        if not await _batch():
            return
        await asyncio.sleep(time.monotonic() - started)


async def complete() -> None:
    while await _batch():
        pass


async def outdated() -> int:
    """How many entries are shown by earlier rules."""
    found = await rows("SELECT count(*) AS n FROM entries WHERE rendering < ?", RENDERING)
    return int(found[0]["n"])


async def _batch() -> int:
    with translate_errors():
        entries = await Entry.filter(rendering__lt=RENDERING).order_by("rendering", "id").limit(BATCH)
    if entries:
        shown = await asyncio.to_thread(_rendered, entries)
        made = sorted(zip(entries, shown, strict=True), key=lambda one: one[0].id)
        async with analysis.cut_ahead(THE_SITE, *(entry.body for entry in entries)):
            await committed(partial(store.rerender, made=made))
    return len(entries)


def _rendered(entries: Sequence[Entry]) -> list[Rendered]:
    return [
        Rendered(plain.to_html(entry.body, str(entry.uid)), plain.count_words(entry.body))
        for entry in entries
    ]
