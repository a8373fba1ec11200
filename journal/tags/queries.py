"""Queries of tags for pages, and autocompletion. The owner is an argument of every query."""

from collections.abc import Sequence

from journal.database import rows
from journal.engines.row import Row
from journal.text import tag_names

SHOWN = 300  # tags on one page; the filter finds the others
OFFERED = 6  # by autocompletion
QUERIED = tag_names.COUNT + OFFERED + 1  # as an entry may have so many tags already


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


# Autocompletion


def split_typed(typed: str) -> tuple[set[str], str]:
    """The keys of the tags in the field, and of the one that is being typed at its end."""
    *taken, begun = [
        tag_names.index_key(tag_names.tidy(part)) for part in tag_names.COMMA.split(typed[-2000:])
    ]
    return set(taken), begun


def offered(found: Sequence[Row], taken: set[str], begun: str) -> list[str]:
    """Names of tags that are not in the field yet: first those with this prefix, then by use."""
    fitting = [tag for tag in found if tag["key"] not in taken and tag["key"] != begun]
    fitting.sort(key=lambda tag: not tag["key"].startswith(begun))
    return [tag["name"] for tag in fitting[:OFFERED]]
