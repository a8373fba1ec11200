"""SQLite copy: a database within an export, read from a copy in a temporary folder."""

import shutil
import sqlite3
import weakref
from collections.abc import Iterator, Sequence
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

from journal.transfer.archive import CHUNK, Archive, UnreadableArchive
from journal.transfer.formats import untrusted_sqlite
from journal.transfer.legacy import private_copy
from journal.transfer.legacy.known_schemas import UnreadableSource
from journal.transfer.legacy.select_statement import quoted
from journal.transfer.legacy.values import read_text

HEAD = 65_536  # bytes in which the names of tables are looked for


def is_sqlite(archive: Archive, name: str) -> bool:
    return archive.beginning(name, len(private_copy.MAGIC)) == private_copy.MAGIC


def head(archive: Archive, name: str) -> bytes:
    """The first pages, in which small schemas stand."""
    return archive.beginning(name, HEAD)


class SqliteCopy:
    """The copy lives as long as this object, which attachments refer to. Raises UnreadableArchive."""

    def __init__(self, archive: Archive, name: str) -> None:
        self.label = name
        folder = Path(mkdtemp(prefix="journal-import-"))
        weakref.finalize(self, shutil.rmtree, folder, True)
        self.path = folder / "copy.sqlite3"
        try:
            self._copy(archive, name)
            self.tables = {table: self._columns(table) for table in self._table_names()}
        except (sqlite3.Error, UnreadableSource) as error:
            raise UnreadableArchive(f"{name} can't be read as a database ({error}).") from None

    def _copy(self, archive: Archive, name: str) -> None:
        if archive.is_single_file:
            private_copy.copy(archive.path.resolve(), self.path)
            return
        for end in ("", *private_copy.COMPANIONS):
            if name + end in archive.names:
                target = private_copy.beside(self.path, end)
                with archive.open(name + end) as source, target.open("wb") as copy:
                    shutil.copyfileobj(source, copy, CHUNK)

    def _table_names(self) -> list[str]:
        return [str(row["name"]) for row in self.rows("SELECT name FROM sqlite_master WHERE type = 'table'")]

    def _columns(self, table: str) -> list[str]:
        return [str(row["name"]) for row in self.rows(f"PRAGMA table_info({quoted(table)})")]

    def rows(
        self, query: str, values: Sequence[Any] = (), longest: int = untrusted_sqlite.LONGEST_TEXT
    ) -> Iterator[dict[str, Any]]:
        """The rows by their columns, in a connection of their own. Raises sqlite3.Error, also for a value of
        more than `longest` bytes."""
        connection = untrusted_sqlite.connected(self.path, longest)
        connection.text_factory = read_text
        try:
            cursor = connection.execute(query, values)
            names = [column[0] for column in cursor.description]
            for row in cursor:
                yield dict(zip(names, row, strict=True))
        finally:
            connection.close()
