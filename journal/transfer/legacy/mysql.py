"""MySQL and MariaDB sources: reads a database in one read-only transaction, so all rows are of one moment."""

from collections.abc import AsyncGenerator, AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

try:
    import pymysql
    from pymysql.cursors import SSCursor
except ImportError:  # it is an extra
    pymysql = None

from journal.transfer.legacy.known_schemas import SourceRow, Table, TableMapping, UnreadableSource
from journal.transfer.legacy.select_statement import MYSQL, named, select

SECONDS = 10  # until a server that does not answer is given up
MISSING = (
    "A database of MySQL or MariaDB can be read with the extra `mysql` of this package, which is PyMySQL: "
    "`pip install 'journal[mysql]'`, or in a checkout `pip --python .venv install PyMySQL`. Without it, make "
    "a SQLite database by mysql2sqlite, and adopt that."
)
# Quotation marks for names as in standard SQL, and UTC for columns that hold instants.
SESSION = (
    "SET SESSION sql_mode = 'ANSI_QUOTES'",
    "SET SESSION time_zone = '+00:00'",
    "SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ",
    "START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY",
)
COLUMNS = """
SELECT t.table_name, c.column_name, c.data_type, c.column_key
FROM information_schema.tables AS t JOIN information_schema.columns AS c
ON c.table_schema = t.table_schema AND c.table_name = t.table_name
WHERE t.table_schema = DATABASE() AND t.table_type = 'BASE TABLE'
ORDER BY t.table_name, c.ordinal_position
"""
REFERENCES = """
SELECT table_name, column_name, referenced_table_name, referenced_column_name
FROM information_schema.key_column_usage AS k
WHERE table_schema = DATABASE() AND referenced_table_schema = table_schema AND NOT EXISTS (
    SELECT 1 FROM information_schema.key_column_usage AS other
    WHERE other.constraint_schema = k.constraint_schema AND other.constraint_name = k.constraint_name
    AND other.table_name = k.table_name AND other.ordinal_position > 1)
"""


class MysqlLegacy:
    def __init__(self, label: str, connection: Any) -> None:
        self.label = label
        self.connection = connection
        self.types: dict[str, dict[str, str]] = {}  # of columns, by table

    async def tables(self) -> Sequence[Table]:
        with _readable_errors(self.label):
            columns, references = self._fetched(COLUMNS), self._fetched(REFERENCES)
        found: dict[str, list[tuple[str, ...]]] = {}
        for table, *column in columns:
            found.setdefault(table, []).append(tuple(column))
        for table, its_columns in found.items():
            self.types[table] = {name: type for name, type, _ in its_columns}
        return [_table(name, its, [r[1:] for r in references if r[0] == name]) for name, its in found.items()]

    def _fetched(self, statement: str) -> list[tuple[str, ...]]:
        with self.connection.cursor() as cursor:
            cursor.execute(statement)
            return [tuple(map(_text, row)) for row in cursor.fetchall()]

    async def count(self, table: Table) -> int:
        with _readable_errors(self.label):
            return int(self._fetched(f"SELECT count(*) FROM {named(table)}")[0][0])

    async def batches(self, mapping: TableMapping, size: int) -> AsyncGenerator[list[SourceRow], None]:
        types = self.types.get(mapping.table.name, {})
        by_role = {role: types.get(column, "") for role, column in mapping.columns.items()}
        with _readable_errors(self.label), self.connection.cursor(SSCursor) as cursor:
            cursor.execute(select(mapping, MYSQL))
            names = [column[0] for column in cursor.description]
            while batch := cursor.fetchmany(size):
                yield [_read(names, row, by_role) for row in batch]


def _text(value: object) -> str:
    """MySQL 8 has some texts of the information schema as bytes."""
    return value.decode() if isinstance(value, bytes) else str(value)


def _table(name: str, columns: Sequence[tuple[str, ...]], references: Sequence[tuple[str, ...]]) -> Table:
    keys = [column for column, _, key in columns if key == "PRI"]
    refers = {column: (table, there) for column, table, there in references}
    return Table(name, tuple(column[0] for column in columns), keys[0] if len(keys) == 1 else "", refers)


def _read(names: Sequence[str], row: Sequence[object], types: Mapping[str, str]) -> SourceRow:
    return {name: _value(value, types.get(name, "")) for name, value in zip(names, row, strict=True)}


def _value(value: object, type: str) -> object:
    """Adds the zone to a timestamp, which the session reads in UTC, and turns bits into a number."""
    if type == "timestamp" and value:
        return f"{value}+00:00"
    if type == "bit" and isinstance(value, bytes | str):  # a string if the statement casts it
        return int.from_bytes(value.encode("latin-1") if isinstance(value, str) else value, "big")
    return value


@asynccontextmanager
async def opened(url: str) -> AsyncIterator[MysqlLegacy]:
    if pymysql is None:
        raise UnreadableSource(MISSING)
    label = label_of(url)
    with _readable_errors(label):
        connection = pymysql.connect(**_parameters(url))
    try:
        with _readable_errors(label), connection.cursor() as cursor:
            for statement in SESSION:
                cursor.execute(statement)
        yield MysqlLegacy(label, connection)
    finally:
        connection.close()


def _parameters(url: str) -> Mapping[str, object]:
    """Reads a URL as SQLAlchemy does. Raises ValueError."""
    parts = urlsplit(url)
    options = {name: values[-1] for name, values in parse_qs(parts.query).items()}
    known = {name: options[name] for name in ("unix_socket", "ssl_ca") if name in options}
    return known | {
        "host": parts.hostname or "localhost",
        "port": parts.port or 3306,
        "user": unquote(parts.username or "") or None,
        "password": unquote(parts.password or ""),
        "database": unquote(parts.path.lstrip("/")),
        "charset": "utf8mb4",
        "connect_timeout": SECONDS,
    }


def label_of(url: str) -> str:
    try:
        parts = urlsplit(url)
        return f"mysql://{parts.netloc.rpartition('@')[2]}{parts.path}"
    except ValueError:
        return "mysql://…"


@contextmanager
def _readable_errors(label: str) -> Iterator[None]:
    """Turns errors of the driver and the network into sentences without the password."""
    try:
        yield
    except (pymysql.MySQLError, OSError, ValueError, RuntimeError) as error:
        why = error.args[-1] if error.args else type(error).__name__
        raise UnreadableSource(f"{label} can't be read ({str(why).rstrip('.')}).") from None
