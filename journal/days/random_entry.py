"""An entry at random, at a cost that grows with the years that are written in, and not with the entries."""

from collections.abc import Sequence
from datetime import date
from random import Random
from typing import Any
from uuid import UUID

from journal.database import rows
from journal.entries.models import NOT_BINNED


async def entry(user_id: int, chance: Random) -> UUID | None:
    """Each entry as likely as any other, wherever its day lies; None where nothing is written.

    A year is drawn by its number of entries, of its days one by theirs, and of that day an entry.
    """
    years = await rows(
        "SELECT year, entries FROM year_counts WHERE user_id = ? AND entries > 0 ORDER BY year", user_id
    )
    if not years:
        return None
    year = _by_entries(years, chance)["year"]
    days = await rows(
        "SELECT day, entries FROM day_counts WHERE user_id = ? AND day BETWEEN ? AND ? ORDER BY day",
        *(user_id, date(year, 1, 1), date(year, 12, 31)),
    )
    if not days:  # written and emptied between the two queries
        return None
    day = _by_entries(days, chance)
    found = await rows(
        f"SELECT uid FROM entries WHERE user_id = ? AND day = ? AND {NOT_BINNED} "
        "ORDER BY id LIMIT 1 OFFSET ?",
        *(user_id, day["day"], chance.randrange(day["entries"])),
    )
    return UUID(str(found[0]["uid"])) if found else None


def _by_entries(counts: Sequence[Any], chance: Random) -> Any:
    return chance.choices(counts, [count["entries"] for count in counts])[0]
