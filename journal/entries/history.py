"""Revisions of an entry: its first text, the text after a manual save, otherwise one in ten minutes, a text
of which much was deleted, the text before a restore or an import, and each text that lost a conflict."""

from datetime import datetime, timedelta

from journal.database import Connection
from journal.engines.insert import insert
from journal.entries.models import Entry, Revision
from journal.entries.values import Columns

SITTING = timedelta(minutes=10)
MUCH = 200  # deleted characters
MUCH_SHARE = 0.2
FIELDS = ("day", "zone", "written_at", "mood", "tags", "title", "body")


def snapshot(entry: Entry) -> Revision:
    """A copy of the entry as it stands, not yet stored."""
    copied: Columns = {name: getattr(entry, name) for name in FIELDS}
    return Revision(entry_id=entry.id, version=entry.version, number=0, **copied)


def columns(revision: Revision) -> Columns:
    """The columns to write when an entry is restored to this revision. The oldest lack `written_at`."""
    return {name: value for name in FIELDS if (value := getattr(revision, name)) is not None}


async def keep(db: Connection, texts: Entry | Revision, kind: str, now: datetime) -> int:
    """Stores the text unless its version is stored. Returns the revision's number."""
    revision = snapshot(texts) if isinstance(texts, Entry) else texts
    last = await _last(db, revision.entry_id)
    if last and last.version == revision.version:
        return last.number
    return await add(db, revision, kind, now)


async def keep_around(db: Connection, before: Revision, entry: Entry, kind: str, now: datetime) -> None:
    """Stores the replaced text before a restore or if much of it was deleted; and the new text, but of
    autosaves only one in ten minutes."""
    last = await _last(db, entry.id)
    if (kind == "restore" or _much_goes(before.body, entry.body)) and (
        last is None or last.version != before.version
    ):
        await add(db, before, "before", now)
        last = before
    if kind != "auto" or last is None or abs(now - last.created_at) >= SITTING:
        await add(db, snapshot(entry), kind, now)


async def _last(db: Connection, entry_id: int) -> Revision | None:
    """The last revision that is no conflict. Versions and numbers grow together, except for conflicts."""
    kept = Revision.filter(entry_id=entry_id).exclude(kind="conflict").using_db(db)
    return await kept.order_by("-number").only("number", "version", "created_at").first()


def _much_goes(old: str, new: str) -> bool:
    removed = _removed(old, new)
    return removed > MUCH or removed > MUCH_SHARE * len(old)


def _removed(old: str, new: str) -> int:
    """How many characters of the old text are gone between the common start and the common end."""
    start = _common(old, new)
    return len(old) - start - _common(old[start:][::-1], new[start:][::-1])


def _common(one: str, other: str) -> int:
    """Length of the common start, by bisection: a loop over a megabyte would hold up all writers."""
    low, high = 0, min(len(one), len(other))
    while low < high:
        middle = (low + high + 1) // 2
        if one[low:middle] == other[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low


async def keep_conflict(db: Connection, entry: Entry, given: Columns, version: int, now: datetime) -> None:
    """Stores both texts of a conflict: the present one, and the one that came too late."""
    await keep(db, entry, "before", now)
    losing = snapshot(entry)
    losing.update_from_dict({**given, "version": version})
    await add(db, losing, "conflict", now)


async def add(db: Connection, revision: Revision, kind: str, now: datetime) -> int:
    """Stores the revision under the next number, and returns the number."""
    revision.kind, revision.created_at = kind, now
    number = f"(SELECT coalesce(max(number), 0) + 1 FROM revisions WHERE entry_id = {revision.entry_id:d})"
    while not await insert(db, revision, {"number": number}):
        pass
    return revision.number
