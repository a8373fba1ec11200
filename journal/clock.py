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


def today(zone: str, starts: int = 0) -> date:
    """The date on that wall or, before the hour at which the day starts, that of the day before. By the wall
    alone: an hour that is left out or comes twice changes nothing."""
    wall = local(zone)
    return wall.date() if wall.hour >= starts else _before(wall.date(), ZoneInfo(zone))


def _before(day: date, place: ZoneInfo) -> date:
    """The day that came before this one there: Apia went from the 29th of December 2011 to the 31st."""
    for _ in range(2):
        day -= timedelta(days=1)
        noon = datetime.combine(day, time(12), place)
        if noon.astimezone(UTC).astimezone(place).date() == day:
            break
    return day


def midnight(zone: str, starts: int = 0) -> int:
    """When it will be the next day there, in seconds since 1970: at the hour at which the day starts."""
    following = today(zone, starts) + timedelta(days=1)
    return int(datetime.combine(following, time(starts), ZoneInfo(zone)).timestamp())
