"""The number that stands for an entry's place in time: its day, then its id. Pure."""

from datetime import date

IDS = 40  # bits: a day has room for a million million entries, and all days fit into 62 bits
IDS_END = (1 << IDS) - 1


def place(day: date, entry_id: int) -> int:
    return start(day.toordinal()) | entry_id


def start(ordinal: int) -> int:
    """Of a day, as `toordinal` counts it: before all its entries."""
    return ordinal << IDS


def entry_id(place: int) -> int:
    return place & IDS_END


def day(place: int) -> date:
    return date.fromordinal(place >> IDS)
