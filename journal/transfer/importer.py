"""Importer: decides for each imported entry whether it is new, the same, changed at the source or changed
here, and writes what follows. Every way in uses it: files of other programs and `journal adopt`."""

import asyncio
import logging
from collections.abc import Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import count
from pathlib import Path
from uuid import UUID

from journal.database import Connection, Unavailable, committed
from journal.entries import importing
from journal.entries.imported import ImportedEntry
from journal.entries.importing import PreparedEntry
from journal.entries.models import Entry
from journal.entries.values import EntryFields
from journal.transfer import known_entries, media
from journal.transfer.analysis_process import AnalysisProcess
from journal.transfer.known_entries import Plan
from journal.transfer.media import Files
from journal.transfer.models import ImportItem
from journal.transfer.report import Report

log = logging.getLogger(__name__)

UNSTORABLE = "Entries that can't be stored, and stay there"
EDITED = "Entries that changed there and here: yours stays, and the other text is among its versions"
BINNED = "Entries that were deleted here, and stay deleted"
TWICE = "Entries that have the same id as another one in the source, but are not the same; all of them came"
NO_FILE = "Photos and files that can't be read, and are left out"
WRITTEN = ("new", "changed", "edited")


@dataclass(frozen=True)
class Owned:
    """An imported entry and its account; None for an account that a dry run would create."""

    user_id: int | None
    entry: ImportedEntry


@dataclass(frozen=True)
class Write:
    plan: Plan
    user_id: int
    prepared: PreparedEntry
    files: Files


class Importer:
    """One run of an import. `import_id` is the row that an undo needs, None for no undo. `files` is the
    folder of attachments, None for a source without any; `thread` is the one that reads the source."""

    def __init__(
        self,
        report: Report,
        now: datetime,
        *,
        is_dry_run: bool = False,
        import_id: int | None = None,
        files: Path | None = None,
        thread: Executor | None = None,
    ) -> None:
        self.report, self.now, self.is_dry_run, self.import_id = report, now, is_dry_run, import_id
        self.files, self.thread = files, thread
        self.analysis = AnalysisProcess()  # to be closed
        self._digests: dict[tuple[int | None, str, str], str] = {}

    async def add(self, batch: Sequence[Owned]) -> list[Plan]:
        """Imports entries in one transaction, or one by one if one of them can't be stored.
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
        source, wanted, digest = owned.entry.source, owned.entry.source_id, owned.entry.digest
        for number in count(1):
            source_id = wanted if number == 1 else f"{wanted[:180]}#{number}"
            known = self._digests.setdefault((owned.user_id, source, source_id), "")
            if known == digest:
                return None
            if not known:
                break
        self._digests[owned.user_id, source, source_id] = digest
        if number == 1:
            return owned
        self.report.note(TWICE, wanted)
        return replace(owned, entry=replace(owned.entry, source_id=source_id, uid=None))

    async def _store_one(self, owned: Owned) -> list[Plan]:
        try:
            return await self._store([owned])
        except Unavailable:
            raise
        except Exception as error:  # a damaged entry may hold anything
            # Without the message, which may hold words of the entry.
            log.warning("an entry of %s can't be stored: %s", owned.entry.source, type(error).__name__)
            self.report.miss(UNSTORABLE, owned.entry.source_id)
            return []

    async def _store(self, batch: Sequence[Owned]) -> list[Plan]:
        plans = await known_entries.planned([(owned.user_id, owned.entry) for owned in batch])
        writes: list[Write] = []
        if not self.is_dry_run:
            written = [plan for plan in plans if plan.status in WRITTEN]
            loop = asyncio.get_running_loop()
            writes = await loop.run_in_executor(self.thread, self._prepared, written)
        if writes:
            await committed(lambda db: self._write(db, writes))
        for plan in plans:
            self._count(plan)
        for write in writes:
            for name in write.files.missing:
                self.report.miss(NO_FILE, f"{name} ({write.plan.entry.source_id})")
        return plans

    def _prepared(self, plans: Sequence[Plan]) -> list[Write]:
        """Stores the files and analyses the texts; runs in a thread."""
        linked = [self._linked(plan) for plan in plans]
        texts = [(importing.source_of(fields), str(uid)) for _, uid, fields in linked]
        analyses = self.analysis.analyse(texts)
        return [
            Write(plan, plan.user_id or 0, importing.prepared(0, plan.entry, uid, fields, analysis), files)
            for plan, (files, uid, fields), analysis in zip(plans, linked, analyses, strict=True)
        ]

    def _linked(self, plan: Plan) -> tuple[Files, UUID, EntryFields]:
        assert plan.user_id is not None
        files = media.stored(self.files, plan.user_id, plan.entry) if self.files else media.NONE
        uid = plan.uid or plan.entry.made_uid(plan.user_id)
        return files, uid, media.linked(plan.user_id, plan.entry, files.stored)

    async def _write(self, db: Connection, writes: Sequence[Write]) -> None:
        new: dict[int, list[Write]] = {}
        for write in writes:
            if write.plan.status == "new":
                new.setdefault(write.user_id, []).append(write)
        added: list[Entry] = []
        for user_id, group in new.items():
            entries = await importing.add(db, user_id, [write.prepared for write in group], self.now)
            for entry, write in zip(entries, group, strict=True):
                await self._attach(db, entry, write)
            added += entries
        changed = [found for write in writes if (found := await self._write_known(db, write))]
        if self.import_id is not None:
            await _remember(db, self.import_id, "added", added)
            await _remember(db, self.import_id, "changed", changed)

    async def _attach(self, db: Connection, entry: Entry, write: Write) -> None:
        if attachments := list(write.files.stored.values()):
            await media.add(db, write.user_id, entry.id, attachments, self.now)

    async def _write_known(self, db: Connection, write: Write) -> Entry | None:
        """Returns the entry if it was changed."""
        plan, prepared = write.plan, write.prepared
        if plan.status == "new":
            return None
        entry = await Entry.get_or_none(id=plan.entry_id, using_db=db)
        if entry is None or entry.deleted_at:  # another request may have deleted it in the meantime
            return None
        await self._attach(db, entry, write)
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


async def _remember(db: Connection, import_id: int, kind: str, entries: Sequence[Entry]) -> None:
    items = [
        ImportItem(origin_id=import_id, entry_id=entry.id, kind=kind, version=entry.version)
        for entry in entries
    ]
    # An import that was interrupted and goes on may meet its own entries again.
    await ImportItem.bulk_create(items, batch_size=500, ignore_conflicts=True, using_db=db)
