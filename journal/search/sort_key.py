"""The number that stands for an entry's place: among people, then in time, then its id. Pure."""

from datetime import date

IDS = 33  # bits: eight thousand million entries
DAYS = 22  # bits, which all days of the calendar fit into
IDS_END = (1 << IDS) - 1
# What one person wrote stands together in a table and in an index, beside that of every 256th other.
PEOPLE = 1 << (63 - DAYS - IDS)


def place(user_id: int, day: date, entry_id: int) -> int:
    return start(user_id, day.toordinal()) | entry_id


def start(user_id: int, ordinal: int) -> int:
    """Of a day, as `toordinal` counts it: before all its entries."""
    return (user_id % PEOPLE << DAYS | ordinal) << IDS


def entry_id(place: int) -> int:
    return place & IDS_END


def day(place: int) -> date:
    return date.fromordinal(place >> IDS & ((1 << DAYS) - 1))
