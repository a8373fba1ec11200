"""Which texts are kept as revisions: the first, one in ten minutes, where much goes, lost conflicts."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from journal.database import Connection
from journal.engines.insert import insert
from journal.entries.models import Entry, Revision

SITTING = timedelta(minutes=10)
MUCH = 200  # characters
MUCH_SHARE = 0.2
FIELDS = ("day", "zone", "written_at", "mood", "tags", "title", "body")


def snapshot(entry: Entry) -> Revision:
    """The entry as it stands before it is changed: a revision that is in no table yet."""
    copied: dict[str, Any] = {name: getattr(entry, name) for name in FIELDS}
    return Revision(entry_id=entry.id, version=entry.version, number=0, **copied)


def columns(revision: Revision) -> dict[str, Any]:
    """What an entry is that is put back to it; the oldest revisions don't know when they were written."""
    return {name: value for name in FIELDS if (value := getattr(revision, name)) is not None}


async def keep(db: Connection, texts: Entry | Revision, kind: str, now: datetime) -> int:
    """What an entry is, or was a moment ago, once a version. Returns the revision's number."""
    revision = snapshot(texts) if isinstance(texts, Entry) else texts
    last = await _last(db, revision.entry_id)
    if last and last.version == revision.version:
        return last.number
    return await add(db, revision, kind, now)


async def keep_around(db: Connection, before: Revision, entry: Entry, kind: str, now: datetime) -> None:
    """The text that was replaced, if much of it is gone; and the new one if it was asked for, else one in
    ten minutes."""
    last = await _last(db, entry.id)
    if (kind == "restore" or _much_goes(before.body, entry.body)) and (
        last is None or last.version != before.version
    ):
        await add(db, before, "before", now)
        last = before
    if kind != "auto" or last is None or abs(now - last.created_at) >= SITTING:
        await add(db, snapshot(entry), kind, now)


async def _last(db: Connection, entry_id: int) -> Revision | None:
    """The last that was kept. Versions and numbers grow together, but for conflicts."""
    kept = Revision.filter(entry_id=entry_id).exclude(kind="conflict").using_db(db)
    return await kept.order_by("-number").only("number", "version", "created_at").first()


def _much_goes(old: str, new: str) -> bool:
    removed = _removed(old, new)
    return removed > MUCH or removed > MUCH_SHARE * len(old)


def _removed(old: str, new: str) -> int:
    """How many characters of the old text are gone from between what both begin and end with."""
    start = _common(old, new)
    return len(old) - start - _common(old[start:][::-1], new[start:][::-1])


def _common(one: str, other: str) -> int:
    """How many characters both begin with; halving, as a loop over a megabyte would hold up all writers."""
    low, high = 0, min(len(one), len(other))
    while low < high:
        middle = (low + high + 1) // 2
        if one[low:middle] == other[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low


async def keep_conflict(
    db: Connection, entry: Entry, words: Mapping[str, Any], version: int, now: datetime
) -> None:
    """Both: the text that stays, as it may be given up for the other; and the columns that came too late,
    merged over those they leave alone."""
    await keep(db, entry, "before", now)
    losing = snapshot(entry)
    losing.update_from_dict({**words, "version": version})
    await add(db, losing, "conflict", now)


async def add(db: Connection, revision: Revision, kind: str, now: datetime) -> int:
    """Under the next number, however many texts come at once. Returns it."""
    revision.kind, revision.created_at = kind, now
    number = f"(SELECT coalesce(max(number), 0) + 1 FROM revisions WHERE entry_id = {revision.entry_id:d})"
    while not await insert(db, revision, {"number": number}):
        pass
    return revision.number
