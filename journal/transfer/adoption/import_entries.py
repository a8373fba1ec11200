"""Bringing entries over: what is new comes, what changed there and was untouched here is updated."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from journal.database import Connection, Unavailable, committed, rows
from journal.entries import saving
from journal.entries.models import Entry
from journal.entries.saving import PreparedEntry
from journal.transfer.adoption import source_entries
from journal.transfer.adoption.import_users import Owners
from journal.transfer.adoption.options import AdoptOptions
from journal.transfer.adoption.report import Report
from journal.transfer.adoption.source_entries import SourceEntry
from journal.transfer.legacy.known_schemas import Found
from journal.transfer.legacy.source_database import Legacy

SIZE = 500
KNOWN = "id, uid, user_id, source_id, source_digest, source_version, version, deleted_at, day, written_at"
OWNERLESS = "Entries without an owner, which stay there"
STRANGERS = "Entries of an owner who is not among the people, which stay there"
DELETED = "Entries that are deleted there, and stay there"
UNREADABLE = "Entries that can't be read, and stay there"
UNSTORABLE = "Entries that can't be stored, and stay there"
EDITED = "Entries that changed there and here, and are left as they are here"
BINNED = "Entries that were deleted here, and stay deleted"
BY_CHANGE = "Entries without a readable date, which are dated by their last change"
BY_NOTHING = "Entries without any readable date, which are dated by the day on which they came"


@dataclass(frozen=True)
class Step:
    """What is to be done with one entry."""

    draft: SourceEntry
    user_id: int | None
    verdict: str  # new, changed, same, edited, binned or departed
    entry_id: int | None = None
    uid: UUID | None = None


class EntryImport:
    def __init__(self, terms: AdoptOptions, report: Report, owners: Owners) -> None:
        self.terms, self.report, self.owners = terms, report, owners

    async def bring(self, old: Legacy, found: Found) -> None:
        async for batch in old.batches(found, SIZE):
            wanted = [draft for row in batch if (draft := self._read(row))]
            await self._take(wanted)

    def _read(self, row: dict[str, Any]) -> SourceEntry | None:
        try:
            draft = source_entries.read(row, self.terms)
        except Exception:  # whatever may stand in a damaged row
            self.report.miss(UNREADABLE, str(row.get("id")))
            return None
        why = self._why_not(draft)
        if why:
            self.report.miss(why, draft.arrival.source_id)
        return None if why else draft

    def _why_not(self, draft: SourceEntry) -> str:
        if not draft.arrival.source_id:
            return UNREADABLE
        if not draft.owner:
            return OWNERLESS
        if draft.owner not in self.owners:
            return STRANGERS
        return DELETED if draft.is_deleted else ""

    async def _take(self, wanted: Sequence[SourceEntry]) -> None:
        try:
            await self._store(await self._steps(wanted))
        except Unavailable:
            raise
        except Exception:  # one of them can't be stored: each for itself
            for draft in wanted:
                await self._take_one(draft)

    async def _take_one(self, draft: SourceEntry) -> None:
        try:
            await self._store(await self._steps([draft]))
        except Unavailable:
            raise
        except Exception:
            self.report.miss(UNSTORABLE, draft.arrival.source_id)

    async def _steps(self, wanted: Sequence[SourceEntry]) -> list[Step]:
        if not wanted:
            return []
        known, departed = await self._known(wanted), await self._departed(wanted)
        return [
            Step(draft, None, "departed")
            if draft.arrival.source_id in departed
            else self._step(draft, known.get((self.owners[draft.owner], draft.arrival.source_id)))
            for draft in wanted
        ]

    async def _departed(self, wanted: Sequence[SourceEntry]) -> set[str]:
        """The source ids of those that were deleted here for good."""
        ids = [draft.arrival.source_id for draft in wanted]
        where = f"kind = 'entry' AND source = ? AND source_id IN ({_marks(ids)})"
        found = await rows(f"SELECT source_id FROM departures WHERE {where}", self.terms.source, *ids)
        return {row["source_id"] for row in found}

    async def _known(self, wanted: Sequence[SourceEntry]) -> dict[tuple[int | None, str], Any]:
        """The ones that are here already, by owner and source id."""
        users = sorted({user for draft in wanted if (user := self.owners[draft.owner])})
        ids = [draft.arrival.source_id for draft in wanted]
        if not users:
            return {}
        where = f"user_id IN ({_marks(users)}) AND source = ? AND source_id IN ({_marks(ids)})"
        found = await rows(f"SELECT {KNOWN} FROM entries WHERE {where}", *users, self.terms.source, *ids)
        return {(row["user_id"], row["source_id"]): row for row in found}

    def _step(self, draft: SourceEntry, here: Any) -> Step:
        user_id = self.owners[draft.owner]
        if here is None:
            return Step(draft, user_id, "new")
        if not draft.dated_by:
            draft = draft.at(here["day"], here["written_at"])
        return Step(draft, user_id, _verdict(draft, here), here["id"], UUID(str(here["uid"])))

    async def _store(self, steps: Sequence[Step]) -> None:
        if not self.terms.dry_run:
            writes = [(step, await _prepared(step)) for step in steps if step.verdict in ("new", "changed")]
            await committed(lambda db: self._write(db, writes))
        for step in steps:
            self._done(step)

    async def _write(self, db: Connection, writes: Sequence[tuple[Step, PreparedEntry]]) -> None:
        new: dict[int | None, list[PreparedEntry]] = {}
        for step, entry in writes:
            if step.verdict == "new":
                new.setdefault(step.user_id, []).append(entry)
        for user_id, entries in new.items():
            assert user_id is not None
            await saving.add_many(db, user_id, entries, self.terms.now)
        for step, entry in writes:
            if step.verdict == "changed":
                await self._replace(db, step, entry)

    async def _replace(self, db: Connection, step: Step, changed: PreparedEntry) -> None:
        entry = await Entry.get_or_none(id=step.entry_id, using_db=db)
        # Somebody may have written or deleted it just now.
        if entry and entry.version == entry.source_version and entry.deleted_at is None:
            await saving.replace(db, entry, changed, self.terms.now)

    def _done(self, step: Step) -> None:
        counts, source_id = self.report.entries, step.draft.arrival.source_id
        day = step.draft.arrival.fields.day
        if step.verdict == "new" and day:
            counts.came += 1
            self.report.day(day)
            self._note_date(step.draft)
        elif step.verdict == "changed":
            counts.updated += 1
        elif step.verdict == "same":
            counts.same += 1
        else:
            self.report.note(EDITED if step.verdict == "edited" else BINNED, source_id)

    def _note_date(self, draft: SourceEntry) -> None:
        if draft.dated_by != "created":
            self.report.note(BY_CHANGE if draft.dated_by else BY_NOTHING, draft.arrival.source_id)


async def _prepared(step: Step) -> PreparedEntry:
    assert step.user_id is not None
    return await saving.prepared(step.user_id, step.draft.arrival, step.uid)


def _verdict(draft: SourceEntry, here: Any) -> str:
    if here["deleted_at"]:
        return "binned"
    is_same = (
        here["source_digest"] == draft.arrival.fields.digest()
        and here["written_at"] == draft.arrival.written_at
    )
    if is_same:
        return "same"
    return "changed" if here["version"] == here["source_version"] else "edited"


def _marks(values: Iterable[object]) -> str:
    return ", ".join("?" for _ in values)
