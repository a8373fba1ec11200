"""The only writer of entries: each verb is one short transaction that a client's hanging up can't cut."""

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID, uuid4

from tortoise.exceptions import IntegrityError
from tortoise.queryset import QuerySet

from journal.accounts.models import User
from journal.accounts.people import Gone, note_departures
from journal.database import Connection, committed
from journal.entries import history, text
from journal.entries.models import Entry, Revision, Save
from journal.entries.words import Arrival, Attempt, Outcome, Words

BIN_KEPT = timedelta(days=30)
SAVES_KEPT = timedelta(days=60)


class OwnerGone(Gone):
    """The account that writes has been deleted."""


class NotYours(Exception):
    """No entry of this person has that id."""


async def save(user_id: int, uid: UUID, attempt: Attempt, now: datetime) -> Outcome:
    """Raises NotYours and OwnerGone. The text that loses a conflict is kept as a revision."""
    shown = None if attempt.words.body is None else await rendered(attempt.words.body, uid)

    async def work(db: Connection) -> Outcome:
        known = await Save.get_or_none(user_id=user_id, save_id=attempt.save_id, using_db=db)
        if known and (known.entry_uid, known.digest) == (uid, attempt.words.digest()):
            return await _repeat(db, known)
        outcome = await _save(db, user_id, uid, attempt, shown, now)
        await _remember(db, known, user_id, uid, attempt, outcome, now)
        return outcome

    try:
        return await committed(work)
    except IntegrityError:
        if not await User.exists(id=user_id):
            raise OwnerGone from None
        # The same save, or another first one of this entry, was committed at this very moment.
        return await committed(work)


class Shown(NamedTuple):
    """What a text looks like on a page, made when it is saved and not when it is read."""

    html: str
    words: int


async def rendered(body: str, uid: UUID) -> Shown:
    def render() -> Shown:
        return Shown(text.to_html(body, str(uid)), text.count_words(body))

    return await asyncio.to_thread(render) if text.is_long(body) else render()


async def _remember(
    db: Connection,
    known: Save | None,
    user_id: int,
    uid: UUID,
    attempt: Attempt,
    outcome: Outcome,
    now: datetime,
) -> None:
    saved = known or Save(user_id=user_id, save_id=attempt.save_id, created_at=now)
    saved.entry_uid = uid
    saved.digest, saved.outcome, saved.version = attempt.words.digest(), outcome.answer, outcome.version
    await saved.save(using_db=db)


async def _repeat(db: Connection, known: Save) -> Outcome:
    entry = await Entry.get_or_none(uid=known.entry_uid, user_id=known.user_id, using_db=db)
    answer = "conflict" if known.outcome == "conflict" else "replay"
    # The version of then: what was saved since by others must still conflict with this page's next save.
    return Outcome(
        answer,
        entry.version if entry and answer == "conflict" else known.version,
        entry.words if entry else 0,
    )


async def _save(
    db: Connection, user_id: int, uid: UUID, attempt: Attempt, shown: Shown | None, now: datetime
) -> Outcome:
    entry = await Entry.filter(uid=uid).using_db(db).select_for_update().first()
    if entry is None:
        entry = new(user_id, uid, attempt.beginning(), shown or Shown("", 0), now)
        await entry.save(using_db=db)
        await history.keep(db, entry, "start", now)
        return Outcome("saved", entry.version, entry.words)
    if entry.user_id != user_id:
        raise NotYours
    return await _change(db, entry, attempt, shown, now)


def new(user_id: int, uid: UUID, words: Words, shown: Shown, now: datetime) -> Entry:
    given: dict[str, Any] = {
        "zone": "UTC",
        "day": now.date(),
        "title": "",
        "body": "",
        "tags": [],
        "mood": "",
    } | words.given()
    return Entry(
        user_id=user_id, uid=uid, version=1, written_at=now, updated_at=now, **given, **shown._asdict()
    )


async def _change(
    db: Connection, entry: Entry, attempt: Attempt, shown: Shown | None, now: datetime
) -> Outcome:
    given = attempt.words.given()
    if all(getattr(entry, name) == value for name, value in given.items() if name != "zone"):
        return Outcome("unchanged", entry.version, entry.words)
    if await _base(db, entry, attempt) != entry.version:
        await history.keep_conflict(db, entry, attempt.words, attempt.version, now)
        return Outcome("conflict", entry.version, entry.words)
    await history.keep_before(db, entry, given.get("body", entry.body), attempt.kind, now)
    # An edit beats a deletion: the entry is back.
    entry.update_from_dict(given | {"version": entry.version + 1, "updated_at": now, "deleted_at": None})
    entry.update_from_dict(shown._asdict() if shown else {})
    await entry.save(using_db=db)
    await history.keep_after(db, entry, attempt.kind, now)
    return Outcome("saved", entry.version, entry.words)


