"""What goes wrong with a database that is away, locked or full, said by one exception for both engines."""

import re
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

import asyncpg
from tortoise.exceptions import (
    DBConnectionError,
    IntegrityError,
    OperationalError,
    TransactionManagementError,
)


class Unavailable(Exception):
    """Something needed can't be had now; the message says why, `sentence` what a visitor reads."""

    sentence: str | None = None


class NoSpace(Unavailable):
    """The disk is full."""


class ReadOnly(Unavailable):
    """The PostgreSQL server can be read and takes no writes, as a standby."""

    sentence = (
        "The journal can be read at the moment, but not written. "
        "What you have saved is safe; please try again in a moment."
    )


class ConnectionLost(ConnectionError):
    """The connection broke or fell silent before COMMIT was sent, so nothing was done."""


# What a connection to PostgreSQL raises when it is broken or gets no answer.
LOST = (
    TimeoutError,
    OSError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,  # asyncpg's own, when the line breaks between two messages
    asyncpg.PostgresConnectionError,
)


class DiskFault(Unavailable):
    """The disk is read-only, or reports errors."""

    sentence = (
        "The disk of this site can't be written. You can go on reading, and what you have saved is safe, but "
        "nothing more can be saved for now."
    )


class Corrupt(Unavailable):
    """The database is damaged."""

    sentence = "The database is damaged; whoever runs this site has to restore a backup."
    was_seen = False  # by this process; a restored backup is served after a restart


class Replaced(Unavailable):
    """A file of the database was deleted or replaced under the open connections."""

    sentence = (
        "The database of this site was replaced while the site was running. Nothing can be saved until "
        "whoever runs it has started it again."
    )


# What PostgreSQL has undone because of others, and would perhaps not have a moment later.
UNDONE = (asyncpg.DeadlockDetectedError, asyncpg.SerializationError)


@contextmanager
def translated() -> Iterator[None]:
    """Turns what the drivers raise when the database is away, locked or full into Unavailable."""
    try:
        yield
    except (
        OperationalError,
        sqlite3.DatabaseError,
        TransactionManagementError,
        *LOST,
        asyncpg.InternalServerError,
        asyncpg.OperatorInterventionError,
        asyncpg.InsufficientResourcesError,
        asyncpg.TransactionRollbackError,
        asyncpg.LockNotAvailableError,
        asyncpg.PostgresSystemError,
        asyncpg.InvalidCatalogNameError,
        asyncpg.InvalidAuthorizationSpecificationError,
        DBConnectionError,
    ) as error:
        if _is_ours(error):
            raise
        raise _kind(error)(str(error) or type(error).__name__) from error


def _kind(error: BaseException) -> type[Unavailable]:
    said, postgres = str(error), _said_by_postgres(error)
    if isinstance(postgres, asyncpg.DiskFullError) or FULL.search(said):
        return NoSpace
    if is_write_refused(error):
        return ReadOnly
    if not postgres and READ_ONLY.search(said):
        return DiskFault
    broken = asyncpg.DataCorruptedError | asyncpg.IndexCorruptedError
    if not (isinstance(postgres, broken) if postgres else DAMAGED.search(said)):
        return Unavailable
    Corrupt.was_seen = True
    return Corrupt


def is_write_refused(error: BaseException | None) -> bool:
    """Whether PostgreSQL refused a write because it takes none now."""
    return isinstance(_said_by_postgres(error), asyncpg.ReadOnlySQLTransactionError)


DAMAGED = re.compile("malformed|not a database")
READ_ONLY = re.compile("readonly|Read-only file system|disk I/O")
# States of a transaction that are the server's doing, not ours.
ENDED = (asyncpg.ReadOnlySQLTransactionError, asyncpg.IdleInTransactionSessionTimeoutError)
AWAY = re.compile(
    r"locked|busy|unable to open|readonly|disk I/O|malformed|not a database|closed|is full", re.IGNORECASE
)
FULL = re.compile(r"database or disk is full|No space left")


def _said_by_postgres(error: BaseException | None) -> asyncpg.PostgresError | None:
    """The server's own error, as it is or wrapped by Tortoise."""
    for said in (error, *(error.args[:1] if error else ())):
        if isinstance(said, asyncpg.PostgresError):
            return said
    return None


def _is_ours(error: BaseException) -> bool:
    """Whether it is a mistake of ours and not the database's: told by its words where SQLite speaks,
    but not where PostgreSQL does, which quotes the values that people have typed."""
    said = _said_by_postgres(error)
    if isinstance(error, TransactionManagementError):
        return not isinstance(said, ENDED)
    if not isinstance(error, OperationalError | sqlite3.DatabaseError):
        return False
    return bool(said or isinstance(error, IntegrityError) or not AWAY.search(str(error)))
