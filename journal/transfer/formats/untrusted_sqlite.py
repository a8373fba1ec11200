"""Connections to SQLite databases from strangers: only plain tables are read, as a view may compute without
end, and no value may be larger than the caller has memory for."""

import sqlite3
from pathlib import Path

LONGEST_TEXT = 64 * 1024**2  # bytes of a value of an entry
LARGEST_ROW = 10**9  # bytes of a row with a photo or film, which is what SQLite itself allows


def connected(path: Path, longest: int = LONGEST_TEXT, options: str = "mode=rw") -> sqlite3.Connection:
    """The connection may be used by any thread, one at a time. Reading a view or a value of more than
    `longest` bytes raises sqlite3.Error."""
    address = f"{path.absolute().as_uri()}?{options}"
    connection = sqlite3.connect(address, uri=True, isolation_level=None, check_same_thread=False)
    connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, longest)
    connection.execute("PRAGMA trusted_schema = OFF")
    connection.set_authorizer(_allowed)
    return connection


def _allowed(action: int, *names: str | None) -> int:
    """The last of the names is the view in which something is read, or None."""
    is_computed = names[-1] is not None or action == sqlite3.SQLITE_RECURSIVE
    return sqlite3.SQLITE_DENY if is_computed else sqlite3.SQLITE_OK
