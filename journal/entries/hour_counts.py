"""Hour counts: how many entries each account has by weekday and hour, kept in the transactions that change
entries (`HourCount`). They are stored because reading the times of all entries takes too long: SQLite has to
read a page of the file for each entry."""

from collections import Counter
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from datetime import date, datetime
from functools import partial
from typing import NamedTuple
from zoneinfo import ZoneInfo

from journal.database import Connection, committed, is_postgres, rows, statement
from journal.derived.change import Change
from journal.derived.contract import Check, Progress
from journal.engines.row import Row

NAME = "hours"
BATCH = 500  # hours in a statement
PAGE = 5_000  # entries that a check reads at once


class Hour(NamedTuple):
    """The weekday is that of the day an entry is about, the hour that of the clock where it was begun."""

    user_id: int
    weekday: int
    hour: int


def local_hour(moment: datetime, zone: str) -> int:
    try:
        return moment.astimezone(ZoneInfo(zone)).hour
    except OverflowError:  # the zone's clock shows a year before 1 or after 9999
        return moment.hour


def differences(changes: Iterable[Change]) -> dict[Hour, int]:
    """How many entries the changes add to or take from each hour."""
    found: Counter[Hour] = Counter()
    for before, after, _ in changes:
        for entry, number in ((before, -1), (after, 1)):
            if entry and not entry.is_binned:
                hour = local_hour(entry.written_at, entry.zone)
                found[Hour(entry.user_id, entry.day.weekday(), hour)] += number
    return {hour: number for hour, number in found.items() if number}


async def apply(db: Connection, changes: Sequence[Change]) -> None:
    await _add(db, differences(changes))


async def _add(db: Connection, numbers: Mapping[Hour, int]) -> None:
    """Adds to the stored numbers, so concurrent transactions both count."""
    found = sorted(numbers.items())  # always locked in the same order, so two transactions can't deadlock
    for start in range(0, len(found), BATCH):
        batch = found[start : start + BATCH]
        await statement(
            db,
            "INSERT INTO hour_counts (user_id, weekday, hour, entries) "
            f"VALUES {', '.join(['(?, ?, ?, ?)'] * len(batch))} ON CONFLICT (user_id, weekday, hour) "
            "DO UPDATE SET entries = hour_counts.entries + excluded.entries",
            *(value for hour, number in batch for value in (*hour, number)),
        )


# Checking


async def wrong() -> dict[Hour, int]:
    """The hours whose stored number is wrong, each with what has to be added to it."""
    found: dict[Hour, int] = {}
    for person in await rows("SELECT id FROM users ORDER BY id"):
        found |= await committed(partial(_missing, user_id=person["id"]))
    return found


async def outdated() -> int:
    """The migration that made the table filled it."""
    return 0


async def check() -> Check:
    hours = len(await wrong())
    problems = [f"{hours:,} hours of the week are not counted as their entries say."] if hours else []
    sound = "Every hour of the week is counted as its entries say."
    return Check(problems, sound, "`journal doctor --repair` counts them anew.", "They are counted anew.")


async def rebuild(progress: Progress, *, only_outdated: bool = False) -> None:
    """Adds what is missing, which stays right while others write."""
    await committed(partial(_add, numbers=await wrong()))


async def _missing(db: Connection, user_id: int) -> dict[Hour, int]:
    if is_postgres(db):  # so that all reads see the same moment
        await statement(db, "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
    found: Counter[Hour] = Counter()
    async for page in _entries(db, user_id):
        for row in page:
            # SQLite's writing connection returns days and moments as text.
            moment = datetime.fromisoformat(str(row["written_at"]))
            weekday = date.fromisoformat(str(row["day"])).weekday()
            found[Hour(user_id, weekday, local_hour(moment, row["zone"]))] += 1
    stored = "SELECT weekday, hour, entries FROM hour_counts WHERE user_id = ?"
    for row in await statement(db, stored, user_id):
        found[Hour(user_id, row["weekday"], row["hour"])] -= row["entries"]
    return {hour: number for hour, number in found.items() if number}


async def _entries(db: Connection, user_id: int) -> AsyncIterator[Sequence[Row]]:
    last = 0
    while True:
        page = await statement(
            db,
            "SELECT id, day, zone, written_at FROM entries "
            f"WHERE user_id = ? AND id > ? AND deleted_at IS NULL ORDER BY id LIMIT {PAGE}",
            *(user_id, last),
        )
        yield page
        if len(page) < PAGE:
            return
        last = page[-1]["id"]
