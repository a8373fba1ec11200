"""Placeholders: the values that replace words in braces."""

from datetime import date, time

import pytest

from journal.entry_templates import placeholders

DAY, NOW = date(2024, 5, 31), time(9, 4)


@pytest.mark.parametrize(
    ("written", "becomes"),
    [
        ("{date}", "31 May 2024"),
        ("{weekday}", "Friday"),
        ("{time}", "09:04"),
        ("{day}", "31"),
        ("{month}", "May"),
        ("{year}", "2024"),
        ("{week}", "22"),
        ("{iso}", "2024-05-31"),
        ("{weekday}, {date}: {weekday}", "Friday, 31 May 2024: Friday"),
    ],
)
def test_each_placeholder_becomes_its_part_of_the_day(written: str, becomes: str) -> None:
    assert placeholders.fill(written, DAY, NOW) == becomes


@pytest.mark.parametrize(
    "text", ["{name}", "{Date}", "{ date }", "{}", "{{", "{0.__class__}", "%(date)s", "{date", "日付{日}"]
)
def test_what_else_stands_in_braces_stays_as_it_is(text: str) -> None:
    assert placeholders.fill(text, DAY, NOW) == text


def test_braces_around_a_placeholder_stay() -> None:
    assert placeholders.fill("{{date}}", DAY, NOW) == "{31 May 2024}"


@pytest.mark.parametrize(
    ("day", "becomes"),
    [
        (date(1, 1, 1), "Monday 1 January 1 0001-01-01"),
        (date(1665, 9, 2), "Wednesday 2 September 1665 1665-09-02"),
        (date(9999, 12, 31), "Friday 31 December 9999 9999-12-31"),
    ],
)
def test_days_far_away_have_a_date_like_any_other(day: date, becomes: str) -> None:
    assert placeholders.fill("{weekday} {date} {iso}", day, NOW) == becomes


def test_each_placeholder_is_explained_with_what_it_is_now() -> None:
    explained = placeholders.explained(DAY, NOW)
    assert ("{date}", "the date", "31 May 2024") in explained
    assert {written.strip("{}") for written, _, _ in explained} == set(placeholders.KINDS)
