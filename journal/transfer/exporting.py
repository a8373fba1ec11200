"""Export from the database: yields what a writer needs, entry by entry, in memory that does not grow with the
texts."""

from array import array
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import BinaryIO
from uuid import UUID
from zoneinfo import ZoneInfo

from journal.accounts.models import User
from journal.attachments import queries, store
from journal.engines.row import Row
from journal.entries import export_rows
from journal.entries.export_rows import Narrowing
from journal.entries.imported import ImportedRevision, Place
from journal.entries.values import EntryFields
from journal.transfer.formats.writer import About, ExportedAttachment, ExportedEntry, Writer

LOSSLESS = ("markdown", "json")  # formats with the bin and earlier versions


class Export:
    """One export of one person. `prepare` comes first."""

    def __init__(
        self, user: User, writer: Writer, narrowing: Narrowing, now: datetime, data_dir: Path
    ) -> None:
        self.user, self.writer, self.narrowing = user, writer, narrowing
        self._folder = store.folder_in(data_dir)
        self.is_lossless = writer.NAME in LOSSLESS
        self.about = About(user.username, now.astimezone(ZoneInfo(user.zone)))
        self._ids = array("q")
        self._batches = self.batches()

    @property
    def file_name(self) -> str:
        return f"journal-{self.about.exported_at:%Y-%m-%d}{self.writer.SUFFIX}"

    async def prepare(self) -> int:
        """Decides which entries leave, and returns how many. Raises Unavailable and TooSlow."""
        months: Counter[tuple[int, int]] = Counter()
        async for found in export_rows.dated_ids(self.user.id, self.narrowing, self.is_lossless):
            self._ids.extend(one.id for one in found)
            months.update((one.day.year, one.day.month) for one in found)
        self.about = About(self.about.name, self.about.exported_at, months)
        return len(self._ids)

    async def next_batch(self) -> list[ExportedEntry]:
        """Some entries, or an empty list at the end. Raises Unavailable and TooSlow."""
        async for batch in self._batches:
            if batch:
                return batch
        return []

    async def batches(self) -> AsyncIterator[list[ExportedEntry]]:
        """Raises Unavailable and TooSlow."""
        async for found in export_rows.batches(self.user.id, self._ids):
            ids = [row["id"] for row in found]
            revisions = await export_rows.revisions(self.user.id, ids) if self.is_lossless and ids else {}
            attachments = await _attachments(self.user.id, ids, self._folder)
            yield [_entry(row, revisions.get(row["id"], ()), attachments.get(row["id"], ())) for row in found]


async def _attachments(user_id: int, ids: Sequence[int], folder: Path) -> dict[int, list[ExportedAttachment]]:
    """The attachments of each of these entries, whose files are opened when they are written."""
    found: dict[int, list[ExportedAttachment]] = {}
    for row in await queries.of_entries(user_id, ids):
        opened = partial(_opened, store.path(folder, row["sha256"]))
        uid, kind = UUID(str(row["uid"])), row["content_type"]
        attachment = ExportedAttachment(uid, row["name"], kind, row["sha256"], opened)
        found.setdefault(row["entry_id"], []).append(attachment)
    return found


def _opened(file: Path) -> BinaryIO:
    return file.open("rb")


def _entry(row: Row, revisions: Sequence[Row], attachments: Sequence[ExportedAttachment]) -> ExportedEntry:
    return ExportedEntry(
        uid=UUID(str(row["uid"])),
        version=row["version"],
        fields=_fields(row),
        html=row["html"],
        written_at=row["written_at"],
        updated_at=row["updated_at"],
        starred=bool(row["starred"]),
        place=Place(row["place"] or "", row["latitude"], row["longitude"]),
        weather=row["weather"] or "",
        attachments=tuple(attachments),
        revisions=tuple(_revision(revision) for revision in revisions),
        deleted_at=row["deleted_at"],
        source=row["source"] or "",
        source_id=row["source_id"] or "",
        record=row["record"] or "",
    )


def _revision(row: Row) -> ImportedRevision:
    return ImportedRevision(
        fields=_fields(row),
        written_at=row["written_at"],
        created_at=row["created_at"],
        version=row["version"],
        kind=row["kind"],
    )


def _fields(row: Row) -> EntryFields:
    return EntryFields(
        title=row["title"],
        body=row["body"],
        day=row["day"],
        zone=row["zone"],
        tags=list(row["tags"]),
        mood=row["mood"],
    )
