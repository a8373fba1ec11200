"""Writes of entries: apart from migrations, only this module writes rows of `entries`. Every write but a
star's updates the derived data too."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import TypeVar
from uuid import UUID

from tortoise.queryset import QuerySet

from journal.accounts.departures import remember_deleted
from journal.database import Connection, rows
from journal.derived import contract
from journal.derived.change import Change, EntryState
from journal.engines.insert import insert
from journal.entries.day_counts import month_day
from journal.entries.models import Entry
from journal.entries.values import Columns, EntryFields
from journal.text.analysis import Analysis, Source, analysed

BATCH = 50  # entries that are deleted for good in one transaction; each may have a megabyte of text
T = TypeVar("T")


class Overtaken(Exception):
    """Another request has changed the entry since its text was analysed."""


# Before a transaction


async def analysis_of(user_id: int, uid: UUID, fields: EntryFields) -> Analysis:
    """Analyses the text that the entry will have: fields that are not given are read as they stand. The body
    is rendered only if it is given."""
    given = {name: getattr(fields, name) for name in Source._fields}
    if None in given.values():
        sql = f"SELECT {', '.join(given)} FROM entries WHERE uid = ? AND user_id = ?"
        found = await rows(sql, str(uid), user_id)
        stored = found[0] if found else {"title": "", "body": "", "tags": []}
        given = {name: stored[name] if value is None else value for name, value in given.items()}
    prefix = None if fields.body is None else str(uid)
    return await analysed(user_id, Source(**given), prefix)


async def until_current(attempt: Callable[[], Awaitable[T]]) -> T:
    """Optimistic concurrency: repeats the attempt until no other request writes between its reading and its
    writing."""
    while True:
        try:
            return await attempt()
        except Overtaken:
            continue


# Inside a transaction


def new(user_id: int, uid: UUID, fields: EntryFields, analysis: Analysis, now: datetime) -> Entry:
    """Returns a row that is not in the table yet."""
    zone, day = fields.zone or "UTC", fields.day or now.date()
    entry = Entry(user_id=user_id, uid=uid, version=1, written_at=now, updated_at=now, zone=zone, day=day)
    columns: Columns = {"day": day, "title": "", "body": "", "tags": [], "mood": ""}
    columns |= {"html": "", "words": 0, "rendering": analysis.version, **fields.over(entry)}
    return entry.update_from_dict(_completed(columns, analysis))


def _completed(columns: Columns, analysis: Analysis) -> Columns:
    """Adds the columns that are computed from others."""
    if "day" in columns:
        columns = columns | {"month_day": month_day(columns["day"])}
    if analysis.html is None:
        return columns
    return columns | {
        "html": analysis.html,
        "words": analysis.word_count,
        "rendering": analysis.version,
    }


def state(entry: Entry) -> EntryState:
    columns = {name: getattr(entry, name) for name in EntryState.__dataclass_fields__}
    return EntryState(**columns | {"tags": tuple(entry.tags)})


async def begin(db: Connection, entry: Entry, analysis: Analysis) -> bool:
    """Inserts a new entry. Returns False if another request took its uid in the meantime."""
    _require_text(entry, {}, analysis)
    if not await insert(db, entry):
        return False
    await contract.apply(db, [Change(None, state(entry), analysis)])
    return True


async def add(db: Connection, added: Sequence[tuple[Entry, Analysis]]) -> None:
    """Inserts many new entries at once."""
    await Entry.bulk_create([entry for entry, _ in added], using_db=db)
    uids = [entry.uid for entry, _ in added]
    ids = dict(await Entry.filter(uid__in=uids).using_db(db).values_list("uid", "id"))
    for entry, _ in added:  # bulk_create sets no ids on SQLite
        entry.id = ids[entry.uid]
    await contract.apply(db, [Change(None, state(entry), analysis) for entry, analysis in added])


async def change(db: Connection, entry: Entry, analysis: Analysis, columns: Columns) -> bool:
    """Writes a new version. Returns False, and writes nothing, if the row is no longer what `entry` says.
    Raises Overtaken if the analysis is of another text."""
    return await _set(db, entry, analysis, columns | {"version": entry.version + 1})


async def move(db: Connection, entry: Entry, analysis: Analysis, deleted_at: datetime | None) -> bool:
    """Moves the entry into the bin or out of it, without a new version, so that a page which still edits
    it meets no conflict. Otherwise as `change`."""
    return await _set(db, entry, analysis, {"deleted_at": deleted_at})


async def locked(db: Connection, ids: Sequence[int]) -> list[Entry]:
    """Returns the entries that are not in the bin, as they stand until the end of the transaction.

    A request that changes several entries locks them first, in this order, because their writers lock derived
    rows after them: otherwise two requests could wait for each other.
    """
    found = Entry.filter(id__in=ids, deleted_at=None).using_db(db).order_by("id")
    return await found.select_for_update(no_key=True)  # others may still insert revisions


async def change_all(db: Connection, changed: Sequence[tuple[Entry, Analysis, Columns]]) -> None:
    """Writes a new version of each of these entries, which are locked."""
    changes = []
    for entry, analysis, columns in changed:
        made = await _changed(db, entry, analysis, columns | {"version": entry.version + 1})
        assert made
        changes.append(made)
    await contract.apply(db, changes)


async def rerender(db: Connection, rendered: Sequence[tuple[Entry, Analysis]]) -> None:
    """Replaces the HTML of these versions. Entries that were changed in the meantime are left alone."""
    changes = [await _changed(db, entry, analysis, {}) for entry, analysis in rendered]
    await contract.apply(db, [change for change in changes if change])


async def _set(db: Connection, entry: Entry, analysis: Analysis, columns: Columns) -> bool:
    if made := await _changed(db, entry, analysis, columns):
        await contract.apply(db, [made])
    return made is not None


async def _changed(db: Connection, entry: Entry, analysis: Analysis, columns: Columns) -> Change | None:
    """Compares and sets in one statement, which does the same on both engines."""
    _require_text(entry, columns, analysis)
    before, columns = state(entry), _completed(columns, analysis)
    same = {"id": entry.id, "version": entry.version, "deleted_at__isnull": not before.is_binned}
    same["rendering"] = entry.rendering  # another process may have counted its words anew
    if not await Entry.filter(**same).using_db(db).update(**columns):
        return None
    entry.update_from_dict(columns)
    return Change(before, state(entry), analysis)


def _require_text(entry: Entry, columns: Columns, analysis: Analysis) -> None:
    """Derived data must be made of the very text that is written."""
    for name, value in analysis.source._asdict().items():
        if columns.get(name, getattr(entry, name)) != value:
            raise Overtaken


async def star(db: Connection, user_id: int, uid: UUID, starred: bool) -> bool:
    """Sets or removes the star. Returns False if there is no such entry. A star makes no version."""
    return bool(await Entry.filter(user_id=user_id, uid=uid).using_db(db).update(starred=starred))


async def purge(db: Connection, leaving: QuerySet[Entry], *, may_come_back: bool = False) -> int:
    """Deletes a batch of entries for good, with their revisions. Returns how many they were. The next import
    leaves them out, unless they may come back."""
    # The rows are locked because DELETE does not check their versions. `deleted_at` comes first, so that
    # SQLite uses its index.
    entries = await leaving.using_db(db).order_by("deleted_at", "id").limit(BATCH).select_for_update()
    if not entries:
        return 0
    gone = Entry.filter(id__in=[entry.id for entry in entries])
    if not may_come_back:
        await remember_deleted(db, "entry", gone.using_db(db))
    await gone.using_db(db).delete()
    await contract.apply(db, [Change(state(entry), None, None) for entry in entries])
    return len(entries)
