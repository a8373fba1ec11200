"""Written dates: reads dates that a program wrote for people, as `August 24, 2024 at 9:15 PM`. Pure."""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone

MONTHS = (
    *("january", "february", "march", "april", "may", "june", "july", "august", "september", "october"),
    *("november", "december"),
)
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
SKIPPED = ("at", "on", "of", "the", "um", "uhr")
ZONE = re.compile(r"\s*(?:\b(?:UTC|GMT|Z)|([+-]\d\d):?(\d\d))$", re.I)
SECONDS = r"(?::(\d\d)(?:\.\d+)?)?"
HALF = rf"\b(\d{{1,2}})(?::(\d\d))?{SECONDS}\s*([ap])\.?m\b\.?"
CLOCK = re.compile(rf"{HALF}|\b(\d{{1,2}}):(\d\d){SECONDS}", re.I)
NUMBERS = re.compile(r"(\d{1,4})([./-]) ?(\d{1,2})\2 ?(\d{1,4})\.?")
HOURS = re.compile("%[HIcXp]")


@dataclass(frozen=True)
class DateRules:
    """How the dates of a source are written."""

    day_first: bool | None = None  # 03/04/2024 is in April; None: it can't be read
    format: str = ""  # as in strptime; tried first


NO_RULES = DateRules()


def parse(text: str, rules: DateRules) -> datetime | date | None:
    """A date, or a moment where the text has a time of day; it is aware if the text says a zone. Returns None
    if the text is neither. Raises ValueError for days that don't exist."""
    if rules.format and (found := _formatted(text, rules.format)):
        return found
    zone, text = _zone(text.strip())
    clock, rest = clock_of(text)
    words = re.sub(r"[,()]", " ", rest).split()
    words = [word for word in words if word.lower() not in SKIPPED and not _is_weekday(word)]
    day = _numeric_day(" ".join(words), rules) or _named_day(words)
    if day and clock:
        return datetime.combine(day, clock, zone)
    return day


def _formatted(text: str, format: str) -> datetime | date | None:
    try:
        found = datetime.strptime(text.strip(), format)  # noqa: DTZ007 - the caller adds the zone
    except ValueError:
        return None
    return found if HOURS.search(format) else found.date()


def clock_of(text: str) -> tuple[time | None, str]:
    """The time of day in the text, and the rest of it. Raises ValueError for one that doesn't exist."""
    found = CLOCK.search(text)
    if not found:
        return None, text
    hour, minute, second, half, hour24, minute24, second24 = found.groups()
    if half:
        hours = int(hour) % 12 + (12 if half.lower() == "p" else 0) if int(hour) <= 12 else int(hour)
    else:
        hours = int(hour24)
    clock = time(hours, int(minute or minute24 or 0), int(second or second24 or 0))
    return clock, f"{text[: found.start()]} {text[found.end() :]}"


def _zone(text: str) -> tuple[timezone | None, str]:
    found = ZONE.search(text)
    if not found or (found[1] and ":" not in text[: found.start()]):
        return None, text
    if not found[1]:
        return UTC, text[: found.start()]
    hours, minutes = int(found[1]), int(found[2])
    offset = timedelta(hours=abs(hours), minutes=minutes)
    return timezone(-offset if found[1][0] == "-" else offset), text[: found.start()]


def _is_weekday(word: str) -> bool:
    plain = word.lower().rstrip(".")
    return len(plain) >= 3 and any(weekday.startswith(plain) for weekday in WEEKDAYS)


def _numeric_day(text: str, rules: DateRules) -> date | None:
    found = NUMBERS.fullmatch(text)
    if not found:
        return None
    first, separator, second, third = found.groups()
    if len(first) > 2:
        return date(int(first), int(second), int(third)) if len(first) == 4 else None
    if len(third) not in (2, 4):
        return None
    day_first = separator == "." or rules.day_first
    if int(first) == int(second):
        day_first = True
    if day_first is None:
        return None
    day, month = (first, second) if day_first else (second, first)
    return date(_year(third), int(month), int(day))


def _named_day(words: list[str]) -> date | None:
    """One month's name and two numbers, as in `24th August 2024` and `24-Aug-2024`."""
    if not any(word[:3].isalpha() for word in words) and "-" not in "".join(words):
        return None
    parts = [part for word in words for part in re.split(r"[-/.]", word) if part]
    months = [number for part in parts if (number := _month(part))]
    numbers = [re.sub(r"(?<=\d)(st|nd|rd|th)$", "", part, flags=re.I) for part in parts if not _month(part)]
    if len(months) != 1 or len(numbers) != 2 or not all(re.fullmatch(r"\d+", n) for n in numbers):
        return None
    year, day = numbers if len(numbers[0]) == 4 else numbers[::-1]
    return date(_year(year), months[0], int(day))


def _month(word: str) -> int:
    plain = word.lower()
    found = [number for number, month in enumerate(MONTHS, 1) if month.startswith(plain)]
    return found[0] if len(plain) >= 3 and found else 9 if plain == "sept" else 0


def _year(digits: str) -> int:
    year = int(digits)
    return year if len(digits) > 2 else year + (2000 if year < 70 else 1900)
