"""Survey: counts the rows of each table of a source and measures the texts of a sample."""

import re
from collections.abc import Sequence
from contextlib import aclosing
from dataclasses import replace

from journal.transfer.legacy.known_schemas import SourceRow, Table, TableMapping, UnreadableSource
from journal.transfer.legacy.select_statement import SAMPLE
from journal.transfer.legacy.source_database import SourceDatabase

SIZE = 200  # rows of a sample
NUMBERS = re.compile(r"[\d\s.:/+TZ-]*")


async def surveyed(old: SourceDatabase, tables: Sequence[Table]) -> list[Table]:
    """The tables with their numbers of rows and the lengths of their texts."""
    return [await _surveyed(old, table) for table in tables]


async def _surveyed(old: SourceDatabase, table: Table) -> Table:
    try:
        rows = await old.count(table)
    except UnreadableSource:  # this user may not read it
        return table
    return replace(table, rows=rows, lengths=await _lengths(old, table) if rows and table.columns else {})


async def _lengths(old: SourceDatabase, table: Table) -> dict[str, float]:
    roles = {f"{SAMPLE}{column}": column for column in table.columns}
    # The generator is closed at once, because MySQL answers no other question while a result is read.
    async with aclosing(old.batches(TableMapping(table, roles), SIZE)) as batches:
        batch: list[SourceRow] = await anext(batches, [])
    return {c: sum(_length(row[role]) for row in batch) / max(len(batch), 1) for role, c in roles.items()}


def _length(value: object) -> int:
    """The letters of a text; 0 for numbers, times and anything else."""
    return len(value) if isinstance(value, str) and not NUMBERS.fullmatch(value) else 0
