"""Connection timeouts and limits that hypercorn lacks: against clients that don't read, request heads that
don't end (slowloris), and more connections than file descriptors (docs/decisions/0017)."""

import asyncio
import fcntl
import resource
import struct
import termios
from typing import ClassVar

import hypercorn.asyncio.run
from hypercorn.asyncio.tcp_server import TCPServer
from hypercorn.events import Closed, Event, RawData, Updated

STALLED = 30  # seconds in which a client reads nothing of the data that waits for it
STALLED_AT_STOP = 3
HEAD = 15  # seconds between two checks; a request head that is unfinished at both is too slow
SPARE = 128  # file descriptors reserved for databases and files


class Connection(TCPServer):
    """One connection. `idle` holds the connections without a request under way, the longest idle first."""

    idle: ClassVar[dict["Connection", None]] = {}
    count: ClassVar[int] = 0
    has_ended = False  # the client sends nothing more
    reading: asyncio.Future[None]
    watch: asyncio.TimerHandle | None = None

    async def run(self) -> None:
        if not self._has_room():
            self.writer.transport.abort()
            return
        Connection.count += 1
        self.idle[self] = None
        try:
            await super().run()
        finally:
            Connection.count -= 1
            self.idle.pop(self, None)

    def _has_room(self) -> bool:
        """Whether a file descriptor is free. If none is, the longest idle connection is closed."""
        limit = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
        if Connection.count < limit - SPARE or limit == resource.RLIM_INFINITY:
            return True
        oldest = next(iter(self.idle), None)
        if oldest:
            del self.idle[oldest]
            oldest.writer.transport.abort()
        return oldest is not None

    async def protocol_send(self, event: Event) -> None:
        if isinstance(event, RawData):
            self._watch()
        if isinstance(event, Updated):
            self.idle.pop(self, None)
            if event.idle and self.has_ended:
                return  # else it would wait for the next request of a client that has left
            if event.idle:
                self.idle[self] = None
        await super().protocol_send(event)
        if isinstance(event, RawData) and self.writer.transport.is_closing():
            self.reading.cancel()  # else it would wait for a next request that is never handled

    async def _read_data(self) -> None:
        self.reading = asyncio.ensure_future(super()._read_data())
        try:
            await self.reading
        except asyncio.CancelledError:
            if not self.writer.transport.is_closing():
                raise
            await self.protocol.handle(Closed())
        self.has_ended = True
        await self.idle_task.stop()

    async def _close(self) -> None:
        self._watch()
        if self.context.terminated.is_set():
            self.loop.call_later(STALLED_AT_STOP, self.writer.transport.abort)
        await super()._close()

    async def _idle_timeout(self) -> None:
        ends, was_begun = self.loop.time() + self.config.keep_alive_timeout, False
        while not self.context.terminated.is_set() and (left := ends - self.loop.time()) > 0:
            try:
                await asyncio.wait_for(self.context.terminated.wait(), min(HEAD, left))
            except TimeoutError:
                if was_begun and self._has_begun_head():
                    break
                was_begun = self._has_begun_head()
        self._watch()  # data that was written before may still be unread
        await asyncio.shield(self._initiate_server_close())

    def _has_begun_head(self) -> bool:
        connection = getattr(self.protocol.protocol, "connection", None)  # h11's, for HTTP/1.1
        return bool(getattr(connection, "trailing_data", (b"",))[0])

    def _watch(self) -> None:
        """Checks every second whether the client reads, as long as data waits for it."""
        if self.watch is None:
            self.watch = self.loop.call_later(1, self._check, self._unread(), self.loop.time())

    def _check(self, unread: int, since: float) -> None:
        left, now, self.watch = self._unread(), self.loop.time(), None
        if left < unread:
            since = now
        limit = STALLED_AT_STOP if self.context.terminated.is_set() else STALLED
        if left and now - since >= limit:
            self.writer.transport.abort()
        elif left:
            self.watch = self.loop.call_later(1, self._check, left, since)

    def _unread(self) -> int:
        """Bytes in the write buffer, and bytes in the kernel that the client has not acknowledged."""
        socket = self.writer.get_extra_info("socket")
        try:
            queued = fcntl.ioctl(socket.fileno(), termios.TIOCOUTQ, struct.pack("i", 0))
        except (OSError, ValueError):  # the socket is closed
            return 0
        return self.writer.transport.get_write_buffer_size() + int(struct.unpack("i", queued)[0])


def patch_hypercorn() -> None:
    """Makes hypercorn use the class above for all new connections."""
    hypercorn.asyncio.run.TCPServer = Connection  # type: ignore[attr-defined]
