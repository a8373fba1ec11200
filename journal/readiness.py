"""Readiness: whether this process can serve, asked by /readyz and every half minute for the log."""

import asyncio
import logging
from contextlib import AbstractAsyncContextManager

from journal import background, database, permissions, schema
from journal.database import Corrupt, Unavailable
from journal.engines.sqlite_files import write_lock_problem

log = logging.getLogger(__name__)

PAUSE = 30  # seconds between two looks
_tried: asyncio.Task[str] | None = None  # the write lock
LOCKED = "another program keeps the database locked"


async def problem() -> str:
    """Why the site is not ready, without paths, as anybody may ask; empty if it is."""
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
    global _tried
    if _tried is None or _tried.done():
        _tried = asyncio.create_task(asyncio.to_thread(write_lock_problem, database.files.file))
    said = await asyncio.shield(_tried)  # one for all who ask meanwhile: each takes the lock from the others
    if not said:
        return ""
    return LOCKED if "locked" in said else f"the database can't be written ({said})"


def watched() -> AbstractAsyncContextManager[None]:
    """Says in the log what is wrong, and what to do, for as long as the site serves."""
    return background.running(_forever())


async def _forever() -> None:
    while True:
        await asyncio.sleep(PAUSE)
        try:
            await look()
        except Unavailable as error:
            log.error("not ready: %s", error)


async def look() -> None:
    if found := await problem():
        log.error("not ready: %s. %s", found, await _cure())


async def _cure() -> str:
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
    # Nobody else has begun a new one: all that was acknowledged goes into the database itself.
    await database.connection().execute_query("PRAGMA wal_checkpoint(TRUNCATE)")
    return f"Deleted: {names}. What was saved is in the database. Start the site again."
