"""SQLite read aside from the event loop, in threads of their own, for questions that may take long."""

import asyncio
import sqlite3
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

THREADS = 2
STEPS = 20_000  # of SQLite's machine, some milliseconds; then it is asked whether to go on


class TooSlow(Exception):
    """No answer within the time that was given."""


class Aside:
    def __init__(self, connect: Callable[[], sqlite3.Connection]) -> None:
        self._connect = connect
        self._pool = ThreadPoolExecutor(THREADS, thread_name_prefix="aside")
        self._own = threading.local()
        self._opened: list[sqlite3.Connection] = []

    async def rows(self, sql: str, values: Sequence[Any], seconds: float) -> list[Any]:
        """Raises TooSlow. Whoever stops waiting stops the reading as well."""
        stop = threading.Event()
        work = asyncio.get_running_loop().run_in_executor(self._pool, self._read, sql, values, seconds, stop)
        try:
            return await work
        finally:
            stop.set()

    def _read(self, sql: str, values: Sequence[Any], seconds: float, stop: threading.Event) -> list[Any]:
        end = time.monotonic() + seconds
        connection = self._connection()
        connection.set_progress_handler(lambda: stop.is_set() or time.monotonic() > end, STEPS)
        try:
            return connection.execute(sql, values).fetchall()
        except sqlite3.OperationalError as error:
            if "interrupted" in str(error):
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
        self._pool.shutdown()
        for connection in self._opened:
            connection.close()
