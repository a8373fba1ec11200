"""PostgreSQL snapshots: a dump and the row counts of one moment, the restore of a dump, and a temporary
database to try it in."""

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from hashlib import sha256
from pathlib import Path
from threading import Event

import asyncpg

from journal import database_url, schema
from journal.attachments import queries
from journal.backups import postgres_programs, streams
from journal.backups.archive import ArchiveWriter, opened_database
from journal.backups.manifest import DATABASES, BackupError, Contents

SECONDS = 10  # to connect
PATIENCE = 60  # seconds to wait for the pg_restore of a restore that was killed
SESSION = {"lock_timeout": "0", "statement_timeout": "0", "idle_in_transaction_session_timeout": "0"}
TABLES = """
SELECT format('%I.%I', n.nspname, c.relname) AS place, c.relname AS name
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind = 'r' AND n.nspname <> 'information_schema' AND n.nspname NOT LIKE 'pg\\_%'
ORDER BY n.nspname, c.relname
"""
MIGRATIONS = "SELECT name FROM tortoise_migrations WHERE app = 'journal' ORDER BY name"
RESTORING = (
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND application_name = $1"
)
CHECK_LOCK = 0x4A6F7572436865  # "JourChe", the advisory lock of whoever uses the temporary database


class MayNotCreate(BackupError):
    """The role may not create the temporary database."""


async def dump(url: str, archive: ArchiveWriter) -> Contents:
    """Adds the dump to the archive, and returns the contents of the same snapshot. No migration runs then,
    because a snapshot from before it sees a table that it rewrites as empty."""
    async with _migrations_excluded(url) as db, db.transaction(isolation="repeatable_read", readonly=True):
        found = await _contents(db)
        snapshot = await db.fetchval("SELECT pg_export_snapshot()")
        program = postgres_programs.find("pg_dump", _major(db))

        def work(stop: Event) -> None:
            archive.stop = stop
            with postgres_programs.target(url) as place:
                command = postgres_programs.dump_command(program, place, snapshot)
                with postgres_programs.output(command, stop) as dumped:
                    archive.add(DATABASES["postgres"], dumped, is_compressed=True)

        await streams.in_thread(work)
        return found


@asynccontextmanager
async def _migrations_excluded(url: str) -> AsyncIterator[asyncpg.Connection]:
    async with _connected(url) as db:
        await db.execute("SELECT pg_advisory_lock_shared($1)", schema.LOCK)  # until the connection ends
        yield db


async def dump_to_file(url: str, file: Path) -> None:
    """Raises NoProgram where pg_dump is missing or too old, and BackupError if it fails."""
    async with _connected(url) as db:
        program = postgres_programs.find("pg_dump", _major(db))

    def work(stop: Event) -> None:
        with postgres_programs.target(url) as place:
            command = postgres_programs.dump_command(program, place, "", file)
            with postgres_programs.output(command, stop) as said:
                said.read()

    await streams.in_thread(work)


async def restore(url: str, file: Path, name: str = "") -> None:
    """Restores the dump of a backup into a database without tables, all or nothing."""
    async with _connected(url) as db:
        program = postgres_programs.find("pg_restore", _major(db))

    def work(stop: Event) -> None:
        with (
            opened_database(file, stop) as source,
            postgres_programs.target(url, name, postgres_programs.RESTORE) as place,
        ):
            postgres_programs.feed(postgres_programs.restore_command(program, place), source, stop)

    await streams.in_thread(work)


async def read_through(url: str, file: Path) -> None:
    """Reads the dump of a backup to its end, and makes the SQL of it without running it."""
    async with _connected(url) as db:
        program = postgres_programs.find("pg_restore", _major(db))

    def work(stop: Event) -> None:
        with opened_database(file, stop) as source:
            postgres_programs.feed([program, "--file=/dev/null"], source, stop)

    await streams.in_thread(work)


async def contents(url: str, name: str = "") -> Contents:
    async with _connected(url, name) as db:
        return await _contents(db)


async def attachments(url: str, name: str = "") -> list[str]:
    """The SHA-256 of each file that rows of attachments refer to."""
    async with _connected(url, name) as db:
        is_there = await db.fetchval("SELECT to_regclass('attachments') IS NOT NULL")
        return [row["sha256"] for row in await db.fetch(queries.DIGESTS)] if is_there else []


async def tables(url: str) -> Sequence[str]:
    """The names of its tables, once no restore is under way any more."""
    async with _connected(url) as db:
        for _ in range(PATIENCE * 10):
            if not await db.fetchval(RESTORING, postgres_programs.RESTORE):
                return [row["name"] for row in await db.fetch(TABLES)]
            await asyncio.sleep(0.1)
    raise BackupError("Another restore is under way in this database; try again when it is done.")


async def size(url: str) -> int:
    """The size of the database in bytes."""
    async with _connected(url) as db:
        return int(await db.fetchval("SELECT pg_database_size(current_database())"))


@asynccontextmanager
async def temporary(url: str) -> AsyncIterator[str]:
    """Yields the name of an empty database of the same server, which is dropped at the end. Its name depends
    on the database's, so what a killed process has left behind is dropped by the next."""
    name = f"journal_verify_{sha256(database_url.place(url).encode()).hexdigest()[:16]}"
    async with _connected(url) as db:
        if not await db.fetchval("SELECT pg_try_advisory_lock($1)", CHECK_LOCK):
            raise BackupError("Another backup is being verified; try again when that is done.")
        try:
            await db.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
            await db.execute(f'CREATE DATABASE "{name}" TEMPLATE template0')
        except asyncpg.InsufficientPrivilegeError as error:
            raise MayNotCreate(str(error)) from None
        try:
            yield name
        finally:
            await asyncio.shield(db.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)'))


@asynccontextmanager
async def _connected(url: str, name: str = "") -> AsyncIterator[asyncpg.Connection]:
    with _readable_errors(url):
        place = postgres_programs.uri(url, name)
        db = await _connect(place, url)
        try:
            yield db
        finally:
            await db.close(timeout=SECONDS)


async def _connect(place: str, url: str) -> asyncpg.Connection:
    try:
        return await asyncpg.connect(place, timeout=SECONDS, server_settings=SESSION, statement_cache_size=0)
    except OSError as error:  # also a timeout
        reason = str(error) or "it does not answer"
        raise BackupError(f"The database {database_url.place(url)} can't be reached ({reason}).") from None


@contextmanager
def _readable_errors(url: str) -> Iterator[None]:
    try:
        yield
    except (asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError) as error:
        raise BackupError(f"The database {database_url.place(url)} can't be used ({error}).") from None


async def _contents(db: asyncpg.Connection) -> Contents:
    places = {row["name"]: row["place"] for row in await db.fetch(TABLES)}
    if "tortoise_migrations" not in places:
        raise BackupError("The database holds no journal; DATABASE_URL should name the site's database.")
    rows = {name: await db.fetchval(f"SELECT count(*) FROM {place}") for name, place in places.items()}
    return Contents(tuple(row["name"] for row in await db.fetch(MIGRATIONS)), rows)


def _major(db: asyncpg.Connection) -> int:
    return int(db.get_server_version().major)
