"""Turns away, before the framework sees it, what no browser sends and no proxy should pass on."""

from typing import Any
from urllib.parse import urlsplit

from journal.web.body_limit import App, Receive, Send, answer


class RequestGuard:
    def __init__(self, app: App, headers: list[tuple[bytes, bytes]]) -> None:
        self.app = app
        self.headers = headers

    async def __call__(self, scope: Any, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":  # there are none here, and Quart's own refusal is a traceback
            await receive()
            await send({"type": "websocket.close"})
            return
        refusal = scope["type"] == "http" and (
            _version(scope) or _framing(scope) or _host(scope) or _path(scope)
        )
        if refusal:
            await answer(send, refusal[0], refusal[1], self.headers, closes=scope["http_version"] != "2")
        else:
            await self.app(scope, receive, send)


def _version(scope: Any) -> tuple[int, bytes] | None:
    """HTTP/2 without TLS: a proxy that passes `Upgrade: h2c` on would see nothing of what follows, and the
    X-Forwarded-For in there would be the visitor's own."""
    if scope["scheme"] == "http" and scope["http_version"] not in ("1.0", "1.1"):
        return 505, b"This site speaks HTTP/1.1 here.\n"
    return None


def _framing(scope: Any) -> tuple[int, bytes] | None:
    """A body of two lengths may end in another place for the proxy than for us."""
    names = {name for name, _ in scope["headers"]}
    if b"transfer-encoding" in names and (b"content-length" in names or scope["http_version"] == "1.0"):
        return 400, b"The length of this request can't be told.\n"
    return None


def _host(scope: Any) -> tuple[int, bytes] | None:
    """Whether it could be one at all: Werkzeug raises, outside of all handlers, where a part is too long."""
    try:
        for name, value in scope["headers"]:
            if name == b"host":
                value.decode("ascii").partition(":")[0].encode("idna")
    except UnicodeError:
        return 400, b"This site is not served under that name.\n"
    return None


def _path(scope: Any) -> tuple[int, bytes] | None:
    """A whole address instead of a path is allowed, if it has a path."""
    try:
        path = scope["path"] if scope["path"].startswith("/") else urlsplit(scope["path"]).path
    except ValueError:
        path = ""
    is_address = path.startswith("/") and scope["query_string"].isascii()
    return None if is_address else (400, b"This is no address of this site.\n")
