"""A save is remembered, so that the same one sent twice is one."""

from dataclasses import replace as with_
from datetime import datetime, timedelta
from uuid import UUID

from journal import retention
from journal.database import Connection
from journal.engines.insert import insert
from journal.entries.models import Entry, Save
from journal.entries.values import SaveRequest, SaveResult

SAVES_KEPT = timedelta(days=60)


def expected(user_id: int, uid: UUID, attempt: SaveRequest, now: datetime) -> Save:
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


async def remembered(db: Connection, mark: Save) -> Save | None:
    """What was remembered under this id.

    The same id with other words, or for another entry, is a save of its own that takes the id over.
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


def based(attempt: SaveRequest, uid: UUID, known: Save | None) -> SaveRequest:
    """What a page sends on its way out, and the copy it leaves behind, share an id and may differ by a few
    letters: no conflict between those."""
    if attempt.kind != "leave" or known is None or known.entry_uid != uid or known.outcome == "conflict":
        return attempt
    return with_(attempt, version=max(attempt.version, known.version), is_again=True)


async def replay(db: Connection, known: Save, mark: Save) -> SaveResult:
    """The answer that the save was given before. The row is written again, so that on PostgreSQL this commit
    waits for the standby: the first one may have been interrupted while it waited."""
    await Save.filter(id=known.id).using_db(db).update(created_at=mark.created_at)
    entry = await Entry.get_or_none(uid=known.entry_uid, user_id=known.user_id, using_db=db)
    words = entry.words if entry else 0
    if known.outcome == "conflict":
        return SaveResult("conflict", entry.version if entry else known.version, words)
    # The version of then: what was saved since by others must still conflict with this page's next save.
    return SaveResult("replay", known.version, words)


async def answered(db: Connection, mark: Save, outcome: SaveResult) -> None:
    if (outcome.answer, outcome.version) != (mark.outcome, mark.version):
        given = {"outcome": outcome.answer, "version": outcome.version}
        await Save.filter(id=mark.id).using_db(db).update(**given)


async def base(db: Connection, entry: Entry, attempt: SaveRequest) -> int:
    """The version that the words are based on: that of the unanswered save before, if it arrived."""
    if attempt.after is None:
        return attempt.version
    of_it = {"user_id": entry.user_id, "entry_uid": entry.uid, "save_id": attempt.after}
    earlier = await Save.get_or_none(**of_it, using_db=db)
    arrived = earlier is not None and earlier.outcome != "conflict"
    return max(attempt.version, earlier.version) if earlier and arrived else attempt.version


async def sweep(now: datetime) -> None:
    """Saves that no page waits for are forgotten."""
    await retention.delete_before("saves", "created_at", now - SAVES_KEPT)
