"""Import of entries: adds new ones, and updates those that changed in the source and not here."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from journal.database import Connection, Unavailable, committed, rows
from journal.engines.row import Row
from journal.entries import saving
from journal.entries.models import Entry
from journal.entries.saving import PreparedEntry
from journal.transfer.adoption import source_entries
from journal.transfer.adoption.import_users import Owners
from journal.transfer.adoption.options import AdoptOptions
from journal.transfer.adoption.report import Report
from journal.transfer.adoption.source_entries import SourceEntry
from journal.transfer.legacy.known_schemas import SourceRow, TableMapping
from journal.transfer.legacy.source_database import SourceDatabase

SIZE = 500
KNOWN = "id, uid, user_id, source_id, source_digest, source_version, version, deleted_at, day, written_at"
OWNERLESS = "Entries without an owner, which stay there"
STRANGERS = "Entries of an owner who is not among the people, which stay there"
UNREADABLE = "Entries that can't be read, and stay there"
UNSTORABLE = "Entries that can't be stored, and stay there"
EDITED = "Entries that changed there and here, and are left as they are here"
BINNED = "Entries that were deleted here, and stay deleted"
BY_CHANGE = "Entries without a readable date, which are dated by their last change"
BY_NOTHING = "Entries without any readable date, which are dated by the day on which they came"


@dataclass(frozen=True)
class PlannedEntry:
    """An entry of the source and what the import does with it."""

    entry: SourceEntry
    user_id: int | None
    status: str  # new, changed, same, edited, binned or departed
    entry_id: int | None = None
    uid: UUID | None = None


class EntryImport:
    def __init__(self, options: AdoptOptions, report: Report, owners: Owners) -> None:
        self.options, self.report, self.owners = options, report, owners

    async def run(self, old: SourceDatabase, mapping: TableMapping) -> None:
        async for batch in old.batches(mapping, SIZE):
            entries = [entry for row in batch if (entry := self._read(row))]
            await self._import_batch(entries)

    def _read(self, row: SourceRow) -> SourceEntry | None:
        try:
            entry = source_entries.read(row, self.options)
        except Exception:  # a damaged row may hold anything
            self.report.miss(UNREADABLE, str(row.get("id")))
            return None
        reason = self._reason_to_skip(entry)
        if reason:
            self.report.miss(reason, entry.imported.source_id)
        return None if reason else entry

    def _reason_to_skip(self, entry: SourceEntry) -> str:
        if not entry.imported.source_id:
            return UNREADABLE
        if not entry.owner:
            return OWNERLESS
        return "" if entry.owner in self.owners else STRANGERS

    async def _import_batch(self, entries: Sequence[SourceEntry]) -> None:
        try:
            await self._store(await self._plan_all(entries))
        except Unavailable:
            raise
        except Exception:  # one of them can't be stored, so each gets a transaction of its own
            for entry in entries:
                await self._import_one(entry)

    async def _import_one(self, entry: SourceEntry) -> None:
        try:
            await self._store(await self._plan_all([entry]))
        except Unavailable:
            raise
        except Exception:
            self.report.miss(UNSTORABLE, entry.imported.source_id)

    async def _plan_all(self, entries: Sequence[SourceEntry]) -> list[PlannedEntry]:
        if not entries:
            return []
        known, departed = await self._known(entries), await self._departed(entries)
        return [
            PlannedEntry(entry, None, "departed")
            if entry.imported.source_id in departed
            else self._plan(entry, known.get((self.owners[entry.owner], entry.imported.source_id)))
            for entry in entries
        ]

    async def _departed(self, entries: Sequence[SourceEntry]) -> set[str]:
        """The source ids of entries that were deleted here for good."""
        ids = [entry.imported.source_id for entry in entries]
        where = f"kind = 'entry' AND source = ? AND source_id IN ({_placeholders(ids)})"
        found = await rows(f"SELECT source_id FROM departures WHERE {where}", self.options.source, *ids)
        return {row["source_id"] for row in found}

    async def _known(self, entries: Sequence[SourceEntry]) -> dict[tuple[int | None, str], Row]:
        """The rows of entries that were imported before, by owner and source id."""
        users = sorted({user for entry in entries if (user := self.owners[entry.owner])})
        ids = [entry.imported.source_id for entry in entries]
        if not users:
            return {}
        where = f"user_id IN ({_placeholders(users)}) AND source = ? AND source_id IN ({_placeholders(ids)})"
        found = await rows(f"SELECT {KNOWN} FROM entries WHERE {where}", *users, self.options.source, *ids)
        return {(row["user_id"], row["source_id"]): row for row in found}

    def _plan(self, entry: SourceEntry, stored: Row | None) -> PlannedEntry:
        user_id = self.owners[entry.owner]
        if stored is None:
            return PlannedEntry(entry, user_id, "new")
        if not entry.dated_by:
            entry = entry.at(stored["day"], stored["written_at"])
        status, uid = _status(entry, stored), UUID(str(stored["uid"]))
        return PlannedEntry(entry, user_id, status, stored["id"], uid)

    async def _store(self, planned: Sequence[PlannedEntry]) -> None:
        if not self.options.dry_run:
            writes = [(plan, await _prepared(plan)) for plan in planned if plan.status in ("new", "changed")]
            await committed(lambda db: self._write(db, writes))
        for plan in planned:
            self._count(plan)

    async def _write(self, db: Connection, writes: Sequence[tuple[PlannedEntry, PreparedEntry]]) -> None:
        new: dict[int, list[PreparedEntry]] = {}
        for plan, entry in writes:
            if plan.status == "new" and plan.user_id is not None:
                new.setdefault(plan.user_id, []).append(entry)
        for user_id, entries in new.items():
            await saving.add_many(db, user_id, entries, self.options.now)
        for plan, entry in writes:
            if plan.status == "changed":
                await self._replace(db, plan, entry)

    async def _replace(self, db: Connection, plan: PlannedEntry, changed: PreparedEntry) -> None:
        entry = await Entry.get_or_none(id=plan.entry_id, using_db=db)
        # Another request may have changed or deleted it in the meantime.
        if entry and entry.version == entry.source_version and entry.deleted_at is None:
            await saving.replace(db, entry, changed, self.options.now)

    def _count(self, plan: PlannedEntry) -> None:
        counts, source_id = self.report.entries, plan.entry.imported.source_id
        day = plan.entry.imported.fields.day
        if plan.status == "new" and day:
            counts.added += 1
            self.report.day(day)
            self._note_date(plan.entry)
        elif plan.status == "changed":
            counts.updated += 1
        elif plan.status == "same":
            counts.same += 1
        else:
            self.report.note(EDITED if plan.status == "edited" else BINNED, source_id)

    def _note_date(self, entry: SourceEntry) -> None:
        if entry.dated_by != "created":
            self.report.note(BY_CHANGE if entry.dated_by else BY_NOTHING, entry.imported.source_id)


async def _prepared(plan: PlannedEntry) -> PreparedEntry:
    assert plan.user_id is not None
    return await saving.prepared(plan.user_id, plan.entry.imported, plan.uid)


def _status(entry: SourceEntry, stored: Row) -> str:
    is_same = (
        stored["source_digest"] == entry.imported.digest()
        and stored["written_at"] == entry.imported.written_at
    )
    if stored["deleted_at"] and not (is_same and entry.is_deleted):
        return "binned"
    if is_same:
        return "same"
    return "changed" if stored["version"] == stored["source_version"] else "edited"


def _placeholders(values: Iterable[object]) -> str:
    return ", ".join("?" for _ in values)
