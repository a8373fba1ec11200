"""Restoring a revision: an earlier text becomes a new version, which can be undone."""

from datetime import datetime
from functools import partial
from uuid import UUID

from journal.database import Connection, committed, translate_errors
from journal.entries import history, store
from journal.entries.models import Entry, Revision
from journal.entries.values import EntryFields, EntryNotFound
from journal.text.analysis import Analysis


async def put_back(user_id: int, uid: UUID, number: int, now: datetime) -> int:
    """Returns the number of the revision that holds the replaced text. Raises EntryNotFound, also where there
    is no such revision."""
    earlier = await _revision(user_id, uid, number)
    fields = EntryFields(title=earlier.title, body=earlier.body, tags=earlier.tags)
    analysis = await store.analysis_of(user_id, uid, fields)
    return await committed(partial(_restore, uid=uid, earlier=earlier, analysis=analysis, now=now))


async def _restore(db: Connection, uid: UUID, earlier: Revision, analysis: Analysis, now: datetime) -> int:
    while True:  # until no other request writes between the reading and the writing
        entry = await Entry.get_or_none(id=earlier.entry_id, uid=uid, using_db=db)
        if entry is None:
            raise EntryNotFound
        past = history.snapshot(entry)
        columns = history.columns(earlier) | {"updated_at": now, "deleted_at": None}
        if await store.change(db, entry, analysis, columns):
            replaced = await history.keep(db, past, "before", now)
            await history.keep(db, entry, "restore", now)
            return replaced


async def _revision(user_id: int, uid: UUID, number: int) -> Revision:
    with translate_errors():
        earlier = await Revision.get_or_none(entry__uid=uid, entry__user_id=user_id, number=number)
    if earlier is None:
        raise EntryNotFound
    return earlier
