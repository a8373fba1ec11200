"""Time zones and local time: the instant of an entry from its day, clock time and time zone. Pure."""

import re
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

LATEST = "06:00"  # a day may begin as late, for those who write at night


class NoSuchTime(ValueError):
    """That local time never existed in the zone. The message is a sentence, `field` the field of the form."""

    def __init__(self, sentence: str, field: str = "time") -> None:
        super().__init__(sentence)
        self.field = field


def parse_time(typed: str) -> str:
    """Parses HH:MM, and HH:MM:SS, which some browsers send. Raises ValueError."""
    if not re.fullmatch(r"([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9])?", typed, re.ASCII):
        raise ValueError(typed)
    return typed[:5]


def clock_time(moment: datetime, zone: str) -> str:
    """Local time in the zone, HH:MM."""
    return f"{moment.astimezone(ZoneInfo(zone)):%H:%M}"


def instant(day: date, clock: str, zone: str) -> datetime:
    """Raises NoSuchTime for a local time that does not exist: when clocks go forward, or on a day that a
    country skipped to cross the date line. A time that exists twice is taken as the first."""
    try:
        local = datetime.combine(day, time.fromisoformat(clock), ZoneInfo(zone))
        moment = local.astimezone(UTC)
        was_there = moment.astimezone(ZoneInfo(zone)).replace(tzinfo=None) == local.replace(tzinfo=None)
    except OverflowError:
        was_there = False
    if not was_there:
        raise NoSuchTime(f"On {day} the clocks in {zone} never showed {clock}; choose another time or zone.")
    return moment


def moved(written_at: datetime, zone: str, day: date, clock: str | None, new_zone: str | None) -> datetime:
    """The instant after an edit. A changed time, or the shown time in another zone, is a time on the
    entry's day, or in the night after it if the entry was written then. A new day, and a new zone
    without a time, leave the instant as it is."""
    is_same = new_zone in (None, zone) and clock in (None, clock_time(written_at, zone))
    if not is_same and clock is not None:
        night = clock < LATEST and (written_at.astimezone(ZoneInfo(zone)).date() - day).days == 1
        return instant(day + timedelta(days=night), clock, new_zone or zone)
    if new_zone is not None:
        try:
            clock_time(written_at, new_zone)
        except OverflowError:
            sentence = f"The calendar ends before that moment in {new_zone}."
            raise NoSuchTime(sentence, "zone") from None
    return written_at
