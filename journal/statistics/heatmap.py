"""Heatmap: a year in pixels, a dot for each day whose size shows one of five steps. Pure."""

from calendar import monthrange
from collections.abc import Mapping
from datetime import date

from journal.entries import mood

STEPS = 5
WORDS = (1, 100, 250, 500, 1000)  # the lowest number of each step
PITCH = 10.5  # distance between dots, in units of the drawing
LEFT, TOP = 34, 18  # room for the names of months and the numbers of days
WIDTH, HEIGHT = LEFT + 31 * PITCH, TOP + 12 * PITCH
DASH = 4  # length of the dash for a day without a step
UNKNOWN = 0  # the step of a written day without a mood or without words


def words_step(words: int) -> int:
    """1 to 5, or 0 for no words."""
    return sum(words >= begin for begin in WORDS)


def mood_step(moods: int, mood_sum: int) -> int:
    """The mean of the day's moods from 1, awful, to 5, great; 0 without any mood."""
    return mood.VALUES[mood.mean(mood_sum, moods)] if moods else UNKNOWN


def paths(year: int, steps: Mapping[date, int]) -> dict[str, str]:
    """The dots as SVG paths: one path for each step, and "none" for the days without entries. A dot is a line
    of no length whose width the style sheet sets; a written day of step 0 is a dash."""
    dots: dict[str, list[str]] = {name: [] for name in ("none", *(str(step) for step in range(STEPS + 1)))}
    for month in range(1, 13):
        for day in range(1, monthrange(year, month)[1] + 1):
            step = steps.get(date(year, month, day))
            x, y = place(month, day)
            mark = f"M{x - DASH / 2:g} {y:g}h{DASH}" if step == UNKNOWN else f"M{x:g} {y:g}h0"
            dots["none" if step is None else str(step)].append(mark)
    return {name: "".join(moves) for name, moves in dots.items() if moves}


def place(month: int, day: int) -> tuple[float, float]:
    """The centre of a day's dot; each month is a row."""
    return LEFT + (day - 0.5) * PITCH, TOP + (month - 0.5) * PITCH


def grid(year: int, steps: Mapping[date, int]) -> list[list[int | None]]:
    """The steps for a table with a row for each day of the month and a cell for each month. -1 stands for a
    day that the month does not have, None for a day without entries."""
    return [[_cell(year, month, day, steps) for month in range(1, 13)] for day in range(1, 32)]


def _cell(year: int, month: int, day: int, steps: Mapping[date, int]) -> int | None:
    return -1 if day > monthrange(year, month)[1] else steps.get(date(year, month, day))
