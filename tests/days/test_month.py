"""Calendar arithmetic: the grid of a month, and dates without a year."""

from calendar import Calendar
from datetime import date, timedelta
from itertools import pairwise

import pytest

from journal.days import anniversary, month
from journal.days.month import Month

# The standard library's calendar knows all years but the ends of the first and the last one.
YEARS = [2, 4, 100, 999, 1000, 1582, 1600, 1660, 1669, 1700, 1899, 1900, 1970, 2000, 2023, 2024, 2100, 9998]


@pytest.mark.parametrize("starts", range(7))
def test_a_month_is_laid_out_as_the_standard_calendar_does(starts: int) -> None:
    for year in YEARS:
        for shown in month.months(year):
            wanted = Calendar(starts).monthdayscalendar(year, shown.number)
            assert [[day.day if day else 0 for day in week] for week in shown.weeks(starts)] == wanted


@pytest.mark.parametrize("starts", range(7))
def test_each_day_stands_under_its_weekday_and_comes_once(starts: int) -> None:
    for year in (1, 1660, 2024, 9999):
        days = []
        for shown in month.months(year):
            for week in shown.weeks(starts):
                assert len(week) == 7
                for weekday, day in zip(month.weekdays(starts), week, strict=True):
                    assert day is None or day.weekday() == weekday
                days += [day for day in week if day]
                assert any(week)
        assert days[0] == date(year, 1, 1)
        assert days[-1] == date(year, 12, 31)
        assert all(one + timedelta(days=1) == other for one, other in pairwise(days))


def test_months_follow_each_other_from_the_first_year_to_the_last() -> None:
    assert Month(2024, 12).beside(1) == Month(2025, 1)
    assert Month(2024, 1).beside(-1) == Month(2023, 12)
    assert Month(2024, 5).beside(-17) == Month(2022, 12)
    assert Month(1, 1).beside(-1) is None
    assert Month(9999, 12).beside(1) is None
    assert (Month(1, 1).path, Month(1660, 9).path) == ("/calendar/0001/01", "/calendar/1660/09")


@pytest.mark.parametrize(
    "typed", ["", "0", "0000", "1", "24", "10000", "02024", "-001", "２０２４", "2024 ", "x"]
)
def test_what_is_no_year_is_refused(typed: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        month.parse_year(typed)


@pytest.mark.parametrize("typed", ["", "0", "00", "5", "13", "005", "-1", "0x", "٠٥", "05 ", "may"])
def test_what_is_no_month_is_refused(typed: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        month.parse("2024", typed)


# Dates without a year


def test_the_year_is_walked_through_in_366_steps_both_ways() -> None:
    for step in (1, -1):
        shown, seen = anniversary.of(date(2023, 3, 1)), []
        for _ in range(366):
            seen.append((shown.month, shown.day))
            shown = anniversary.beside(shown, step)
        assert len(set(seen)) == 366
        assert (2, 29) in seen
        assert (shown.month, shown.day) == (3, 1)


@pytest.mark.parametrize(
    "typed", ["", "5-31", "05-1", "02-30", "13-01", "00-10", "01-00", "04-31", "2024-05-31", "05/31", "٠٥-٣١"]
)
def test_what_is_no_date_is_refused(typed: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        anniversary.parse(typed)


def test_what_was_written_on_a_leap_day_comes_on_the_28th_where_there_is_none() -> None:
    on = anniversary.parse
    assert anniversary.together(on("02-29"), 2024) == [229]
    assert anniversary.together(on("02-29"), 2023) == [229]
    assert anniversary.together(on("02-28"), 2024) == [228]
    assert anniversary.together(on("02-28"), 2023) == [228, 229]
    assert anniversary.together(on("02-28"), 1900) == [228, 229]
    assert anniversary.together(on("02-28"), 2000) == [228]
    assert anniversary.together(on("03-01"), 2023) == [301]


def test_around_a_date_lie_three_days_on_either_side() -> None:
    on = anniversary.parse
    assert anniversary.around(on("01-02"), 2023) == [1230, 1231, 101, 103, 104, 105]
    assert anniversary.around(on("02-28"), 2023) == [225, 226, 227, 301, 302]
    assert anniversary.around(on("02-28"), 2024) == [225, 226, 227, 229, 301, 302]
    assert anniversary.around(on("03-01"), 2023) == [227, 228, 229, 302, 303, 304]
