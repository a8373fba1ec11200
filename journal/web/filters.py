"""Template filters: format dates, times and numbers."""

import calendar
import re
from collections.abc import Callable
from datetime import date, datetime
from zoneinfo import ZoneInfo

from markupsafe import Markup

from journal import unicode_scripts

MONTHS, WEEKDAYS = calendar.month_name[1:], calendar.day_name[:]  # English, as nothing here sets a locale


# Letters that tell a language. Japanese comes first, because it has Chinese letters too.
SCRIPTS = {
    "ja": re.compile(f"[{unicode_scripts.KANA}]"),
    "ko": re.compile(f"[{unicode_scripts.HANGUL}]"),
    "zh": re.compile(f"[{unicode_scripts.HAN}]"),
}
EAST_ASIAN = re.compile(
    f"[{unicode_scripts.KANA}{unicode_scripts.BOPOMOFO}{unicode_scripts.HAN}{unicode_scripts.HANGUL}]"
)
HEAD = 300  # characters that are examined
SHARE = 0.2  # of East Asian letters among them, so that one borrowed word is not enough; HTML tags count too


def long_day(day: date) -> str:
    """Friday, 2 September 2016. Not by strftime, which fails or pads before the year 1000."""
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


def iso_day(text: str) -> str:
    """2 September 2016 for 2016-09-02."""
    return short_day(date.fromisoformat(text))


def local_time(moment: datetime, zone: str) -> str:
    """21:04, in the time zone of the entry."""
    return f"{moment.astimezone(ZoneInfo(zone)):%H:%M}"


def local_moment(moment: datetime, zone: str) -> str:
    """2 September 2016, 21:04."""
    local = moment.astimezone(ZoneInfo(zone))
    return f"{local.day} {MONTHS[local.month - 1]} {local.year}, {local:%H:%M}"


def counted(number: int, word: str, words: str = "") -> str:
    """1 word or 1,234 words; `words` is the plural if it is not regular."""
    return f"{number:,} {word if number == 1 else words or word + 's'}"


def lang(text: str) -> str:
    """A `lang` attribute for Chinese, Japanese and Korean, which browsers set in other fonts and break into
    lines by other rules."""
    head = text[:HEAD]
    if head.isascii() or len(EAST_ASIAN.findall(head)) < SHARE * len(head):
        return ""
    found = next((name for name, letters in SCRIPTS.items() if letters.search(head)), "")
    return Markup(f' lang="{found}"') if found else ""  # noqa: S704 - one of three constants


ALL: dict[str, Callable[..., str]] = {
    "long_day": long_day,
    "date_of_year": date_of_year,
    "month_name": month_name,
    "weekday": weekday,
    "short_day": short_day,
    "iso_day": iso_day,
    "local_time": local_time,
    "local_moment": local_moment,
    "counted": counted,
    "lang": lang,
}
