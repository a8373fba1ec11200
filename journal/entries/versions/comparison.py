"""Comparison of two revisions by a diff in a thread, in the account's turn."""

from collections.abc import Sequence

from journal.engines.fair_queue import Busy, Priority, in_turn
from journal.text import diff
from journal.text.diff import Change


async def compared(user_id: int, old: str, new: str) -> Sequence[Change] | None:
    """Returns None if too many comparisons of the account wait; the text is then shown without marks."""
    try:
        return await in_turn(user_id, Priority.READ, diff.compare, old, new)
    except Busy:
        return None
