"""Putting an earlier text back, which is a new version and can be undone."""

from datetime import datetime
from uuid import UUID

from journal.database import Connection, committed, translate_errors
from journal.entries import ahead, history, store
from journal.entries.models import Entry, Revision
from journal.entries.rendered import rendered
from journal.entries.values import EntryNotFound


async def put_back(user_id: int, uid: UUID, number: int, now: datetime) -> int:
    """An earlier text as a new version. Returns the number of the one that it replaces, to undo it by.

    Raises NotYours, also where there is no such revision.
    """

    async def work(db: Connection) -> int:
        while True:  # until nobody has written in between
            entry = await Entry.get_or_none(uid=uid, user_id=user_id, using_db=db)
            earlier = entry and await Revision.get_or_none(entry_id=entry.id, number=number, using_db=db)
            if not entry or not earlier:
                raise EntryNotFound
            past = history.snapshot(entry)
            columns = history.columns(earlier) | shown._asdict()
            if await store.change(db, entry, **columns, updated_at=now, deleted_at=None):
                replaced = await history.keep(db, past, "before", now)
                await history.keep(db, entry, "restore", now)
                return replaced

    body = await _body(user_id, uid, number)
    shown = await rendered(user_id, body, uid)
    async with await ahead.words_of(user_id, uid, body):
        return await committed(work)


async def _body(user_id: int, uid: UUID, number: int) -> str:
    with translate_errors():
        earlier = await Revision.get_or_none(entry__uid=uid, entry__user_id=user_id, number=number)
    if earlier is None:
        raise EntryNotFound
    return earlier.body
