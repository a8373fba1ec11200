"""The date and the time in a template's text, put in when an entry begins with it. Pure."""

import calendar
import re
from collections.abc import Callable
from datetime import date, time

# By name: what it becomes, and in words what that is.
KINDS: dict[str, tuple[Callable[[date, time], str], str]] = {
    "date": (lambda day, now: f"{day.day} {calendar.month_name[day.month]} {day.year}", "the date"),
    "weekday": (lambda day, now: calendar.day_name[day.weekday()], "the day of the week"),
    "time": (lambda day, now: f"{now:%H:%M}", "the time on your clock"),
    "day": (lambda day, now: str(day.day), "the day of the month"),
    "month": (lambda day, now: calendar.month_name[day.month], "the month"),
    "year": (lambda day, now: str(day.year), "the year"),
    "week": (lambda day, now: str(day.isocalendar().week), "the week of the year"),
    "iso": (lambda day, now: day.isoformat(), "the date in figures"),
}
PLACEHOLDER = re.compile("{(" + "|".join(KINDS) + ")}")


def fill(text: str, day: date, now: time) -> str:
    """The day is the entry's, the time the writer's. What else stands in braces stays as it is."""
    return PLACEHOLDER.sub(lambda found: KINDS[found[1]][0](day, now), text)


def explained(day: date, now: time) -> list[tuple[str, str, str]]:
    """Each placeholder, what it is, and what it would be now."""
    return [(f"{{{name}}}", words, of(day, now)) for name, (of, words) in KINDS.items()]
