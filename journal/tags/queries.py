"""What pages show of tags, as plain rows; the owner is an argument of every query."""

from collections.abc import Sequence
from typing import Any

from journal.database import rows
from journal.text import tag_names

SHOWN = 300  # tags on one page; with more of them the filter finds the rest


async def most_used(user_id: int, limit: int, part: str = "") -> Sequence[Any]:
    """Name and number of entries, of all tags or of those that have this part in their name."""
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


async def one(user_id: int, name: str) -> Any | None:
    """By any spelling."""
    found = await rows(
        "SELECT name, key, entries FROM tags WHERE user_id = ? AND key = ?",
        user_id,
        tag_names.index_key(name),
    )
    return found[0] if found else None
