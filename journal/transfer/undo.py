"""Undo of an import: deletes the entries that it added and restores the texts that it changed, as far as
nobody has changed them since."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from journal.database import Connection, committed
from journal.entries import importing, store
from journal.entries.models import Entry, Revision
from journal.entries.values import EntryFields
from journal.transfer.models import ImportItem

BATCH = 50


@dataclass
class Undone:
    deleted: int = 0
    restored: int = 0
    kept: int = 0  # changed since, and left as they are


async def undo(user_id: int, import_id: int, now: datetime, tell: Callable[[int, int], None]) -> Undone:
    """May be interrupted and run again."""
    undone, last = Undone(), 0
    total = await ImportItem.filter(origin_id=import_id).count()
    while items := await _items(import_id, last):
        last = items[-1].id
        added = [item for item in items if item.kind == "added"]
        undone.deleted += await committed(lambda db, added=added: _delete(db, added))  # type: ignore[misc]
        for item in items:
            if item.kind == "changed":
                undone.restored += await _restore(user_id, item, now)
        tell(undone.deleted + undone.restored, total)
    undone.kept = await ImportItem.filter(origin_id=import_id).count()
    await committed(lambda db: _forget(db, import_id))
    return undone


async def _items(import_id: int, after: int) -> list[ImportItem]:
    return await ImportItem.filter(origin_id=import_id, id__gt=after).order_by("id").limit(BATCH)


async def _delete(db: Connection, items: Sequence[ImportItem]) -> int:
    """Deletes for good, and without a trace that would keep the next import from bringing them again."""
    versions = {item.entry_id: item.version for item in items}
    found = await Entry.filter(id__in=list(versions)).using_db(db).order_by("id").select_for_update()
    unchanged = [entry.id for entry in found if entry.version == versions[entry.id]]
    return await store.purge(db, Entry.filter(id__in=unchanged), may_come_back=True)


async def _restore(user_id: int, item: ImportItem, now: datetime) -> bool:
    entry = await Entry.get_or_none(id=item.entry_id, user_id=user_id)
    past = await Revision.filter(entry_id=item.entry_id, version=item.version - 1).order_by("-number").first()
    if entry is None or past is None or entry.version != item.version:
        return False
    fields = EntryFields(title=past.title, body=past.body, tags=past.tags)
    analysis = await store.analysis_of(user_id, entry.uid, fields)

    async def work(db: Connection) -> bool:
        if not await importing.undo_change(db, entry, past, analysis, now):
            return False
        await ImportItem.filter(id=item.id).using_db(db).delete()
        return True

    return await committed(work)


async def _forget(db: Connection, import_id: int) -> None:
    await ImportItem.filter(origin_id=import_id).using_db(db).delete()
