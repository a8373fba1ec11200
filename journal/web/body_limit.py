"""Stops bodies over the limit however they are sent: Quart bounds neither streamed nor chunked ones."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]
App = Callable[[Any, Receive, Send], Awaitable[None]]

# A text of 1 MB is 3 MB when a form encodes each byte of it.
BODY = {b"content-length", b"transfer-encoding"}
MAX_BODY = 4 * 1024 * 1024
MAX_FIELDS = 1000  # of a form, as Quart has it for multipart; parsing a million stops everybody for seconds
DRAINED = 16 * MAX_BODY  # read and thrown away, so that a browser gets to see the answer
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
    def __init__(self, app: App, headers: list[tuple[bytes, bytes]]) -> None:
        self.app = app
        self.headers = headers

    async def __call__(self, scope: Any, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers = dict(scope["headers"])
        if scope["method"] in ("GET", "HEAD") and scope["http_version"] != "2" and not headers.keys() & BODY:
            await self.app(scope, receive, send)  # no body comes; over HTTP/2 it needs no header
            return
        length = headers.get(b"content-length", b"0")
        if length.isdigit() and int(length) > MAX_BODY:
            await self._refuse(receive, send, drains=int(length) <= DRAINED)
            return
        await self._counted(scope, receive, send)

    async def _counted(self, scope: Any, receive: Receive, send: Send) -> None:
        size, fields, over, begun = 0, 0, False, False
        is_encoded = any(
            name == b"content-type" and b"url" in value.lower() for name, value in scope["headers"]
        )

        async def counting() -> dict[str, Any]:
            nonlocal size, fields, over
            message = await receive()
            size += len(message.get("body", b""))
            fields += is_encoded and message.get("body", b"").count(b"&")
            if (size > MAX_BODY or fields > MAX_FIELDS) and not over:
                over = True
                if not begun:
                    await self._refuse(receive, send, drains=bool(message.get("more_body")))
            return {"type": "http.disconnect"} if over else message

        async def watching(message: dict[str, Any]) -> None:
            nonlocal begun
            if not over:
                begun = True
                await send(message)

        await self.app(scope, counting, watching)

    async def _refuse(self, receive: Receive, send: Send, drains: bool = True) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(DRAIN_SECONDS):
                await self._drain(receive, DRAINED if drains else 0)
        await answer(send, 413, SENTENCE, self.headers)

    async def _drain(self, receive: Receive, most: int) -> None:
        drained = 0
        while drained < most:
            message = await receive()
            drained += len(message.get("body", b""))
            if message["type"] == "http.disconnect" or not message.get("more_body"):
                break
