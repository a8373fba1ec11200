"""Queries of tags for pages. The owner is an argument of every query."""

from collections.abc import Sequence

from journal.database import rows
from journal.engines.row import Row
from journal.text import tag_names

SHOWN = 300  # tags on one page; the filter finds the others


async def most_used(user_id: int, limit: int, part: str = "") -> Sequence[Row]:
    """All tags, or those whose names contain the part, with their numbers of entries."""
    return await rows(
        "SELECT name, key, entries FROM tags WHERE user_id = ? AND key LIKE ? ESCAPE '!' "
        "ORDER BY entries DESC, id LIMIT ?",
        user_id,
        f"%{_escaped(tag_names.key(tag_names.tidy(part)))}%",
        limit,
    )


def _escaped(part: str) -> str:
    for mark in "!%_":
        part = part.replace(mark, f"!{mark}")
    return part


async def one(user_id: int, name: str) -> Row | None:
    """Finds a tag by any of its spellings."""
    found = await rows(
        "SELECT name, key, entries FROM tags WHERE user_id = ? AND key = ?",
        user_id,
        tag_names.index_key(name),
    )
    return found[0] if found else None