async def _base(db: Connection, entry: Entry, attempt: Attempt) -> int:
    """The version that the words are based on: that of the unanswered save before, if it arrived."""
    if attempt.after is None:
        return attempt.version
    earlier = await Save.get_or_none(
        user_id=entry.user_id, save_id=attempt.after, entry_uid=entry.uid, using_db=db
    )
    return (
        max(attempt.version, earlier.version)
        if earlier and earlier.outcome != "conflict"
        else attempt.version
    )


async def add_many(db: Connection, user_id: int, arrivals: Sequence[Arrival], now: datetime) -> None:
    """Entries with a source, new here, inside the caller's transaction."""
    entries = []
    for arrival in arrivals:
        uid = uuid4()
        entry = new(user_id, uid, arrival.words, await rendered(arrival.words.body or "", uid), now)
        _mark(entry, arrival)
        entries.append(entry)
    await Entry.bulk_create(entries, using_db=db)


async def replace(db: Connection, entry: Entry, arrival: Arrival, now: datetime) -> None:
    """What changed at the source, over an entry that was untouched here; the text before is kept."""
    await history.keep(db, entry, "adopted", now)
    entry.update_from_dict(arrival.words.given() | {"version": entry.version + 1})
    entry.html, entry.words = await rendered(entry.body, entry.uid)
    _mark(entry, arrival)
    await entry.save(using_db=db)


def _mark(entry: Entry, arrival: Arrival) -> None:
    entry.written_at, entry.updated_at = arrival.written_at, arrival.updated_at
    entry.source, entry.source_id = arrival.source, arrival.source_id
    entry.source_digest, entry.source_version = arrival.words.digest(), entry.version


async def delete(user_id: int, uid: UUID, now: datetime) -> None:
    """Into the bin. Raises NotYours."""
    await _set_deleted(user_id, uid, now)


async def restore(user_id: int, uid: UUID) -> None:
    """Out of the bin. Raises NotYours."""
    await _set_deleted(user_id, uid, None)


async def restore_revision(user_id: int, uid: UUID, number: int, now: datetime) -> int:
    """An earlier text as a new version. Returns the number of the one that it replaces, to undo it by.

    Raises NotYours, also where there is no such revision.
    """
    entry = await Entry.get_or_none(uid=uid, user_id=user_id)
    earlier = await Revision.get_or_none(entry_id=entry.id, number=number) if entry else None
    if entry is None or earlier is None:
        raise NotYours
    shown = await rendered(earlier.body, uid)

    async def work(db: Connection) -> int:
        present = await Entry.filter(id=entry.id).using_db(db).select_for_update().get()
        replaced = await history.keep(db, present, "before", now)
        present.update_from_dict({name: getattr(earlier, name) for name in history.FIELDS})
        present.update_from_dict(shown._asdict() | {"deleted_at": None})
        present.update_from_dict({"version": present.version + 1, "updated_at": now})
        await present.save(using_db=db)
        await history.keep(db, present, "restore", now)
        return replaced

    return await committed(work)


async def empty_bin(user_id: int) -> int:
    """For good, with all earlier texts. Returns how many entries went."""

    async def work(db: Connection) -> int:
        return await _purge(db, Entry.filter(user_id=user_id, deleted_at__not_isnull=True))

    return await committed(work)


async def _purge(db: Connection, leaving: QuerySet[Entry]) -> int:
    await note_departures(db, "entry", leaving.using_db(db))
    return await leaving.using_db(db).delete()


async def sweep(now: datetime) -> None:
    """What has lain in the bin for long goes for good; and saves that no page waits for are forgotten."""

    async def work(db: Connection) -> None:
        await _purge(db, Entry.filter(deleted_at__lt=now - BIN_KEPT))
        await Save.filter(created_at__lt=now - SAVES_KEPT).using_db(db).delete()

    await committed(work)


async def _set_deleted(user_id: int, uid: UUID, moment: datetime | None) -> None:
    async def work(db: Connection) -> None:
        if not await Entry.filter(user_id=user_id, uid=uid).using_db(db).update(deleted_at=moment):
            raise NotYours

    await committed(work)
