"""Migration of the database to this version's schema: a backup of SQLite, then all migrations or none."""

import asyncio
import fcntl
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from pkgutil import iter_modules
from typing import IO

from tortoise.migrations.executor import MigrationExecutor
from tortoise.transactions import in_transaction

import journal.migrations
from journal import clock, fsync, permissions, schema_snapshot
from journal.database import (
    Connection,
    DiskFault,
    ReadOnly,
    config,
    connected,
    connection,
    is_postgres,
    is_sqlite,
    rows,
    sqlite_file,
    time_limit,
    translate_errors,
)
from journal.engines.migrating import models_without_queries
from journal.engines.sqlite_files import write_lock_problem

DROPPED = {"year_counts"}  # tables of earlier versions whose rows other tables hold as well
LOCK = 0x4A6F75726E616C  # "Journal", PostgreSQL's advisory lock
READY_SECONDS = 1.5  # for all of is_ready; each wait for PostgreSQL in it has a third of them


# Writes a dump of the PostgreSQL database at a URL to a file; returns why it could not, or an empty string.
Dump = Callable[[str, Path], Awaitable[str]]


class FutureSchema(Exception):
    """The database was migrated by a newer version of this program."""


class Outdated(Exception):
    """The database has another schema than this program."""


class NotOurs(Exception):
    """The database holds another program's tables."""


class Damaged(Exception):
    """A migration would have lost rows or columns; it was rolled back."""


@dataclass(frozen=True)
class Report:
    applied: list[str]
    backup: Path | None
    is_new: bool = False  # the database was empty before
    note: str = ""  # why no backup was made


def known() -> list[str]:
    return sorted(name for _, name, _ in iter_modules(journal.migrations.__path__) if name[0].isdigit())


async def applied(db: Connection) -> list[str]:
    if "tortoise_migrations" not in await schema_snapshot.tables(db):
        return []
    _, names = await db.execute_query(
        "SELECT name FROM tortoise_migrations WHERE app = 'journal' ORDER BY name"
    )
    return [row["name"] for row in names]


async def is_current() -> bool:
    with translate_errors():
        return await applied(connection()) == known()


async def is_ready() -> bool:
    """Readiness of the database within two seconds. Raises Unavailable, and ReadOnly on a standby."""
    with translate_errors(), time_limit(READY_SECONDS / 3):
        async with asyncio.timeout(READY_SECONDS):
            return await _is_ready()


async def _is_ready() -> bool:
    if is_postgres(connection()):
        found = await rows("SELECT current_setting('transaction_read_only') AS is_read_only")
        if found[0]["is_read_only"] == "on":
            raise ReadOnly("the PostgreSQL server takes no writes")
    return await is_current()


async def migrate(url: str, data_dir: Path, dump: Dump | None = None) -> Report:
    """Applies missing migrations, or changes nothing and raises FutureSchema, NotOurs, Damaged or
    Unavailable. `dump` backs up a PostgreSQL database before them."""
    if not is_sqlite(url):
        async with connected(url):
            return await _migrate(url, data_dir / "backups", dump)
    file = sqlite_file(url)
    lock = await asyncio.to_thread(_prepared, file, data_dir)
    # SQLite alters a table by dropping it: with foreign keys on, all rows that refer to it would be deleted.
    with lock:
        async with connected(url, foreign_keys="OFF"):
            return await _migrate(url, data_dir / "backups", None)


def _prepared(file: Path, data_dir: Path) -> IO[str]:
    """Locks the database, and makes its files private. Raises Unavailable if they can't be written."""
    used = file
    try:
        fsync.make_folder(file.parent)
        used = file.with_name(file.name + ".lock")
        lock = _locked(used)
        used = file
        fsync.create(file)
    except OSError as error:
        raise DiskFault(permissions.refusal(used, error)) from error
    problem = write_lock_problem(file)
    if "readonly" in problem or "unable to open" in problem:
        lock.close()
        raise DiskFault(permissions.refusal(file))
    permissions.make_private(data_dir, file)
    return lock


def _locked(path: Path) -> IO[str]:
    """Opens the file and locks it until it is closed."""
    fsync.create(path)
    handle = path.open("w")
    fcntl.flock(handle, fcntl.LOCK_EX)
    return handle


