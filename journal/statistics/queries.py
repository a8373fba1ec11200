"""What the page of statistics shows, from tables of counts: none of these queries grows with the entries."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from journal.database import connection, is_postgres, rows
from journal.entries.year_sums import MONTHS

Day = Any  # a row of day_counts


# The months of all years in one value: as a row for each, they took longer than all else on the page.
YEAR = " || ' ' || ".join(["year", *MONTHS])
TOGETHER = {True: "string_agg(months, ';')", False: "group_concat(months, ';')"}  # on PostgreSQL or not


@dataclass(frozen=True)
class Totals:
    entries: int
    words: int
    years: str  # as streaks.summary takes them


async def totals(user_id: int) -> Totals:
    found = await rows(
        "SELECT coalesce(sum(entries), 0) AS entries, coalesce(sum(words), 0) AS words, "
        f"coalesce({TOGETHER[is_postgres(connection())]}, '') AS years "
        f"FROM (SELECT entries, words, {YEAR} AS months FROM year_counts "
        "WHERE user_id = ? AND entries > 0 ORDER BY year) AS written",
        user_id,
    )
    return Totals(int(found[0]["entries"]), int(found[0]["words"]), found[0]["years"])


async def newest_year(user_id: int, until: int) -> int:
    """With something in it: the last until then, else the first after it, else that year itself."""
    found = await rows(
        "SELECT max(CASE WHEN year <= ? THEN year END) AS past, min(year) AS first FROM year_counts "
        "WHERE user_id = ? AND entries > 0",
        until,
        user_id,
    )
    return found[0]["past"] or found[0]["first"] or until


async def days(user_id: int, year: int) -> Sequence[Day]:
    return await rows(
        "SELECT day, entries, words, moods, mood_sum FROM day_counts "
        "WHERE user_id = ? AND day BETWEEN ? AND ? ORDER BY day",
        user_id,
        date(year, 1, 1),
        date(year, 12, 31),
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
