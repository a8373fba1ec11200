"""SQLite snapshots: a consistent copy of a database that others write, and checks of such a copy."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from threading import Event

from journal.attachments import queries
from journal.backups.manifest import BackupError, Contents
from journal.backups.streams import Stopped

TABLES = "SELECT name FROM sqlite_master WHERE type = 'table' AND rootpage > 0 AND name NOT LIKE 'sqlite_%'"
MIGRATIONS = "SELECT name FROM tortoise_migrations WHERE app = 'journal' ORDER BY name"
STEPS = 100_000  # of SQLite's machine, between two looks at the event that stops it


def copy(file: Path, target: Path, stop: Event) -> None:
    """Copies the database as it is at one moment, by VACUUM INTO, which writers don't wait for."""
    with _connected(file, stop) as db:
        db.execute("VACUUM INTO ?", [str(target)])


def contents(file: Path, stop: Event) -> Contents:
    """Raises BackupError if the database is not one of Journal."""
    with _connected(file, stop) as db:
        tables = [name for (name,) in db.execute(TABLES)]
        if "tortoise_migrations" not in tables:
            raise BackupError("The database holds no journal; DATABASE_URL should name the site's database.")
        rows = {table: db.execute(f'SELECT count(*) FROM "{table}"').fetchone()[0] for table in tables}
        return Contents(tuple(name for (name,) in db.execute(MIGRATIONS)), rows)


def attachments(file: Path, stop: Event) -> list[str]:
    """The SHA-256 of each file that rows of attachments refer to."""
    with _connected(file, stop) as db:
        is_there = db.execute("SELECT 1 FROM sqlite_master WHERE name = 'attachments'").fetchone()
        return [digest for (digest,) in db.execute(queries.DIGESTS)] if is_there else []


def problem(file: Path, stop: Event) -> str:
    """What is wrong with the database, or an empty string."""
    with _connected(file, stop) as db:
        (found,) = db.execute("PRAGMA integrity_check(1)").fetchone()
        if found != "ok":
            return str(found)
        orphans = len(db.execute("PRAGMA foreign_key_check").fetchall())
        return f"{orphans:,} rows refer to others that are not there" if orphans else ""


@contextmanager
def _connected(file: Path, stop: Event) -> Iterator[sqlite3.Connection]:
    """Raises BackupError for errors of SQLite, and Stopped."""
    try:
        uri = f"{file.absolute().as_uri()}?mode=rw"  # unlike the default, it creates no database
        with closing(sqlite3.connect(uri, uri=True, isolation_level=None, timeout=30)) as db:
            db.set_progress_handler(stop.is_set, STEPS)
            yield db
    except sqlite3.Error as error:
        if stop.is_set():
            raise Stopped from None
        raise BackupError(f"The database {file} can't be copied or read ({error}).") from None
