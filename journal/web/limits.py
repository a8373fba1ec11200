"""Stops bodies over the limit however they are sent: Quart bounds neither streamed nor chunked ones."""

from collections.abc import Awaitable, Callable, Iterable
from typing import Any

Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]
App = Callable[[Any, Receive, Send], Awaitable[None]]

# A text of 1 MB is 3 MB when a form encodes each byte of it.
MAX_BODY = 4 * 1024 * 1024
DRAINED = 16 * MAX_BODY  # read and thrown away, so that a browser gets to see the answer
SENTENCE = b"This is more than the site takes at once (4 MB). Nothing was changed here.\n"


class BodyLimit:
    def __init__(self, app: App, headers: Iterable[tuple[str, str]]) -> None:
        self.app = app
        self.headers = [(name.lower().encode(), value.encode()) for name, value in headers]

    async def __call__(self, scope: Any, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        length = dict(scope["headers"]).get(b"content-length", b"0")
        if length.isdigit() and int(length) > MAX_BODY:
            await self._refuse(receive, send)
            return
        await self._counted(scope, receive, send)

    async def _counted(self, scope: Any, receive: Receive, send: Send) -> None:
        size, over, begun = 0, False, False

        async def counting() -> dict[str, Any]:
            nonlocal size, over
            message = await receive()
            size += len(message.get("body", b""))
            if size > MAX_BODY and not over:
                over = True
                if not begun:
                    await self._refuse(receive, send)
            return {"type": "http.disconnect"} if over else message

        async def watching(message: dict[str, Any]) -> None:
            nonlocal begun
            if not over:
                begun = True
                await send(message)

        await self.app(scope, counting, watching)

    async def _refuse(self, receive: Receive, send: Send) -> None:
        drained = 0
        while drained < DRAINED:
            message = await receive()
            drained += len(message.get("body", b""))
            if message["type"] == "http.disconnect" or not message.get("more_body"):
                break
        headers = [
            *self.headers,
            (b"content-type", b"text/plain; charset=utf-8"),
            (b"cache-control", b"no-store"),
        ]
        headers += [(b"content-length", str(len(SENTENCE)).encode()), (b"connection", b"close")]
        await send({"type": "http.response.start", "status": 413, "headers": headers})
        await send({"type": "http.response.body", "body": SENTENCE})
