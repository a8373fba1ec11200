"""Placeholders: fills the date and the time into a template's text when an entry begins with it. Pure."""

import calendar
import re
from collections.abc import Callable
from datetime import date, time

# By name: a function that returns the value, and a description.
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
    """Fills in the entry's day and the writer's local time. Other text in braces stays as it is."""
    return PLACEHOLDER.sub(lambda found: KINDS[found[1]][0](day, now), text)


def explained(day: date, now: time) -> list[tuple[str, str, str]]:
    """Each placeholder with its description and its present value."""
    return [(f"{{{name}}}", words, value(day, now)) for name, (value, words) in KINDS.items()]
