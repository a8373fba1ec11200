"""Idempotency of saves: each request has a save id, under which its answer is stored for two months. The same
request sent again, for example after a lost answer, is not applied again: it is answered with the version of
that time, or as the conflict that it was."""

from dataclasses import replace as with_
from datetime import datetime, timedelta
from uuid import UUID

from journal import retention
from journal.database import Connection
from journal.engines.insert import insert
from journal.entries.models import Entry, Save
from journal.entries.values import SaveRequest, SaveResult

SAVES_KEPT = timedelta(days=60)


def expected(user_id: int, uid: UUID, request: SaveRequest, now: datetime) -> Save:
    """The row to insert before saving; `answered` corrects it if the outcome is another."""
    return Save(
        user_id=user_id,
        save_id=request.save_id,
        entry_uid=uid,
        digest=request.digest(),
        outcome="saved",
        version=request.version + 1,
        created_at=now,
    )


async def remembered(db: Connection, mark: Save) -> Save | None:
    """Inserts the row, or returns the row that is stored under the same save id.

    A request with the same id but another text or entry is a save of its own, which takes the id over.
    """
    while not await insert(db, mark):
        found = await Save.get_or_none(user_id=mark.user_id, save_id=mark.save_id, using_db=db)
        if found is None:
            continue
        if (found.entry_uid, found.digest) == (mark.entry_uid, mark.digest):
            return found
        taken = {name: getattr(mark, name) for name in ("entry_uid", "digest", "outcome", "version")}
        same = {name: getattr(found, name) for name in ("id", "entry_uid", "digest")}
        if await Save.filter(**same).using_db(db).update(**taken):
            mark.id = found.id
            return found
    return None


def based(request: SaveRequest, uid: UUID, known: Save | None) -> SaveRequest:
    """Returns the request rebased on the version that was saved under its id. A page that is left sends its
    text and keeps a draft under the same id; both may differ by some letters, which is no conflict."""
    if request.kind != "leave" or known is None or known.entry_uid != uid or known.outcome == "conflict":
        return request
    return with_(request, version=max(request.version, known.version), is_again=True)


async def replay(db: Connection, known: Save, mark: Save) -> SaveResult:
    """Returns the stored answer. Writes the row again, so that this commit waits for PostgreSQL's standby:
    the first commit may have been interrupted while it waited."""
    await Save.filter(id=known.id).using_db(db).update(created_at=mark.created_at)
    entry = await Entry.get_or_none(uid=known.entry_uid, user_id=known.user_id, using_db=db)
    word_count = entry.words if entry else 0
    if known.outcome == "conflict":
        return SaveResult("conflict", entry.version if entry else known.version, word_count)
    # The version at that time: later saves of others must still conflict with the next save of this page.
    return SaveResult("replay", known.version, word_count)


async def answered(db: Connection, mark: Save, outcome: SaveResult) -> None:
    if (outcome.answer, outcome.version) != (mark.outcome, mark.version):
        given = {"outcome": outcome.answer, "version": outcome.version}
        await Save.filter(id=mark.id).using_db(db).update(**given)


async def base(db: Connection, entry: Entry, request: SaveRequest) -> int:
    """The version that the request is based on or, if newer, that of the unanswered save `after`."""
    if request.after is None:
        return request.version
    of_it = {"user_id": entry.user_id, "entry_uid": entry.uid, "save_id": request.after}
    earlier = await Save.get_or_none(**of_it, using_db=db)
    arrived = earlier is not None and earlier.outcome != "conflict"
    return max(request.version, earlier.version) if earlier and arrived else request.version


async def sweep(now: datetime) -> None:
    """Deletes the ids of old saves. A draft that is sent later counts as a new save."""
    await retention.delete_before("saves", "created_at", now - SAVES_KEPT)
