"""The only place that asks what time it is."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo


def now() -> datetime:
    """The present instant, aware, in UTC."""
    return datetime.now(UTC)


def timestamp() -> int:
    """Whole seconds since 1970."""
    return int(now().timestamp())


def local(zone: str) -> datetime:
    """The present on the wall where the zone (an IANA name) holds."""
    return now().astimezone(ZoneInfo(zone))


def today(zone: str) -> date:
    """The date on that wall."""
    return local(zone).date()


def midnight(zone: str) -> int:
    """When the date there will be the next one, in seconds since 1970."""
    return int(datetime.combine(today(zone) + timedelta(days=1), time(), ZoneInfo(zone)).timestamp())
