"""Streaks: days written in a row. Accounts that allow a rest day may miss one day in any seven."""

from collections.abc import Iterator, Sequence
from datetime import date
from typing import NamedTuple

WEEK = 7


class DayRange(NamedTuple):
    """Consecutive written days, by their numbers in the calendar as date.toordinal() has them."""

    first: int
    last: int

    @property
    def days(self) -> int:
        return self.last - self.first + 1


class Streak(NamedTuple):
    """`days` counts the written days between `first` and `last`, without the rest days among them."""

    days: int
    first: date
    last: date


class Summary(NamedTuple):
    days: int  # all written days
    current: Streak | None
    longest: Streak | None


def summary(ranges: Sequence[DayRange], rests: bool, today: date) -> Summary:
    """Of ranges in order, none of which touches the next."""
    past = until(ranges, today)
    return Summary(sum(written.days for written in ranges), current(past, rests, today), longest(past, rests))


def until(ranges: Sequence[DayRange], today: date) -> list[DayRange]:
    """Days in the future make no streak."""
    end = today.toordinal()
    return [DayRange(first, min(last, end)) for first, last in ranges if first <= end]


def longest(ranges: Sequence[DayRange], rests: bool) -> Streak | None:
    """The streak with the most days; of several such streaks, the latest."""
    best = None
    for streak in _streaks(ranges, rests):
        if best is None or streak[0] >= best[0]:
            best = streak
    return _dated(best) if best else None


def current(ranges: Sequence[DayRange], rests: bool, today: date) -> Streak | None:
    """The streak that still goes on. It does not end today, as today may still be written about."""
    if not ranges:
        return None
    *_, (days, first, last) = _streaks(ranges, rests)
    missed = today.toordinal() - last - 1
    if missed > 0:
        rest_days = [written.first - 1 for written in ranges if written.first > first]
        has_rest_left = not rest_days or today.toordinal() - 1 - rest_days[-1] >= WEEK
        if not (rests and missed == 1 and has_rest_left):
            return None
    return _dated((days, first, last))


def _streaks(ranges: Sequence[DayRange], rests: bool) -> Iterator[tuple[int, int, int]]:
    """For each range the streak that ends with it: its days, the first and the last one. A day between two
    ranges is a rest day if the rest day before it lies at least a week back, so no seven days have two."""
    start, days, rest, before = 0, 0, 0, 0  # the streak's first range, its days, its last rest, its last day
    for at, (first, last) in enumerate(ranges):
        missed = first - before - 1 if at else 0
        if missed > 1 or (missed and not rests):
            start, days, rest = at, 0, 0
        elif missed:
            if rest and first - 1 - rest < WEEK:
                # Keeps this rest day and drops the earlier one with all that lies before it.
                while ranges[start].first <= rest:
                    days -= ranges[start].days
                    start += 1
            rest = first - 1
        days, before = days + last - first + 1, last
        yield days, ranges[start].first, last


def _dated(streak: tuple[int, int, int]) -> Streak:
    days, first, last = streak
    return Streak(days, date.fromordinal(first), date.fromordinal(last))
