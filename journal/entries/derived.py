"""Derived data: updates everything that is computed from entries, in the transaction that changes them."""

from collections.abc import Sequence

from journal.database import Connection
from journal.derived.change import Change
from journal.entries import day_counts, year_sums
from journal.search import index
from journal.tags import tag_index


async def follow(db: Connection, changes: Sequence[Change]) -> None:
    """Called by journal.entries.store alone, after each change of rows and before COMMIT.

    The rows of `after` are in the table, and those that were deleted for good are not. An exception undoes
    the change. The writer waits, so this should take a few short statements for all changes together.
    """
    pairs = [(change.before, change.after) for change in changes]
    await year_sums.tally(db, pairs, await day_counts.count(db, pairs))
    await index.apply(db, changes)
    await tag_index.apply(db, changes)
