"""Entries as lists show them: rendered once for each version and remembered for a while."""

from collections.abc import Callable, Sequence
from sys import getsizeof
from typing import Any

from markupsafe import Markup

from journal.entries import reading
from journal.text import plain

REMEMBERED = 2000  # cards
LONG = 20_000  # characters; longer ones are rendered each time
MEMORY = 40_000_000  # bytes of all of them; a letter takes four where there is an emoji


def beginning(entry: Any) -> list[str] | None:
    """Paragraphs of plain text that lists show of a very long entry; None of one that they show whole."""
    return plain.beginning(entry["html"][: reading.HEAD]) if entry["size"] > reading.LONG else None


class Cards:
    """Most of what a list costs is rendering markup that has not changed since yesterday."""

    def __init__(self) -> None:
        self._cards: dict[tuple[int, int, bool], str] = {}
        self._memory = 0

    def __call__(self, render: Callable[[Any], str], entries: Sequence[Any]) -> Markup:
        """`render` is the macro of one entry; each entry a row with its id, version and star."""
        cards = "".join(self._card(render, entry) for entry in entries)
        return Markup(cards)  # noqa: S704 - each is what a macro of Jinja has made and escaped

    def _card(self, render: Callable[[Any], str], entry: Any) -> str:
        # Not by the uid: one that was purged may be made again, by anybody, and begins at version 1.
        # A star makes no version.
        key = entry["id"], entry["version"], bool(entry["starred"])
        card = self._cards.get(key)
        if card is None:
            card = render(entry)
            if len(card) <= LONG:
                self._remember(key, card)
        return card

    def _remember(self, key: tuple[int, int, bool], card: str) -> None:
        self._cards[key] = card
        self._memory += getsizeof(card)
        while len(self._cards) > REMEMBERED or self._memory > MEMORY:
            self._memory -= getsizeof(self._cards.pop(next(iter(self._cards))))
