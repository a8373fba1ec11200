"""Workspace of backups: one process works at a time, in a folder that is emptied before and afterwards, and
only if the disk has room."""

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from journal import fsync, permissions
from journal.backups import catalog
from journal.backups.manifest import BackupError

LOCK = "backup.lock"
WORK = "work"
SPARE = 64 * 1024 * 1024  # bytes that stay free for the site


class Busy(BackupError):
    """Another process makes, verifies or restores a backup."""


@contextmanager
def opened(data_dir: Path) -> Iterator[Path]:
    """Yields an empty private folder. Raises Busy, and BackupError if the data folder can't be written."""
    place = catalog.folder(data_dir)
    work = place / WORK
    try:
        fsync.make_folder(place)
        fsync.create(place / LOCK)
        lock = (place / LOCK).open("w")
    except OSError as error:
        raise BackupError(permissions.refusal(place, error)) from None
    with lock:
        lock_or_refuse(lock.fileno())
        clear(place)
        try:
            work.mkdir(mode=0o700)
            yield work
        except OSError as error:
            used = error.filename or f"a file in {place}, {data_dir} or of the database"
            raise BackupError(f"{used} can't be read or written ({error.strerror or error}).") from None
        finally:
            shutil.rmtree(work, ignore_errors=True)


def lock_or_refuse(handle: int) -> None:
    """Locks an open file until it is closed, which the system does for a killed process. Raises Busy."""
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise Busy("Another backup or restore is under way; try again when it is done.") from None


def clear(place: Path) -> None:
    """Removes what a killed process has left behind."""
    shutil.rmtree(place / WORK, ignore_errors=True)
    for part in place.glob("journal-*.part"):
        part.unlink(missing_ok=True)


def require_space(folder: Path, needed: int, what: str) -> None:
    """Raises BackupError if the disk of the folder has less than `needed` bytes and a spare."""
    free = free_bytes(folder)
    if free < needed + SPARE:
        raise BackupError(
            f"There is no room for {what}: {folder} has {megabytes(free)} free, and "
            f"{megabytes(needed + SPARE)} are needed. Make room, or keep fewer backups by BACKUPS."
        )


def free_bytes(folder: Path) -> int:
    found = os.statvfs(folder)
    return found.f_bavail * found.f_frsize


def megabytes(size: int) -> str:
    return f"{size / 1_000_000:,.1f} MB"


def tree_size(folder: Path) -> int:
    """The bytes of all files below a folder; 0 if there is none."""
    return sum(_size(file) for file in folder.rglob("*"))


def _size(file: Path) -> int:
    try:
        return file.stat().st_size if file.is_file() else 0
    except FileNotFoundError:  # removed meanwhile
        return 0
