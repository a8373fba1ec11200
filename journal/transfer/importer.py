"""Importer: decides for each imported entry whether it is new, the same, changed at the source or changed
here, and writes what follows. Every way in uses it: files of other programs and `journal adopt`."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import count

from journal.database import Connection, Unavailable, committed
from journal.entries import importing
from journal.entries.imported import ImportedEntry
from journal.entries.importing import PreparedEntry
from journal.entries.models import Entry
from journal.transfer import known_entries
from journal.transfer.known_entries import Plan
from journal.transfer.models import ImportItem
from journal.transfer.report import Report

UNSTORABLE = "Entries that can't be stored, and stay there"
EDITED = "Entries that changed there and here: yours stays, and the other text is among its versions"
BINNED = "Entries that were deleted here, and stay deleted"
TWICE = "Entries that have the same id as another one in the source, but are not the same; all of them came"
WRITTEN = ("new", "changed", "edited")


@dataclass(frozen=True)
class Owned:
    """An imported entry and its account; None for an account that a dry run would create."""

    user_id: int | None
    entry: ImportedEntry


class Importer:
    """One run of an import. `import_id` is the row that an undo needs, None where there is no undo."""

    def __init__(
        self, report: Report, now: datetime, *, is_dry_run: bool = False, import_id: int | None = None
    ) -> None:
        self.report, self.now, self.is_dry_run, self.import_id = report, now, is_dry_run, import_id
        self._digests: dict[tuple[int | None, str], str] = {}

    async def add(self, batch: Sequence[Owned]) -> list[Plan]:
        """Imports entries of one source in one transaction, or one by one if one of them can't be stored.
        Raises Unavailable."""
        distinct = [found for each in batch if (found := self._distinct(each))]
        try:
            return await self._store(distinct)
        except Unavailable:
            raise
        except Exception:  # one of them can't be stored, so each gets a transaction of its own
            return [plan for each in distinct for plan in await self._store_one(each)]

    def _distinct(self, owned: Owned) -> Owned | None:
        """Gives an entry another id if a different one has come with the same id. None for a repetition."""
        wanted, digest = owned.entry.source_id, owned.entry.digest()
        for number in count(1):
            source_id = wanted if number == 1 else f"{wanted[:180]}#{number}"
            known = self._digests.setdefault((owned.user_id, source_id), "")
            if known == digest:
                return None
            if not known:
                break
        self._digests[owned.user_id, source_id] = digest
        if number == 1:
            return owned
        self.report.note(TWICE, wanted)
        return replace(owned, entry=replace(owned.entry, source_id=source_id, uid=None))

    async def _store_one(self, owned: Owned) -> list[Plan]:
        try:
            return await self._store([owned])
        except Unavailable:
            raise
        except Exception:  # a damaged entry may hold anything
            self.report.miss(UNSTORABLE, owned.entry.source_id)
            return []

    async def _store(self, batch: Sequence[Owned]) -> list[Plan]:
        plans = await known_entries.planned([(owned.user_id, owned.entry) for owned in batch])
        if not self.is_dry_run:
            writes = [(plan, await _prepared(plan)) for plan in plans if plan.status in WRITTEN]
            if writes:
                await committed(lambda db: self._write(db, writes))
        for plan in plans:
            self._count(plan)
        return plans

    async def _write(self, db: Connection, writes: Sequence[tuple[Plan, PreparedEntry]]) -> None:
        new: dict[int, list[PreparedEntry]] = {}
        for plan, entry in writes:
            if plan.status == "new" and plan.user_id is not None:
                new.setdefault(plan.user_id, []).append(entry)
        added: list[Entry] = []
        for user_id, entries in new.items():
            added += await importing.add(db, user_id, entries, self.now)
        changed = [found for plan, entry in writes if (found := await self._write_known(db, plan, entry))]
        if self.import_id is not None:
            await _remember(db, self.import_id, "added", added)
            await _remember(db, self.import_id, "changed", changed)

    async def _write_known(self, db: Connection, plan: Plan, prepared: PreparedEntry) -> Entry | None:
        """Returns the entry if it was changed."""
        if plan.status == "new":
            return None
        entry = await Entry.get_or_none(id=plan.entry_id, using_db=db)
        if entry is None or entry.deleted_at:  # another request may have deleted it in the meantime
            return None
        if plan.status == "edited":
            await importing.keep_other(db, entry, prepared, self.now)
            return None
        is_untouched = entry.version == entry.source_version
        is_changed = is_untouched and await importing.change(db, entry, prepared, self.now)
        return entry if is_changed else None

    def _count(self, plan: Plan) -> None:
        counts, entry = self.report.entries, plan.entry
        if plan.status == "new" and entry.fields.day:
            counts.added += 1
            self.report.day(entry.fields.day)
        elif plan.status == "changed":
            counts.updated += 1
        elif plan.status == "same":
            counts.same += 1
        else:
            self.report.note(EDITED if plan.status == "edited" else BINNED, entry.source_id)


async def _prepared(plan: Plan) -> PreparedEntry:
    assert plan.user_id is not None
    user_id = plan.user_id

    def address(kind: str, key: str) -> str | None:
        if kind == "entry":
            return f"/entries/{replace(plan.entry, source_id=key).made_uid(user_id)}"
        return None

    return await importing.prepared(user_id, plan.entry, plan.uid, address)


async def _remember(db: Connection, import_id: int, kind: str, entries: Sequence[Entry]) -> None:
    items = [
        ImportItem(origin_id=import_id, entry_id=entry.id, kind=kind, version=entry.version)
        for entry in entries
    ]
    # An import that was interrupted and goes on may meet its own entries again.
    await ImportItem.bulk_create(items, batch_size=500, ignore_conflicts=True, using_db=db)
