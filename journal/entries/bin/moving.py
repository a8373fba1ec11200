"""The bin: into it, out of it, and out of it for good."""

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
    """The entry has changed since it was looked at."""


async def delete(user_id: int, uid: UUID, now: datetime, version: int | None = None) -> None:
    """Into the bin, where one that is there already stays as long as it would have. Raises NotYours, and
    Stale where it is no longer that version: an edit beats a deletion."""
    await _move(user_id, uid, now, version)


async def restore(user_id: int, uid: UUID) -> None:
    """Out of the bin. Raises NotYours."""
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
    """For good, with all earlier texts. Returns how many entries went."""
    # Compared with a moment, as Tortoise's "NOT deleted_at IS NULL" makes SQLite use no index over the bin.
    return await _purge(Entry.filter(user_id=user_id, deleted_at__lte=FUTURE))


async def purge(user_id: int, uid: UUID) -> None:
    """One for good. Raises NotYours, also of one that is not in the bin."""
    if not await _purge(Entry.filter(user_id=user_id, uid=uid, deleted_at__not_isnull=True)):
        raise EntryNotFound


async def sweep(now: datetime) -> None:
    """What has lain here for long goes for good."""
    await _purge(Entry.filter(deleted_at__lt=now - KEPT))


async def _purge(leaving: QuerySet[Entry]) -> int:
    """In short transactions, so that writers get their turn."""
    gone = 0
    while batch := await committed(lambda db: store.purge(db, leaving)):
        gone += batch
    return gone
