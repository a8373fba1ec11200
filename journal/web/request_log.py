"""Request log: one line for each request with route, status, time, queries and user, never with a user's
text."""

import logging
import secrets
import time
from dataclasses import dataclass, field
from logging import LogRecord
from types import TracebackType
from typing import Any, cast

from quart import Quart, Response, g, has_request_context, request

from journal.engines import query_counter
from journal.web.body_limit import App, Message, Receive, Scope, Send

log = logging.getLogger("journal.requests")
NoException = tuple[None, None, None]


class OneLineFormatter(logging.Formatter):
    """Keeps each message on one line and indents tracebacks, so that a line break in a request can't forge a
    log line."""

    def __init__(self) -> None:
        super().__init__("[%(asctime)s] %(levelname)s in %(module)s: %(message)s")

    def formatMessage(self, record: LogRecord) -> str:
        line = super().formatMessage(record)
        return line if line.isprintable() else "".join(c if c.isprintable() else repr(c)[1:-1] for c in line)

    def formatException(
        self, ei: tuple[type[BaseException], BaseException, TracebackType | None] | NoException
    ) -> str:
        return "\n".join(f"    {line}" for line in super().formatException(ei).splitlines())


@dataclass
class RequestRecord:
    """The log's data of one request; hooks of the application fill in route and user."""

    id: str = field(default_factory=lambda: secrets.token_hex(6))
    route: str = "-"
    user: int | None = None
    status: int = 0


class RequestLog:
    """The outermost ASGI middleware, which also sees answers that don't come from Quart."""

    def __init__(self, app: App) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        started, queries, record = time.perf_counter(), query_counter.begin(), RequestRecord()
        scope["journal.record"] = record

        async def noted_send(message: Message) -> None:
            if message["type"] == "http.response.start":
                record.status = message["status"]
            await send(message)

        try:
            await self.app(scope, receive, noted_send)
        finally:
            took = (time.perf_counter() - started) * 1000
            log.info(
                "%s %s %s %s %.1fms %dq user=%s",
                record.id,
                scope["method"] if scope["method"].isalpha() else "?",
                record.route,
                record.status or "gone",
                took,
                queries.count,
                record.user or "-",
            )


def record() -> RequestRecord:
    found = cast(Scope, request.scope).get("journal.record")
    return found if isinstance(found, RequestRecord) else RequestRecord()


def install(app: Quart) -> None:
    app.logger.setLevel(logging.INFO)  # Quart gives it a handler, and all of `journal.*` logs to it
    for handler in app.logger.handlers:
        handler.setFormatter(OneLineFormatter())
    usual = app.log_exception

    def log_exception(*args: Any) -> None:
        """Logs the number that the visitor is shown; Quart 0.23 passes its context before the exception."""
        if has_request_context():
            app.logger.error("request %s: this was not foreseen", record().id, exc_info=args[-1])
        else:
            usual(*args)

    app.log_exception = log_exception  # type: ignore[method-assign, assignment]

    async def note(response: Response) -> Response:
        noted = record()
        noted.route = request.url_rule.rule if request.url_rule else "-"
        noted.user = g.user.id if g.get("user") else None
        return response

    app.after_request(note)
