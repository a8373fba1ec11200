"""Random entry: draws one of an account's entries, each as likely as any other, wherever its day lies."""

from random import Random
from uuid import UUID

from journal.database import rows, slow_rows
from journal.entries.models import NOT_BINNED

SECONDS = 10


async def entry(user_id: int, chance: Random) -> UUID | None:
    """Numbers the entries by their days and draws a number; None if there are no entries."""
    total = "SELECT sum(entries) AS entries FROM day_counts WHERE user_id = ?"
    entries = (await slow_rows(user_id, SECONDS, total, user_id))[0]["entries"]
    if not entries:
        return None
    number = chance.randrange(entries)
    days = "SELECT day, entries, sum(entries) OVER (ORDER BY day) AS upto FROM day_counts WHERE user_id = ?"
    day = f"SELECT day, upto - entries AS before FROM ({days}) AS days WHERE upto > ? ORDER BY day LIMIT 1"
    drawn = await slow_rows(user_id, SECONDS, day, user_id, number)
    if not drawn:  # deleted in the meantime
        return None
    found = await rows(
        f"SELECT uid FROM entries WHERE user_id = ? AND day = ? AND {NOT_BINNED} "
        "ORDER BY id LIMIT 1 OFFSET ?",
        *(user_id, drawn[0]["day"], number - drawn[0]["before"]),
    )
    return UUID(str(found[0]["uid"])) if found else None
