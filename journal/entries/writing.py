"""Saving, and adding many: each one short transaction that no hang-up can cut."""

from collections.abc import Sequence
from dataclasses import replace as with_
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from tortoise.exceptions import IntegrityError

from journal.accounts.models import User
from journal.accounts.people import Gone
from journal.database import Connection, committed, translated
from journal.engines.inserting import insert
from journal.entries import changing, history, joining
from journal.entries.models import Entry, Save
from journal.entries.shown import Shown, rendered
from journal.entries.words import Arrival, Attempt, NotYours, Outcome, Words

SAVES_KEPT = timedelta(days=60)


class Overtaken(Exception):
    """Somebody has saved between the reading of an entry and the writing."""


class OwnerGone(Gone):
    """The account that writes has been deleted."""


async def save(user_id: int, uid: UUID, attempt: Attempt, now: datetime) -> Outcome:
    """The text that loses a conflict is kept. Raises NotYours, OwnerGone, NoSuchTime and TooLong."""
    while True:
        try:
            return await _save(user_id, uid, attempt, now)
        except Overtaken:  # what a line was to be added to has changed: once more
            continue


async def _save(user_id: int, uid: UUID, attempt: Attempt, now: datetime) -> Outcome:
    words, version = await _prepared(user_id, uid, attempt)
    shown = None if words.body is None else await rendered(words.body, uid)
    prepared = with_(attempt, words=words, version=version)

    async def work(db: Connection) -> Outcome:
        mark = _mark(user_id, uid, attempt, now)
        known = await _known(db, mark)
        if known and known.digest == mark.digest and known.entry_uid == uid:
            return await _again(db, known)
        outcome = await _judged(db, user_id, uid, _based(prepared, uid, known), shown, now)
        if (outcome.answer, outcome.version) != (mark.outcome, mark.version):
            given = {"outcome": outcome.answer, "version": outcome.version}
            await Save.filter(id=mark.id).using_db(db).update(**given)
        return outcome

    try:
        return await committed(work)
    except IntegrityError:
        if not await User.exists(id=user_id):
            raise OwnerGone from None
        return await committed(work)  # the entry went for good at this very moment


async def _prepared(user_id: int, uid: UUID, attempt: Attempt) -> tuple[Words, int]:
    """The words to be saved, and the version that they are based on."""
    if not attempt.way:
        return attempt.words, attempt.version
    with translated():
        other = await Entry.get_or_none(user_id=user_id, uid=uid)
    if attempt.way == "add":
        if other is None or other.deleted_at:
            raise NotYours
        return joining.added(attempt.words, other), other.version
    # Where that version is no longer the present one they stay alone, and lose the conflict that this is.
    is_there = other is not None and other.version == attempt.version
    return (joining.both(attempt.words, other) if is_there else attempt.words), attempt.version


# A save is remembered, so that the same one sent twice is one


def _mark(user_id: int, uid: UUID, attempt: Attempt, now: datetime) -> Save:
    """What will be remembered of it, with the answer that is likely."""
    return Save(
        user_id=user_id,
        save_id=attempt.save_id,
        entry_uid=uid,
        digest=attempt.digest(),
        outcome="saved",
        version=attempt.version + 1,
        created_at=now,
    )


async def _known(db: Connection, mark: Save) -> Save | None:
    """What was remembered under this id.

    The same id with other words, or for another entry, is a save of its own that takes the id over.
    """
    while not await insert(db, mark):
        known = await Save.get_or_none(user_id=mark.user_id, save_id=mark.save_id, using_db=db)
        if known is None:
            continue
        if (known.entry_uid, known.digest) == (mark.entry_uid, mark.digest):
            return known
        taken = {name: getattr(mark, name) for name in ("entry_uid", "digest", "outcome", "version")}
        same = {name: getattr(known, name) for name in ("id", "entry_uid", "digest")}
        if await Save.filter(**same).using_db(db).update(**taken):
            mark.id = known.id
            return known
    return None


def _based(attempt: Attempt, uid: UUID, known: Save | None) -> Attempt:
    """What a page sends on its way out, and the copy it leaves behind, share an id and may differ by a few
    letters: no conflict between those."""
    if attempt.kind != "leave" or known is None or known.entry_uid != uid or known.outcome == "conflict":
        return attempt
    return with_(attempt, version=max(attempt.version, known.version), is_again=True)


