"""Lower limit of cost: a bare ASGI app that does only what a timeline must.

A token looked up in a dict, twenty rows of SQLite read on the loop, one card formatted for each, one answer.
"""

import os
import sqlite3
from collections.abc import Awaitable, Callable, Iterator
from html import escape
from pathlib import Path
from typing import Any

Scope = dict[str, Any]
Message = dict[str, Any]

HEAD, TAIL = Path(os.environ["RAW_FRAME"]).read_bytes().split(b"\0")
PEOPLE = {os.environ["RAW_TOKEN"].encode(): 1}
CARDS = "SELECT id, day, title, tags, html FROM entries WHERE user_id = ? ORDER BY day DESC, id DESC LIMIT 21"

database = sqlite3.connect(Path(os.environ["RAW_DATABASE"]).as_uri() + "?mode=ro", uri=True)


async def app(
    scope: Scope, receive: Callable[[], Awaitable[Message]], send: Callable[[Message], Awaitable[None]]
) -> None:
    if scope["type"] == "http":
        person = PEOPLE.get(token(scope["headers"]))
        await (answer(send, 401, b"") if person is None else answer(send, 200, timeline(person)))


def token(headers: list[tuple[bytes, bytes]]) -> bytes:
    for name, value in headers:
        if name == b"cookie":
            for cookie in value.split(b"; "):
                if cookie.startswith(b"access_token="):
                    return cookie[13:]
    return b""


def timeline(person: int) -> bytes:
    rows = database.execute(CARDS, (person,)).fetchall()
    return HEAD + "".join(cards(rows[:20])).encode() + TAIL


def cards(rows: list[tuple[int, str, str, str, str]]) -> Iterator[str]:
    for key, day, title, tags, html in rows:
        items = "".join(f'<li><a href="/tags/{tag}">{tag}</a></li>' for tag in tags.split(",") if tag)
        yield (
            f'<article class="entry"><header><h2><a href="/entries/{key}">{escape(title)}</a></h2>'
            f'<time datetime="{day}">{day}</time></header>'
            f'<div class="text">{html}</div><ul>{items}</ul></article>'
        )


async def answer(send: Callable[[Message], Awaitable[None]], status: int, body: bytes) -> None:
    headers = [
        (b"content-type", b"text/html; charset=utf-8"),
        (b"content-length", str(len(body)).encode()),
        (b"cache-control", b"no-store"),
        (b"vary", b"Cookie, HX-Request"),
        (b"x-content-type-options", b"nosniff"),
        (b"content-security-policy", b"default-src 'none'; script-src 'self'; style-src 'self'"),
    ]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
