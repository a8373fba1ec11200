"""Health check: whether this process can serve, for /readyz and, every half minute, for the log."""

import asyncio
import logging
from contextlib import AbstractAsyncContextManager

from journal import background, database, permissions, schema
from journal.database import Corrupt, Unavailable
from journal.engines.sqlite_files import write_lock_problem

log = logging.getLogger(__name__)

INTERVAL = 30  # seconds between two checks for the log
_lock_check: asyncio.Task[str] | None = None
LOCKED = "another program keeps the database locked"


async def problem() -> str:
    """Why the site is not ready, or an empty string. It names no paths, because /readyz is public."""
    if not await schema.is_ready():
        return "the database's schema is not this version's"
    if Corrupt.was_seen:
        return "the database is damaged"
    if database.files is None:
        return ""
    if database.files.changed():
        return "the database was replaced or deleted while the site is running"
    return await _write_problem()


async def _write_problem() -> str:
    assert database.files
    global _lock_check
    if _lock_check is None or _lock_check.done():
        _lock_check = asyncio.create_task(asyncio.to_thread(write_lock_problem, database.files.file))
    found = await asyncio.shield(_lock_check)  # concurrent calls share a check: two would block each other
    if not found:
        return ""
    return LOCKED if "locked" in found else f"the database can't be written ({found})"


def watched() -> AbstractAsyncContextManager[None]:
    """Logs problems and their remedies while the site serves."""
    return background.running(_forever())


async def _forever() -> None:
    while True:
        await asyncio.sleep(INTERVAL)
        try:
            await log_problem()
        except Unavailable as error:
            log.error("not ready: %s", error)


async def log_problem() -> None:
    if found := await problem():
        log.error("not ready: %s. %s", found, await _remedy())


async def _remedy() -> str:
    files = database.files
    if Corrupt.was_seen:
        return "`journal doctor` says which table it is; restore a backup and start the site again."
    if files is None or not files.changed():
        return permissions.refusal(files.file) if files else "Run `journal migrate`."
    names = ", ".join(map(str, files.changed()))
    if not files.can_be_checkpointed():
        return (
            f"Changed: {names}. Saves are refused. Start the site again to serve what is there now; what "
            "this process still holds open can be copied from /proc/PID/fd before that."
        )
    # No other process has created new files, so all acknowledged writes can go into the database file.
    await database.connection().execute_query("PRAGMA wal_checkpoint(TRUNCATE)")
    return f"Deleted: {names}. What was saved is in the database. Start the site again."
