"""Slow reads: SQLite queries that may take long run in threads of their own, off the event loop."""

import sqlite3
import threading
from collections.abc import Callable, Sequence

from journal.engines.fair_queue import FairPool, FairQueue, Priority, SlotLimit
from journal.engines.row import Row

THREADS = 2
STEPS = 20_000  # of SQLite's virtual machine between two checks for cancellation: some milliseconds


class TooSlow(Exception):
    """The query did not finish in time."""


def queue(running: int) -> FairQueue:
    """A queue that runs one slow query for each account at a time."""
    return FairQueue({Priority.READ: SlotLimit(running, 16)})


class SlowReads:
    """Threads with their own connections to the SQLite file."""

    def __init__(self, connect: Callable[[], sqlite3.Connection]) -> None:
        self._connect = connect
        self._pool = FairPool(queue(THREADS), THREADS, "slow-reads")
        self._own, self._closed = threading.local(), threading.Event()
        self._opened: list[sqlite3.Connection] = []

    async def rows(self, account: int, sql: str, values: Sequence[object]) -> list[Row]:
        """The rows of a query; if the caller is cancelled, the query is interrupted."""
        stop = threading.Event()
        try:
            return await self._pool.run(account, Priority.READ, self._read, sql, values, stop)
        finally:
            stop.set()

    def _read(self, sql: str, values: Sequence[object], stop: threading.Event) -> list[Row]:
        connection = self._connection()
        connection.set_progress_handler(lambda: stop.is_set() or self._closed.is_set(), STEPS)
        try:
            return connection.execute(sql, values).fetchall()
        except sqlite3.OperationalError as error:
            if "interrupted" in str(error):  # by the progress handler
                raise TooSlow from None
            raise

    def _connection(self) -> sqlite3.Connection:
        if not hasattr(self._own, "connection"):
            opened = self._own.connection = self._connect()
            # SQLite's own instr() takes five times as long.
            opened.create_function("holds", 2, lambda text, part: part in text, deterministic=True)
            self._opened.append(opened)
        return self._own.connection  # type: ignore[no-any-return]

    def close(self) -> None:
        self._closed.set()
        self._pool.close()
        for connection in self._opened:
            connection.close()
