"""Timeouts of PostgreSQL connections and statements; `time_limit` sets another timeout for the present
task."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

STATEMENT = 5.5  # seconds for a statement; longer than lock_timeout, so that the server gives up first
BEGIN = 2.0  # for BEGIN, which a live server answers at once
IDLE = 3.0  # between two statements of a transaction; then the server ends it and releases its locks
CONNECT = 3.0  # to connect to one server
ACQUIRE = 8.0  # to wait for a free connection; a page repeats its request after 15 s
RELEASE = 1.0  # to cancel a statement or roll back
COMMAND = 3600.0  # for a statement of the command line: migrate, doctor, adopt
EXTRA = 0.5  # by which the server's timeout is longer than the client's

_limit: ContextVar[float | None] = ContextVar("limit", default=None)


@contextmanager
def time_limit(seconds: float) -> Iterator[None]:
    """Limits each wait for the database inside, and in tasks that are started inside."""
    token = _limit.set(seconds)
    try:
        yield
    finally:
        _limit.reset(token)


def for_statement() -> float | None:
    """The limit of a statement, or None if the connection's command_timeout applies."""
    return _limit.get()


def for_acquiring() -> float:
    return _limit.get() or ACQUIRE


def at_most(seconds: float) -> float:
    """`seconds`, or the limit of the present task if it is shorter."""
    return min(seconds, _limit.get() or seconds)


def command_timeout(is_site: bool) -> float:
    return STATEMENT if is_site else COMMAND


def milliseconds(seconds: float) -> str:
    """A statement_timeout for the server, a little longer than the client's."""
    return str(int((seconds + EXTRA) * 1000))


def server_settings(lock: object, is_site: bool) -> dict[str, str]:
    """Settings of each session: `lock` is the lock_timeout in milliseconds, commits wait for the disk
    whatever the server's default is, and transactions of dead clients are ended."""
    idle = IDLE if is_site else 0
    return {
        "synchronous_commit": "on",
        "lock_timeout": str(lock),
        "statement_timeout": milliseconds(command_timeout(is_site)),
        "idle_in_transaction_session_timeout": str(int(idle * 1000)),
        "tcp_keepalives_idle": "10",
        "tcp_keepalives_interval": "3",
        "tcp_keepalives_count": "3",
    }
