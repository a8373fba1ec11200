"""Preferences (time zone, theme, start of day and week, font) in a plain cookie, which is validated on
reading. Every page needs them, and the cookie spares it a query; the account holds all but the theme."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from functools import lru_cache
from typing import Any
from urllib.parse import parse_qsl, urlencode

from journal.accounts.users import zones
from journal.engines.row import Row

MAX_AGE = 400 * 24 * 3600  # seconds; browsers keep none longer
THEMES = ("system", "light", "dark")
DAY_STARTS = range(7)  # hours
WEEK_STARTS = (0, 6, 5)  # Monday, Sunday, Saturday
FONTS = ("serif", "sans", "mono")
SWITCH = ("on", "off")
CHOICES = {"theme": THEMES, "font": FONTS, "keys": SWITCH, "conceal": SWITCH}
# Columns of the account, which the cookie repeats.
IN_ACCOUNT = ("zone", "day_starts", "week_starts", "font", "keys", "conceal")


@dataclass(frozen=True)
class Preferences:
    zone: str = ""  # empty if the browser has lost the cookie; then the account is read
    theme: str = "system"
    day_starts: int = 0  # the hour
    week_starts: int = 0  # the weekday, Monday being 0
    font: str = "serif"
    keys: str = "on"  # keyboard shortcuts of one letter
    conceal: str = "off"  # whether the text is blurred after minutes without a key

    def to_cookie(self) -> str:
        """The cookie's value. Settings that came later are left out while they have their default."""
        return urlencode(
            {name: value for name, value in asdict(self).items() if name not in LATER or value != LATER[name]}
        )

    def of(self, account: Row | Mapping[str, Any]) -> "Preferences":
        """These preferences with the settings of the account."""
        return replace(self, **{name: account[name] for name in IN_ACCOUNT})


LATER = {name: value for name, value in asdict(Preferences()).items() if name in ("font", "keys", "conceal")}


def read(cookie: str) -> Preferences:
    return _read(cookie[:500])  # bounds the memory of the cache, as anybody may send a long cookie


@lru_cache(maxsize=1024)
def _read(cookie: str) -> Preferences:
    values = dict(parse_qsl(cookie))
    zone = values.get("zone", "")
    chosen = {name: values[name] for name, choices in CHOICES.items() if values.get(name) in choices}
    day_starts = choice(values.get("day_starts", "0"), DAY_STARTS)
    week_starts = choice(values.get("week_starts", "0"), WEEK_STARTS)
    if zone not in zones() or day_starts is None or week_starts is None:
        zone = ""  # then the account is read
    return Preferences(zone, day_starts=day_starts or 0, week_starts=week_starts or 0, **chosen)


def choice(typed: str, allowed: Iterable[int]) -> int | None:
    """The allowed number that was typed, or None."""
    return next((number for number in allowed if typed == str(number)), None)
