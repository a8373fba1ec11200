"""Clock: the present time, and the user's date by time zone and start of the day. No other module reads the
time, so tests can move it."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo


def now() -> datetime:
    """The present time in UTC, with time zone."""
    return datetime.now(UTC)


def timestamp() -> int:
    """Whole seconds since 1970."""
    return int(now().timestamp())


def local(zone: str) -> datetime:
    """The present local time in a time zone (an IANA name)."""
    return now().astimezone(ZoneInfo(zone))


def today(zone: str, starts: int = 0) -> date:
    """The local date; before the hour `starts` it is still the day before. Only the local hour counts, so a
    change to daylight saving time has no effect."""
    here = local(zone)
    return here.date() if here.hour >= starts else _before(here.date(), ZoneInfo(zone))


def _before(day: date, place: ZoneInfo) -> date:
    """The day before in that time zone: Apia skipped the 30th of December 2011."""
    for _ in range(2):
        day -= timedelta(days=1)
        noon = datetime.combine(day, time(12), place)
        if noon.astimezone(UTC).astimezone(place).date() == day:
            break
    return day


def midnight(zone: str, starts: int = 0) -> int:
    """When the next day starts there, in seconds since 1970."""
    following = today(zone, starts) + timedelta(days=1)
    return int(datetime.combine(following, time(starts), ZoneInfo(zone)).timestamp())
