"""Streamed request body: hands a large upload to its route piece by piece, so that a slow route slows its
client down and nothing is held in memory. Quart, which reads ahead without end, gets an empty body."""

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from contextlib import suppress
from typing import Any

from quart import request
from werkzeug.exceptions import RequestEntityTooLarge, RequestTimeout

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]

KEY = "journal.body"  # of the scope
STALLED = 60  # seconds without a byte, after which the upload is given up
MAX_DRAINED = 64 * 1024 * 1024  # bytes that are discarded, as a browser reads the answer only after sending
DRAIN_SECONDS = 10


class BodyStream:
    """An asynchronous iterator over the pieces of a request's body, at most `limit` bytes in all."""

    def __init__(self, receive: Receive, headers: dict[bytes, bytes], limit: int) -> None:
        self.content_type = headers.get(b"content-type", b"").decode("latin1")
        length = headers.get(b"content-length", b"")
        self.length = int(length) if length.isdigit() else 0  # bytes, 0 if the client does not say
        self.limit, self.received = limit, 0
        self.is_complete = self.is_gone = False
        self._receive, self._ended, self._was_opened = receive, asyncio.Event(), False

    def __aiter__(self) -> "BodyStream":
        return self

    async def __anext__(self) -> bytes:
        """Raises RequestEntityTooLarge and RequestTimeout. A client that hangs up cancels the handler."""
        if self.is_complete:
            raise StopAsyncIteration
        if max(self.length, self.received) > self.limit:
            raise RequestEntityTooLarge(f"This is more than the site takes at once ({_size(self.limit)}).")
        try:
            async with asyncio.timeout(STALLED):
                content = await self._pull()
        except TimeoutError:
            raise RequestTimeout from None
        if self.is_gone:
            await asyncio.Event().wait()  # until Quart, which is told as well, cancels this handler
        return content

    async def _pull(self) -> bytes:
        message = await self._receive()
        self.is_gone = message["type"] == "http.disconnect"
        self.is_complete = not self.is_gone and not message.get("more_body")
        if self.is_gone or self.is_complete:
            self._ended.set()
        content: bytes = message.get("body", b"")
        self.received += len(content)
        return content

    async def receive(self) -> Message:
        """The messages for Quart: an empty body, and later the disconnect."""
        if not self._was_opened:
            self._was_opened = True
            return {"type": "http.request", "body": b"", "more_body": False}
        await self._ended.wait()
        return {"type": "http.disconnect"} if self.is_gone else await self._receive()

    async def drain(self) -> None:
        """Discards what is still coming, unless it is too much: a browser that is cut off shows no answer."""
        if self.length - self.received > MAX_DRAINED:
            return
        ends = self.received + MAX_DRAINED
        with suppress(TimeoutError):
            async with asyncio.timeout(DRAIN_SECONDS):
                while not (self.is_complete or self.is_gone) and self.received < ends:
                    await self._pull()


def _size(limit: int) -> str:
    return f"{limit // 1024**3} GB" if limit >= 1024**3 else f"{limit // 1024**2} MB"


def current() -> BodyStream | None:
    """The body of this request, if it is a multipart form to a route that takes uploads."""
    found = (request.scope or {}).get(KEY)
    return found if isinstance(found, BodyStream) else None
