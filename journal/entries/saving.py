"""Saving: autosave with optimistic concurrency, and import, each in one short transaction. Two saves based on
the same version, for example from two tabs, are a conflict: the second is not written over the first, but
kept as a revision."""

from collections.abc import Sequence
from dataclasses import replace as with_
from datetime import datetime
from uuid import UUID, uuid4

from tortoise.exceptions import IntegrityError

from journal.accounts.models import User
from journal.accounts.users import AccountGone
from journal.database import Connection, committed, translate_errors
from journal.entries import ahead, history, idempotency, merging, store
from journal.entries.models import Entry
from journal.entries.rendered import Rendered, rendered
from journal.entries.values import EntryFields, EntryNotFound, ImportedEntry, SaveRequest, SaveResult


class Overtaken(Exception):
    """Somebody has saved between the reading of an entry and the writing."""


class OwnerGone(AccountGone):
    """The account that writes has been deleted."""


async def save(user_id: int, uid: UUID, attempt: SaveRequest, now: datetime) -> SaveResult:
    """The text that loses a conflict is kept. Raises NotYours, OwnerGone, NoSuchTime and TooLong."""
    while True:
        try:
            return await _save(user_id, uid, attempt, now)
        except Overtaken:  # what a line was to be added to has changed: once more
            continue


async def _save(user_id: int, uid: UUID, attempt: SaveRequest, now: datetime) -> SaveResult:
    words, version = await _prepared(user_id, uid, attempt)
    shown = None if words.body is None else await rendered(user_id, words.body, uid)
    prepared = with_(attempt, words=words, version=version)

    async def work(db: Connection) -> SaveResult:
        mark = idempotency.expected(user_id, uid, attempt, now)
        known = await idempotency.remembered(db, mark)
        if known and known.digest == mark.digest and known.entry_uid == uid:
            return await idempotency.replay(db, known, mark)
        based = idempotency.based(prepared, uid, known)
        outcome = await _judged(db, user_id, uid, based, shown, now)
        await idempotency.answered(db, mark, outcome)
        return outcome

    async with await ahead.words_of(user_id, uid, words.body):
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
    with translate_errors():
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
    db: Connection, user_id: int, uid: UUID, attempt: SaveRequest, shown: Rendered | None, now: datetime
) -> SaveResult:
    while True:  # until nobody has written in between
        entry = await Entry.get_or_none(uid=uid, using_db=db)
        if entry is None:
            entry = store.new(user_id, uid, attempt.beginning(), shown or Rendered("", 0), now)
            if await store.begin(db, entry):
                await history.add(db, history.snapshot(entry), "start", now)
                return SaveResult("saved", entry.version, entry.words)
            continue
        if entry.user_id != user_id:
            raise EntryNotFound
        outcome = await _changed(db, entry, attempt, shown, now)
        if outcome:
            return outcome


async def _changed(
    db: Connection, entry: Entry, attempt: SaveRequest, shown: Rendered | None, now: datetime
) -> SaveResult | None:
    """None where the entry is no longer what it was a moment ago."""
    given = attempt.words.over(entry)
    if all(getattr(entry, name) == value for name, value in given.items()):
        return await _unchanged(db, entry, attempt.kind)
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
    columns = given | (shown._asdict() if shown else {}) | {"updated_at": now, "deleted_at": None}
    if not await store.change(db, entry, **columns):
        return None
    await history.keep_around(db, past, entry, attempt.kind, now)
    return SaveResult("saved", entry.version, entry.words)


async def _unchanged(db: Connection, entry: Entry, kind: str) -> SaveResult | None:
    """Who asks for what is in the bin to be saved wants it, though there is nothing new in it."""
    if entry.deleted_at and kind == "manual" and not await store.move(db, entry, None):
        return None
    return SaveResult("unchanged", entry.version, entry.words)


async def star(user_id: int, uid: UUID, starred: bool) -> None:
    """Raises NotYours."""
    if not await committed(lambda db: store.star(db, user_id, uid, starred)):
        raise EntryNotFound


# From elsewhere


async def add_many(db: Connection, user_id: int, arrivals: Sequence[ImportedEntry], now: datetime) -> None:
    """Entries with a source, new here, inside the caller's transaction."""
    entries = []
    for arrival in arrivals:
        uid = uuid4()
        shown = await rendered(user_id, arrival.words.body or "", uid)
        entry = store.new(user_id, uid, arrival.words, shown, now)
        entry.update_from_dict(arrival.columns() | {"source_version": entry.version})
        entries.append(entry)
    await store.add(db, entries)


async def replace(db: Connection, entry: Entry, arrival: ImportedEntry, now: datetime) -> bool:
    """What changed at the source, over an entry that was untouched here; the text before is kept.
    False where somebody has written or deleted it just now."""
    past = history.snapshot(entry)
    shown = await rendered(entry.user_id, arrival.words.body or entry.body, entry.uid)
    columns = arrival.words.over(entry) | shown._asdict() | arrival.columns()
    if not await store.change(db, entry, **columns, source_version=entry.version + 1):
        return False
    await history.keep(db, past, "adopted", now)
    return True