async def _again(db: Connection, known: Save) -> Outcome:
    entry = await Entry.get_or_none(uid=known.entry_uid, user_id=known.user_id, using_db=db)
    words = entry.words if entry else 0
    if known.outcome == "conflict":
        return Outcome("conflict", entry.version if entry else known.version, words)
    # The version of then: what was saved since by others must still conflict with this page's next save.
    return Outcome("replay", known.version, words)


# What becomes of a save


async def _judged(
    db: Connection, user_id: int, uid: UUID, attempt: Attempt, shown: Shown | None, now: datetime
) -> Outcome:
    while True:  # until nobody has written in between
        entry = await Entry.get_or_none(uid=uid, using_db=db)
        if entry is None:
            entry = changing.new(user_id, uid, attempt.beginning(), shown or Shown("", 0), now)
            if await changing.begin(db, entry):
                await history.add(db, history.snapshot(entry), "start", now)
                return Outcome("saved", entry.version, entry.words)
            continue
        if entry.user_id != user_id:
            raise NotYours
        outcome = await _changed(db, entry, attempt, shown, now)
        if outcome:
            return outcome


async def _changed(
    db: Connection, entry: Entry, attempt: Attempt, shown: Shown | None, now: datetime
) -> Outcome | None:
    """None where the entry is no longer what it was a moment ago."""
    given = attempt.words.over(entry)
    if all(getattr(entry, name) == value for name, value in given.items()):
        return await _unchanged(db, entry, attempt.kind)
    if await _base(db, entry, attempt) != entry.version:
        if attempt.way == "add":
            raise Overtaken
        await history.keep_conflict(db, entry, given, attempt.version, now)
        return Outcome("conflict", entry.version, entry.words)
    if attempt.is_overtaken(entry):
        return Outcome("unchanged", entry.version, entry.words)
    past = history.snapshot(entry)
    # An edit beats a deletion: the entry is back.
    columns = given | (shown._asdict() if shown else {}) | {"updated_at": now, "deleted_at": None}
    if not await changing.change(db, entry, **columns):
        return None
    await history.keep_around(db, past, entry, attempt.kind, now)
    return Outcome("saved", entry.version, entry.words)


async def _unchanged(db: Connection, entry: Entry, kind: str) -> Outcome | None:
    """Who asks for what is in the bin to be saved wants it, though there is nothing new in it."""
    if entry.deleted_at and kind == "manual" and not await changing.move(db, entry, None):
        return None
    return Outcome("unchanged", entry.version, entry.words)


async def _base(db: Connection, entry: Entry, attempt: Attempt) -> int:
    """The version that the words are based on: that of the unanswered save before, if it arrived."""
    if attempt.after is None:
        return attempt.version
    of_it = {"user_id": entry.user_id, "entry_uid": entry.uid, "save_id": attempt.after}
    earlier = await Save.get_or_none(**of_it, using_db=db)
    arrived = earlier is not None and earlier.outcome != "conflict"
    return max(attempt.version, earlier.version) if earlier and arrived else attempt.version


async def star(user_id: int, uid: UUID, starred: bool) -> None:
    """Raises NotYours."""
    if not await committed(lambda db: changing.star(db, user_id, uid, starred)):
        raise NotYours


# From elsewhere


async def add_many(db: Connection, user_id: int, arrivals: Sequence[Arrival], now: datetime) -> None:
    """Entries with a source, new here, inside the caller's transaction."""
    entries = []
    for arrival in arrivals:
        uid = uuid4()
        shown = await rendered(arrival.words.body or "", uid)
        entry = changing.new(user_id, uid, arrival.words, shown, now)
        entry.update_from_dict(arrival.columns() | {"source_version": entry.version})
        entries.append(entry)
    await changing.add(db, entries)


async def replace(db: Connection, entry: Entry, arrival: Arrival, now: datetime) -> bool:
    """What changed at the source, over an entry that was untouched here; the text before is kept.
    False where somebody has written or deleted it just now."""
    past = history.snapshot(entry)
    shown = await rendered(arrival.words.body or entry.body, entry.uid)
    columns = arrival.words.over(entry) | shown._asdict() | arrival.columns()
    if not await changing.change(db, entry, **columns, source_version=entry.version + 1):
        return False
    await history.keep(db, past, "adopted", now)
    return True


async def sweep(now: datetime) -> None:
    """Saves that no page waits for are forgotten."""

    async def work(db: Connection) -> None:
        await Save.filter(created_at__lt=now - SAVES_KEPT).using_db(db).delete()

    await committed(work)
