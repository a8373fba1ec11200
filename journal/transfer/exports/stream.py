"""Stream of an export: the writer runs in a thread of its own, reads batches by the event loop, and waits
whenever the reader of its bytes is slower than itself."""

import asyncio
import logging
from collections.abc import Coroutine, Iterator
from concurrent.futures import Future
from threading import Event, Thread
from typing import Any, TypeVar

from journal.transfer.exporting import Export
from journal.transfer.formats.writer import ExportedEntry

log = logging.getLogger(__name__)
T = TypeVar("T")

CHUNK = 64 * 1024  # bytes that are handed over at once
WAITING = 4  # chunks that wait for the reader
AT_ONCE = 4  # exports that this process writes


class Busy(Exception):
    """Another export is under way. The message is a sentence."""


class Stopped(Exception):
    """Ends the writer, because nobody reads any more."""


_writing: set[int] = set()  # accounts whose exports are under way in this process


class Stream:
    """The bytes of an export, as an asynchronous iterator that has to be closed."""

    def __init__(self, export: Export) -> None:
        """Raises Busy if the account has an export under way, or the site too many."""
        self._account = export.user.id
        self._is_counted = False
        if self._account in _writing:
            raise Busy("Another export of yours is under way. Please wait until it has ended.")
        if len(_writing) >= AT_ONCE:
            raise Busy("Other people’s exports are under way. Please try again in a few minutes.")
        _writing.add(self._account)
        self._is_counted = True
        self._export, self._loop = export, asyncio.get_running_loop()
        self._chunks: asyncio.Queue[bytes | Exception | None] = asyncio.Queue(WAITING)
        self._stopped, self._buffer = Event(), bytearray()
        self._thread: Thread | None = None

    def __aiter__(self) -> "Stream":
        return self

    async def __anext__(self) -> bytes:
        """Raises what the writer raises; the bytes before it are no whole file then."""
        if self._thread is None:
            self._thread = Thread(target=self._run, name="export", daemon=True)
            self._thread.start()
        chunk = await self._chunks.get()
        if chunk is None:
            raise StopAsyncIteration
        if isinstance(chunk, Exception):
            log.error("an export broke off: %s: %s", type(chunk).__name__, chunk)
            raise chunk
        return chunk

    async def aclose(self) -> None:
        """Ends the thread at its next step."""
        self._stopped.set()
        while not self._chunks.empty():
            self._chunks.get_nowait()
        self._release()

    def __del__(self) -> None:
        self._release()  # of a response that was never sent

    def _release(self) -> None:
        if self._is_counted:
            self._is_counted = False
            _writing.discard(self._account)

    # In the thread

    def _run(self) -> None:
        end: Exception | None = None
        try:
            self._wait(self._export.prepare())  # after the headers, which then are sent at once
            self._export.writer.write(self._entries(), self, self._export.about)
            self._flush()
        except Stopped:
            return
        except Exception as error:
            end = error
        try:
            self._wait(self._chunks.put(end))
        except Stopped:
            return

    def write(self, content: bytes) -> None:
        self._buffer += content
        if len(self._buffer) >= CHUNK:
            self._flush()

    def _flush(self) -> None:
        chunk, self._buffer = bytes(self._buffer), bytearray()
        self._wait(self._chunks.put(chunk))

    def _entries(self) -> Iterator[ExportedEntry]:
        while batch := self._wait(self._export.next_batch()):
            yield from batch

    def _wait(self, work: Coroutine[Any, Any, T]) -> T:
        """The result of a coroutine that runs on the event loop."""
        if self._stopped.is_set():
            work.close()
            raise Stopped
        try:
            future: Future[T] = asyncio.run_coroutine_threadsafe(work, self._loop)
        except RuntimeError:  # the loop is closed
            work.close()
            raise Stopped from None
        result = future.result()
        if self._stopped.is_set():
            raise Stopped
        return result
