"""Database connection, reads and transactions: configures Tortoise, reads rows, and commits writes so that a
client that hangs up neither loses a save nor blocks others."""

import asyncio
import logging
import random
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from datetime import date, datetime
from functools import lru_cache
from json import loads
from typing import Any, TypeVar

from tortoise.backends.base.client import BaseDBAsyncClient
from tortoise.backends.base.config_generator import expand_db_url
from tortoise.context import TortoiseContext, get_current_context, set_global_context
from tortoise.transactions import in_transaction

from journal import after_commit, permissions
from journal.database_url import is_sqlite as is_sqlite
from journal.database_url import place as place
from journal.database_url import sqlite_file as sqlite_file
from journal.engines import postgres_servers
from journal.engines.connection_shares import requester as requester
from journal.engines.failures import UNDONE, ConnectionLost
from journal.engines.failures import Corrupt as Corrupt
from journal.engines.failures import DiskFault as DiskFault
from journal.engines.failures import NoSpace as NoSpace
from journal.engines.failures import ReadOnly as ReadOnly
from journal.engines.failures import Unavailable as Unavailable
from journal.engines.failures import translate_errors as translate_errors
from journal.engines.fair_queue import Priority
from journal.engines.query_counter import count_query
from journal.engines.row import Row
from journal.engines.slow_reads import SlowReads, TooSlow, queue
from journal.engines.sqlite_files import SqliteFiles
from journal.engines.timeouts import time_limit as time_limit

T = TypeVar("T")
Connection = BaseDBAsyncClient
log = logging.getLogger(__name__)

MODELS = ["journal.accounts.models", "journal.tags.models", "journal.entries.models"]
MODELS += ["journal.entry_templates.models", "journal.prompts.models", "journal.search.models"]
MODELS += ["journal.attachments.models", "journal.jobs.models", "journal.transfer.models"]
DRAIN_SECONDS = 25
TRIES = 5  # of a transaction that is undone because of others, or once by a lost connection
PRAGMAS = {
    "busy_timeout": 5000,
    "synchronous": "FULL",  # NORMAL loses acknowledged saves at a power cut
    "foreign_keys": "ON",
    "journal_size_limit": 64 * 1024 * 1024,
    "cache_size": -16000,
}


def config(url: str, *, is_site: bool = False, **pragmas: object) -> dict[str, Any]:
    """Tortoise's configuration; `url` is what Settings.database_url holds."""
    if is_sqlite(url):
        credentials = {"file_path": str(sqlite_file(url)), **PRAGMAS, **pragmas}
        connection = {"engine": "journal.engines.sqlite", "credentials": credentials}
    else:
        first, hosts = postgres_servers.split(url)
        lock = PRAGMAS["busy_timeout"]  # lock_timeout, the same as on SQLite
        credentials = postgres_servers.credentials(expand_db_url(first)["credentials"], hosts, lock, is_site)
        connection = {"engine": "journal.engines.asyncpg", "credentials": credentials}
    app = {"models": MODELS, "default_connection": "default", "migrations": "journal.migrations"}
    return {"connections": {"default": connection}, "apps": {"journal": app}}


def is_postgres(db: Connection) -> bool:
    return bool(db.capabilities.dialect == "postgres")


@asynccontextmanager
async def connected(url: str, *, is_site: bool = False, **pragmas: object) -> AsyncIterator[TortoiseContext]:
    """Connects models, `rows` and `committed` for all tasks; waits for open transactions at the end.
    `is_site` sets the short timeouts of a site; a statement of a command may take an hour."""
    global _reader, _slow_reads, files
    Corrupt.was_seen, context = False, TortoiseContext()
    set_global_context(context)
    try:
        await context.init(config(url, is_site=is_site, **pragmas))
        await _reached(context, url)
        if is_sqlite(url):
            files = SqliteFiles(sqlite_file(url))
            _reader, _slow_reads = _sqlite_reader(url), SlowReads(lambda: _sqlite_reader(url))
        yield context
    finally:
        await _drain()
        if _reader and _slow_reads:
            _slow_reads.close()
            _reader.close()
            _reader = _slow_reads = files = None
        await context.close_connections()


async def _reached(context: TortoiseContext, url: str) -> None:
    """Runs a query, so that a wrong path or password is found at the start."""
    try:
        with translate_errors():
            await context.db().execute_query("SELECT 1")
    except Unavailable as error:
        where = permissions.described(sqlite_file(url)) if is_sqlite(url) else place(url)
        raise type(error)(f"the database {where} can't be used ({error})") from error


def connection() -> Connection:
    context = get_current_context()
    if context is None:
        raise Unavailable("the database is not connected")
    return context.db()


# Reading


# A read-only connection reads SQLite on the event loop: the hop to a thread costs more than reading twenty
# rows, and in WAL mode a reader never waits for the writer.
_reader: sqlite3.Connection | None = None
_slow_reads: SlowReads | None = None
files: SqliteFiles | None = None  # the files of the SQLite database that is open
_slow_rows_queue = queue(running=4)  # of PostgreSQL's ten connections


