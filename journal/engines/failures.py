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
    """The database can be read and takes no writes: a standby, or a file on a disk that is read-only."""

    sentence = (
        "The journal can be read at the moment, but not written. "
        "What you have saved is safe; please try again in a moment."
    )


class LineLost(ConnectionError):
    """The connection broke or fell silent before COMMIT was sent, so nothing was done."""


# What a connection to PostgreSQL raises that is broken, or does not answer.
LOST = (
    TimeoutError,
    OSError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,  # asyncpg's own, when the line breaks between two messages
    asyncpg.PostgresConnectionError,
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
    if is_read_only(error):
        return ReadOnly
    full = isinstance(error, asyncpg.DiskFullError) or FULL.search(str(error))
    return NoSpace if full else Unavailable


def is_read_only(error: BaseException | None) -> bool:
    """Whether a write was refused because nothing can be written there now."""
    if isinstance(error, OperationalError | sqlite3.OperationalError):
        return "readonly database" in str(error) and not _said_by_postgres(error)
    return isinstance(_said_by_postgres(error), asyncpg.ReadOnlySQLTransactionError)


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
