"""SQLite files: checks whether they can be written, and whether they were replaced or deleted while open."""

import os
import sqlite3
from contextlib import closing
from pathlib import Path

from journal.engines.failures import Replaced

LOCK_SECONDS = 1.5  # to wait for the write lock


def write_lock_problem(file: Path) -> str:
    """Takes the write lock and releases it; returns SQLite's error, or an empty string.

    It uses a new connection, because an open connection does not notice that the file became read-only.
    SQLite may reuse an old descriptor, so the permissions are checked too. This function never opens the file
    itself: closing it would drop the locks that SQLite holds.
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
    """Remembers the files of the open connections by device and inode."""

    def __init__(self, file: Path) -> None:
        self.file = file.resolve()
        self._paths = [self.file, *(Path(f"{self.file}{end}") for end in ("-wal", "-shm"))]
        self._known: dict[Path, tuple[int, int]] = {}
        self.changed()

    def changed(self) -> list[Path]:
        """The files that were deleted or replaced. SQLite itself deletes -wal and -shm only when the last
        connection closes."""
        return [path for path in self._paths if self._is_other(path)]

    def _is_other(self, path: Path) -> bool:
        try:
            status = path.stat()
        except OSError:
            return path in self._known
        found = (status.st_dev, status.st_ino)
        return self._known.setdefault(path, found) != found

    def check(self) -> None:
        """Raises Replaced if a file was replaced. Costs some microseconds."""
        if paths := self.changed():
            raise Replaced(", ".join(map(str, paths)))

    def can_be_checkpointed(self) -> bool:
        """Whether a deleted -wal file that is still open can be written into the database."""
        changed = self.changed()
        return bool(changed) and self.file not in changed and not any(path.exists() for path in changed)
