"""SQLite read aside from the event loop, in threads of their own, for questions that may take long."""

import asyncio
import sqlite3
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from weakref import WeakValueDictionary

THREADS = 2
STEPS = 20_000  # of SQLite's machine, some milliseconds; then it is asked whether to go on


class TooSlow(Exception):
    """No answer within the time that was given."""


class Turns:
    """Each asker has one question answered at a time, so that nobody waits for all that another asks."""

    def __init__(self) -> None:
        self._locks: WeakValueDictionary[int, asyncio.Lock] = WeakValueDictionary()

    def of(self, asker: int) -> asyncio.Lock:
        return self._locks.setdefault(asker, asyncio.Lock())


class Aside:
    def __init__(self, connect: Callable[[], sqlite3.Connection], turns: Turns) -> None:
        self._connect, self._turns = connect, turns
        self._pool = ThreadPoolExecutor(THREADS, thread_name_prefix="aside")
        self._own, self._closed = threading.local(), threading.Event()
        self._opened: list[sqlite3.Connection] = []

    async def rows(self, asker: int, sql: str, values: Sequence[Any]) -> list[Any]:
        """Whoever stops waiting stops the reading as well."""
        loop, turn, stop = asyncio.get_running_loop(), self._turns.of(asker), threading.Event()
        await turn.acquire()
        work = self._pool.submit(self._read, sql, values, stop)
        # Not before the thread is free again, which may be some time after it was told to stop.
        work.add_done_callback(lambda _: loop.call_soon_threadsafe(turn.release))
        try:
            return await asyncio.wrap_future(work)
        finally:
            stop.set()

    def _read(self, sql: str, values: Sequence[Any], stop: threading.Event) -> list[Any]:
        connection = self._connection()
        connection.set_progress_handler(lambda: stop.is_set() or self._closed.is_set(), STEPS)
        try:
            return connection.execute(sql, values).fetchall()
        except sqlite3.OperationalError as error:
            if "interrupted" in str(error):  # by ourselves
                raise TooSlow from None
            raise

    def _connection(self) -> sqlite3.Connection:
        if not hasattr(self._own, "connection"):
            opened = self._own.connection = self._connect()
            # SQLite's own instr() looks at each letter, and takes five times as long.
            opened.create_function("holds", 2, lambda text, part: part in text, deterministic=True)
            self._opened.append(opened)
        return self._own.connection  # type: ignore[no-any-return]

    def close(self) -> None:
        self._closed.set()
        self._pool.shutdown(cancel_futures=True)
        for connection in self._opened:
            connection.close()
