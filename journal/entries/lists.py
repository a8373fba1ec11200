"""Pagination by keyset of entries with a tag and of starred entries, newest first, one query each."""

from typing import Any

from journal.entries import reading
from journal.entries.models import NOT_BINNED
from journal.entries.reading import END, Page


async def with_tag(user_id: int, key: str, before: str = "") -> Page:
    """`key` is that of tables, naming.index_key. A damaged cursor is a ValueError."""
    source = "entry_tags t JOIN entries e ON e.id = t.entry_id AND e.user_id = t.user_id"
    return await _page(
        f"{source} WHERE t.user_id = ? AND t.key = ?", "t.day, t.entry_id", user_id, before, user_id, key
    )


async def starred(user_id: int, before: str = "") -> Page:
    where = f"entries e WHERE e.user_id = ? AND e.starred = ? AND {NOT_BINNED}"
    return await _page(where, "e.day, e.id", user_id, before, user_id, True)


async def _page(source: str, place: str, user_id: int, before: str, *values: Any) -> Page:
    behind: list[Any] = []
    if before:
        day, uid = reading.read_cursor(before)
        source += (
            f" AND ({place}) < (?, coalesce((SELECT id FROM entries WHERE uid = ? AND user_id = ?), {END}))"
        )
        behind = [day, str(uid), user_id]
    order = ", ".join(f"{column} DESC" for column in place.split(", "))
    sql = f"SELECT {reading.listed('e.')} FROM {source} ORDER BY {order}"
    return await reading.page(sql, *values, *behind)
