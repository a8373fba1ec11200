"""What every page needs to know of its reader besides who it is, in a plain cookie that is never trusted."""

from dataclasses import asdict, dataclass
from functools import lru_cache
from urllib.parse import parse_qsl, urlencode

from journal.accounts.people import zones

COOKIE = "preferences"
MAX_AGE = 400 * 24 * 3600  # seconds; browsers keep none longer
THEMES = ("system", "light", "dark")


@dataclass(frozen=True)
class Preferences:
    zone: str = ""  # empty: the browser has lost it and the account must be asked
    theme: str = "system"

    def written(self) -> str:
        return urlencode(asdict(self))


def read(cookie: str) -> Preferences:
    return _read(cookie[:500])  # no more: what anybody may send is not remembered at any length


@lru_cache(maxsize=1024)
def _read(cookie: str) -> Preferences:
    values = dict(parse_qsl(cookie))
    zone, theme = values.get("zone", ""), values.get("theme", "")
    return Preferences(zone if zone in zones() else "", theme if theme in THEMES else "system")
