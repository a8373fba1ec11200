"""Streaks, compared with a search that tries every range of days."""

from collections.abc import Sequence
from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from journal.statistics import streaks
from journal.statistics.streaks import DayRange, Streak

EXAMPLES = settings(max_examples=300, derandomize=True, database=None)
TODAY = date(2024, 5, 31)


def days(*ago: int) -> list[DayRange]:
    """The ranges of written days, given as numbers of days before today."""
    found: list[DayRange] = []
    for day in sorted(TODAY.toordinal() - back for back in ago):
        first = found.pop().first if found and found[-1].last == day - 1 else day
        found.append(DayRange(first, day))
    return found


def is_streak(written: set[date], first: date, last: date, rests: bool) -> bool:
    """States the rule plainly: begins and ends with a written day, and no seven days miss two."""
    stretch = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    missed = [day for day in stretch if day not in written]
    near = any((later - earlier).days < 7 for earlier, later in pairwise(missed))
    return first in written and last in written and not near and (rests or not missed)


def plainly(ago: Sequence[int], rests: bool) -> tuple[int, int]:
    """The length of the longest and of the current streak, found by trying all ranges."""
    written = {TODAY - timedelta(days=back) for back in ago if back >= 0}
    longest = current = 0
    for first in written:
        for last in written:
            if first <= last and is_streak(written, first, last, rests):
                count = sum(first <= day <= last for day in written)
                longest = max(longest, count)
                # It goes on as long as writing today would make it longer.
                if is_streak(written | {TODAY}, first, TODAY, rests):
                    current = max(current, count)
    return longest, current


@EXAMPLES
@given(st.sets(st.integers(-3, 40)), st.booleans())
def test_streaks_are_those_that_a_plain_search_finds(ago: set[int], rests: bool) -> None:
    found = streaks.until(days(*ago), TODAY)
    longest, current = streaks.longest(found, rests), streaks.current(found, rests, TODAY)
    assert (longest.days if longest else 0, current.days if current else 0) == plainly(sorted(ago), rests)


@pytest.mark.parametrize(
    ("ago", "rests", "longest", "current"),
    [
        ([], False, 0, 0),
        ([0], False, 1, 1),
        ([1], False, 1, 1),
        ([2], False, 1, 0),
        ([2], True, 1, 1),
        ([3], True, 1, 0),
        ([0, 1, 2, 4, 5, 6, 7], False, 4, 3),
        ([0, 1, 2, 4, 5, 6, 7], True, 7, 7),
        ([0, 2, 4], True, 2, 2),
        ([0, 2, 3, 4, 5, 6, 7, 9, 10], True, 9, 9),
        ([0, 2, 3, 4, 5, 6, 8, 9], True, 7, 6),
    ],
)
def test_streaks_of_a_few_days(ago: list[int], rests: bool, longest: int, current: int) -> None:
    found = days(*ago)
    best, present = streaks.longest(found, rests), streaks.current(found, rests, TODAY)
    assert (best.days if best else 0, present.days if present else 0) == (longest, current)


def test_a_backdated_entry_closes_the_gap() -> None:
    assert streaks.current(days(0, 1, 3, 4), False, TODAY) == Streak(2, date(2024, 5, 30), TODAY)
    assert streaks.current(days(0, 1, 2, 3, 4), False, TODAY) == Streak(5, date(2024, 5, 27), TODAY)


def test_of_two_streaks_of_a_length_the_later_is_the_longest() -> None:
    found = streaks.longest(days(0, 1, 10, 11), False)
    assert found == Streak(2, date(2024, 5, 30), TODAY)


def test_the_calendars_ends_are_days_like_others() -> None:
    end = date.max.toordinal()
    found = [DayRange(1, 2), DayRange(end - 1, end)]
    assert streaks.longest(found, True) == Streak(2, date(9999, 12, 30), date(9999, 12, 31))
    assert streaks.until(found, TODAY) == found[:1]
    assert streaks.current(found, True, date(9999, 12, 31))
    assert streaks.current(found[:1], True, date(1, 1, 1)) is not None
