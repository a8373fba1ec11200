"""The only place that writes rows of entries; whatever has to follow a change follows it here."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from tortoise.queryset import QuerySet

from journal.accounts.users import remember_deleted_imports
from journal.database import Connection
from journal.engines.insert import insert
from journal.entries.day_counts import month_day
from journal.entries.derived import Change, EntryState, follow
from journal.entries.models import Entry
from journal.entries.rendered import Rendered
from journal.entries.values import EntryFields

BATCH = 50  # entries that go for good in one transaction; each may have a megabyte of text


def new(user_id: int, uid: UUID, words: EntryFields, shown: Rendered, now: datetime) -> Entry:
    """A row that is not in the table yet."""
    empty: dict[str, Any] = {"title": "", "body": "", "tags": [], "mood": "", **shown._asdict()}
    zone, day = words.zone or "UTC", words.day or now.date()
    entry = Entry(user_id=user_id, uid=uid, version=1, written_at=now, updated_at=now, zone=zone, day=day)
    return entry.update_from_dict(_dated({"day": day, **empty, **words.over(entry)}))


def _dated(columns: dict[str, Any]) -> dict[str, Any]:
    """With what has to stand beside a day wherever one is set."""
    return columns | ({"month_day": month_day(columns["day"])} if "day" in columns else {})


async def begin(db: Connection, entry: Entry) -> bool:
    """Whether it is in the table now: false where its uid was taken by somebody else at this very moment."""
    if not await insert(db, entry):
        return False
    await follow(db, [Change(None, EntryState.of(entry))])
    return True


async def add(db: Connection, entries: Sequence[Entry]) -> None:
    """Many new ones at once."""
    await Entry.bulk_create(entries, using_db=db)
    uids = [entry.uid for entry in entries]
    ids = dict(await Entry.filter(uid__in=uids).using_db(db).values_list("uid", "id"))
    for entry in entries:  # SQLite does not tell them
        entry.id = ids[entry.uid]
    await follow(db, [Change(None, EntryState.of(entry)) for entry in entries])


async def change(db: Connection, entry: Entry, **columns: Any) -> bool:
    """A new version, if the row is still what `entry` says; false, and nothing is written, if not."""
    return await _set(db, entry, columns | {"version": entry.version + 1})


async def locked(db: Connection, ids: Sequence[int]) -> list[Entry]:
    """Those of them that are not in the bin, as they stand until the end of the transaction.

    Who changes several entries locks them first, in this order, since whatever follows them is locked by
    their writers behind them: else two could wait for each other.
    """
    there = Entry.filter(id__in=ids, deleted_at=None).using_db(db).order_by("id")
    return await there.select_for_update(no_key=True)  # a revision may refer to one meanwhile


async def change_all(db: Connection, changed: Sequence[tuple[Entry, dict[str, Any]]]) -> None:
    """A new version of each of these, which are locked, with its columns; followed together."""
    follows = []
    for entry, columns in changed:
        made = await _changed(db, entry, columns | {"version": entry.version + 1})
        assert made
        follows.append(made)
    await follow(db, follows)


async def rerender(db: Connection, made: Sequence[tuple[Entry, Rendered]]) -> None:
    """The same versions with their HTML and their words made anew; those that have changed meanwhile stay."""
    changes = [await _changed(db, entry, shown._asdict()) for entry, shown in made]
    await follow(db, [change for change in changes if change])


async def move(db: Connection, entry: Entry, deleted_at: datetime | None) -> bool:
    """Into the bin or out of it, which is no new version, as an edit beats a deletion; else as `change`."""
    return await _set(db, entry, {"deleted_at": deleted_at})


async def _set(db: Connection, entry: Entry, columns: dict[str, Any]) -> bool:
    if made := await _changed(db, entry, columns):
        await follow(db, [made])
    return made is not None


async def _changed(db: Connection, entry: Entry, columns: dict[str, Any]) -> Change | None:
    """Compared and set by one statement, the same on both engines; yet to be followed."""
    before, columns = EntryState.of(entry), _dated(columns)
    same = {"id": entry.id, "version": entry.version, "deleted_at__isnull": not before.is_binned}
    if not await Entry.filter(**same).using_db(db).update(**columns):
        return None
    entry.update_from_dict(columns)
    return Change(before, EntryState.of(entry))


async def star(db: Connection, user_id: int, uid: UUID, starred: bool) -> bool:
    """Whether there is such an entry. No new version, as nothing is written; and nothing has to follow."""
    return bool(await Entry.filter(user_id=user_id, uid=uid).using_db(db).update(starred=starred))


async def purge(db: Connection, leaving: QuerySet[Entry]) -> int:
    """For good, with all earlier texts: at most a batch. Returns how many went."""
    # Locked, since nothing is compared when they go. By `id` alone SQLite would walk through all entries.
    entries = await leaving.using_db(db).order_by("deleted_at", "id").limit(BATCH).select_for_update()
    if not entries:
        return 0
    gone = Entry.filter(id__in=[entry.id for entry in entries])
    await remember_deleted_imports(db, "entry", gone.using_db(db))
    await gone.using_db(db).delete()
    await follow(db, [Change(EntryState.of(entry), None) for entry in entries])
    return len(entries)
