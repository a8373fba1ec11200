"""An entry at random, at the same cost in a journal of any size."""

from datetime import date
from random import Random
from typing import Any
from uuid import UUID

from journal.database import rows

# Where the running sum of the entries passes a given part of all of them.
PASSING = """
SELECT {column} AS found, entries FROM (
    SELECT {column}, entries, sum(entries) OVER (ORDER BY {column}) AS upto, sum(entries) OVER () AS whole
    FROM {table} WHERE user_id = ? AND entries > 0{within}
) AS running WHERE upto > CAST(? AS double precision) * whole ORDER BY {column} LIMIT 1
"""
YEAR = PASSING.format(table="year_counts", column="year", within="")
DAY = PASSING.format(table="day_counts", column="day", within=" AND day BETWEEN ? AND ?")


async def entry(user_id: int, chance: Random) -> UUID | None:
    """Each entry as likely as any other, wherever its day lies; None where nothing is written.

    A year is drawn by its number of entries, of its days one by theirs, and of that day an entry.
    """
    year = await _one(YEAR, user_id, chance.random())
    if year is None:
        return None
    first, last = date(year["found"], 1, 1), date(year["found"], 12, 31)
    day = await _one(DAY, user_id, first, last, chance.random())
    if day is None:  # emptied between the two queries
        return None
    found = await _one(
        "SELECT uid FROM entries WHERE user_id = ? AND day = ? AND deleted_at IS NULL "
        "ORDER BY id LIMIT 1 OFFSET ?",
        *(user_id, day["found"], chance.randrange(day["entries"])),
    )
    return UUID(str(found["uid"])) if found else None


async def _one(sql: str, *values: Any) -> Any:
    return next(iter(await rows(sql, *values)), None)
