"""An entry at random, at the same cost in a journal of any size."""

from collections.abc import Sequence
from datetime import date, timedelta
from random import Random
from typing import Any
from uuid import UUID

from journal.database import rows
from journal.days.queries import ends

TRIES = (40, 400)  # days: enough where most are written on, and where one in a hundred is


async def entry(user_id: int, chance: Random) -> UUID | None:
    """Each entry about as likely as any other, wherever its day lies; None where nothing is written.

    Days are drawn from the first to the last, and of those that are written on, one by its number of entries:
    fair to a fifth while a day has up to ten times the usual number, and less than their share to those of a
    day with hundreds. Only where hardly any day is written on do all draws miss: then it is a day beside a
    random one, and days beside a long silence come more often than others.
    """
    span = await ends(user_id)
    if span is None:
        return None
    days: Sequence[Any] = ()
    for tries in TRIES:
        days = days or await _written(user_id, [_between(*span, chance) for _ in range(tries)])
    days = days or await _beside(user_id, _between(*span, chance))
    (day,) = chance.choices(days, [day["entries"] for day in days])
    found = await rows(
        "SELECT uid FROM entries WHERE user_id = ? AND day = ? AND deleted_at IS NULL "
        "ORDER BY id LIMIT 1 OFFSET ?",
        user_id,
        day["day"],
        chance.randrange(day["entries"]),
    )
    return UUID(str(found[0]["uid"])) if found else None


def _between(first: date, last: date, chance: Random) -> date:
    return first + timedelta(days=chance.randint(0, (last - first).days))


async def _written(user_id: int, drawn: Sequence[date]) -> Sequence[Any]:
    marks = ", ".join("?" for _ in drawn)
    return await rows(
        f"SELECT day, entries FROM day_counts WHERE user_id = ? AND day IN ({marks})", user_id, *drawn
    )


async def _beside(user_id: int, day: date) -> Sequence[Any]:
    where = "SELECT day, entries FROM day_counts WHERE user_id = ? AND day"
    return await rows(
        f"SELECT * FROM ({where} < ? ORDER BY day DESC LIMIT 1) AS before UNION ALL "
        f"SELECT * FROM ({where} >= ? ORDER BY day LIMIT 1) AS after",
        *(user_id, day) * 2,
    )
