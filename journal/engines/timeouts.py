"""Timeouts of everything that waits for PostgreSQL; `limited` sets another one for the present task."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

STATEMENT = 5.5  # seconds for one statement; more than lock_timeout, so that the server gives up first
BEGIN = 2.0  # for BEGIN, which a server answers at once if it is there
IDLE = 3.0  # in which a transaction does nothing; then the server ends it and releases its locks
CONNECT = 3.0  # for one server to let us in
ACQUIRE = 8.0  # for a connection to be free; a page asks again after 15 s
RELEASE = 1.0  # for a statement to be cancelled, and for a rollback
COMMAND = 3600.0  # for one statement of a command: a migration, doctor, adopt
EXTRA = 0.5  # by which the server's timeout is longer than ours

_limit: ContextVar[float | None] = ContextVar("limit", default=None)


@contextmanager
def limited(seconds: float) -> Iterator[None]:
    """Each wait for the database inside, and in tasks that are started inside, ends after so long."""
    token = _limit.set(seconds)
    try:
        yield
    finally:
        _limit.reset(token)


def for_statement() -> float | None:
    """None where the connection's own limit (its command_timeout) holds."""
    return _limit.get()


def for_acquiring() -> float:
    return _limit.get() or ACQUIRE


def at_most(seconds: float) -> float:
    """`seconds`, or less where the present task may not wait so long."""
    return min(seconds, _limit.get() or seconds)


def command_timeout(is_site: bool) -> float:
    return STATEMENT if is_site else COMMAND


def milliseconds(seconds: float) -> str:
    """A statement_timeout for the server, which gives up a little later than we do."""
    return str(int((seconds + EXTRA) * 1000))


def server_settings(lock: object, is_site: bool) -> dict[str, str]:
    """Settings of each session: it waits so many milliseconds for a `lock`; commits wait for the disk,
    whatever the server's default is; transactions of dead clients are ended."""
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
