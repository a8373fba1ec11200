"""Dates of other programs' exports: parses them as far as they can be told, with the date as it was meant."""

import re
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone
from zoneinfo import ZoneInfo

from journal.accounts.users import zones
from journal.entries import moments

NOON = time(12)
ISO = re.compile(
    r"(?P<date>[0-9]{4}[-/.][0-9]{1,2}[-/.][0-9]{1,2})"
    r"(?:[T_ ,]+(?P<clock>[0-9]{1,2}[:.][0-9]{2}(?:[:.][0-9]{2})?)(?:[.,][0-9]{1,9})?"
    r"\s*(?P<half>[AaPp]\.?[Mm]\.?)?\s*(?P<offset>Z|UTC|GMT|[+-][0-9]{2}:?[0-9]{2})?)?\b.{0,40}",
    re.ASCII,
)
WORDS = ("%d.%m.%Y", "%B %d, %Y", "%d %B %Y", "%b %d, %Y", "%d %b %Y", "%Y%m%d")
CLOCKS = ("", " %H:%M", " %H:%M:%S", " %I:%M %p")
WEEKDAY = re.compile(r"^[A-Z][a-z]{2,8}day,? ", re.ASCII)
EPOCH = re.compile(r"1?[0-9]{9}(?:[0-9]{3})?", re.ASCII)
# Of files: 2024-05-31 and all that follows, 2024_05_31, 20240531, and the folders 2024/05/31.
FILE = re.compile(r"(?<![0-9])([0-9]{4})([-_.]?)([0-9]{2})\2([0-9]{2})(?![0-9])", re.ASCII)
FOLDERS = re.compile(
    r"(?:^|/)([0-9]{4})/(?:[0-9]{4}-)?([0-9]{2})[^/]{0,20}/(?:[0-9]{4}-[0-9]{2}-)?([0-9]{2})(?:[^0-9/][^/]*)?"
    r"(?:/[^/]*)?$",
    re.ASCII,
)


@dataclass(frozen=True)
class Moment:
    """`day` is the writer's date. `at` is the instant, at noon if only the day is known."""

    day: date
    at: datetime
    has_time: bool = True


def known_zone(name: str, other: str) -> str:
    """The zone, if we know it."""
    name = name.strip()
    return name if name in zones() else other


def of_day(day: date, zone: str, clock: time = NOON) -> datetime:
    """The instant of a local time. One that the clocks skipped is moved by as much."""
    try:
        return moments.instant(day, f"{clock:%H:%M}", zone) + timedelta(
            seconds=clock.second, microseconds=clock.microsecond
        )
    except moments.NoSuchTime:
        try:
            return datetime.combine(day, clock, ZoneInfo(zone)).astimezone(UTC)
        except OverflowError:
            return datetime.combine(day, clock, UTC)


def of_instant(at: datetime, zone: str) -> Moment:
    """The moment of an aware instant. Raises ValueError outside the calendar."""
    try:
        return Moment(at.astimezone(ZoneInfo(zone)).date(), at.astimezone(UTC))
    except OverflowError:
        raise ValueError(str(at)) from None


def of_epoch(number: float, zone: str, unit: float = 1.0) -> Moment:
    """The moment of a number of seconds since 1970, or of `unit` seconds each. Raises ValueError."""
    try:
        at = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=round(number * unit * 1e6))
    except (OverflowError, TypeError, ValueError):
        raise ValueError(str(number)[:40]) from None
    return of_instant(at, zone)


def parse(text: str, zone: str, date_format: str = "") -> Moment | None:
    """The moment of a text; None if it can't be told. A date with an offset is meant as it stands, one in UTC
    was noted by a program and is turned into the zone."""
    text = text.strip().strip("[]").strip()[:100]
    with suppress(ValueError, OverflowError):
        if date_format:
            return _formatted(text, zone, date_format)
    with suppress(ValueError, OverflowError):
        if EPOCH.fullmatch(text):
            return of_epoch(int(text), zone, 0.001 if len(text) > 11 else 1.0)
        if match := ISO.fullmatch(text):
            return _iso(match, zone)
    for day_format in WORDS:
        for clock_format in CLOCKS:
            with suppress(ValueError, OverflowError):
                return _formatted(WEEKDAY.sub("", text), zone, day_format + clock_format)
    return None


def _formatted(text: str, zone: str, date_format: str) -> Moment:
    found = datetime.strptime(text, date_format)  # noqa: DTZ007
    if found.tzinfo:
        return Moment(found.date(), found.astimezone(UTC))
    has_time = bool(re.search("%[HIXcrRT]", date_format))
    return Moment(found.date(), of_day(found.date(), zone, found.time() if has_time else NOON), has_time)


def _iso(match: re.Match[str], zone: str) -> Moment:
    year, month, day = (int(part) for part in re.split("[-/.]", match["date"]))
    about = date(year, month, day)
    if not match["clock"]:
        return Moment(about, of_day(about, zone), has_time=False)
    clock = _clock(match["clock"], match["half"] or "")
    offset = match["offset"]
    if not offset:
        return Moment(about, of_day(about, zone, clock))
    if offset in ("Z", "UTC", "GMT") or not int(offset[1:].replace(":", "")):
        return of_instant(datetime.combine(about, clock, UTC), zone)
    digits = offset[1:].replace(":", "")
    distance = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    fixed = timezone(-distance if offset[0] == "-" else distance)
    return Moment(about, datetime.combine(about, clock, fixed).astimezone(UTC))


def _clock(text: str, half: str) -> time:
    hour, minute, second = [*(int(part) for part in re.split("[:.]", text)), 0][:3]
    if half:
        hour = hour % 12 + (12 if half[0] in "Pp" else 0)
    return time(hour, minute, second)


def of_path(path: str) -> date | None:
    """The day that a file's name or its folders tell."""
    name = path.rpartition("/")[2]
    found = FOLDERS.search(path.rpartition(".")[0])
    dated = FILE.search(name)
    for year, month, day in [(dated[1], dated[3], dated[4])] if dated else [found.groups()] if found else []:
        with suppress(ValueError):
            return date(int(year), int(month), int(day))
    return None
