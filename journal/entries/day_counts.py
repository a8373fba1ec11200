"""Day counts: how many entries, words and moods each day has, updated in the transactions of the entries."""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date
from functools import partial
from typing import NamedTuple

from journal.database import Connection, committed, rows, statement
from journal.derived.change import Change, EntryState
from journal.derived.contract import Check, Progress
from journal.entries import mood
from journal.entries.models import NOT_BINNED

NAME = "counts"
COLUMNS = ("entries", "words", "moods", "mood_sum")
BATCH = 500  # days in a statement
ADD = ", ".join(f"{name} = day_counts.{name} + excluded.{name}" for name in COLUMNS)


class Day(NamedTuple):
    user_id: int
    day: date


def month_day(day: date) -> int:
    """The date without its year: 229 is the 29th of February."""
    return day.month * 100 + day.day


def tally(entry: EntryState) -> Counter[str]:
    """What an entry adds to the counts of its day."""
    value = mood.VALUES.get(entry.mood, 0)
    return Counter(entries=1, words=entry.words, moods=int(value > 0), mood_sum=value)


def differences(changes: Iterable[Change]) -> dict[Day, Counter[str]]:
    """What the changes add to each day; other days are left out."""
    found: dict[Day, Counter[str]] = {}
    for before, after, _ in changes:
        if before and not before.is_binned:
            found.setdefault(Day(before.user_id, before.day), Counter()).subtract(tally(before))
        if after and not after.is_binned:
            found.setdefault(Day(after.user_id, after.day), Counter()).update(tally(after))
    return {day: added for day, added in found.items() if any(added.values())}


async def apply(db: Connection, changes: Sequence[Change]) -> None:
    """Adds to the rows in SQL, so that two saves at the same moment both count."""
    # In one order, or two transactions with the same days could wait for each other.
    found = sorted(differences(changes).items())
    for start in range(0, len(found), BATCH):
        await _add(db, found[start : start + BATCH])
    emptied = [day for day, added in found if added["entries"] < 0]
    for start in range(0, len(emptied), BATCH):
        await _forget_empty(db, emptied[start : start + BATCH])


async def _add(db: Connection, found: Sequence[tuple[Day, Counter[str]]]) -> None:
    values: list[object] = []
    for (user_id, day), added in found:
        values += [user_id, day, month_day(day), *(added[name] for name in COLUMNS)]
    marks = ", ".join(["(?, ?, ?, ?, ?, ?, ?)"] * len(found))
    await statement(
        db,
        f"INSERT INTO day_counts (user_id, day, month_day, {', '.join(COLUMNS)}) VALUES {marks} "
        f"ON CONFLICT (user_id, day) DO UPDATE SET {ADD}",
        *values,
    )


async def _forget_empty(db: Connection, days: Sequence[Day]) -> None:
    marks = " OR ".join(["(user_id = ? AND day = ?)"] * len(days))
    await statement(
        db,
        f"DELETE FROM day_counts WHERE entries = 0 AND ({marks})",
        *(value for day in days for value in day),
    )


# Checking and rebuilding


SUMS = """count(*) AS entries, coalesce(sum(words), 0) AS words,
coalesce(sum(CASE WHEN mood = '' THEN 0 ELSE 1 END), 0) AS moods,
coalesce(sum(CASE mood {values} ELSE 0 END), 0) AS mood_sum""".format(
    values=" ".join(f"WHEN '{key}' THEN {value}" for key, value in mood.VALUES.items())
)


async def wrong() -> list[Day]:
    """The days whose counts differ from their entries."""
    true = f"SELECT user_id, day, {SUMS} FROM entries WHERE deleted_at IS NULL GROUP BY user_id, day"
    kept = f"SELECT user_id, day, {', '.join(COLUMNS)} FROM day_counts"
    found = await rows(
        f"SELECT user_id, day FROM ({true} EXCEPT {kept}) AS uncounted "
        f"UNION SELECT user_id, day FROM ({kept} EXCEPT {true}) AS unfounded"
    )
    return [Day(row["user_id"], _date(row["day"])) for row in found]


def _date(found: date | str) -> date:
    """SQLite does not know the type of a column that a query makes."""
    return found if isinstance(found, date) else date.fromisoformat(found)


async def outdated() -> int:
    """The migration that made the table filled it."""
    return 0


async def check() -> Check:
    days = len(await wrong())
    problems = [f"{days:,} days are not counted as their entries say."] if days else []
    sound = "Every day is counted as its entries say."
    return Check(problems, sound, "`journal doctor --repair` counts them anew.", "They are counted anew.")


async def rebuild(progress: Progress, *, only_outdated: bool = False) -> None:
    for done, day in enumerate(await wrong(), 1):
        await committed(partial(_count_again, day=day))
        progress(done)


async def _count_again(db: Connection, day: Day) -> None:
    await _add(
        db, [(day, Counter())]
    )  # the row exists and is locked now, so that others who write on that day wait
    await statement(
        db,
        f"UPDATE day_counts SET ({', '.join(COLUMNS)}) = (SELECT {SUMS} FROM entries "
        f"WHERE user_id = ? AND day = ? AND {NOT_BINNED}) WHERE user_id = ? AND day = ?",
        *day,
        *day,
    )
    await _forget_empty(db, [day])
