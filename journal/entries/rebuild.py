"""Looks whether years, weekdays and hours are counted as the entries say, and puts right what is not."""

from collections import Counter
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from journal.database import Connection, committed, is_postgres, rows, statement
from journal.entries import year_sums
from journal.entries.day_counts import Turn
from journal.entries.year_sums import HOUR, YEAR, Sums

SIZE = 5_000  # entries read at once


@dataclass(frozen=True)
class Seen:
    user_id: int
    day: date
    zone: str
    written_at: datetime
    mood: str
    words: int
    is_binned: bool = False


async def mend(repair: bool) -> int:
    """How many rows were wrong. What is missing is added, which others may do at the same moment."""
    wrong = 0
    for person in await rows("SELECT id FROM users ORDER BY id"):
        missing = await committed(lambda db, user_id=person["id"]: _missing(db, user_id))  # type: ignore[misc]
        wrong += sum(len(sums) for sums in missing)
        if repair:
            await committed(lambda db, missing=missing: year_sums.add(db, *missing))  # type: ignore[misc]
    return wrong


async def _missing(db: Connection, user_id: int) -> tuple[Sums, Sums]:
    """What would have to be added, as of one moment."""
    if is_postgres(db):
        await statement(db, "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
    years: Sums = {}
    hours: Sums = {}
    days: set[date] = set()
    async for batch in _entries(db, user_id):
        new = {entry.day for entry in batch} - days
        days |= new
        changes = [(None, entry) for entry in batch]
        _merge(years, year_sums.years(changes, [Turn(user_id, day, True) for day in new]))
        _merge(hours, year_sums.hours(changes))
    _merge(years, await _held(db, "year_counts", *YEAR, user_id), -1)
    _merge(hours, await _held(db, "hour_counts", *HOUR, user_id), -1)
    return _different(years), _different(hours)


async def _entries(db: Connection, user_id: int) -> AsyncIterator[list[Seen]]:
    last = 0
    while True:
        found = await statement(
            db,
            "SELECT id, day, zone, written_at, mood, words FROM entries "
            f"WHERE user_id = ? AND id > ? AND deleted_at IS NULL ORDER BY id LIMIT {SIZE}",
            user_id,
            last,
        )
        yield [_seen(user_id, row) for row in found]
        if len(found) < SIZE:
            return
        last = found[-1]["id"]


def _seen(user_id: int, row: Any) -> Seen:
    """SQLite's writing connection gives days and instants as texts."""
    day, at = date.fromisoformat(str(row["day"])), datetime.fromisoformat(str(row["written_at"]))
    return Seen(user_id, day, row["zone"], at, row["mood"], row["words"])


async def _held(
    db: Connection, table: str, keys: Sequence[str], columns: Sequence[str], user_id: int
) -> Sums:
    names = ", ".join([*keys, *columns])
    found = await statement(db, f"SELECT {names} FROM {table} WHERE user_id = ?", user_id)
    return {tuple(row[key] for key in keys): Counter({name: row[name] for name in columns}) for row in found}


def _merge(sums: Sums, more: Sums, sign: int = 1) -> None:
    for key, counts in more.items():
        into = sums.setdefault(key, Counter())
        for name, number in counts.items():
            into[name] += sign * number


def _different(sums: Sums) -> Sums:
    return {key: counts for key, counts in sums.items() if any(counts.values())}
