"""Timestamp parsing: reads times stored as text, seconds, milliseconds or Julian days. Pure."""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from email.utils import parsedate_to_datetime
from zoneinfo import ZoneInfo

from journal.transfer.legacy import written_dates
from journal.transfer.legacy.written_dates import NO_RULES, DateRules

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
UNIX_DAY_OF_JULIAN_0 = 2440587.5
JULIAN = range(2_300_000, 2_600_000)  # days; as seconds since 1970 all of them would lie in January 1970
SHORTEST = 1e6  # seconds; smaller numbers are no times, but days of a month, years and the like
TICKS = ((1e17, 1e9), (1e14, 1e6), (1e11, 1e3))  # nano-, micro- and milliseconds are that large


@dataclass(frozen=True)
class Moment:
    at: datetime  # aware, UTC
    day: date  # in the zone that was asked for


def read(value: object, zone: ZoneInfo, rules: DateRules = NO_RULES, clock: object = None) -> Moment | None:
    """A time without a zone is taken to be in `zone`. `clock` is the time of day for a value that is a date.
    Returns None if the value is no time."""
    try:
        return _within(_moment(_with_clock(_parsed(value, rules), clock), zone))
    except (ValueError, OverflowError, TypeError):
        return None


def _within(moment: Moment | None) -> Moment | None:
    """The years 1 and 9999 count as "no date", as apps use them so and conversion to other zones fails."""
    return moment if moment and all(1 < year < 9999 for year in (moment.at.year, moment.day.year)) else None


def _moment(value: datetime | date | None, zone: ZoneInfo) -> Moment | None:
    if value is None:
        return None
    if not isinstance(value, datetime):
        return Moment(datetime.combine(value, time(), zone).astimezone(UTC), value)
    if value.tzinfo is None:
        # Keeps the date as written, also for an hour that the clocks skipped.
        return Moment(value.replace(tzinfo=zone).astimezone(UTC), value.date())
    return Moment(value.astimezone(UTC), value.astimezone(zone).date())


def _with_clock(value: datetime | date | None, clock: object) -> datetime | date | None:
    if value is None or isinstance(value, datetime) or clock is None:
        return value
    if isinstance(clock, timedelta):
        return datetime.combine(value, time()) + clock
    try:
        found = clock if isinstance(clock, time) else written_dates.clock_of(str(clock))[0]
    except ValueError:
        return value
    return datetime.combine(value, found) if found else value


def _parsed(value: object, rules: DateRules) -> datetime | date | None:
    if isinstance(value, date) or value is None:  # a datetime is a date as well
        return value
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        return _number(value)
    return _text(str(value).strip(), rules)


def _number(value: float) -> datetime | date | None:
    if abs(value) < SHORTEST:
        return None
    if value == int(value) and re.fullmatch(r"(19|20)\d{6}", str(int(value))):
        return date.fromisoformat(str(int(value)))
    if int(value) in JULIAN:
        return EPOCH + timedelta(days=round((value - UNIX_DAY_OF_JULIAN_0) * 86400) / 86400)
    ticks = next((per_second for least, per_second in TICKS if abs(value) >= least), 1)
    return EPOCH + timedelta(seconds=value / ticks)


def _text(text: str, rules: DateRules) -> datetime | date | None:
    if not text:
        return None
    if re.fullmatch(r"-?\d+(\.\d+)?", text) and not re.fullmatch(r"\d{8}", text):
        return _number(float(text) if "." in text else int(text))
    return _iso(text) or written_dates.parse(text, rules) or parsedate_to_datetime(text)


def _iso(text: str) -> datetime | date | None:
    text = re.sub(r"\s+UTC$", "Z", text)
    text = re.sub(r"\s+(Z|[+-]\d\d)", r"\1", text)  # Ruby and PostgreSQL put a space before the offset
    text = re.sub(r"^(\d{4})/(\d\d)/(\d\d)", r"\1-\2-\3", text)
    for parse in (date.fromisoformat, datetime.fromisoformat):
        try:
            return parse(text)
        except ValueError:
            continue
    return None
