"""Queries of revisions, with pagination by keyset, and their comparison by a diff."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from journal.database import rows
from journal.engines.fair_queue import Busy, Priority, in_turn
from journal.engines.row import Row
from journal.text import diff
from journal.text.diff import Change

PAGE = 50
NEWEST = 2**31 - 1


@dataclass(frozen=True)
class Page:
    revisions: Sequence[Row]
    cursor: int | None  # of the next page: its revisions have lower numbers


async def page(user_id: int, uid: UUID, before: int = NEWEST) -> Page:
    """Newest first, without texts, from behind that number."""
    found = await rows(
        "SELECT r.number, r.kind, r.created_at FROM revisions r JOIN entries e ON e.id = r.entry_id "
        "WHERE e.uid = ? AND e.user_id = ? AND r.number < ? ORDER BY r.number DESC LIMIT ?",
        str(uid),
        user_id,
        before,
        PAGE + 1,
    )
    return Page(found[:PAGE], found[PAGE - 1]["number"] if len(found) > PAGE else None)


async def one(user_id: int, uid: UUID, number: int) -> Row | None:
    found = await rows(
        "SELECT r.number, r.kind, r.created_at, r.day, r.zone, r.written_at, r.mood, r.tags, r.title, r.body "
        "FROM revisions r JOIN entries e ON e.id = r.entry_id "
        "WHERE e.uid = ? AND e.user_id = ? AND r.number = ?",
        str(uid),
        user_id,
        number,
    )
    return found[0] if found else None


async def compared(user_id: int, old: str, new: str) -> Sequence[Change] | None:
    """Compares two texts in a thread, in the account's turn. Returns None if too many comparisons of the
    account wait; the text is then shown without marks."""
    try:
        return await in_turn(user_id, Priority.READ, diff.compare, old, new)
    except Busy:
        return None
