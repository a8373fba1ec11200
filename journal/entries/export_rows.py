"""Rows for exports: the ids of all entries that leave, and then their rows in batches of bounded size. All is
read off the event loop."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import date

from journal.database import slow_rows
from journal.engines.row import Row
from journal.entries.models import NOT_BINNED

IDS = 5000  # read at once
BATCH = 100  # entries at most
SIZE = 1_000_000  # characters of texts, after which a batch ends
SECONDS = 60.0  # for one query
FIRST = date.min
ENTRY = "e.id, e.uid, e.version, e.day, e.zone, e.written_at, e.updated_at, e.mood, e.starred, e.deleted_at"
ENTRY += ", e.source, e.source_id, e.tags, e.title, e.html, e.body"
METADATA = "m.place, m.latitude, m.longitude, m.weather, m.record"
REVISION = "entry_id, number, kind, version, created_at, day, zone, mood, tags, title, body, written_at"


@dataclass(frozen=True)
class Narrowing:
    """Which entries leave. The first and the last day are included; `tag_key` is of tag_names.index_key."""

    first: date | None = None
    last: date | None = None
    tag_key: str = ""


@dataclass(frozen=True)
class DatedId:
    """An entry of an export, and its day."""

    id: int
    day: date


async def dated_ids(user_id: int, narrowing: Narrowing, with_bin: bool) -> AsyncIterator[list[DatedId]]:
    """All entries in the order of their days, by keyset. They are the export, though some may be moved to
    another day while it is written."""
    source, values = _source(user_id, narrowing, with_bin)
    day, last_id = FIRST, 0
    while True:
        found = await slow_rows(
            user_id,
            SECONDS,
            f"SELECT e.id, e.day FROM {source} AND (e.day, e.id) > (?, ?) ORDER BY e.day, e.id LIMIT ?",
            *(*values, day, last_id, IDS),
        )
        yield [DatedId(row["id"], row["day"]) for row in found]
        if len(found) < IDS:
            return
        day, last_id = found[-1]["day"], found[-1]["id"]


def _source(user_id: int, narrowing: Narrowing, with_bin: bool) -> tuple[str, list[object]]:
    """The tables and the condition, and the values of its placeholders."""
    source, values = "entries e WHERE e.user_id = ?", list[object]([user_id])
    if narrowing.tag_key:
        source = "entry_tags t JOIN entries e ON e.id = t.entry_id WHERE t.user_id = ? AND t.key = ?"
        values.append(narrowing.tag_key)
    if not with_bin:
        source += " AND " + NOT_BINNED.replace("deleted_at", "e.deleted_at")
    for condition, day in ((" AND e.day >= ?", narrowing.first), (" AND e.day <= ?", narrowing.last)):
        if day:
            source += condition
            values.append(day)
    return source, values


async def batches(user_id: int, ids: Sequence[int]) -> AsyncIterator[list[Row]]:
    """Their rows in the same order, without those that were deleted for good since."""
    for start in range(0, len(ids), BATCH):
        for group in await _groups(user_id, ids[start : start + BATCH]):
            sql = f"SELECT {ENTRY}, {METADATA} FROM entries e "
            sql += "LEFT JOIN entry_metadata m ON m.entry_id = e.id "
            sql += f"WHERE +e.user_id = ? AND e.id IN ({_marks(group)})"
            found = {row["id"]: row for row in await slow_rows(user_id, SECONDS, sql, user_id, *group)}
            yield [found[id] for id in group if id in found]


async def _groups(user_id: int, ids: Sequence[int]) -> list[list[int]]:
    """Divides them so that the texts of a group fit into memory together."""
    sizes = await slow_rows(
        user_id,
        SECONDS,
        "SELECT e.id, length(e.body) + length(e.html) + (SELECT coalesce(sum(length(r.body)), 0) "
        f"FROM revisions r WHERE r.entry_id = e.id) AS size FROM entries e WHERE e.id IN ({_marks(ids)})",
        *ids,
    )
    size_of, left = {row["id"]: row["size"] for row in sizes}, SIZE
    groups: list[list[int]] = [[]]
    for id in ids:
        left -= size_of.get(id, 0)
        if left < 0 and groups[-1]:
            groups.append([])
            left = SIZE - size_of.get(id, 0)
        groups[-1].append(id)
    return groups


async def revisions(user_id: int, ids: Sequence[int]) -> dict[int, list[Row]]:
    """The earlier texts of these entries, the oldest first."""
    sql = f"SELECT {REVISION} FROM revisions WHERE entry_id IN ({_marks(ids)}) ORDER BY entry_id, number"
    found: dict[int, list[Row]] = {}
    for row in await slow_rows(user_id, SECONDS, sql, *ids):
        found.setdefault(row["entry_id"], []).append(row)
    return found


def _marks(values: Sequence[object]) -> str:
    return ", ".join("?" * len(values))
