"""Anniversaries: dates without a year, stored as days of the leap year 2000. Pure."""

import re
from calendar import isleap
from datetime import date, timedelta

from journal.entries.day_counts import month_day

YEAR = 2000
NEAR = 3  # days
LEAP_DAY = date(YEAR, 2, 29)


def parse(typed: str) -> date:
    """Reads `MM-DD`. Raises ValueError."""
    if not re.fullmatch(r"[0-9]{2}-[0-9]{2}", typed, re.ASCII):
        raise ValueError(typed)
    return date.fromisoformat(f"{YEAR}-{typed}")


def of(day: date) -> date:
    return day.replace(year=YEAR)


def beside(shown: date, step: int) -> date:
    """The date `step` days later. The 1st of January follows the 31st of December."""
    return (shown + timedelta(days=step)).replace(year=YEAR)


def together(shown: date, year: int) -> list[int]:
    """The `month_day`s shown on this date of this year. In years without a 29th of February its entries are
    shown on the 28th, too."""
    is_stand_in = beside(shown, 1) == LEAP_DAY and not isleap(year)
    return [month_day(shown), *([month_day(LEAP_DAY)] if is_stand_in else [])]


def around(shown: date, year: int) -> list[int]:
    """The `month_day`s of the three days before and after, without the ones that `together` returns."""
    near = [month_day(beside(shown, step)) for step in range(-NEAR, NEAR + 1)]
    return [number for number in near if number not in together(shown, year)]
