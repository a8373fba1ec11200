"""What pages show of entries, as plain rows; the owner is an argument of every query."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from journal.database import rows

Row = Any  # columns by name
PAGE = 20
LIST = "id, version, uid, day, mood, starred, tags, title, html"  # an instant would take longest to parse
END = 2**62
FUTURE = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True)
class Page:
    entries: Sequence[Row]
    cursor: str  # of the next page; empty on the last


async def timeline(user_id: int, before: str = "") -> Page:
    """Newest first, from behind the entry that the cursor `<day>.<uid>` names; else ValueError."""
    if not before:
        found = await rows(
            f"SELECT {LIST} FROM entries WHERE user_id = ? AND deleted_at IS NULL "
            "ORDER BY day DESC, id DESC LIMIT ?",
            user_id,
            PAGE + 1,
        )
    else:
        day, uid = read_cursor(before)
        # Row values: with OR the end of a million rows is 3,000 times slower. An entry that was purged
        # since leaves its day: showing some of it again is better than leaving it out.
        found = await rows(
            f"SELECT {LIST} FROM entries WHERE user_id = ? AND deleted_at IS NULL "
            f"AND (day, id) < (?, coalesce((SELECT id FROM entries WHERE uid = ? AND user_id = ?), {END})) "
            "ORDER BY day DESC, id DESC LIMIT ?",
            user_id,
            day,
            str(uid),
            user_id,
            PAGE + 1,
        )
    more = len(found) > PAGE
    return Page(found[:PAGE], cursor(found[PAGE - 1]) if more else "")


def cursor(entry: Row) -> str:
    return f"{entry['day'].isoformat()}.{entry['uid']}"


def read_cursor(text: str) -> tuple[date, UUID]:
    day, _, uid = text.partition(".")
    return date.fromisoformat(day), UUID(uid)


async def one(user_id: int, uid: UUID) -> Row | None:
    """Everything of one entry, in the bin or not."""
    found = await rows(
        f"SELECT {LIST}, zone, written_at, updated_at, words, deleted_at, body FROM entries "
        "WHERE uid = ? AND user_id = ?",
        str(uid),
        user_id,
    )
    return found[0] if found else None


async def version(user_id: int, uid: UUID) -> Row | None:
    sql = "SELECT version, deleted_at FROM entries WHERE uid = ? AND user_id = ?"
    found = await rows(sql, str(uid), user_id)
    return found[0] if found else None


async def neighbours(user_id: int, entry: Row) -> dict[str, Row]:
    """The entries right before and after this one, under `previous` and `next`, where there are any."""
    where = "user_id = ? AND deleted_at IS NULL AND (day, id)"
    found = await rows(
        f"SELECT * FROM (SELECT 'previous' AS side, uid, day, title FROM entries WHERE {where} < (?, ?) "
        "ORDER BY day DESC, id DESC LIMIT 1) AS earlier UNION ALL "
        f"SELECT * FROM (SELECT 'next' AS side, uid, day, title FROM entries WHERE {where} > (?, ?) "
        "ORDER BY day, id LIMIT 1) AS later",
        *(user_id, entry["day"], entry["id"]) * 2,
    )
    return {row["side"]: row for row in found}


async def of_day(user_id: int, day: date) -> Sequence[Row]:
    """In the order in which they were begun."""
    return await rows(
        f"SELECT {LIST} FROM entries WHERE user_id = ? AND day = ? AND deleted_at IS NULL ORDER BY id",
        user_id,
        day,
    )


async def in_bin(user_id: int, before: str = "") -> Page:
    """What was deleted last comes first, from behind the cursor `<when>.<uid>`; else ValueError."""
    when, _, uid = before.rpartition(".")
    # Of no other zone: at the ends of the calendar it could not be told in UTC.
    moment = datetime.strptime(when, "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=UTC) if before else FUTURE
    last_id = f"coalesce((SELECT id FROM entries WHERE uid = ? AND user_id = ?), {END})"
    # An entry that left the bin since leaves its moment, as in the timeline.
    found = await rows(
        f"SELECT {LIST}, deleted_at FROM entries WHERE user_id = ? AND deleted_at IS NOT NULL "
        f"AND (deleted_at, id) < (?, {last_id}) ORDER BY deleted_at DESC, id DESC LIMIT ?",
        user_id,
        moment,
        str(UUID(uid)) if before else str(UUID(int=0)),
        user_id,
        PAGE + 1,
    )
    last = found[PAGE - 1] if len(found) > PAGE else None
    return Page(
        found[:PAGE],
        f"{last['deleted_at'].astimezone(UTC):%Y-%m-%dT%H:%M:%S.%fZ}.{last['uid']}" if last else "",
    )


async def chosen(user_id: int, ids: Sequence[int]) -> list[Row]:
    """These entries in this order, without what has gone meanwhile; with the text as it was written."""
    if not ids:
        return []
    found = await rows(
        "SELECT id, uid, day, mood, tags, title, body, deleted_at FROM entries "
        f"WHERE user_id = ? AND id IN ({', '.join('?' * len(ids))})",
        user_id,
        *ids,
    )
    by_id = {row["id"]: row for row in found}
    return [by_id[id] for id in ids if id in by_id]
