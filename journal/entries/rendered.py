"""Rendered text: an entry's Markdown becomes HTML when it is saved, and not when it is read."""

from typing import NamedTuple
from uuid import UUID

from journal.engines.fair_queue import Priority, in_turn
from journal.text import plain

RENDERING = 1  # version of the rules for HTML, words and hashtags; raising it renders all entries anew


class Rendered(NamedTuple):
    html: str
    words: int  # how many
    rendering: int = RENDERING


async def rendered(user_id: int, body: str, uid: UUID, priority: Priority = Priority.SAVE) -> Rendered:
    """Long texts are rendered in a thread, in the account's turn."""
    if plain.is_long(body):
        return await in_turn(user_id, priority, _rendered, body, uid)
    return _rendered(body, uid)


def _rendered(body: str, uid: UUID) -> Rendered:
    return Rendered(plain.to_html(body, str(uid)), plain.count_words(body))
