"""Saving: autosave and conflict detection, each in one short transaction. Two saves based on the same
version are a conflict: the second is not written over the first, but kept as a revision."""

from dataclasses import replace as with_
from datetime import datetime
from uuid import UUID

from tortoise.exceptions import IntegrityError

from journal.accounts.models import User
from journal.accounts.users import AccountGone
from journal.database import Connection, committed, translate_errors
from journal.entries import history, idempotency, merging, store
from journal.entries.models import Entry
from journal.entries.store import Overtaken
from journal.entries.values import EntryFields, EntryNotFound, SaveRequest, SaveResult
from journal.text.analysis import Analysis


class OwnerGone(AccountGone):
    """The account that writes has been deleted."""


async def save(user_id: int, uid: UUID, request: SaveRequest, now: datetime) -> SaveResult:
    """Saves an entry, or begins it. The text that loses a conflict is kept. Raises EntryNotFound, OwnerGone,
    NoSuchTime and TooLong."""
    return await store.until_current(lambda: _save(user_id, uid, request, now))


async def _save(user_id: int, uid: UUID, request: SaveRequest, now: datetime) -> SaveResult:
    fields, version = await _prepared(user_id, uid, request)
    analysis = await store.analysis_of(user_id, uid, fields)
    prepared = with_(request, fields=fields, version=version)

    async def work(db: Connection) -> SaveResult:
        mark = idempotency.expected(user_id, uid, request, now)
        known = await idempotency.remembered(db, mark)
        if known and known.digest == mark.digest and known.entry_uid == uid:
            return await idempotency.replay(db, known, mark)
        based = idempotency.based(prepared, uid, known)
        outcome = await _save_in(db, user_id, uid, based, analysis, now)
        await idempotency.answered(db, mark, outcome)
        return outcome

    try:
        return await committed(work)
    except IntegrityError:
        if not await User.exists(id=user_id):
            raise OwnerGone from None
        return await committed(work)  # probably the entry was deleted for good in the meantime


async def _prepared(user_id: int, uid: UUID, request: SaveRequest) -> tuple[EntryFields, int]:
    """The fields to save, and the version that they are based on."""
    if not request.way:
        return request.fields, request.version
    with translate_errors():
        other = await Entry.get_or_none(user_id=user_id, uid=uid)
    if request.way == "add":
        if other is None or other.deleted_at:
            raise EntryNotFound
        return merging.added(request.fields, other), other.version
    # If that version is not the present one, nothing is merged, and this save loses the conflict.
    if other is None or other.version != request.version:
        return request.fields, request.version
    return merging.both(request.fields, other), request.version


# Inside the transaction


async def _save_in(
    db: Connection, user_id: int, uid: UUID, request: SaveRequest, analysis: Analysis, now: datetime
) -> SaveResult:
    while True:  # until no other request writes between the reading and the writing
        entry = await Entry.get_or_none(uid=uid, using_db=db)
        if entry is None:
            entry = store.new(user_id, uid, request.beginning(), analysis, now)
            if await store.begin(db, entry, analysis):
                await history.add(db, history.snapshot(entry), "start", now)
                return SaveResult("saved", entry.version, entry.words)
            continue
        if entry.user_id != user_id:
            raise EntryNotFound
        outcome = await _changed(db, entry, request, analysis, now)
        if outcome:
            return outcome


async def _changed(
    db: Connection, entry: Entry, request: SaveRequest, analysis: Analysis, now: datetime
) -> SaveResult | None:
    """Returns None if another request changed the entry in the meantime."""
    given = request.fields.over(entry)
    if all(getattr(entry, name) == value for name, value in given.items()):
        return await _unchanged(db, entry, request.kind, analysis)
    if await idempotency.base(db, entry, request) != entry.version:
        if request.way == "add":
            raise Overtaken
        await history.keep_conflict(db, entry, given, request.version, now)
        return SaveResult("conflict", entry.version, entry.words)
    if request.is_overtaken(entry):
        if any(getattr(entry, name) != given[name] for name in given.keys() - {"title", "body"}):
            await history.keep_conflict(db, entry, given, request.version, now)  # they may be newer
        return SaveResult("unchanged", entry.version, entry.words)
    past = history.snapshot(entry)
    # Saving an entry that is in the bin takes it out.
    columns = given | {"updated_at": now, "deleted_at": None}
    if not await store.change(db, entry, analysis, columns):
        return None
    await history.keep_around(db, past, entry, request.kind, now)
    return SaveResult("saved", entry.version, entry.words)


async def _unchanged(db: Connection, entry: Entry, kind: str, analysis: Analysis) -> SaveResult | None:
    """A manual save of an entry in the bin restores it, even if it changes nothing."""
    if entry.deleted_at and kind == "manual" and not await store.move(db, entry, analysis, None):
        return None
    return SaveResult("unchanged", entry.version, entry.words)


async def star(user_id: int, uid: UUID, starred: bool) -> None:
    """Raises EntryNotFound."""
    if not await committed(lambda db: store.star(db, user_id, uid, starred)):
        raise EntryNotFound
