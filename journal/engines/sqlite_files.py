"""The files of an SQLite database: whether they can be written, and whether they were replaced or deleted."""

import os
import sqlite3
from contextlib import closing
from pathlib import Path

from journal.engines.failures import Replaced

LOCK_SECONDS = 1.5  # for which the write lock is waited for


def write_lock_problem(file: Path) -> str:
    """What SQLite says when the write lock is taken and given back at once; empty if all is well.

    By a connection of its own, since one that is open would not see that the file has lost its rights; SQLite
    may give it a descriptor from before, so the rights are looked at as well. The file is never opened here:
    closing it would drop the locks that SQLite holds.
    """
    if file.exists() and not all(os.access(path, os.W_OK) for path in (file, file.parent)):
        return "readonly database"
    try:
        uri = f"{file.resolve().as_uri()}?mode=rw"
        with closing(sqlite3.connect(uri, uri=True, timeout=LOCK_SECONDS, isolation_level=None)) as db:
            db.execute("BEGIN IMMEDIATE")
            db.execute("ROLLBACK")
    except sqlite3.Error as error:
        return str(error)
    return ""


class SqliteFiles:
    """Remembers which files the open connections use, by device and inode."""

    def __init__(self, file: Path) -> None:
        self.file = file.resolve()
        self._paths = [self.file, *(Path(f"{self.file}{end}") for end in ("-wal", "-shm"))]
        self._known: dict[Path, tuple[int, int]] = {}
        self.changed()

    def changed(self) -> list[Path]:
        """Files that were deleted or replaced. Only the last connection that closes deletes -wal and -shm."""
        return [path for path in self._paths if self._is_other(path)]

    def _is_other(self, path: Path) -> bool:
        try:
            status = path.stat()
        except OSError:
            return path in self._known
        found = (status.st_dev, status.st_ino)
        return self._known.setdefault(path, found) != found

    def check(self) -> None:
        """Raises Replaced. Two or three calls of stat, some microseconds."""
        if paths := self.changed():
            raise Replaced(", ".join(map(str, paths)))

    def can_be_checkpointed(self) -> bool:
        """Whether the content of a deleted -wal that is still open may be written into the database."""
        changed = self.changed()
        return bool(changed) and self.file not in changed and not any(path.exists() for path in changed)
