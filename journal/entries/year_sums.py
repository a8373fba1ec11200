"""What years, weekdays and hours hold, counted beside the days in the same transactions."""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from journal.database import Connection, statement
from journal.entries import day_counts
from journal.entries.day_counts import Counted, Turn

MONTHS = tuple(f"month_{number}" for number in range(1, 13))  # of each its written days, as bits
YEAR = ("user_id", "year"), (*day_counts.COLUMNS, *MONTHS)
HOUR = ("user_id", "weekday", "hour"), ("entries",)
BATCH = 40  # rows in a statement
Sums = dict[tuple[int, ...], Counter[str]]


class Timed(Counted, Protocol):
    """An entry as it stood, with its hour."""

    @property
    def written_at(self) -> datetime: ...
    @property
    def zone(self) -> str: ...


def years(changes: Iterable[tuple[Counted | None, Counted | None]], turns: Iterable[Turn]) -> Sums:
    """What they add to every year. `turns` are the days that got their first entry or lost their last."""
    found: Sums = {}
    for day, added in day_counts.differences(changes).items():
        found.setdefault((day.user_id, day.day.year), Counter()).update(added)
    for turn in turns:
        bit = 1 << (turn.day.day - 1)
        sums = found.setdefault((turn.user_id, turn.day.year), Counter())
        sums[MONTHS[turn.day.month - 1]] += bit if turn.is_written else -bit
    return {year: sums for year, sums in found.items() if any(sums.values())}


def hours(changes: Iterable[tuple[Timed | None, Timed | None]]) -> Sums:
    """The weekday is that of the day an entry is about, the hour that of the clock where it was begun."""
    found: Sums = {}
    for before, after in changes:
        for side, number in ((before, -1), (after, 1)):
            if side and not side.is_binned:
                slot = side.user_id, side.day.weekday(), local_hour(side.written_at, side.zone)
                found.setdefault(slot, Counter())["entries"] += number
    return {slot: sums for slot, sums in found.items() if any(sums.values())}


def local_hour(moment: datetime, zone: str) -> int:
    try:
        return moment.astimezone(ZoneInfo(zone)).hour
    except OverflowError:  # on the other side of the calendar's ends
        return moment.hour


async def tally(
    db: Connection, changes: Sequence[tuple[Timed | None, Timed | None]], turns: Sequence[Turn]
) -> None:
    await add(db, years(changes, turns), hours(changes))


async def add(db: Connection, by_year: Sums, by_hour: Sums) -> None:
    await _add(db, "year_counts", *YEAR, by_year)
    await _add(db, "hour_counts", *HOUR, by_hour)


async def _add(db: Connection, table: str, keys: Sequence[str], columns: Sequence[str], sums: Sums) -> None:
    found = sorted(sums.items())  # in one order, so that two at once don't wait for each other
    names = ", ".join([*keys, *columns])
    added = ", ".join(f"{name} = {table}.{name} + excluded.{name}" for name in columns)
    for start in range(0, len(found), BATCH):
        batch = found[start : start + BATCH]
        marks = ", ".join([f"({', '.join('?' * (len(keys) + len(columns)))})"] * len(batch))
        values: list[Any] = []
        for key, counts in batch:
            values += [*key, *(counts[name] for name in columns)]
        await statement(
            db,
            f"INSERT INTO {table} ({names}) VALUES {marks} "
            f"ON CONFLICT ({', '.join(keys)}) DO UPDATE SET {added}",
            *values,
        )
