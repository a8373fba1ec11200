"""Body size limit: ASGI middleware that answers 413 to requests over 4 MB, and streams bodies of paths that
take more. Quart does not limit streamed and chunked bodies."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from contextlib import suppress
from typing import Any

from journal.web import body_stream
from journal.web.body_stream import BodyStream
from journal.web.body_stream import Message as Message
from journal.web.body_stream import Receive as Receive

Scope = MutableMapping[str, Any]  # the types of ASGI, whose messages are plain dictionaries
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

BODY_HEADERS = {b"content-length", b"transfer-encoding"}
MAX_BODY = 4 * 1024 * 1024  # a text of 1 MB is 3 MB when a form percent-encodes each byte
MAX_FIELDS = 1000  # of a form, as in Quart for multipart; parsing a million would block the loop for seconds
MAX_DRAINED = 16 * MAX_BODY  # read and discarded, because a browser reads the answer only after sending
DRAIN_SECONDS = 10
SENTENCE = b"This is more than the site takes at once (4 MB). Nothing was changed here.\n"


async def answer(
    send: Send, status: int, text: bytes, headers: list[tuple[bytes, bytes]], closes: bool = True
) -> None:
    own = [(b"content-type", b"text/plain; charset=utf-8"), (b"cache-control", b"no-store")]
    own += [(b"content-length", str(len(text)).encode())] + [(b"connection", b"close")] * closes
    await send({"type": "http.response.start", "status": status, "headers": [*headers, *own]})
    await send({"type": "http.response.body", "body": text, "more_body": False})


class BodyLimit:
    """`uploads` are the paths whose bodies are streamed to their routes, with the most bytes of each."""

    def __init__(
        self, app: App, headers: list[tuple[bytes, bytes]], uploads: Mapping[str, int] | None = None
    ) -> None:
        self.app, self.headers, self.uploads = app, headers, uploads or {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers = dict(scope["headers"])
        if (
            scope["method"] in ("GET", "HEAD")
            and scope["http_version"] != "2"
            and not headers.keys() & BODY_HEADERS
        ):
            await self.app(scope, receive, send)  # there is no body; in HTTP/2 a body needs no header
            return
        is_upload = headers.get(b"content-type", b"").lower().startswith(b"multipart/form-data")
        if is_upload and (limit := self.uploads.get(scope["path"].rstrip("/"))):
            await self._run_streamed(scope, BodyStream(receive, headers, limit), send)
            return
        length = headers.get(b"content-length", b"0")
        if length.isdigit() and int(length) > MAX_BODY:
            await self._refuse(receive, send, drains=int(length) <= MAX_DRAINED)
            return
        await self._run_counted(scope, receive, send)

    async def _run_streamed(self, scope: Scope, body: BodyStream, send: Send) -> None:
        """Runs the application, which sees no body and may refuse the request before a byte of it is read."""
        hidden = {*BODY_HEADERS, b"content-type"}
        headers = [(name, value) for name, value in scope["headers"] if name not in hidden]

        async def drained_send(message: Message) -> None:
            if message["type"] == "http.response.body" and not message.get("more_body"):
                await body.drain()
            await send(message)

        inner = {**scope, "headers": headers, body_stream.KEY: body}
        await self.app(inner, body.receive, drained_send)

    async def _run_counted(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Runs the application and counts bytes and form fields while it reads the body."""
        size, fields, over, begun = 0, 0, False, False
        is_encoded = any(
            name == b"content-type" and b"url" in value.lower() for name, value in scope["headers"]
        )

        async def counted_receive() -> Message:
            nonlocal size, fields, over
            message = await receive()
            size += len(message.get("body", b""))
            fields += is_encoded and message.get("body", b"").count(b"&")
            if (size > MAX_BODY or fields > MAX_FIELDS) and not over:
                over = True
                if not begun:
                    await self._refuse(receive, send, drains=bool(message.get("more_body")))
            return {"type": "http.disconnect"} if over else message

        async def watched_send(message: Message) -> None:
            nonlocal begun
            if not over:
                begun = True
                await send(message)

        await self.app(scope, counted_receive, watched_send)

    async def _refuse(self, receive: Receive, send: Send, drains: bool = True) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(DRAIN_SECONDS):
                await self._drain(receive, MAX_DRAINED if drains else 0)
        await answer(send, 413, SENTENCE, self.headers)

    async def _drain(self, receive: Receive, limit: int) -> None:
        drained = 0
        while drained < limit:
            message = await receive()
            drained += len(message.get("body", b""))
            if message["type"] == "http.disconnect" or not message.get("more_body"):
                break
