"""The bin: soft deletion, restoring, and deletion for good after 30 days."""

from datetime import datetime, timedelta
from uuid import UUID

from tortoise.queryset import QuerySet

from journal.database import Connection, committed
from journal.entries import store
from journal.entries.models import Entry
from journal.entries.reading import FUTURE
from journal.entries.store import Overtaken
from journal.entries.values import EntryFields, EntryNotFound

KEPT = timedelta(days=30)


class Stale(Exception):
    """The entry was changed after the page with the button was made."""


async def delete(user_id: int, uid: UUID, now: datetime, version: int | None = None) -> None:
    """Moves the entry into the bin; an entry in the bin keeps its time there. Raises EntryNotFound, and
    Stale if it is no longer that version, because an edit beats a deletion."""
    await _move(user_id, uid, now, version)


async def restore(user_id: int, uid: UUID) -> None:
    """Moves the entry out of the bin. Raises EntryNotFound."""
    await _move(user_id, uid, None)


async def _move(user_id: int, uid: UUID, moment: datetime | None, version: int | None = None) -> None:
    async def attempt() -> None:
        analysis = await store.analysis_of(user_id, uid, EntryFields())

        async def work(db: Connection) -> None:
            entry = await Entry.get_or_none(user_id=user_id, uid=uid, using_db=db)
            if entry is None:
                raise EntryNotFound
            if version not in (None, entry.version):
                raise Stale
            is_there = (entry.deleted_at is None) is (moment is None)
            if not is_there and not await store.move(db, entry, analysis, moment):
                raise Overtaken

        await committed(work)

    await store.until_current(attempt)


async def empty(user_id: int) -> int:
    """Deletes all entries in the bin for good, with their revisions. Returns how many they were."""
    # Compared with an instant: for Tortoise's "NOT deleted_at IS NULL" SQLite uses no index of the bin.
    return await _purge(Entry.filter(user_id=user_id, deleted_at__lte=FUTURE))


async def purge(user_id: int, uid: UUID) -> None:
    """Deletes an entry for good. Raises EntryNotFound, also if it is not in the bin."""
    if not await _purge(Entry.filter(user_id=user_id, uid=uid, deleted_at__not_isnull=True)):
        raise EntryNotFound


async def sweep(now: datetime) -> None:
    """Retention: deletes entries for good that have been in the bin for 30 days."""
    await _purge(Entry.filter(deleted_at__lt=now - KEPT))


async def _purge(leaving: QuerySet[Entry]) -> int:
    """Deletes in short transactions, so that others can write in between."""
    gone = 0
    while batch := await committed(lambda db: store.purge(db, leaving)):
        gone += batch
    return gone
