"""Saving, and adding many: each one short transaction that no hang-up can cut."""

from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import replace as with_
from datetime import datetime
from uuid import UUID, uuid4

from tortoise.exceptions import IntegrityError

from journal.accounts.models import User
from journal.accounts.users import AccountGone
from journal.database import Connection, committed, translated
from journal.entries import history, idempotency, merging, store
from journal.entries.models import Entry
from journal.entries.store import Overtaken
from journal.entries.values import EntryFields, EntryNotFound, ImportedEntry, SaveRequest, SaveResult
from journal.text.analysis import Analysis


class OwnerGone(AccountGone):
    """The account that writes has been deleted."""


async def save(user_id: int, uid: UUID, attempt: SaveRequest, now: datetime) -> SaveResult:
    """The text that loses a conflict is kept. Raises NotYours, OwnerGone, NoSuchTime and TooLong."""
    return await store.until_current(lambda: _save(user_id, uid, attempt, now))


async def _save(user_id: int, uid: UUID, attempt: SaveRequest, now: datetime) -> SaveResult:
    words, version = await _prepared(user_id, uid, attempt)
    analysis = await store.analysis_of(user_id, uid, words)
    prepared = with_(attempt, words=words, version=version)

    async def work(db: Connection) -> SaveResult:
        mark = idempotency.expected(user_id, uid, attempt, now)
        known = await idempotency.remembered(db, mark)
        if known and known.digest == mark.digest and known.entry_uid == uid:
            return await idempotency.replay(db, known, mark)
        based = idempotency.based(prepared, uid, known)
        outcome = await _judged(db, user_id, uid, based, analysis, now)
        await idempotency.answered(db, mark, outcome)
        return outcome

    try:
        return await committed(work)
    except IntegrityError:
        if not await User.exists(id=user_id):
            raise OwnerGone from None
        return await committed(work)  # the entry went for good at this very moment


async def _prepared(user_id: int, uid: UUID, attempt: SaveRequest) -> tuple[EntryFields, int]:
    """The words to be saved, and the version that they are based on."""
    if not attempt.way:
        return attempt.words, attempt.version
    with translated():
        other = await Entry.get_or_none(user_id=user_id, uid=uid)
    if attempt.way == "add":
        if other is None or other.deleted_at:
            raise EntryNotFound
        return merging.added(attempt.words, other), other.version
    # Where that version is no longer the present one they stay alone, and lose the conflict that this is.
    is_there = other is not None and other.version == attempt.version
    return (merging.both(attempt.words, other) if is_there else attempt.words), attempt.version


# What becomes of a save


async def _judged(
    db: Connection, user_id: int, uid: UUID, attempt: SaveRequest, analysis: Analysis, now: datetime
) -> SaveResult:
    while True:  # until nobody has written in between
        entry = await Entry.get_or_none(uid=uid, using_db=db)
        if entry is None:
            entry = store.new(user_id, uid, attempt.beginning(), analysis, now)
            if await store.begin(db, entry, analysis):
                await history.add(db, history.snapshot(entry), "start", now)
                return SaveResult("saved", entry.version, entry.words)
            continue
        if entry.user_id != user_id:
            raise EntryNotFound
        outcome = await _changed(db, entry, attempt, analysis, now)
        if outcome:
            return outcome


async def _changed(
    db: Connection, entry: Entry, attempt: SaveRequest, analysis: Analysis, now: datetime
) -> SaveResult | None:
    """None where the entry is no longer what it was a moment ago."""
    given = attempt.words.over(entry)
    if all(getattr(entry, name) == value for name, value in given.items()):
        return await _unchanged(db, entry, attempt.kind, analysis)
    if await idempotency.base(db, entry, attempt) != entry.version:
        if attempt.way == "add":
            raise Overtaken
        await history.keep_conflict(db, entry, given, attempt.version, now)
        return SaveResult("conflict", entry.version, entry.words)
    if attempt.is_overtaken(entry):
        if any(getattr(entry, name) != given[name] for name in given.keys() - {"title", "body"}):
            await history.keep_conflict(db, entry, given, attempt.version, now)  # perhaps they came later
        return SaveResult("unchanged", entry.version, entry.words)
    past = history.snapshot(entry)
    # An edit beats a deletion: the entry is back.
    columns = given | {"updated_at": now, "deleted_at": None}
    if not await store.change(db, entry, analysis, columns):
        return None
    await history.keep_around(db, past, entry, attempt.kind, now)
    return SaveResult("saved", entry.version, entry.words)


async def _unchanged(db: Connection, entry: Entry, kind: str, analysis: Analysis) -> SaveResult | None:
    """Who asks for what is in the bin to be saved wants it, though there is nothing new in it."""
    if entry.deleted_at and kind == "manual" and not await store.move(db, entry, analysis, None):
        return None
    return SaveResult("unchanged", entry.version, entry.words)


async def star(user_id: int, uid: UUID, starred: bool) -> None:
    """Raises NotYours."""
    if not await committed(lambda db: store.star(db, user_id, uid, starred)):
        raise EntryNotFound


# Import


@dataclass(frozen=True)
class PreparedEntry:
    """An imported entry whose text was analysed before the transaction."""

    imported: ImportedEntry
    uid: UUID
    analysis: Analysis


async def prepared(user_id: int, imported: ImportedEntry, uid: UUID | None = None) -> PreparedEntry:
    """`uid` is that of the entry which an import changes; a new entry gets one."""
    uid = uid or uuid4()
    fields = imported.words
    given = with_(fields, title=fields.title or "", body=fields.body or "", tags=fields.tags or [])
    return PreparedEntry(imported, uid, await store.analysis_of(user_id, uid, given))


async def add_many(db: Connection, user_id: int, entries: Sequence[PreparedEntry], now: datetime) -> None:
    """Adds new entries that have a source, inside the caller's transaction."""
    added = []
    for new in entries:
        entry = store.new(user_id, new.uid, new.imported.words, new.analysis, now)
        entry.update_from_dict(new.imported.columns() | {"source_version": entry.version})
        added.append((entry, new.analysis))
    await store.add(db, added)


async def replace(db: Connection, entry: Entry, changed: PreparedEntry, now: datetime) -> bool:
    """Writes what changed at the source over an entry that was not changed here, and keeps the text before.
    Returns False if another request changed or deleted the entry in the meantime."""
    past = history.snapshot(entry)
    columns = changed.imported.words.over(entry) | changed.imported.columns()
    columns["source_version"] = entry.version + 1
    if not await store.change(db, entry, changed.analysis, columns):
        return False
    await history.keep(db, past, "adopted", now)
    return True
