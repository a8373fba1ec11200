"""TCP connections with the timeouts that hypercorn lacks: for readers that don't read, for request heads that
don't end, and for clients that have left; and a limit by file descriptors (docs/decisions/0017)."""

import asyncio
import fcntl
import resource
import struct
import termios
from typing import Any, ClassVar

import hypercorn.asyncio.run
from hypercorn.asyncio.tcp_server import TCPServer
from hypercorn.events import Closed, Event, RawData, Updated

STALLED = 30  # seconds in which a reader takes nothing of what is there for it
STALLED_AT_STOP = 3
HEAD = 15  # seconds between two looks; a request head that is unfinished at both takes too long
SPARE = 128  # file descriptors that are left for databases, files and whatever else a request needs


class Connection(TCPServer):
    """One connection. `idle` holds those on which no request is under way, the longest idle first."""

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
        """Whether there is a descriptor for it; when they run out, the longest idle connection is closed."""
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
                return  # else it would wait for the next request of somebody who has left
            if event.idle:
                self.idle[self] = None
        await super().protocol_send(event)
        if isinstance(event, RawData) and self.writer.transport.is_closing():
            self.reading.cancel()  # a request behind this one would be waited for, and never be begun

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
        self._watch()  # also what is written already may be waiting for its reader
        await asyncio.shield(self._initiate_server_close())

    def _has_begun_head(self) -> bool:
        protocol: Any = self.protocol.protocol
        return bool(getattr(protocol.connection, "trailing_data", (b"",))[0])

    def _watch(self) -> None:
        """Looks every second whether the reader has taken anything, as long as something waits for it."""
        if self.watch is None:
            self.watch = self.loop.call_later(1, self._look, self._unread(), self.loop.time())

    def _look(self, unread: int, since: float) -> None:
        left, now, self.watch = self._unread(), self.loop.time(), None
        if left < unread:
            since = now
        limit = STALLED_AT_STOP if self.context.terminated.is_set() else STALLED
        if left and now - since >= limit:
            self.writer.transport.abort()
        elif left:
            self.watch = self.loop.call_later(1, self._look, left, since)

    def _unread(self) -> int:
        """Bytes that wait here, and those in the kernel that the other side has not confirmed."""
        socket = self.writer.get_extra_info("socket")
        try:
            queued = fcntl.ioctl(socket.fileno(), termios.TIOCOUTQ, struct.pack("i", 0))
        except (OSError, ValueError):  # it is closed
            return 0
        return self.writer.transport.get_write_buffer_size() + int(struct.unpack("i", queued)[0])


def mend_hypercorn() -> None:
    """Makes hypercorn use the class above for every connection from now on."""
    hypercorn.asyncio.run.TCPServer = Connection  # type: ignore[attr-defined]
