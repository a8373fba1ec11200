"""SQLite sources: reads the tables and rows of a database from a private copy."""

import sqlite3
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from journal.transfer.legacy import private_copy, sqlite_dump
from journal.transfer.legacy.known_schemas import SourceRow, Table, TableMapping, UnreadableSource
from journal.transfer.legacy.private_copy import readable_errors
from journal.transfer.legacy.select_statement import SQLITE, named, quoted, select
from journal.transfer.legacy.values import read_text


class SqliteLegacy:
    def __init__(self, label: str, connection: sqlite3.Connection) -> None:
        self.label = label
        self.connection = connection

    async def tables(self) -> Sequence[Table]:
        with readable_errors(self.label):
            names = self.connection.execute(
                "SELECT name FROM sqlite_master WHERE type = 'table' AND substr(name, 1, 7) <> 'sqlite_'"
            )
            return [self._table(name) for (name,) in names.fetchall()]

    def _table(self, name: str) -> Table:
        try:
            columns = self.connection.execute(f"PRAGMA table_info({quoted(name)})").fetchall()
        except sqlite3.OperationalError:  # a virtual table of an extension, as for searching Japanese
            return Table(name, ())
        keys = [column[1] for column in columns if column[5]]
        references = self.connection.execute(f"PRAGMA foreign_key_list({quoted(name)})").fetchall()
        several = {number for number, part, *_ in references if part}  # references of more than one column
        refers = {
            own: (table, there or "")
            for number, _, table, own, there, *_ in references
            if number not in several
        }
        return Table(name, tuple(c[1] for c in columns), keys[0] if len(keys) == 1 else "", refers)

    async def count(self, table: Table) -> int:
        with readable_errors(self.label):
            return int(self.connection.execute(f"SELECT count(*) FROM {named(table)}").fetchone()[0])

    async def batches(self, mapping: TableMapping, size: int) -> AsyncGenerator[list[SourceRow], None]:
        with readable_errors(self.label):
            cursor = self.connection.execute(select(mapping, SQLITE))
            names = [column[0] for column in cursor.description]
            while batch := cursor.fetchmany(size):
                yield [dict(zip(names, row, strict=True)) for row in batch]


@asynccontextmanager
async def opened(places: Sequence[str]) -> AsyncIterator[SqliteLegacy]:
    path = private_copy.existing(places)
    with TemporaryDirectory(prefix="journal-adopt-") as folder:
        copy = Path(folder) / "copy.sqlite3"
        with readable_errors(str(path)):
            if private_copy.is_dump(path):
                sqlite_dump.load(path, copy)
            else:
                private_copy.copy(path.resolve(), copy)
            connection = sqlite3.connect(copy, isolation_level=None)
        try:
            connection.text_factory = read_text
            with readable_errors(str(path)):
                _check(path, connection)
            yield SqliteLegacy(str(path), connection)
        finally:
            connection.close()


def _check(path: Path, connection: sqlite3.Connection) -> None:
    (answer,) = connection.execute("PRAGMA quick_check(1)").fetchone()
    if answer != "ok":
        raise UnreadableSource(f"{path} is damaged ({answer}); mend it or take a backup, and adopt that.")
