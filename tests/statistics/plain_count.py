"""The counts of hours as a plain scan of the entries computes them, and as they are stored."""

from collections import Counter
from zoneinfo import ZoneInfo

from journal.database import rows
from journal.entries.hour_counts import Hour


async def hours() -> dict[Hour, int]:
    entries = await rows("SELECT user_id, day, written_at, zone FROM entries WHERE deleted_at IS NULL")
    return Counter(
        Hour(
            entry["user_id"],
            entry["day"].weekday(),
            entry["written_at"].astimezone(ZoneInfo(entry["zone"])).hour,
        )
        for entry in entries
    )


async def stored_hours() -> dict[Hour, int]:
    found = await rows("SELECT user_id, weekday, hour, entries FROM hour_counts WHERE entries <> 0")
    return {Hour(row["user_id"], row["weekday"], row["hour"]): row["entries"] for row in found}


async def is_in_step() -> bool:
    return await hours() == await stored_hours()