def _sqlite_reader(url: str) -> sqlite3.Connection:
    uri = sqlite_file(url).resolve().as_uri() + "?mode=ro"
    reader = sqlite3.connect(
        uri, uri=True, isolation_level=None, check_same_thread=False, detect_types=sqlite3.PARSE_DECLTYPES
    )
    reader.row_factory = sqlite3.Row
    reader.execute("PRAGMA busy_timeout=1000")
    reader.execute(f"PRAGMA cache_size={PRAGMAS['cache_size']}")
    return reader


sqlite3.register_converter("date", lambda text: date.fromisoformat(text.decode()))
sqlite3.register_converter("timestamp", lambda text: datetime.fromisoformat(text.decode()))
sqlite3.register_converter("json", lambda text: [] if text == b"[]" else loads(text.decode()))


async def rows(sql: str, *values: object) -> Sequence[Row]:
    """Reads committed rows, with columns by name. `?` is the placeholder on both engines."""
    with translate_errors():
        if _reader is None:
            return (await connection().execute_query(numbered(sql), list(values)))[1]
        count_query()
        return _reader.execute(sql, [_to_sqlite(value) for value in values]).fetchall()


async def scan(consume: Callable[[Iterable[Row]], T], sql: str, *values: object) -> T:
    """Returns what `consume` makes of the rows. On SQLite only the rows that it iterates over are read."""
    if _reader is None:
        return consume(await rows(sql, *values))
    with translate_errors():
        count_query()
        found = _reader.execute(sql, [_to_sqlite(value) for value in values])
        try:
            return consume(found)
        finally:
            found.close()  # else the reader would keep seeing this snapshot


async def slow_rows(account: int, seconds: float, sql: str, *values: object) -> Sequence[Row]:
    """Reads rows by a query that may take long, off the event loop and one query for each account at a time.
    Raises TooSlow after `seconds`, and Busy if too many queries wait."""
    with translate_errors():
        try:
            async with asyncio.timeout(seconds):
                if _slow_reads is not None:
                    count_query()
                    return await _slow_reads.rows(account, sql, [_to_sqlite(value) for value in values])
                async with _slow_rows_queue.turn(account, Priority.READ):
                    return await rows(sql, *values)
        except TimeoutError:
            raise TooSlow from None


def _to_sqlite(value: object) -> object:
    if isinstance(value, datetime):
        return value.isoformat(" ")  # the format of Tortoise
    return value.isoformat() if isinstance(value, date) else value


@lru_cache(maxsize=256)
def numbered(sql: str) -> str:
    """Replaces question marks by PostgreSQL's placeholders $1, $2 …"""
    pieces = sql.split("?")
    return pieces[0] + "".join(f"${n}{piece}" for n, piece in enumerate(pieces[1:], 1))


# Writing


_writes: set[asyncio.Task[object]] = set()


async def committed(work: Callable[[Connection], Awaitable[T]]) -> T:
    """Returns what `work` returns, once its transaction is on disk. A transaction that was undone by others,
    or once by a lost connection, is tried again, so `work` must leave no trace but in the database. It runs
    in a task of its own: a client that hangs up cancels its handler, and Tortoise, cancelled in a
    transaction, would keep its lock for ever."""
    task = asyncio.create_task(_transaction(work))
    _writes.add(task)
    task.add_done_callback(_forget)
    return await asyncio.shield(task)


async def statement(db: Connection, sql: str, *values: object) -> Sequence[Row]:
    """Runs a statement in the caller's transaction and returns its rows; placeholders are as in `rows`."""
    if is_postgres(db):
        # Unlike execute_query, this method returns the rows of an INSERT too.
        return await db.execute_query_dict(numbered(sql), list(values))
    return (await db.execute_query(sql, [_to_sqlite(value) for value in values]))[1]


async def _transaction(work: Callable[[Connection], Awaitable[T]]) -> T:
    is_lost = False
    with translate_errors():
        for tried in range(1, TRIES):
            try:
                return await _once(work)
            except (*UNDONE, ConnectionLost) as error:
                if is_lost:  # a second lost connection is final: each try may have taken some seconds
                    raise
                is_lost = isinstance(error, ConnectionLost)
                log.info("a transaction is tried again: %s", error)
                await asyncio.sleep(random.random() * 0.05 * tried)  # noqa: S311 - jitter against the same collision
        return await _once(work)


async def _once(work: Callable[[Connection], Awaitable[T]]) -> T:
    async with after_commit.hooks():
        async with in_transaction() as transaction:
            done = await work(transaction)
        if files:
            files.check()  # what was written into a deleted file must not be acknowledged
    return done


def _forget(task: asyncio.Task[object]) -> None:
    _writes.discard(task)
    if not task.cancelled():
        task.exception()  # marks it as read; the caller has it, or has hung up


async def _drain() -> None:
    if _writes:
        await asyncio.wait(_writes, timeout=DRAIN_SECONDS)