async def _migrate(url: str, backups: Path, dump: Dump | None) -> Report:
    with translate_errors():
        tables = set(await schema_snapshot.tables(connection())) - {"tortoise_migrations"}
        before = await applied(connection())
        to_apply = missing(before)
        if not to_apply:
            return Report([], None)
        if tables and not before:
            raise NotOurs(
                f"The database holds another program's tables ({', '.join(sorted(tables)[:5])}): "
                "give Journal one of its own; `journal adopt` copies what an old journal holds."
            )
        saved, note = await _backed_up(url, to_apply[0], backups, dump) if before else (None, "")
        async with in_transaction() as transaction:
            if not schema_snapshot.is_sqlite(transaction):
                await transaction.execute_query("SET LOCAL lock_timeout = 0")  # others may migrate for long
                await transaction.execute_query(f"SELECT pg_advisory_xact_lock({LOCK})")
                to_apply = missing(await applied(transaction))
            await _upgrade(transaction, url)
    return Report(to_apply, saved, is_new=not before, note=note)


def missing(names: Sequence[str]) -> list[str]:
    """The migrations that are not among `names`. Raises FutureSchema if one of these is not known."""
    unknown = [name for name in names if name not in known()]
    if unknown:
        raise FutureSchema(
            f"The database was made by a newer version of Journal (it has {', '.join(unknown)}): "
            "start that version, or restore a backup from before it."
        )
    return [name for name in known() if name not in names]


async def _backed_up(url: str, migration: str, folder: Path, dump: Dump | None) -> tuple[Path | None, str]:
    """Returns the backup, or why there is none."""
    if not is_sqlite(url) and dump is None:
        return None, ""
    fsync.make_folder(folder)
    name = f"before-{migration}-{clock.now():%Y%m%dT%H%M%S%f}"
    if dump and not is_sqlite(url):
        target = folder / f"{name}.dump"
        note = await dump(url, target)
        return (None if note else target), note
    target = folder / f"{name}.sqlite3"
    await backup(target)
    return target, ""


async def backup(target: Path) -> None:
    """Backup of the SQLite database that is open, also while others write."""
    part = target.with_name(f"{target.name}.part")
    part.unlink(missing_ok=True)
    fsync.create(part)
    try:
        await connection().execute_query("VACUUM INTO ?", [str(part)])
        fsync.replace_file(part, target)
    except BaseException:
        part.unlink(missing_ok=True)
        raise


async def _upgrade(transaction: Connection, url: str) -> None:
    counts = await schema_snapshot.row_counts(transaction)
    executor = MigrationExecutor(transaction, config(url)["apps"])
    # The executor looks for this table by a query whose failure would abort PostgreSQL's transaction.
    await executor.recorder.ensure_schema(executor._schema_editor(atomic=False))
    with models_without_queries():
        await executor.migrate()
    if await applied(transaction) != known():
        raise Damaged("A migration was left out, as none of the others leads to it; nothing was changed.")
    if schema_snapshot.is_sqlite(transaction):
        await _mend_indexes(transaction)
        _, orphans = await transaction.execute_query("PRAGMA foreign_key_check")
        if orphans:
            raise Damaged(
                f"Migrating would leave {len(orphans)} rows that refer to nothing; nothing was changed."
            )
    after = await schema_snapshot.row_counts(transaction)
    kept = counts.keys() - DROPPED
    lost = [table for table in sorted(kept) if after.get(table, 0) < counts[table]]
    if lost:
        raise Damaged(f"Migrating would lose rows of {', '.join(lost)}; nothing was changed.")


async def _mend_indexes(transaction: Connection) -> None:
    """Creates the indexes that a rebuilt table has lost, and compares with the schema of the models."""
    wanted = await schema_snapshot.wanted()
    for index in wanted.indexes - (await schema_snapshot.sqlite_shape(transaction)).indexes:
        await transaction.execute_query(index.sql())
    found = await schema_snapshot.sqlite_shape(transaction)
    missing = sorted(f"{table}.{column}" for table, column in wanted.columns - found.columns)
    if missing:
        raise Damaged(f"Migrating would leave out {', '.join(missing)}; nothing was changed.")
