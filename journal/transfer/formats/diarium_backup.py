"""Backup of Diarium: a SQLite database (.diary) with entries in HTML and their photos, opened read-only."""

import io
import os
import shutil
import sqlite3
import weakref
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from tempfile import mkstemp
from typing import Any, BinaryIO

from journal.attachments.content_types import HEAD
from journal.entries.imported import ImportedAttachment
from journal.transfer.archive import CHUNK, Archive, UnreadableArchive
from journal.transfer.formats import source_media, sqlite_copy, untrusted_sqlite
from journal.transfer.formats.untrusted_sqlite import LARGEST_ROW, LONGEST_TEXT
from journal.transfer.legacy.values import read_text

COLUMN = b"DiaryEntryId"
LARGEST = 512 * 1024 * 1024  # bytes of a photo or film


def files(archive: Archive) -> list[str]:
    return [name for name in archive.ending(".diary", ".db", ".sqlite") if _is_backup(archive, name)]


def _is_backup(archive: Archive, name: str) -> bool:
    if not sqlite_copy.is_sqlite(archive, name):
        return False
    return name.lower().endswith(".diary") or COLUMN in sqlite_copy.head(archive, name)


class _Database:
    """The file of a backup. An unpacked one is deleted when nothing refers to it any more."""

    def __init__(self, archive: Archive, name: str) -> None:
        self.path = archive.path
        if not archive.is_single_file:
            handle, path = mkstemp(prefix="journal-import-", suffix=".diary")
            self.path = Path(path)
            weakref.finalize(self, self.path.unlink, missing_ok=True)
            with os.fdopen(handle, "wb") as copy, archive.open(name) as file:
                shutil.copyfileobj(file, copy, CHUNK)

    def connected(self, longest: int) -> sqlite3.Connection:
        connection = untrusted_sqlite.connected(self.path, longest, "mode=ro&immutable=1")
        connection.text_factory = read_text
        return connection

    def content(self, row: int) -> BinaryIO:
        """The content of a photo. Raises UnreadableArchive."""
        query = "SELECT Data FROM Media WHERE rowid = ? AND length(Data) <= ?"
        try:
            with closing(self.connected(LARGEST_ROW)) as connection:
                found = connection.execute(query, (row, LARGEST)).fetchone()
        except sqlite3.Error as error:
            raise UnreadableArchive(f"A photo can't be read ({error}).") from None
        if not found or not isinstance(found[0], bytes):
            raise UnreadableArchive(f"A photo can't be read, or is larger than {LARGEST // 1024**2:,} MB.")
        return io.BytesIO(found[0])


@dataclass(frozen=True)
class Backup:
    name: str
    database: _Database
    connection: sqlite3.Connection  # for texts
    media: sqlite3.Connection

    def entries(self) -> Iterator[dict[str, Any]]:
        """Raises UnreadableArchive where the file is damaged."""
        columns = self._columns("Entries")
        if COLUMN.decode() not in columns:
            raise UnreadableArchive(f"{self.name} has no entries of Diarium.")
        wanted = [name for name in ("Heading", "Text", "Rating") if name in columns]
        chosen = ", ".join([f"{COLUMN.decode()} AS ticks", *wanted])
        try:
            for row in self.connection.execute(f"SELECT {chosen} FROM Entries ORDER BY ticks"):
                found = dict(zip(("ticks", *wanted), row, strict=True))
                names = {"Heading": "heading", "Text": "html", "Rating": "rating"}
                yield {names.get(name, name): value for name, value in found.items()}
        except sqlite3.Error as error:
            raise UnreadableArchive(f"{self.name} is damaged ({error}).") from None

    def attachments(self, ticks: int) -> tuple[ImportedAttachment, ...]:
        if not {COLUMN.decode(), "Data"} <= self._columns("Media"):
            return ()
        where = f"{COLUMN.decode()} = ? ORDER BY rowid"
        query = f"SELECT rowid, substr(Data, 1, {HEAD}) FROM Media WHERE {where}"
        found = []
        with suppress(sqlite3.Error):
            for row, head in self.media.execute(query, (ticks,)):
                extension = source_media.extension_of(head) if isinstance(head, bytes) else ""
                name = f"{ticks}-{row}{extension}"
                found.append(ImportedAttachment(name, name, partial(self.database.content, row)))
        return tuple(found)

    def _columns(self, table: str) -> set[str]:
        try:
            return {row[1] for row in self.connection.execute(f"PRAGMA table_info({table})")}
        except sqlite3.Error as error:
            raise UnreadableArchive(f"{self.name} is damaged ({error}).") from None


@contextmanager
def opened(archive: Archive, name: str) -> Iterator[Backup]:
    """The attachments of a backup can be opened later, too."""
    database = _Database(archive, name)
    with (
        closing(database.connected(LONGEST_TEXT)) as texts,
        closing(database.connected(LARGEST_ROW)) as media,
    ):
        yield Backup(name, database, texts, media)
