"""How templates say days, times and numbers."""

from collections.abc import Callable
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

MONTHS = ["January", "February", "March", "April", "May", "June"]
MONTHS += ["July", "August", "September", "October", "November", "December"]
WEEKDAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]


def long_day(day: date) -> str:
    """Friday, 2 September 2016 - by hand, as strftime fails or pads before the year 1000."""
    return f"{WEEKDAYS[day.weekday()]}, {day.day} {MONTHS[day.month - 1]} {day.year}"


def local_time(moment: datetime, zone: str) -> str:
    """The time on the clock where it was written."""
    return f"{moment.astimezone(ZoneInfo(zone)):%H:%M}"


def local_moment(moment: datetime, zone: str) -> str:
    """2 September 2016, 21:04."""
    local = moment.astimezone(ZoneInfo(zone))
    return f"{local.day} {MONTHS[local.month - 1]} {local.year}, {local:%H:%M}"


def counted(number: int, word: str) -> str:
    return f"{number:,} {word}" if number == 1 else f"{number:,} {word}s"


ALL: dict[str, Callable[..., Any]] = {
    "long_day": long_day,
    "local_time": local_time,
    "local_moment": local_moment,
    "counted": counted,
}
