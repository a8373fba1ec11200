"""Streaks: days written in a row, with a rest day a week for those who allow it. Pure."""

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from functools import lru_cache
from typing import NamedTuple

WEEK = 7
WRITTEN = re.compile("1+")


class Run(NamedTuple):
    """Days written in a row, as ordinals of the calendar."""

    first: int
    last: int


class Streak(NamedTuple):
    """`days` that were written; rest days lie between `first` and `last`, and don't count."""

    days: int
    first: date
    last: date


class Summary(NamedTuple):
    days: int  # that are written
    current: Streak | None
    longest: Streak | None


@lru_cache(maxsize=512)
def summary(years: str, rests: bool, today: date) -> Summary:
    """Of years between semicolons, each with a number for its twelve months whose lowest bit is the first of
    the month. Remembered, since a hundred years of days take milliseconds."""
    written = sorted(tuple(map(int, year.split())) for year in years.split(";") if year)
    found = runs((year, month, bits) for year, *months in written for month, bits in enumerate(months, 1))
    past = until(found, today)
    return Summary(sum(map(_length, found)), current(past, rests, today), longest(past, rests))


def runs(months: Iterable[tuple[int, int, int]]) -> list[Run]:
    """Of months in order, each a year, a month and its bits."""
    found: list[Run] = []
    for year, month, bits in months:
        if not bits:
            continue
        start = date(year, month, 1).toordinal()
        for days in WRITTEN.finditer(bin(bits)[:1:-1]):
            run = Run(start + days.start(), start + days.end() - 1)
            if found and found[-1].last == run.first - 1:
                run = Run(found.pop().first, run.last)
            found.append(run)
    return found


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
