"""Entries as lists show them: rendered once for each version and remembered for a while."""

from collections.abc import Callable, Sequence
from typing import Any

from markupsafe import Markup

REMEMBERED = 2000  # cards
LONG = 20_000  # characters; longer ones are rendered each time, so that all together stay under 40 MB


class Cards:
    """Most of what a list costs is rendering markup that has not changed since yesterday."""

    def __init__(self) -> None:
        self._cards: dict[tuple[int, int, bool], str] = {}

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
        if len(self._cards) >= REMEMBERED:
            self._cards.pop(next(iter(self._cards)))
        self._cards[key] = card
