"""One year: its days as steps, its months as sums. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from journal.entries import mood
from journal.statistics import heatmap

MEASURES = ("words", "mood")


@dataclass(frozen=True)
class Month:
    number: int
    days: int = 0  # that are written
    entries: int = 0
    words: int = 0
    moods: int = 0
    mood_sum: int = 0

    @property
    def mood(self) -> str:
        """The key of the mean, or nothing."""
        return mood.mean(self.mood_sum, self.moods)

    @property
    def mood_value(self) -> float:
        """From 1, awful, to 5, great; 0 of none."""
        return self.mood_sum / self.moods if self.moods else 0


def months(days: Sequence[Any]) -> list[Month]:
    """All twelve."""
    found = []
    for number in range(1, 13):
        of_it = [day for day in days if day["day"].month == number]
        sums = {name: sum(day[name] for day in of_it) for name in ("entries", "words", "moods", "mood_sum")}
        found.append(Month(number, len(of_it), **sums))
    return found


def steps(days: Sequence[Any], measure: str) -> dict[date, int]:
    """1 to 5 for each written day; 0 where it has no such step."""
    if measure == "mood":
        return {day["day"]: heatmap.mood_step(day["moods"], day["mood_sum"]) for day in days}
    return {day["day"]: heatmap.words_step(day["words"]) for day in days}
