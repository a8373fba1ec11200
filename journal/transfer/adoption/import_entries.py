"""Import of the entries of a Flask app's database, by the importer that files use as well."""

from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from journal.entries.imported import ImportedEntry
from journal.transfer.adoption import source_entries
from journal.transfer.adoption.import_users import Owners
from journal.transfer.adoption.options import AdoptOptions
from journal.transfer.adoption.source_entries import SourceEntry
from journal.transfer.importer import Importer, Owned
from journal.transfer.legacy.known_schemas import SourceRow, TableMapping
from journal.transfer.legacy.source_database import SourceDatabase
from journal.transfer.report import Report

SIZE = 500
OWNERLESS = "Entries without an owner, which stay there"
STRANGERS = "Entries of an owner who is not among the people, which stay there"
UNREADABLE = "Entries that can't be read, and stay there"
BY_CHANGE = "Entries without a readable date, which are dated by their last change"
BY_NOTHING = "Entries without any readable date, which are dated by the day on which they came"


class EntryImport:
    def __init__(self, options: AdoptOptions, report: Report, owners: Owners, files: Path) -> None:
        """`files` is the folder of attachments."""
        self.options, self.report, self.owners = options, report, owners
        self.importer = Importer(report, options.now, is_dry_run=options.dry_run, files=files)

    async def run(self, old: SourceDatabase, mapping: TableMapping) -> None:
        with closing(self.importer.analysis):
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
        dated_by = {_text(entry.imported): entry.dated_by for entry in entries}
        batch = [Owned(self.owners[entry.owner], entry.imported) for entry in entries]
        for plan in await self.importer.add(batch):
            if plan.status == "new" and (by := dated_by[_text(plan.entry)]) != "created":
                self.report.note(BY_CHANGE if by else BY_NOTHING, plan.entry.source_id)


def _text(entry: ImportedEntry) -> tuple[object, ...]:
    """What tells entries apart whose ids may be the same, in which case the importer gives them others."""
    return entry.digest, entry.written_at, entry.updated_at
