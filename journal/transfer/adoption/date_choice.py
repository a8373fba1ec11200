"""Date choice: decides by all dates of a source together how they are written."""

import re
from datetime import date, datetime
from itertools import pairwise
from typing import NamedTuple
from zoneinfo import ZoneInfo

from journal.transfer.legacy import timestamps, values
from journal.transfer.legacy.entry_columns import UnknownSchema
from journal.transfer.legacy.timestamps import Moment
from journal.transfer.legacy.written_dates import DateRules

UTC = ZoneInfo("UTC")
NO_DATE = re.compile(r"\s*|0|(0000|0001|9999)-.*|-?infinity|none|null|n/a|-|.* BC", re.I)
FEW = 3  # so many unreadable dates are named in the report; more are asked about
FEW_OF = 100  # or one of so many


class Either(NamedTuple):
    """A date that can be read with the day first, with the month first, or both."""

    source_id: str
    role: str
    column: str
    text: str
    by_day_first: dict[bool, Moment | None]


class DateChoice:
    def __init__(self, format: str) -> None:
        """Raises UnknownSchema if strptime can't use the format."""
        self.given = DateRules(_day_first(format), _checked(format))
        self.total = 0
        self.unreadable: dict[tuple[str, str], list[str]] = {}  # values by role and column
        self.either: list[Either] = []

    def add(self, source_id: str, role: str, column: str, value: object) -> None:
        """`day` may hold anything, as names of weekdays."""
        text = values.text(value).strip()
        if value is None or NO_DATE.fullmatch(text):
            return
        self.total += 1
        if timestamps.read(value, UTC, self.given):
            return
        rules = {first: DateRules(first, self.given.format) for first in (True, False)}
        found = {first: timestamps.read(text, UTC, rule) for first, rule in rules.items()}
        if any(found.values()):
            self.either.append(Either(source_id, role, column, text, found))
        elif role != "day":
            self.unreadable.setdefault((role, column), []).append(text)

    def rules(self) -> DateRules:
        """Raises UnknownSchema if more than a few dates can't be read, or by two orders alike."""
        day_first = self._day_first() if self.either else self.given.day_first
        for one in self.either:
            if day_first is None or not one.by_day_first[day_first]:
                self.unreadable.setdefault((one.role, one.column), []).append(one.text)
        for (role, column), texts in self.unreadable.items():
            if len(texts) > max(FEW, self.total // FEW_OF):
                raise _unreadable(role, column, texts, self.total)
        return DateRules(day_first, self.given.format)

    def _day_first(self) -> bool:
        counts = {
            first: sum(1 for date in self.either if date.by_day_first[first]) for first in (True, False)
        }
        if counts[True] != counts[False]:
            return counts[True] > counts[False]
        if (rising := self._is_rising(True)) != self._is_rising(False):
            return rising
        one = self.either[0]
        raise UnknownSchema(
            f"Dates like {one.text!r} in {one.column} can be read with the day or with the month first: say "
            "which with --date-format, as %d/%m/%Y or %m/%d/%Y.",
            "--date-format %d/%m/%Y",
        )

    def _is_rising(self, day_first: bool) -> bool:
        """Whether each entry is later than the one before it, for ids follow the time of writing."""
        dates = sorted((d for d in self.either if d.source_id.isdigit()), key=lambda d: int(d.source_id))
        moments = [found.at for d in dates if d.role == "created" and (found := d.by_day_first[day_first])]
        return all(one <= other for one, other in pairwise(moments))


def _checked(format: str) -> str:
    try:
        if format and "%" in format:
            datetime.strptime(date(2024, 8, 24).strftime(format), format)  # noqa: DTZ007 - nothing is read
            return format
    except ValueError:
        pass
    if not format:
        return ""
    raise UnknownSchema(f"{format!r} is no format of dates; it should be like %d/%m/%Y or '%b %d, %Y %H:%M'.")


def _day_first(format: str) -> bool | None:
    day, month = format.find("%d"), format.find("%m")
    return None if -1 in (day, month) else day < month


def _unreadable(role: str, column: str, texts: list[str], total: int) -> UnknownSchema:
    shown = ", ".join(repr(text[:40]) for text in texts[:3])
    return UnknownSchema(
        f"{len(texts):,} of {total:,} dates can't be read, as {shown} in {column}: say how they are written "
        f"with --date-format, as %d/%m/%Y, or leave that column out with --column entries.{role}=.",
        "--date-format %d/%m/%Y",
    )
