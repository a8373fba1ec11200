"""Request guard: ASGI middleware that refuses malformed requests (HTTP request smuggling, bad Host or path)
before the framework sees them."""

from urllib.parse import urlsplit

from journal.web.body_limit import App, Receive, Scope, Send, answer


class RequestGuard:
    def __init__(self, app: App, headers: list[tuple[bytes, bytes]]) -> None:
        self.app = app
        self.headers = headers

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":  # Quart would refuse it with a traceback
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


def _version(scope: Scope) -> tuple[int, bytes] | None:
    """Refuses HTTP/2 without TLS: a proxy that passes `Upgrade: h2c` on would not see the requests inside,
    and the client could forge X-Forwarded-For in them."""
    if scope["scheme"] == "http" and scope["http_version"] not in ("1.0", "1.1"):
        return 505, b"This site speaks HTTP/1.1 here.\n"
    return None


def _framing(scope: Scope) -> tuple[int, bytes] | None:
    """Refuses request smuggling: a body with two lengths may end elsewhere for the proxy than for us."""
    names = {name for name, _ in scope["headers"]}
    if b"transfer-encoding" in names and (b"content-length" in names or scope["http_version"] == "1.0"):
        return 400, b"The length of this request can't be told.\n"
    return None


def _host(scope: Scope) -> tuple[int, bytes] | None:
    """Refuses hosts that can't be encoded: Werkzeug would raise outside of all error handlers."""
    try:
        for name, value in scope["headers"]:
            if name == b"host":
                value.decode("ascii").partition(":")[0].encode("idna")
    except UnicodeError:
        return 400, b"This site is not served under that name.\n"
    return None


def _path(scope: Scope) -> tuple[int, bytes] | None:
    """Refuses targets that are neither a path nor a URL with a path."""
    try:
        path = scope["path"] if scope["path"].startswith("/") else urlsplit(scope["path"]).path
    except ValueError:
        path = ""
    is_address = path.startswith("/") and scope["query_string"].isascii()
    return None if is_address else (400, b"This is no address of this site.\n")
