"""Year statistics: the steps of its days and the sums of its months. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from journal.engines.row import Row
from journal.entries import mood
from journal.statistics import heatmap

MEASURES = ("words", "mood")


@dataclass(frozen=True)
class Month:
    number: int
    days: int = 0  # with entries
    entries: int = 0
    words: int = 0
    moods: int = 0
    mood_sum: int = 0

    @property
    def mood(self) -> str:
        """The key of the mean mood, or ""."""
        return mood.mean(self.mood_sum, self.moods)

    @property
    def mood_value(self) -> float:
        """The mean from 1, awful, to 5, great; 0 without any mood."""
        return self.mood_sum / self.moods if self.moods else 0


def months(days: Sequence[Row]) -> list[Month]:
    """The sums of all twelve months."""
    found = []
    for number in range(1, 13):
        in_month = [day for day in days if day["day"].month == number]
        sums = {
            name: sum(day[name] for day in in_month) for name in ("entries", "words", "moods", "mood_sum")
        }
        found.append(Month(number, len(in_month), **sums))
    return found


def steps(days: Sequence[Row], measure: str) -> dict[date, int]:
    """The step of each written day, from 1 to 5; 0 if it has no mood or no words."""
    if measure == "mood":
        return {day["day"]: heatmap.mood_step(day["moods"], day["mood_sum"]) for day in days}
    return {day["day"]: heatmap.words_step(day["words"]) for day in days}
