"""Statistics: what the page reads from the counts of days and of hours."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from journal.database import connection, is_postgres, rows, slow_rows
from journal.engines.row import Row
from journal.statistics.streaks import DayRange

SECONDS = 10
# The number of a day in the calendar, as date.toordinal() has it. asyncpg stores the calendar's first and
# last day as -infinity and infinity, so they are put back.
POSTGRES_ORDINAL = "least(greatest(day, DATE '0001-01-01'), DATE '9999-12-31') - DATE '0001-01-01' + 1"
SQLITE_ORDINAL = "CAST(julianday(day) - 1721424.5 AS INTEGER)"
# In consecutive days the number of the day and of the row grow alike, so their difference names the range.
RANGES = """
SELECT min(number) AS first, max(number) AS last, sum(entries) AS entries, sum(words) AS words
FROM (SELECT number, entries, words, number - row_number() OVER (ORDER BY number) AS name
FROM (SELECT {ordinal} AS number, entries, words FROM day_counts WHERE user_id = ?) AS numbered) AS named
GROUP BY name ORDER BY first
"""


@dataclass(frozen=True)
class Totals:
    entries: int
    words: int
    ranges: list[DayRange]


async def totals(user_id: int) -> Totals:
    """Reads all days of the account, so it runs off the event loop. Raises TooSlow."""
    ordinal = POSTGRES_ORDINAL if is_postgres(connection()) else SQLITE_ORDINAL
    found = await slow_rows(user_id, SECONDS, RANGES.format(ordinal=ordinal), user_id)
    ranges = [DayRange(row["first"], row["last"]) for row in found]
    return Totals(sum(row["entries"] for row in found), sum(row["words"] for row in found), ranges)


async def newest_year(user_id: int, until: int) -> int:
    """The last year with entries up to `until`, else the first one after it, else `until`."""
    past = "SELECT day FROM day_counts WHERE user_id = ? AND day <= ? ORDER BY day DESC LIMIT 1"
    first = "SELECT day FROM day_counts WHERE user_id = ? ORDER BY day LIMIT 1"
    found = await rows(
        f"SELECT coalesce(({past}), ({first})) AS day",
        *(user_id, date(until, 12, 31), user_id),
    )
    return int(str(found[0]["day"])[:4]) if found[0]["day"] else until


async def days(user_id: int, year: int) -> Sequence[Row]:
    return await rows(
        "SELECT day, entries, words, moods, mood_sum FROM day_counts "
        "WHERE user_id = ? AND day BETWEEN ? AND ? ORDER BY day",
        *(user_id, date(year, 1, 1), date(year, 12, 31)),
    )


async def hours(user_id: int) -> dict[tuple[int, int], int]:
    """How many entries by weekday, Monday being 0, and hour."""
    found = await rows(
        "SELECT weekday, hour, entries FROM hour_counts WHERE user_id = ? AND entries > 0", user_id
    )
    return {(row["weekday"], row["hour"]): row["entries"] for row in found}


async def allows_rest(user_id: int) -> bool:
    found = await rows("SELECT rest_days FROM users WHERE id = ?", user_id)
    return bool(found and found[0]["rest_days"])
