"""When an entry was written: a day, the time on the clock and the zone it hung in, or one instant. Pure."""

import re
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

LATEST = "06:00"  # a day may begin as late, for those who write at night


class NoSuchTime(ValueError):
    """The clock never showed that time there. The message is a sentence, `field` the form's field."""

    def __init__(self, sentence: str, field: str = "time") -> None:
        super().__init__(sentence)
        self.field = field


def parse_time(typed: str) -> str:
    """HH:MM, also of the HH:MM:SS that some browsers send; ValueError."""
    if not re.fullmatch(r"([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9])?", typed, re.ASCII):
        raise ValueError(typed)
    return typed[:5]


def shown(moment: datetime, zone: str) -> str:
    """The time on the clock there, HH:MM."""
    return f"{moment.astimezone(ZoneInfo(zone)):%H:%M}"


def instant(day: date, clock: str, zone: str) -> datetime:
    """Of an hour that came twice, the first; what was left out when clocks went forward raises NoSuchTime,
    as does every time of a day that a country skipped to change sides of the date line."""
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
    """The instant after an edit. What the form shows is what holds: another time, or the time that stands
    there in another zone, is meant on the entry's day, or in the night after it if that is when it was. A new
    zone alone, without a time, and a new day leave the instant as it is."""
    is_same = new_zone in (None, zone) and clock in (None, shown(written_at, zone))
    if not is_same and clock is not None:
        night = clock < LATEST and (written_at.astimezone(ZoneInfo(zone)).date() - day).days == 1
        return instant(day + timedelta(days=night), clock, new_zone or zone)
    if new_zone is not None:
        try:
            shown(written_at, new_zone)
        except OverflowError:
            sentence = f"The calendar ends before that moment in {new_zone}."
            raise NoSuchTime(sentence, "zone") from None
    return written_at
