"""What goes wrong with a database that is away, locked or full, said by one exception for both engines."""

import re
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

import asyncpg
from tortoise.exceptions import DBConnectionError, IntegrityError, OperationalError


class Unavailable(Exception):
    """Something needed can't be had now; the message says why, `sentence` what a visitor reads."""

    sentence: str | None = None


class NoSpace(Unavailable):
    """The disk is full."""


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
        OSError,
        asyncpg.InterfaceError,
        asyncpg.InternalClientError,  # asyncpg's own, when the line breaks between two messages
        asyncpg.InternalServerError,
        asyncpg.PostgresConnectionError,
        asyncpg.OperatorInterventionError,
        asyncpg.InsufficientResourcesError,
        asyncpg.TransactionRollbackError,
        asyncpg.LockNotAvailableError,
        asyncpg.PostgresSystemError,
        asyncpg.InvalidCatalogNameError,
        asyncpg.InvalidAuthorizationSpecificationError,
        DBConnectionError,
        TimeoutError,
    ) as error:
        if _is_ours(error):
            raise
        full = isinstance(error, asyncpg.DiskFullError) or FULL.search(str(error))
        raise (NoSpace if full else Unavailable)(str(error) or type(error).__name__) from error


AWAY = re.compile(
    r"locked|busy|unable to open|readonly|disk I/O|malformed|not a database|closed|is full", re.IGNORECASE
)
FULL = re.compile(r"database or disk is full|No space left")


def _is_ours(error: BaseException) -> bool:
    """Whether it is a mistake of ours and not the database's: told by its words where SQLite speaks,
    but not where PostgreSQL does, which quotes the values that people have typed."""
    if not isinstance(error, OperationalError | sqlite3.DatabaseError):
        return False
    said_by_postgres = error.args and isinstance(error.args[0], asyncpg.PostgresError)
    return bool(said_by_postgres or isinstance(error, IntegrityError) or not AWAY.search(str(error)))
