"""The real app in this process: asked as an ASGI server asks it, started anew, and broken on purpose."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import replace
from functools import wraps
from pathlib import Path
from typing import Any

from quart import Quart, request

from journal.app import create_app
from journal.settings import read
from tests.simulation.messages import HOST, Answer, Request

FAULT = "simulation.fault"
BEFORE, AFTER = "before the work", "after the work"  # where a handler breaks


class Broken(Exception):
    """What a handler raises that nobody has foreseen."""


class Site:
    """`values` are the settings as .env holds them; they may change at a restart."""

    def __init__(self, database_url: str, folder: Path, **values: str) -> None:
        self.database_url, self.folder = database_url, folder
        self.values = values
        self.app: Quart | None = None
        self._running = AsyncExitStack()

    @property
    def scheme(self) -> str:
        return "http" if self.values["FLASK_ENV"] == "development" else "https"

    async def start(self) -> None:
        values = {**self.values, "PUBLIC_URL": f"{self.scheme}://{HOST}"}
        settings = replace(read(values, self.folder), database_url=self.database_url)
        app = create_app(settings)
        app.view_functions = {name: _breakable(view) for name, view in app.view_functions.items()}
        running: Any = app.test_app()
        await self._running.enter_async_context(running)
        self.app = app

    async def stop(self) -> None:
        self.app = None
        await self._running.aclose()

    async def ask(self, asked: Request, cookies: str, fault: str = "") -> Answer | None:
        """None while it is not running."""
        if self.app is None:
            return None
        path, _, query = asked.path.partition("?")
        scope = {
            "type": "http",
            "asgi": {"version": "3.0", "spec_version": "2.3"},
            "http_version": "1.1",
            "method": asked.method,
            "scheme": self.scheme,
            "path": path,
            "raw_path": path.encode(),
            "query_string": query.encode(),
            "root_path": "",
            "headers": asked.headers(self.scheme, cookies),
            "client": ("203.0.113.7", 40_000),
            "server": None,
            "extensions": {},
            FAULT: fault,
        }
        return await _exchange(self.app, scope, asked.body)


async def _exchange(app: Any, scope: dict[str, Any], body: bytes) -> Answer:
    arriving = [{"type": "http.request", "body": body, "more_body": False}]
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return arriving.pop() if arriving else await asyncio.Future()

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    await app(scope, receive, send)
    headers = [(name.decode().lower(), value.decode()) for name, value in sent[0]["headers"]]
    return Answer(sent[0]["status"], headers, b"".join(part["body"] for part in sent[1:]).decode())


def _breakable(view: Any) -> Callable[..., Awaitable[Any]]:
    """The handler, raising where the request's scope says so: with its work done or not even begun."""

    @wraps(view)
    async def handler(**arguments: Any) -> Any:
        fault = request.scope.get(FAULT)
        if fault == BEFORE:
            raise Broken
        answer = await view(**arguments)
        if fault == AFTER:
            raise Broken
        return answer

    return handler
