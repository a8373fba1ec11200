"""Sort key of the search index, a number made of account, day and entry id; and tokens of owner and year.
Pure."""

from datetime import date

IDS = 33  # bits: eight thousand million entries
DAYS = 22  # bits, which all days of the calendar fit into
IDS_END = (1 << IDS) - 1
# The entries of an account are stored together, beside those of every 256th other account.
PEOPLE = 1 << (63 - DAYS - IDS)


def place(user_id: int, day: date, entry_id: int) -> int:
    return start(user_id, day.toordinal()) | entry_id


def start(user_id: int, ordinal: int) -> int:
    """The key before all entries of a day, which is given as `toordinal` counts."""
    return (user_id % PEOPLE << DAYS | ordinal) << IDS


def entry_id(place: int) -> int:
    return place & IDS_END


def day(place: int) -> date:
    return date.fromordinal(place >> IDS & ((1 << DAYS) - 1))


def owner(user_id: int, is_binned: bool) -> str:
    return f"_{'b' if is_binned else 'u'}{user_id}"


def year_of(user_id: int, year: int) -> str:
    """A token of entries outside the bin, by which GIN can be asked for some years alone."""
    return f"_y{user_id}_{year}"
