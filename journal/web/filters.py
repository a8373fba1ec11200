"""How templates say days, times and numbers."""

import calendar
import re
from collections.abc import Callable
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from markupsafe import Markup

from journal import unicode_scripts

MONTHS, WEEKDAYS = calendar.month_name[1:], calendar.day_name[:]  # English, as nothing here sets a locale


# By their letters; Japanese first, as it has Chinese ones too.
SCRIPTS = {
    "ja": re.compile(f"[{unicode_scripts.KANA}]"),
    "ko": re.compile(f"[{unicode_scripts.HANGUL}]"),
    "zh": re.compile(f"[{unicode_scripts.HAN}]"),
}
EAST_ASIAN = re.compile(
    f"[{unicode_scripts.KANA}{unicode_scripts.BOPOMOFO}{unicode_scripts.HAN}{unicode_scripts.HANGUL}]"
)
HEAD = 300  # characters that tell
SHARE = 0.2  # of them, so that one borrowed word is not enough; the tags of HTML count as well


def long_day(day: date) -> str:
    """Friday, 2 September 2016 - by hand, as strftime fails or pads before the year 1000."""
    return f"{WEEKDAYS[day.weekday()]}, {day.day} {MONTHS[day.month - 1]} {day.year}"


def month_name(number: int) -> str:
    """January for 1."""
    return MONTHS[number - 1]


def date_of_year(day: date) -> str:
    """2 September."""
    return f"{day.day} {MONTHS[day.month - 1]}"


def weekday(number: int) -> str:
    """Monday for 0."""
    return WEEKDAYS[number]


def short_day(day: date) -> str:
    """2 September 2016."""
    return f"{day.day} {MONTHS[day.month - 1]} {day.year}"


def local_time(moment: datetime, zone: str) -> str:
    """The time on the clock where it was written."""
    return f"{moment.astimezone(ZoneInfo(zone)):%H:%M}"


def local_moment(moment: datetime, zone: str) -> str:
    """2 September 2016, 21:04."""
    local = moment.astimezone(ZoneInfo(zone))
    return f"{local.day} {MONTHS[local.month - 1]} {local.year}, {local:%H:%M}"


def counted(number: int, word: str, words: str = "") -> str:
    """1 word, 1,234 words; `words` where an s is not enough."""
    return f"{number:,} {word if number == 1 else words or word + 's'}"


def lang(text: str) -> str:
    """A `lang` attribute for text in Chinese, Japanese or Korean, which has fonts and lines of its own."""
    head = text[:HEAD]
    if head.isascii() or len(EAST_ASIAN.findall(head)) < SHARE * len(head):
        return ""
    found = next((name for name, letters in SCRIPTS.items() if letters.search(head)), "")
    return Markup(f' lang="{found}"') if found else ""  # noqa: S704 - one of our own three words


ALL: dict[str, Callable[..., Any]] = {
    "long_day": long_day,
    "date_of_year": date_of_year,
    "month_name": month_name,
    "weekday": weekday,
    "short_day": short_day,
    "local_time": local_time,
    "local_moment": local_moment,
    "counted": counted,
    "lang": lang,
}
