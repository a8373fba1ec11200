"""Counts of entries: those of days, and the sums of years and hours that are made from the same changes."""

from collections.abc import Sequence

from journal.database import Connection
from journal.derived.change import Change
from journal.entries import day_counts, year_sums
from journal.entries.day_counts import NAME as NAME
from journal.entries.day_counts import VERSION as VERSION
from journal.entries.day_counts import check as check
from journal.entries.day_counts import outdated as outdated
from journal.entries.day_counts import rebuild as rebuild


async def apply(db: Connection, changes: Sequence[Change]) -> None:
    pairs = [(change.before, change.after) for change in changes]
    await year_sums.tally(db, pairs, await day_counts.count(db, pairs))
