"""What changed between two texts, by word: pure, and bounded in time however long they are."""

import re
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from typing import Literal, NamedTuple

MANY = 1_000  # pieces on one side that are compared one by one; more are shown as a whole
WORK = 5_000_000  # pairs of pieces that are compared in all, about a second; the rest is shown as a whole
# A word with the space behind it; of scripts without spaces, each character.
PIECE = re.compile(r"[぀-ヿ㐀-鿿豈-﫿\U00020000-\U0003ffff]|[^\s぀-ヿ㐀-鿿豈-﫿\U00020000-\U0003ffff]+\s*|\s+")


class Change(NamedTuple):
    kind: Literal["same", "removed", "added"]
    text: str


def compare(old: str, new: str) -> list[Change]:
    """The new text in order, with what was removed where it stood."""
    changes: list[Change] = []
    for kind, text in _changes(old, new):
        if text and changes and changes[-1].kind == kind:
            changes[-1] = Change(kind, changes[-1].text + text)
        elif text:
            changes.append(Change(kind, text))
    return changes


def _changes(old: str, new: str) -> Iterator[Change]:
    """Line by line first, then word by word inside the lines that differ."""
    budget = Budget()
    for before, after in _blocks(old.splitlines(keepends=True), new.splitlines(keepends=True), budget):
        if before == after:
            yield Change("same", "".join(after))
        else:
            yield from _by_word("".join(before), "".join(after), budget)


def _by_word(old: str, new: str, budget: "Budget") -> Iterator[Change]:
    for before, after in _blocks(PIECE.findall(old), PIECE.findall(new), budget):
        if before == after:
            yield Change("same", "".join(after))
        else:
            yield Change("removed", "".join(before))
            yield Change("added", "".join(after))


class Budget:
    """What one comparison may cost, of however many lines."""

    def __init__(self) -> None:
        self.left = WORK

    def pays(self, old: int, new: int) -> bool:
        """Whether so many pieces may be compared with so many others."""
        if old > MANY or new > MANY or old * new > self.left:
            return False
        self.left -= old * new
        return True


def _blocks(
    old: Sequence[str], new: Sequence[str], budget: Budget
) -> Iterator[tuple[Sequence[str], Sequence[str]]]:
    """Stretches of both that are equal or stand in each other's place."""
    start, end = _shared(old, new)
    yield old[:start], new[:start]
    left, right = old[start : len(old) - end], new[start : len(new) - end]
    if not budget.pays(len(left), len(right)):
        yield left, right
    else:
        for _, a, b, c, d in SequenceMatcher(None, left, right, autojunk=False).get_opcodes():
            yield left[a:b], right[c:d]
    yield old[len(old) - end :], new[len(new) - end :]


def _shared(old: Sequence[str], new: Sequence[str]) -> tuple[int, int]:
    """How many pieces at the beginning and at the end are the same."""
    shortest = min(len(old), len(new))
    start = next((n for n in range(shortest) if old[n] != new[n]), shortest)
    rest = shortest - start
    end = next((n for n in range(rest) if old[-1 - n] != new[-1 - n]), rest)
    return start, end
