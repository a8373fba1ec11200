"""Streaks: days written in a row, with a rest day a week for those who allow it. Pure."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import NamedTuple

WEEK = 7


class Run(NamedTuple):
    """Days written in a row, as ordinals of the calendar."""

    first: int
    last: int


class Streak(NamedTuple):
    """`days` that were written; rest days lie between `first` and `last`, and don't count."""

    days: int
    first: date
    last: date


def runs(months: Iterable[tuple[int, int, int]]) -> list[Run]:
    """Of months in order, each a year, a month and a number whose lowest bit is the first of the month."""
    found: list[Run] = []
    for year, month, bits in months:
        start = date(year, month, 1).toordinal()
        for day in _bits(bits):
            if found and found[-1].last == start + day - 1:
                found[-1] = Run(found[-1].first, start + day)
            else:
                found.append(Run(start + day, start + day))
    return found


def _bits(number: int) -> Iterator[int]:
    at = 0
    while number:
        if number & 1:
            yield at
        number, at = number >> 1, at + 1


def until(found: Sequence[Run], today: date) -> list[Run]:
    """What lies in the future makes no streak."""
    end = today.toordinal()
    return [Run(run.first, min(run.last, end)) for run in found if run.first <= end]


def longest(found: Sequence[Run], rests: bool) -> Streak | None:
    """The one with the most days, of several the latest."""
    best = None
    for streak in _streaks(found, rests):
        if best is None or streak.days >= best.days:
            best = streak
    return best


def current(found: Sequence[Run], rests: bool, today: date) -> Streak | None:
    """The one that goes on: today is not over yet, so that only yesterday's silence ends it."""
    last = None
    for last in _streaks(found, rests):  # noqa: B007
        pass
    if last is None:
        return None
    missed = today.toordinal() - last.last.toordinal() - 1
    if missed <= 0:
        return last
    rested = _rests(found, last.first.toordinal())
    may_rest = rests and missed == 1 and (not rested or today.toordinal() - 1 - rested[-1] >= WEEK)
    return last if may_rest else None


def _rests(found: Sequence[Run], first: int) -> list[int]:
    """The days between the runs from that day on."""
    return [run.first - 1 for run in found if run.first > first]


def _streaks(found: Sequence[Run], rests: bool) -> Iterator[Streak]:
    """For each run the streak that it ends. A day between two runs is a rest if the one before it lies at
    least a week back, so that no seven days have two."""
    start, days, rest = 0, 0, 0  # the streak's first run, its days, its last rest
    for at, run in enumerate(found):
        missed = run.first - found[at - 1].last - 1 if at else 0
        if missed > 1 or (missed and not rests):
            start, days, rest = at, 0, 0
        elif missed:
            if rest and run.first - 1 - rest < WEEK:
                # What came before that rest has to go, this rest stays.
                while found[start].first <= rest:
                    days -= _length(found[start])
                    start += 1
            rest = run.first - 1
        days += _length(run)
        yield Streak(days, date.fromordinal(found[start].first), date.fromordinal(run.last))


def _length(run: Run) -> int:
    return run.last - run.first + 1
