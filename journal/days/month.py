"""Calendar months and years, from year 1 to 9999. Pure."""

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date

FIRST, LAST = date.min.year, date.max.year


@dataclass(frozen=True, order=True)
class Month:
    year: int
    number: int

    @property
    def first(self) -> date:
        return date(self.year, self.number, 1)

    @property
    def last(self) -> date:
        return date(self.year, self.number, monthrange(self.year, self.number)[1])

    @property
    def path(self) -> str:
        return f"/calendar/{self.year:04}/{self.number:02}"

    def weeks(self, starts: int) -> list[list[date | None]]:
        """Rows of seven days, None outside the month. A week starts on weekday `starts`, Monday being 0."""
        before = (self.first.weekday() - starts) % 7
        days = [self.first.replace(day=day) for day in range(1, self.last.day + 1)]
        cells = [*[None] * before, *days]
        cells += [None] * (-len(cells) % 7)
        return [cells[start : start + 7] for start in range(0, len(cells), 7)]

    def beside(self, step: int) -> "Month | None":
        """The month `step` months later, or None outside the calendar."""
        year, number = divmod(self.year * 12 + self.number - 1 + step, 12)
        return Month(year, number + 1) if FIRST <= year <= LAST else None


def of(day: date) -> Month:
    return Month(day.year, day.month)


def months(year: int) -> list[Month]:
    return [Month(year, number) for number in range(1, 13)]


def weekdays(starts: int) -> list[int]:
    return [(starts + n) % 7 for n in range(7)]


def parse_year(typed: str) -> int:
    """Reads `YYYY`. Raises ValueError."""
    if not re.fullmatch(r"[0-9]{4}", typed, re.ASCII) or int(typed) < FIRST:
        raise ValueError(typed)
    return int(typed)


def parse(year: str, month: str) -> Month:
    """Reads `YYYY` and `MM`. Raises ValueError."""
    if not re.fullmatch(r"0[1-9]|1[0-2]", month, re.ASCII):
        raise ValueError(month)
    return Month(parse_year(year), int(month))
