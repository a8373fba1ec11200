"""Card cache: the HTML of entries in lists is rendered once for each version and kept in memory."""

from collections.abc import Callable, Sequence
from sys import getsizeof

from markupsafe import Markup

from journal.engines.row import Row
from journal.entries import reading
from journal.text import plain

REMEMBERED = 2000  # cards
LONG = 20_000  # characters; longer ones are rendered each time
MEMORY = 40_000_000  # bytes of all of them; a letter takes four where there is an emoji


def beginning(entry: Row) -> list[str] | None:
    """The first paragraphs of a very long entry as plain text; None of an entry that lists show whole."""
    return plain.beginning(entry["html"][: reading.HEAD]) if entry["size"] > reading.LONG else None


class Cards:
    """Most of the time of a list is spent on markup that has not changed."""

    def __init__(self) -> None:
        self._cards: dict[tuple[int, int, bool], str] = {}
        self._memory = 0

    def __call__(self, render: Callable[[Row], str], entries: Sequence[Row]) -> Markup:
        """`render` is the macro of one entry."""
        cards = "".join(self._card(render, entry) for entry in entries)
        return Markup(cards)  # noqa: S704 - each is what a macro of Jinja has made and escaped

    def _card(self, render: Callable[[Row], str], entry: Row) -> str:
        # The uid won't do: after an entry is deleted for good, anybody may use its uid for a new one.
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
