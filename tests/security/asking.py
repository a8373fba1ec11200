"""Requests down to the byte, as hypercorn hands them over, and a browser that keeps what it is told to."""

import asyncio
import json
from base64 import urlsafe_b64decode
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import unquote, urlencode

from quart import Quart
from werkzeug.datastructures import Headers

from tests.visiting import named, plain

PASSWORD = "correct horse battery"
FORM = ("Content-Type", "application/x-www-form-urlencoded")
Name = str | bytes


def as_bytes(text: Name) -> bytes:
    return text if isinstance(text, bytes) else text.encode("utf-8", "surrogateescape")


@dataclass(frozen=True)
class Reply:
    status: int
    headers: Headers
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()

    @property
    def location(self) -> str:
        return self.headers.get("Location", "")

    @property
    def cookies(self) -> dict[str, Any]:
        """What it sets, by its name without the site's digest, with its attributes."""
        set_ones = [SimpleCookie(line) for line in self.headers.getlist("Set-Cookie")]
        return {plain(name): morsel for cookie in set_ones for name, morsel in cookie.items()}

    @property
    def is_sign_in(self) -> bool:
        """Whether nobody was let in: sent to the sign-in page, or shown it."""
        if self.status == 303:
            return self.location.startswith("/login")
        return self.status == 401 and b'action="/login"' in self.body


async def ask(
    app: Quart,
    method: str,
    target: Name,
    headers: Iterable[tuple[Name, Name]] = (),
    chunks: Sequence[bytes] = (),
    *,
    scheme: str = "http",
    address: str = "127.0.0.1",
    version: str = "1.1",
    pause: float = 0,
) -> Reply:
    """One request. `chunks` are the body's pieces, `pause` the seconds before each of them."""
    path, _, query = as_bytes(target).partition(b"?")
    scope = {
        "type": "http",
        "http_version": version,
        "asgi": {"spec_version": "2.1", "version": "3.0"},
        "method": method,
        "scheme": scheme,
        "path": unquote(path.decode("ascii")),
        "raw_path": path,
        "query_string": query,
        "root_path": "",
        "headers": [(as_bytes(name).lower(), as_bytes(value)) for name, value in headers],
        "client": (address, 50000),
        "server": ("127.0.0.1", 8000),
        "state": {},
        "extensions": {},
    }
    pieces, answered = list(chunks), asyncio.Event()
    ended = False
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        nonlocal ended
        if pieces and not (pause and answered.is_set()):
            with suppress(TimeoutError):  # nothing comes any more once the response was sent
                await (asyncio.wait_for(answered.wait(), pause) if pause else asyncio.sleep(0))
            return {"type": "http.request", "body": pieces.pop(0), "more_body": True}
        if not ended:
            ended = True
            return {"type": "http.request", "body": b"", "more_body": False}
        await answered.wait()
        return {"type": "http.disconnect"}

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)
        if message["type"] == "http.response.body" and not message.get("more_body"):
            answered.set()

    await app(scope, receive, send)  # type: ignore[arg-type]
    lines = Headers([(name.decode("latin1"), value.decode("latin1")) for name, value in sent[0]["headers"]])
    return Reply(sent[0]["status"], lines, b"".join(message.get("body", b"") for message in sent[1:]))


def multipart(fields: Iterable[tuple[Name, Name]], boundary: bytes = b"x1y2z3") -> tuple[str, bytes]:
    """The content type and the body of a form, its fields as they are given."""
    parts = [
        b'--%b\r\nContent-Disposition: form-data; name="%b"\r\n\r\n%b\r\n'
        % (boundary, as_bytes(name), as_bytes(value))
        for name, value in fields
    ]
    return f"multipart/form-data; boundary={boundary.decode()}", b"".join(parts) + b"--%b--\r\n" % boundary


@dataclass
class Browser:
    """Somebody's browser at some address; `jar` holds its cookies by name, without the site's digest."""

    app: Quart
    name: str = ""
    address: str = "127.0.0.1"
    host: str = "localhost"
    scheme: str = "http"
    jar: dict[str, str] = field(default_factory=dict)

    @property
    def access(self) -> str:
        return next(value for name, value in self.jar.items() if name.endswith("access_token"))

    @property
    def refresh(self) -> str:
        return next(value for name, value in self.jar.items() if name.endswith("refresh_token"))

    @property
    def id(self) -> int:
        """Whose browser it is, as its access token says."""
        payload = self.access.split(".")[1]
        return int(json.loads(urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))["sub"])

    async def ask(
        self,
        method: str,
        target: Name,
        form: Mapping[str, Any] | bytes | None = None,
        headers: Iterable[tuple[Name, Name]] = (),
        app: Quart | None = None,
        **options: Any,
    ) -> Reply:
        """Headers that are given come in place of its own of the same name."""
        given = list(headers)
        names = {as_bytes(name).lower() for name, _ in given}
        own: list[tuple[Name, Name]] = [("Host", self.host)]
        if self.jar:
            cookies = (f"{named(app or self.app, name)}={value}" for name, value in self.jar.items())
            own.append(("Cookie", "; ".join(cookies)))
        chunks: list[bytes] = []
        if form is not None:
            body = form if isinstance(form, bytes) else urlencode(form, doseq=True).encode()
            own += [FORM, ("Content-Length", str(len(body)))]
            chunks = [body] if body else []
        sending = [(name, value) for name, value in own if as_bytes(name).lower() not in names] + given
        options = {"scheme": self.scheme, "address": self.address, **options}
        reply = await ask(app or self.app, method, target, sending, chunks, **options)
        self.keep_cookies(reply)
        return reply

    def keep_cookies(self, reply: Reply) -> None:
        for name, morsel in reply.cookies.items():
            if morsel["max-age"] == "0":
                self.jar.pop(name, None)
            else:
                self.jar[name] = morsel.value

    async def get(self, target: Name, headers: Iterable[tuple[Name, Name]] = (), **options: Any) -> Reply:
        return await self.ask("GET", target, None, headers, **options)

    async def post(
        self,
        target: Name,
        form: Mapping[str, Any] | bytes = b"",
        headers: Iterable[tuple[Name, Name]] = (),
        **options: Any,
    ) -> Reply:
        return await self.ask("POST", target, form, headers, **options)

    async def sign_in(self, name: str, password: str = PASSWORD, **options: Any) -> Reply:
        return await self.post("/login", {"username": name, "password": password}, **options)

    async def writes(self, body: str, **fields: str) -> str:
        """A new entry; its path."""
        reply = await self.post("/entries", {"body": body, **fields})
        assert reply.status == 303, reply.text
        return reply.location

    async def brings(self, content: bytes = b"[]", name: str = "old.json", **fields: Any) -> Reply:
        """Uploads a file to be imported."""
        kind, body = multipart(fields.items(), boundary=b"x1y2z3")
        head = b'--x1y2z3\r\nContent-Disposition: form-data; name="file"; filename="%b"\r\n\r\n'
        body = head % as_bytes(name) + content + b"\r\n" + body
        return await self.post("/imports", body, [("Content-Type", kind)])

    async def is_in(self) -> bool:
        return (await self.get("/settings")).status == 200

    def copied(self, **changes: Any) -> "Browser":
        """Another one with the same cookies: whoever has stolen them."""
        return replace(self, **{"jar": dict(self.jar), **changes})


async def registered(app: Quart, name: str, **options: Any) -> Browser:
    browser = Browser(app, name, **options)
    form = {"username": name, "email": f"{name.lower()}@example.org", "password": PASSWORD}
    reply = await browser.post("/register", form)
    assert reply.status == 303, reply.text
    return browser
