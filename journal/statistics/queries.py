"""What the page of statistics shows, from tables of counts: none of these queries grows with the entries."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from journal.database import rows
from journal.entries.tallying import MONTHS
from journal.statistics import streaks
from journal.statistics.streaks import Run

Day = Any  # a row of day_counts


@dataclass(frozen=True)
class Totals:
    entries: int
    words: int
    days: int
    years: list[int]  # in which something is written, in order
    runs: list[Run]


async def totals(user_id: int) -> Totals:
    found = await rows(
        f"SELECT year, entries, words, {', '.join(MONTHS)} FROM year_counts "
        "WHERE user_id = ? AND entries > 0 ORDER BY year",
        user_id,
    )
    months = [(year["year"], number, year[name]) for year in found for number, name in enumerate(MONTHS, 1)]
    runs = streaks.runs(months)
    days = sum(run.last - run.first + 1 for run in runs)
    entries, words = (sum(year[name] for year in found) for name in ("entries", "words"))
    return Totals(entries, words, days, [year["year"] for year in found], runs)


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
