"""Local days: the day on which people wrote, where their zone is not that of the stored times. Pure."""

from datetime import UTC, date, datetime, time

from journal.transfer.adoption.options import AdoptOptions
from journal.transfer.legacy.timestamps import Moment


def moved(moment: Moment | None, stored: object, options: AdoptOptions) -> Moment | None:
    """The moment with the day that it has in the zone of the people. Midnight is taken for a date without a
    time, which is the same day in every zone."""
    if moment is None or options.people_in == options.zone:
        return moment
    if moment.at.astimezone(options.zone).time() != time():
        return Moment(moment.at, moment.at.astimezone(options.people_in).date())
    return Moment(_midnight(moment.day, options), moment.day) if _is_date(stored) else moment


def _is_date(stored: object) -> bool:
    if isinstance(stored, str):
        return ":" not in stored
    return isinstance(stored, date) and not isinstance(stored, datetime)


def _midnight(day: date, options: AdoptOptions) -> datetime:
    return datetime.combine(day, time(), options.people_in).astimezone(UTC)
