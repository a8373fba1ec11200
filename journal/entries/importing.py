"""Import of entries into the tables: adds new ones with their revisions and metadata, and replaces or keeps
texts that changed. The caller decides which, and owns the transaction."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from journal.database import Connection
from journal.engines.insert import insert
from journal.entries import history, store
from journal.entries.bin.moving import KEPT
from journal.entries.imported import ImportedEntry, ImportedRevision, Place
from journal.entries.models import Entry, EntryMetadata, Revision
from journal.entries.values import EntryFields
from journal.text.analysis import Analysis, Source, analyse

A_WEEK = timedelta(days=7)
AT_A_TIME = 10  # rows that are made without a pause


@dataclass(frozen=True)
class PreparedEntry:
    """An imported entry whose text was analysed before the transaction."""

    imported: ImportedEntry
    fields: EntryFields  # as they are stored, with references replaced by addresses
    uid: UUID
    analysis: Analysis


def prepared(
    user_id: int,
    imported: ImportedEntry,
    uid: UUID | None = None,
    fields: EntryFields | None = None,
    analysis: Analysis | None = None,
) -> PreparedEntry:
    """`uid` is that of the entry which is changed, or that a new one gets; `fields` are those to store, where
    they are not those of the source. Without an analysis of them the text is analysed here."""
    uid, fields = uid or imported.made_uid(user_id), fields or imported.fields
    source = source_of(fields)
    fields = replace(fields, **source._asdict())
    return PreparedEntry(imported, fields, uid, analysis or analyse(source, str(uid)))


def source_of(fields: EntryFields) -> Source:
    """The text to analyse."""
    return Source(fields.title or "", fields.body or "", fields.tags or [])


# Inside the transaction


async def add(db: Connection, user_id: int, entries: Sequence[PreparedEntry], now: datetime) -> list[Entry]:
    """Adds new entries."""
    added = []
    for number, new in enumerate(entries):
        if number % AT_A_TIME == 0:
            await asyncio.sleep(0)  # lets requests of others pass
        imported = new.imported
        entry = store.new(user_id, new.uid, new.fields, new.analysis, now)
        entry.update_from_dict(imported.columns() | {"version": imported.version})
        entry.update_from_dict({"source_version": entry.version, "starred": imported.starred})
        entry.deleted_at = _binned_at(imported, now)
        added.append((entry, new.analysis))
    await store.add(db, added)
    rows = [entry for entry, _ in added]
    revisions = [row for entry, new in zip(rows, entries, strict=True) for row in _revisions(entry, new)]
    await Revision.bulk_create(revisions, batch_size=100, using_db=db)
    metadata = [row for entry, new in zip(rows, entries, strict=True) if (row := _metadata(entry, new))]
    await EntryMetadata.bulk_create(metadata, batch_size=100, using_db=db)
    return rows


def _binned_at(imported: ImportedEntry, now: datetime) -> datetime | None:
    """When the entry went into the bin. An old one stays there for a week more."""
    return imported.deleted_at and max(imported.deleted_at, now - KEPT + A_WEEK)


def _revisions(entry: Entry, new: PreparedEntry) -> list[Revision]:
    return [
        _revision(entry, number, revision) for number, revision in enumerate(new.imported.revisions, start=1)
    ]


def _revision(entry: Entry, number: int, revision: ImportedRevision) -> Revision:
    fields = revision.fields
    return Revision(
        entry_id=entry.id,
        number=number,
        kind=revision.kind,
        version=revision.version,
        created_at=revision.created_at,
        day=fields.day or entry.day,
        zone=fields.zone or entry.zone,
        mood=fields.mood or "",
        tags=fields.tags or [],
        title=fields.title or "",
        body=fields.body or "",
        written_at=revision.written_at,
    )


def _metadata(entry: Entry, new: PreparedEntry) -> EntryMetadata | None:
    imported = new.imported
    if imported.place == Place() and not imported.weather and not imported.record:
        return None
    return EntryMetadata(
        entry_id=entry.id,
        place=imported.place.name[:300],
        latitude=imported.place.latitude,
        longitude=imported.place.longitude,
        weather=imported.weather[:200],
        record=imported.record,
    )


async def change(db: Connection, entry: Entry, changed: PreparedEntry, now: datetime) -> bool:
    """Writes what changed at the source over an entry that was not changed here, and keeps the text before.
    Returns False if another request changed or deleted the entry in the meantime."""
    past = history.snapshot(entry)
    columns = changed.fields.over(entry) | changed.imported.columns()
    columns["source_version"] = entry.version + 1
    if changed.imported.starred:
        columns["starred"] = True
    if changed.imported.deleted_at:
        columns["deleted_at"] = changed.imported.deleted_at
    if not await store.change(db, entry, changed.analysis, columns):
        return False
    await history.keep(db, past, "adopted", now)
    if row := _metadata(entry, changed):
        await EntryMetadata.filter(entry_id=entry.id).using_db(db).delete()
        await insert(db, row)
    return True


async def keep_other(db: Connection, entry: Entry, other: PreparedEntry, now: datetime) -> bool:
    """Keeps the text of the source as a revision of an entry that was changed here. Returns False if that
    text is there already."""
    fields = other.fields
    known = Revision.filter(entry_id=entry.id, title=fields.title, body=fields.body).using_db(db)
    if (entry.title, entry.body) == (fields.title, fields.body) or await known.exists():
        return False
    given = {name: value for name, value in fields.given().items() if name != "time"}
    await history.keep_conflict(db, entry, given, other.imported.version, now)
    return True


async def undo_change(
    db: Connection, entry: Entry, past: Revision, analysis: Analysis, now: datetime
) -> bool:
    """Restores the text before a change by an import, so that the next import finds it changed at the source.
    Returns False if the entry was changed in the meantime."""
    columns = history.columns(past) | {"source_digest": "", "source_version": entry.version + 1}
    before = history.snapshot(entry)
    if not await store.change(db, entry, analysis, columns | {"updated_at": now}):
        return False
    await history.keep(db, before, "before", now)
    return True
