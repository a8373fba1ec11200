"""Database errors: translates the drivers' exceptions for a database that is away, locked, full or damaged
into Unavailable and its subclasses, which are the same for both engines."""

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
    """The database can't serve the request now. The message is for the log, `sentence` for the user."""

    sentence: str | None = None


class NoSpace(Unavailable):
    """The disk is full."""


class ReadOnly(Unavailable):
    """The PostgreSQL server takes no writes, like a standby."""

    sentence = (
        "The journal can be read at the moment, but not written. "
        "What you have saved is safe; please try again in a moment."
    )


class ConnectionLost(ConnectionError):
    """The connection broke or fell silent before COMMIT was sent, so nothing was committed."""


# Exceptions of a connection to PostgreSQL that is broken or gets no answer.
LOST = (
    TimeoutError,
    OSError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,  # if the connection breaks between two messages
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
    was_seen = False  # since the start of this process; a restored backup needs a restart


class Replaced(Unavailable):
    """A file of the database was deleted or replaced under the open connections."""

    sentence = (
        "The database of this site was replaced while the site was running. Nothing can be saved until "
        "whoever runs it has started it again."
    )


# Errors of a transaction that PostgreSQL rolled back because of other transactions; a retry may succeed.
UNDONE = (asyncpg.DeadlockDetectedError, asyncpg.SerializationError)


@contextmanager
def translate_errors() -> Iterator[None]:
    """Turns the drivers' exceptions for a database that is away, locked or full into Unavailable."""
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
        if _is_programming_error(error):
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
    """Whether PostgreSQL refused a write because it takes no writes now."""
    return isinstance(_said_by_postgres(error), asyncpg.ReadOnlySQLTransactionError)


DAMAGED = re.compile("malformed|not a database")
READ_ONLY = re.compile("readonly|Read-only file system|disk I/O")
# Errors in a transaction that the server causes and not our code.
ENDED = (asyncpg.ReadOnlySQLTransactionError, asyncpg.IdleInTransactionSessionTimeoutError)
AWAY = re.compile(
    r"locked|busy|unable to open|readonly|disk I/O|malformed|not a database|closed|is full", re.IGNORECASE
)
FULL = re.compile(r"database or disk is full|No space left")


def _said_by_postgres(error: BaseException | None) -> asyncpg.PostgresError | None:
    """The server's error, which Tortoise may have wrapped."""
    for said in (error, *(error.args[:1] if error else ())):
        if isinstance(said, asyncpg.PostgresError):
            return said
    return None


def _is_programming_error(error: BaseException) -> bool:
    """Whether our code caused the error. SQLite's errors are told apart by their message; PostgreSQL's are
    not, because it quotes values that users have typed."""
    said = _said_by_postgres(error)
    if isinstance(error, TransactionManagementError):
        return not isinstance(said, ENDED)
    if not isinstance(error, OperationalError | sqlite3.DatabaseError):
        return False
    return bool(said or isinstance(error, IntegrityError) or not AWAY.search(str(error)))
