"""Calendar queries: which days are written, read from the counts of days."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby

from journal.database import rows
from journal.days import anniversary
from journal.days.month import Month
from journal.engines.row import Row
from journal.entries import mood, reading
from journal.entries.models import NOT_BINNED
from journal.text import plain

HEAD = 600  # characters of HTML, enough for the first words
REMEMBERED = 3  # years in the block on other pages
NEAR = 24  # days at most in the list of days around a date
WEEK = timedelta(days=6)
COUNTS = "c.day, c.entries, c.words, c.moods, c.mood_sum"
# Adds the first entry of each day. The LEFT JOIN also returns a day that is counted but has no entry.
FIRST = (
    f"SELECT {COUNTS}, e.title, substr(e.html, 1, {HEAD}) AS head FROM ({{days}}) AS c LEFT JOIN entries e "
    f"ON e.id = (SELECT id FROM entries WHERE user_id = c.user_id AND day = c.day AND {NOT_BINNED} "
    "ORDER BY id LIMIT 1)"
)


@dataclass(frozen=True)
class Written:
    """A day with entries. `opening` is the first entry's title, or its first words if it has none."""

    day: date
    entries: int
    words: int
    mood: str
    opening: str = ""


def _written(row: Row, opening: str = "") -> Written:
    mean = mood.mean(row["mood_sum"], row["moods"])
    return Written(row["day"], row["entries"], row["words"], mean, opening)


def _opened(row: Row) -> Written:
    return _written(row, row["title"] or plain.opening(row["head"] or ""))


async def of_month(user_id: int, month: Month) -> dict[date, Written]:
    days = "SELECT * FROM day_counts WHERE user_id = ? AND day BETWEEN ? AND ?"
    found = await rows(FIRST.format(days=days), user_id, month.first, month.last)
    return {row["day"]: _opened(row) for row in found}


async def of_year(user_id: int, year: int) -> dict[date, Written]:
    """Leaves out the opening of each day."""
    found = await rows(
        f"SELECT {COUNTS} FROM day_counts c WHERE c.user_id = ? AND c.day BETWEEN ? AND ?",
        user_id,
        date(year, 1, 1),
        date(year, 12, 31),
    )
    return {row["day"]: _written(row) for row in found}


async def ends(user_id: int) -> tuple[date, date] | None:
    """The first and the last day with entries."""
    found = await rows(
        "SELECT * FROM (SELECT day FROM day_counts WHERE user_id = ? ORDER BY day LIMIT 1) AS first "
        "UNION ALL "
        "SELECT * FROM (SELECT day FROM day_counts WHERE user_id = ? ORDER BY day DESC LIMIT 1) AS last",
        user_id,
        user_id,
    )
    return (found[0]["day"], found[1]["day"]) if found else None


# One date in every year


async def earlier(user_id: int, today: date) -> list[Written]:
    """The newest earlier years with entries on this date, one more than shown, to know if there are more."""
    dates = anniversary.together(anniversary.of(today), today.year)
    return await _newest(user_id, dates, REMEMBERED + 1, "day < ?", today.replace(month=1, day=1))


async def around(user_id: int, shown: date, today: date) -> list[Written]:
    """The newest days near this date in any year, without the week around today."""
    dates = anniversary.around(shown, today.year)
    return await _newest(user_id, dates, NEAR, "day NOT BETWEEN ? AND ?", today - WEEK, today + WEEK)


async def _newest(user_id: int, dates: Sequence[int], limit: int, where: str, *values: date) -> list[Written]:
    """Queries each date separately, so that the index returns the newest days without reading all years."""
    part = (
        f"SELECT * FROM day_counts WHERE user_id = ? AND month_day = ? AND {where} ORDER BY day DESC LIMIT ?"
    )
    parts = " UNION ALL ".join(f"SELECT * FROM ({part}) AS d{number}" for number in dates)
    days = f"SELECT * FROM ({parts}) AS days ORDER BY day DESC LIMIT ?"
    given = [value for number in dates for value in (user_id, number, *values, limit)]
    found = await rows(f"{FIRST.format(days=days)} ORDER BY c.day DESC", *given, limit)
    return [_opened(row) for row in found]


@dataclass(frozen=True)
class Years:
    """Entries of one date, grouped by year, and the cursor of the next page."""

    groups: list[tuple[int, list[Row]]]
    cursor: str


async def on_this_day(user_id: int, shown: date, year: int, before: str = "") -> Years:
    """The entries of a date in every year, newest first. Raises ValueError for an invalid cursor."""
    page = await _of_dates(user_id, anniversary.together(shown, year), before)
    by_year = groupby(page.entries, lambda entry: entry["day"].year)
    return Years([(year, list(entries)) for year, entries in by_year], page.cursor)


async def _of_dates(user_id: int, dates: Sequence[int], before: str) -> reading.Page:
    """Queries each date separately, as _newest does."""
    day, uid = reading.read_cursor(before) if before else (date.max, None)
    part = (
        f"SELECT {reading.listed()} FROM entries WHERE user_id = ? AND month_day = ? AND {NOT_BINNED} "
        "AND (day, id) < "
        f"(?, coalesce((SELECT id FROM entries WHERE uid = ? AND user_id = ?), {reading.END})) "
        "ORDER BY day DESC, id DESC"
    )
    values = [(user_id, number, day, uid and str(uid), user_id) for number in dates]
    if len(dates) == 1:
        return await reading.page(part, *values[0])
    limited = f"{part} LIMIT {reading.PAGE + 1}"
    parts = " UNION ALL ".join(f"SELECT * FROM ({limited}) AS d{number}" for number in dates)
    sql = f"{parts} ORDER BY day DESC, id DESC"
    return await reading.page(sql, *(value for part in values for value in part))
