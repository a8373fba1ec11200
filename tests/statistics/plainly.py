"""What the tables of counts should hold, computed plainly from the entries."""

from collections import Counter
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from journal.database import rows
from journal.entries import mood

Counts = dict[tuple[Any, ...], Any]


async def years() -> Counts:
    """By person and year: entries, words, moods, their sum, the days."""
    found: dict[tuple[int, int], list[Any]] = {}
    for entry in await rows("SELECT user_id, day, words, mood FROM entries WHERE deleted_at IS NULL"):
        sums = found.setdefault((entry["user_id"], entry["day"].year), [0, 0, 0, 0, set()])
        value = mood.VALUES.get(entry["mood"], 0)
        for at, added in enumerate((1, entry["words"], int(value > 0), value)):
            sums[at] += added
        sums[4].add(entry["day"])
    return {key: tuple(sums) for key, sums in found.items()}


async def hours() -> Counts:
    """By person, weekday and hour: entries."""
    entries = await rows("SELECT user_id, day, written_at, zone FROM entries WHERE deleted_at IS NULL")
    return dict(
        Counter(
            (
                entry["user_id"],
                entry["day"].weekday(),
                entry["written_at"].astimezone(ZoneInfo(entry["zone"])).hour,
            )
            for entry in entries
        )
    )


async def held_years() -> Counts:
    found = {}
    for row in await rows("SELECT * FROM year_counts WHERE entries <> 0"):
        days = {
            date(row["year"], month, day)
            for month in range(1, 13)
            for day in range(1, 32)
            if row[f"month_{month}"] >> (day - 1) & 1
        }
        sums = (row["entries"], row["words"], row["moods"], row["mood_sum"])
        found[row["user_id"], row["year"]] = (*sums, days)
    for row in await rows("SELECT * FROM year_counts WHERE entries = 0"):
        assert not any(row[name] for name in ("words", "moods", "mood_sum"))
        assert not any(row[f"month_{month}"] for month in range(1, 13))
    return found


async def held_hours() -> Counts:
    found = await rows("SELECT user_id, weekday, hour, entries FROM hour_counts WHERE entries <> 0")
    return {(row["user_id"], row["weekday"], row["hour"]): row["entries"] for row in found}


async def is_in_step() -> bool:
    return (await years(), await hours()) == (await held_years(), await held_hours())
