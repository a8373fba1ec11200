"""A year in pixels: for each day one of five steps, drawn as dots that grow. Pure."""

from calendar import monthrange
from collections.abc import Mapping
from datetime import date

from journal.entries import mood

STEPS = 5
WORDS = (1, 100, 250, 500, 1000)  # from which the steps begin
PITCH = 10.5  # of the dots, in units of the drawing
LEFT, TOP = 34, 18  # room for the names of months and the numbers of days
WIDTH, HEIGHT = LEFT + 31 * PITCH, TOP + 12 * PITCH
DASH = 4
UNKNOWN = 0  # a day that is written, but has no such step


def words_step(words: int) -> int:
    """1 to 5; of no words 0."""
    return sum(words >= begin for begin in WORDS)


def mood_step(moods: int, mood_sum: int) -> int:
    """1, awful, to 5, great: the mean of the day's moods; without any 0."""
    return mood.VALUES[mood.mean(mood_sum, moods)] if moods else UNKNOWN


def paths(year: int, steps: Mapping[date, int]) -> dict[str, str]:
    """The dots as paths of an SVG, one for each step and one for the days that nothing is written about.
    Each dot is a line of no length, how thick is for the style sheet to say; a written day that has no such
    step is a dash."""
    dots: dict[str, list[str]] = {name: [] for name in ("none", *(str(step) for step in range(STEPS + 1)))}
    for month in range(1, 13):
        for day in range(1, monthrange(year, month)[1] + 1):
            step = steps.get(date(year, month, day))
            x, y = place(month, day)
            mark = f"M{x - DASH / 2:g} {y:g}h{DASH}" if step == UNKNOWN else f"M{x:g} {y:g}h0"
            dots["none" if step is None else str(step)].append(mark)
    return {name: "".join(moves) for name, moves in dots.items() if moves}


def place(month: int, day: int) -> tuple[float, float]:
    """The middle of a day's dot: a row for each month."""
    return LEFT + (day - 0.5) * PITCH, TOP + (month - 0.5) * PITCH


def grid(year: int, steps: Mapping[date, int]) -> list[list[int | None]]:
    """The same for a table: a row for each day of the month, a cell for each month. -1 is a day that the
    month has not, None one that nothing is written about."""
    return [[_cell(year, month, day, steps) for month in range(1, 13)] for day in range(1, 32)]


def _cell(year: int, month: int, day: int, steps: Mapping[date, int]) -> int | None:
    return -1 if day > monthrange(year, month)[1] else steps.get(date(year, month, day))
