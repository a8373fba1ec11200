"""Dates without a year. Pure. They are days of the year 2000, which has all 366."""

import re
from calendar import isleap
from datetime import date, timedelta

from journal.entries.day_counts import month_day

YEAR = 2000
NEAR = 3  # days
LEAP_DAY = date(YEAR, 2, 29)


def parse(typed: str) -> date:
    """`MM-DD`; ValueError."""
    if not re.fullmatch(r"[0-9]{2}-[0-9]{2}", typed, re.ASCII):
        raise ValueError(typed)
    return date.fromisoformat(f"{YEAR}-{typed}")


def of(day: date) -> date:
    return day.replace(year=YEAR)


def beside(shown: date, step: int) -> date:
    """So many days later; after the 31st of December comes the 1st of January."""
    return (shown + timedelta(days=step)).replace(year=YEAR)


def together(shown: date, year: int) -> list[int]:
    """The `month_day`s that are remembered on that date of that year: what was written on a 29th of February
    has a date of its own, and in years without one comes on the 28th as well."""
    is_stand_in = beside(shown, 1) == LEAP_DAY and not isleap(year)
    return [month_day(shown), *([month_day(LEAP_DAY)] if is_stand_in else [])]


def around(shown: date, year: int) -> list[int]:
    """The `month_day`s of three days before and after, without those that are remembered on the date."""
    near = [month_day(beside(shown, step)) for step in range(-NEAR, NEAR + 1)]
    return [one for one in near if one not in together(shown, year)]
