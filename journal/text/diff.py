"""Diff of two texts by word, in bounded time. Pure."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from difflib import Match, SequenceMatcher
from itertools import accumulate
from typing import Literal, NamedTuple

from journal import unicode_scripts

MANY = 1_000  # pieces of one side that are compared one by one; more are shown as a whole
# More lines, of both texts together, or more characters of a difference would take too much memory.
LINES = 100_000
LONG = 200_000
NEAR = 60  # characters in which a space is searched for
WORK = 3_000_000  # pairs of pieces that are compared in all, 0.3 s; the rest is shown as a whole
LINE = re.compile(r"[^\n]*\n|[^\n]+")  # str.splitlines also splits at vertical tabs
# A word with the space after it; each character of scripts without spaces.
PIECE = re.compile(
    rf"[{unicode_scripts.LETTERS}][{unicode_scripts.MARKS}]*|[^\s{unicode_scripts.LETTERS}]+\s*|\s+"
)


class Change(NamedTuple):
    kind: Literal["same", "removed", "added"]
    text: str


def compare(old: str, new: str) -> list[Change]:
    """The new text in order, with removed parts at their old place."""
    changes: list[Change] = []
    for kind, text in _changes(old, new):
        if text and changes and changes[-1].kind == kind:
            changes[-1] = Change(kind, changes[-1].text + text)
        elif text:
            changes.append(Change(kind, text))
    return changes


def _changes(old: str, new: str) -> Iterator[Change]:
    """Compares lines first, then words inside the lines that differ."""
    budget = Budget()
    if old.count("\n") + new.count("\n") > LINES:
        yield from _by_word(old, new, budget)
        return
    for before, after in _blocks(LINE.findall(old), LINE.findall(new), budget):
        if before == after:
            yield Change("same", "".join(after))
        else:
            yield from _by_word("".join(before), "".join(after), budget)


def _by_word(old: str, new: str, budget: "Budget") -> Iterator[Change]:
    if max(len(old), len(new)) > LONG:
        start, end = _alike(old, new)
        yield Change("same", new[:start])
        yield Change("removed", old[start : len(old) - end])
        yield Change("added", new[start : len(new) - end])
        yield Change("same", new[len(new) - end :])
        return
    for before, after in _blocks(PIECE.findall(old), PIECE.findall(new), budget):
        if before == after:
            yield Change("same", "".join(after))
        else:
            yield Change("removed", "".join(before))
            yield Change("added", "".join(after))


def _alike(old: str, new: str) -> tuple[int, int]:
    """How much two long texts share at the start and at the end, to the nearest space."""
    start, end = _shared(old, new)
    start = max(new.rfind(" ", 0, start) + 1, start - NEAR)
    rest = len(new) - end
    space = new.find(" ", rest, rest + NEAR)
    return start, len(new) - (space if space >= 0 else min(rest + NEAR, len(new)))


class Budget:
    """The work that is left for one comparison."""

    def __init__(self) -> None:
        self.left = WORK

    def pays(self, work: int) -> bool:
        self.left -= work
        return self.left > 0


class Bounded(SequenceMatcher[str]):
    """Finds matches within the budget. Each match leads to a search before it and after it, through all pairs
    there, and each search is charged: otherwise two short texts could take cubic time."""

    def __init__(self, old: Sequence[str], new: Sequence[str], budget: Budget) -> None:
        super().__init__(None, old, new, autojunk=False)
        self.budget, places = budget, Counter(new)
        # Sums up to each piece. A piece costs as much as two pairs, a call as much as ten.
        self.costs = [0, *accumulate(2 + places[piece] for piece in old)]

    def find_longest_match(
        self, alo: int = 0, ahi: int | None = None, blo: int = 0, bhi: int | None = None
    ) -> Match:
        cost = self.costs[-1 if ahi is None else ahi] - self.costs[alo] + 10
        if not self.budget.pays(cost):
            return Match(alo, blo, 0)
        return super().find_longest_match(alo, ahi, blo, bhi)


def _blocks(
    old: Sequence[str], new: Sequence[str], budget: Budget
) -> Iterator[tuple[Sequence[str], Sequence[str]]]:
    """Parts of both texts that are equal or replace each other."""
    start, end = _shared(old, new)
    yield old[:start], new[:start]
    left, right = old[start : len(old) - end], new[start : len(new) - end]
    if len(left) > MANY or len(right) > MANY or budget.left <= 0:
        yield left, right
    else:
        for _, a, b, c, d in Bounded(left, right, budget).get_opcodes():
            yield left[a:b], right[c:d]
    yield old[len(old) - end :], new[len(new) - end :]


def _shared(old: Sequence[str], new: Sequence[str]) -> tuple[int, int]:
    """How many pieces are equal at the start and at the end."""
    shortest = min(len(old), len(new))
    start = next((n for n in range(shortest) if old[n] != new[n]), shortest)
    rest = shortest - start
    end = next((n for n in range(rest) if old[-1 - n] != new[-1 - n]), rest)
    return start, end
