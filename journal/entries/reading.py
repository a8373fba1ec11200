"""Queries of entries for pages, with pagination by keyset. The owner is an argument of every query."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import lru_cache, partial
from uuid import UUID

from journal.database import connection, is_postgres, rows, scan
from journal.engines.row import Row
from journal.entries.models import NOT_BINNED

PAGE = 20
DAY = 50  # entries of one day on a page
FULL = 1_000_000  # bytes of entries, after which a page of a list ends early
LONG = 100_000  # bytes of HTML; of a longer text lists show the beginning,
HEAD = 16_000  # made of so many characters
TAG = 1000  # bytes that a tag of 60 characters may take with its address
# Without instants, which take longest to parse.
LIST = "{0}id, {0}version, {0}uid, {0}day, {0}mood, {0}starred, {0}tags, {0}title"
SIZE = {True: "octet_length({0}html)", False: "length(CAST({0}html AS BLOB))"}  # on PostgreSQL or not
END = 2**62
FUTURE = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True)
class Page:
    entries: Sequence[Row]
    cursor: str  # of the next page; empty on the last


def listed(table: str = "") -> str:
    """The columns that lists show; `table` is its name with a dot."""
    return _listed(table, is_postgres(connection()))


@lru_cache
def _listed(table: str, on_postgres: bool) -> str:
    size = SIZE[on_postgres].format(table)
    html = f"CASE WHEN {size} > {LONG} THEN substr({table}html, 1, {HEAD}) ELSE {table}html END AS html"
    return f"{LIST.format(table)}, {size} AS size, {html}"


async def timeline(user_id: int, before: str = "") -> Page:
    """Newest first, from behind the cursor `<day>.<uid>`. Raises ValueError for a damaged cursor."""
    if not before:
        return await page(
            f"SELECT {listed()} FROM entries WHERE user_id = ? AND {NOT_BINNED} ORDER BY day DESC, id DESC",
            user_id,
        )
    day, uid = read_cursor(before)
    # Row values: with OR the end of a million rows is 3,000 times slower. If the entry was deleted for
    # good, its whole day is shown again: better twice than not at all.
    return await page(
        f"SELECT {listed()} FROM entries WHERE user_id = ? AND {NOT_BINNED} "
        f"AND (day, id) < (?, coalesce((SELECT id FROM entries WHERE uid = ? AND user_id = ?), {END})) "
        "ORDER BY day DESC, id DESC",
        user_id,
        day,
        str(uid),
        user_id,
    )


def cursor(entry: Row) -> str:
    return f"{entry['day'].isoformat()}.{entry['uid']}"


def read_cursor(text: str) -> tuple[date, UUID]:
    day, _, uid = text.partition(".")
    return date.fromisoformat(day), UUID(uid)


async def page(sql: str, *values: object, most: int = PAGE, cursor: Callable[[Row], str] = cursor) -> Page:
    """Pagination: the first entries of a query that has no LIMIT of its own. Its columns are `listed`."""
    entries, are_more = await scan(partial(_filling, most), f"{sql} LIMIT ?", *values, most + 1)
    return Page(entries, cursor(entries[-1]) if are_more else "")


def _filling(most: int, found: Iterable[Row]) -> tuple[list[Row], bool]:
    """The entries until the page is full, and whether there are more. A long text counts whole, though a list
    shows only its beginning."""
    shown: list[Row] = []
    size = 0
    for entry in found:
        if len(shown) == most or size > FULL:
            return shown, True
        shown.append(entry)
        size += entry["size"] + TAG * len(entry["tags"])
    return shown, False


async def one(user_id: int, uid: UUID) -> Row | None:
    """Everything of one entry, in the bin or not. `place` and `weather` are None where nothing is known."""
    size = SIZE[is_postgres(connection())].format("e.")
    found = await rows(
        f"SELECT {LIST.format('e.')}, {size} AS size, e.html, e.zone, e.written_at, e.updated_at, e.words, "
        "e.deleted_at, m.place, m.weather, e.body "
        "FROM entries e LEFT JOIN entry_metadata m ON m.entry_id = e.id WHERE e.uid = ? AND e.user_id = ?",
        str(uid),
        user_id,
    )
    return found[0] if found else None


async def version(user_id: int, uid: UUID) -> Row | None:
    sql = "SELECT version, deleted_at FROM entries WHERE uid = ? AND user_id = ?"
    found = await rows(sql, str(uid), user_id)
    return found[0] if found else None


async def neighbours(user_id: int, entry: Row) -> dict[str, Row]:
    """The entries before and after this one, under `previous` and `next`."""
    where = f"user_id = ? AND {NOT_BINNED} AND (day, id)"
    found = await rows(
        f"SELECT * FROM (SELECT 'previous' AS side, uid, day, title FROM entries WHERE {where} < (?, ?) "
        "ORDER BY day DESC, id DESC LIMIT 1) AS earlier UNION ALL "
        f"SELECT * FROM (SELECT 'next' AS side, uid, day, title FROM entries WHERE {where} > (?, ?) "
        "ORDER BY day, id LIMIT 1) AS later",
        *(user_id, entry["day"], entry["id"]) * 2,
    )
    return {row["side"]: row for row in found}


async def of_day(user_id: int, day: date, after: str = "") -> Page:
    """In the order in which they were begun, from behind that uid. Raises ValueError for a damaged uid."""
    uid = UUID(after) if after else UUID(int=0)
    return await page(
        f"SELECT {listed()}, zone, written_at FROM entries WHERE user_id = ? AND day = ? AND {NOT_BINNED} "
        "AND id > coalesce((SELECT id FROM entries WHERE uid = ? AND user_id = ?), 0) ORDER BY id",
        *(user_id, day, str(uid), user_id),
        most=DAY,
        cursor=lambda entry: str(entry["uid"]),
    )


async def in_bin(user_id: int, before: str = "") -> Page:
    """The last deleted first, from behind the cursor `<when>.<uid>`. Raises ValueError if it is damaged."""
    when, _, uid = before.rpartition(".")
    # Always in UTC: in other zones the ends of the calendar have no instant.
    moment = datetime.strptime(when, "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=UTC) if before else FUTURE
    last_id = f"coalesce((SELECT id FROM entries WHERE uid = ? AND user_id = ?), {END})"
    # If that entry has left the bin, entries of the same moment are shown again.
    return await page(
        f"SELECT {listed()}, deleted_at FROM entries WHERE user_id = ? AND deleted_at IS NOT NULL "
        f"AND (deleted_at, id) < (?, {last_id}) ORDER BY deleted_at DESC, id DESC",
        user_id,
        moment,
        str(UUID(uid)) if before else str(UUID(int=0)),
        user_id,
        cursor=lambda last: f"{last['deleted_at'].astimezone(UTC):%Y-%m-%dT%H:%M:%S.%fZ}.{last['uid']}",
    )


async def chosen(user_id: int, ids: Sequence[int]) -> list[Row]:
    """These entries in this order, as far as they still exist, with their bodies."""
    if not ids:
        return []
    found = await rows(
        "SELECT id, uid, day, mood, tags, title, body, deleted_at FROM entries "
        # The plus keeps SQLite from scanning all entries of the account by an index over `user_id`.
        f"WHERE +user_id = ? AND id IN ({', '.join('?' * len(ids))})",
        user_id,
        *ids,
    )
    by_id = {row["id"]: row for row in found}
    return [by_id[id] for id in ids if id in by_id]
