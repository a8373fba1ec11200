"""PostgreSQL sources: reads a database in one read-only transaction, so all rows are of one moment."""

from collections.abc import AsyncGenerator, AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from urllib.parse import urlsplit

import asyncpg

from journal.engines.row import Row
from journal.transfer.legacy.known_schemas import SourceRow, Table, TableMapping, UnreadableSource
from journal.transfer.legacy.select_statement import POSTGRES, named, select

SECONDS = 10
# PostgreSQL's own tables and those of other sessions are not looked at.
TABLES = """
SELECT n.nspname AS schema, c.relname AS name, c.oid,
       (SELECT array_agg(a.attname::text ORDER BY a.attnum) FROM pg_attribute a
        WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped) AS columns,
       (SELECT array_agg(a.attname::text) FROM pg_index i JOIN pg_attribute a
        ON a.attrelid = c.oid AND a.attnum = ANY (i.indkey)
        WHERE i.indrelid = c.oid AND i.indisprimary) AS keys
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition
  AND n.nspname <> 'information_schema' AND n.nspname NOT LIKE 'pg\\_%'
ORDER BY n.nspname, c.relname
"""
REFERENCES = """
SELECT o.conrelid AS oid, a.attname AS own, n.nspname AS schema, t.relname AS name, b.attname AS there
FROM pg_constraint o
JOIN pg_attribute a ON a.attrelid = o.conrelid AND a.attnum = o.conkey[1]
JOIN pg_class t ON t.oid = o.confrelid JOIN pg_namespace n ON n.oid = t.relnamespace
JOIN pg_attribute b ON b.attrelid = o.confrelid AND b.attnum = o.confkey[1]
WHERE o.contype = 'f' AND cardinality(o.conkey) = 1
"""


class PostgresLegacy:
    def __init__(self, label: str, connection: asyncpg.Connection) -> None:
        self.label = label
        self.connection = connection

    async def tables(self) -> Sequence[Table]:
        with _readable_errors(self.label):
            tables = await self.connection.fetch(TABLES)
            references = await self.connection.fetch(REFERENCES)
        return [_table(table, [r for r in references if r["oid"] == table["oid"]]) for table in tables]

    async def count(self, table: Table) -> int:
        # A savepoint, so that the transaction goes on after a table that this user may not read.
        with _readable_errors(self.label):
            async with self.connection.transaction():
                return int(await self.connection.fetchval(f"SELECT count(*) FROM {named(table)}"))

    async def batches(self, mapping: TableMapping, size: int) -> AsyncGenerator[list[SourceRow], None]:
        with _readable_errors(self.label):
            cursor = await self.connection.cursor(select(mapping, POSTGRES))
            while batch := await cursor.fetch(size):
                yield [dict(row) for row in batch]


def _table(row: Row, references: Sequence[Row]) -> Table:
    refers = {r["own"]: (_label(r["schema"], r["name"]), r["there"]) for r in references}
    keys = row["keys"] or []
    return Table(
        row["name"], tuple(row["columns"] or ()), keys[0] if len(keys) == 1 else "", refers, row["schema"]
    )


def _label(schema: str, name: str) -> str:
    return Table(name, (), schema=schema).label


@asynccontextmanager
async def opened(url: str) -> AsyncIterator[PostgresLegacy]:
    label = label_of(url)
    with _readable_errors(label):
        # No prepared statements are kept, so that it also works through a pooler.
        connection = await asyncpg.connect(url, timeout=SECONDS, statement_cache_size=0)
    try:
        with _readable_errors(label):
            await connection.execute("SET default_transaction_read_only = on")
            await connection.execute("SET datestyle = 'ISO'; SET TIME ZONE 'UTC'")
        async with connection.transaction(isolation="repeatable_read", readonly=True):
            yield PostgresLegacy(label, connection)
    finally:
        await connection.close()


def label_of(url: str) -> str:
    try:
        parts = urlsplit(url)
        return f"postgres://{parts.netloc.rpartition('@')[2]}{parts.path}"
    except ValueError:
        return "postgres://…"


@contextmanager
def _readable_errors(label: str) -> Iterator[None]:
    """Turns errors of the driver and the network into sentences without the password."""
    try:
        yield
    except asyncpg.InsufficientPrivilegeError as error:
        raise UnreadableSource(f"{label} does not let this user read it ({error}).") from None
    except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError, ValueError) as error:
        raise UnreadableSource(f"{label} can't be read ({str(error) or type(error).__name__}).") from None
