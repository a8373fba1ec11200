"""The cookies of one browser, kept as RFC 6265bis says: life, flags, prefixes and SameSite."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from tests.simulation.messages import Request

LONGEST = timedelta(days=400)


@dataclass(frozen=True)
class Cookie:
    value: str
    expires: datetime | None  # None: until the browser is closed
    same_site: str
    secure: bool


class Jar:
    def __init__(self, scheme: str) -> None:
        self.scheme = scheme
        self.kept: dict[str, Cookie] = {}

    def take(self, lines: list[str], now: datetime) -> None:
        for line in lines:
            name, cookie = _parsed(line, now)
            if cookie.secure and self.scheme != "https":
                continue
            if name.startswith("__Host-") and not (cookie.secure and "; Path=/" in line):
                continue
            self.kept[name] = cookie

    def header(self, request: Request, now: datetime) -> str:
        self.kept = {name: cookie for name, cookie in self.kept.items() if not _is_over(cookie, now)}
        sent = (f"{name}={cookie.value}" for name, cookie in self.kept.items() if _goes(cookie, request))
        return "; ".join(sent)

    def close_browser(self) -> None:
        self.kept = {name: cookie for name, cookie in self.kept.items() if cookie.expires}


def _parsed(line: str, now: datetime) -> tuple[str, Cookie]:
    pair, *flags = line.split("; ")
    name, _, value = pair.partition("=")
    said = {key.lower(): text for key, _, text in (flag.partition("=") for flag in flags)}
    assert "domain" not in said, line
    expires = now + min(timedelta(seconds=int(said["max-age"])), LONGEST) if "max-age" in said else None
    return name, Cookie(value, expires, said.get("samesite", "Lax"), "secure" in said)


def _is_over(cookie: Cookie, now: datetime) -> bool:
    return cookie.expires is not None and cookie.expires <= now


def _goes(cookie: Cookie, request: Request) -> bool:
    """A link from elsewhere brings Lax cookies along, a form from elsewhere none."""
    if request.site != "cross-site":
        return True
    return cookie.same_site == "None" or (cookie.same_site == "Lax" and not request.is_write)
