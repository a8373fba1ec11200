"""Sweep of attachments: removes files that no row refers to. Such a file is first marked by taking away its
owner's write permission, and removed a week later, so that a wrong or restored database costs no photos."""

import asyncio
import logging
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from stat import S_IWUSR

from journal.attachments import queries, store

log = logging.getLogger(__name__)

# A transaction may still add the rows of a younger file. Storing the same content again makes the file young,
# and takes the mark away.
GRACE = timedelta(days=1)
KEPT = timedelta(days=7)  # after a file was marked
MARKED, PLAIN = 0o400, 0o600


async def sweep(folder: Path, now: datetime) -> None:
    """`now` has to be by a clock that is trusted."""
    for place in await asyncio.to_thread(_folders, folder):
        old = await asyncio.to_thread(_older, place, now - GRACE)
        used = await queries.used(old)
        await asyncio.to_thread(_settle, folder, old, used, now)
    await asyncio.to_thread(_remove_parts, folder, now)


def _folders(folder: Path) -> list[Path]:
    return sorted(folder.glob("[0-9a-f][0-9a-f]"))


def _older(place: Path, moment: datetime) -> list[str]:
    """The SHA-256 of each file that was stored or marked before that moment, or is marked."""
    with os.scandir(place) as files:
        found = [(file.name, file.stat(follow_symlinks=False)) for file in files]
    return [place.name + name for name, status in found if _time(status) < moment or _is_marked(status)]


def _settle(folder: Path, digests: list[str], used: set[str], now: datetime) -> None:
    for digest in digests:
        file = store.path(folder, digest)
        try:
            with store.locked(folder):
                _settle_file(file, digest in used, now)
        except OSError as error:
            log.warning("%s could not be swept: %s", file, error.strerror)


def _settle_file(file: Path, is_used: bool, now: datetime) -> None:
    """Called with the lock: the file may have been stored again since the rows were asked for."""
    status = file.stat()
    is_marked, age = _is_marked(status), now - _time(status)
    if is_used:
        if is_marked:
            file.chmod(PLAIN)
    elif is_marked and age >= KEPT:
        file.unlink()
    elif not is_marked and age >= GRACE:
        os.utime(file, (now.timestamp(), now.timestamp()))
        file.chmod(MARKED)


def _remove_parts(folder: Path, now: datetime) -> None:
    """Removes what is left of writers that were killed."""
    for part in folder.glob(f"{store.PART}*"):
        if now - _time(part.stat()) >= GRACE:
            part.unlink(missing_ok=True)


def _time(status: os.stat_result) -> datetime:
    return datetime.fromtimestamp(status.st_mtime, UTC)


def _is_marked(status: os.stat_result) -> bool:
    return not status.st_mode & S_IWUSR
