"""SQLite dumps: loads the SQL that `sqlite3 old.db .dump` writes into a private database."""

import re
import sqlite3
from pathlib import Path

from journal.transfer.legacy import file_kinds
from journal.transfer.legacy.known_schemas import UnreadableSource

ESCAPE = re.compile(r"\\(?:(\\)|([0-9a-fA-F]{4})|\+([0-9a-fA-F]{6})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8}))")


def load(path: Path, target: Path) -> None:
    """Raises UnreadableSource if it can't be loaded as a whole, and the errors of the disk."""
    text = re.sub("[\ud800-\udfff]", "\ufffd", file_kinds.decoded(path.read_bytes()))
    if re.search(r"^ROLLBACK;.*\s*\Z", text[-1000:], re.MULTILINE):
        raise UnreadableSource(
            f"{path} is the dump of a damaged database, as it ends with ROLLBACK; adopt a backup of it."
        )
    connection = sqlite3.connect(target, isolation_level=None)
    try:
        _prepare(connection)
        connection.executescript(text)
        is_whole = not connection.in_transaction
    except (sqlite3.Error, ValueError) as error:
        raise UnreadableSource(f"{path} is a dump that SQLite can't load ({error}).") from None
    finally:
        connection.close()
    if not is_whole:
        raise UnreadableSource(f"{path} is a dump that was cut off, as its COMMIT is missing; make it anew.")


def _prepare(connection: sqlite3.Connection) -> None:
    connection.execute("PRAGMA journal_mode = OFF")
    connection.execute("PRAGMA synchronous = OFF")
    if sqlite3.sqlite_version_info < (3, 50):  # newer ones write control characters by this function
        connection.create_function("unistr", 1, _unistr, deterministic=True)
    connection.set_authorizer(_allowed)


def _unistr(text: str) -> str:
    def unescaped(found: re.Match[str]) -> str:
        return found[1] or chr(int(found[2] or found[3] or found[4] or found[5], 16))

    return ESCAPE.sub(unescaped, text)


def _allowed(action: int, *_: str | None) -> int:
    """Lets the script open no other file."""
    return sqlite3.SQLITE_DENY if action == sqlite3.SQLITE_ATTACH else sqlite3.SQLITE_OK
