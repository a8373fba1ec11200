"""One log line a request: what was asked and how it went, never what anybody wrote."""

import logging
import secrets
import time
from dataclasses import dataclass, field
from typing import Any, cast

from quart import Quart, Response, g, has_request_context, request

from journal.engines import query_counter
from journal.web.body_limit import App, Receive, Send

log = logging.getLogger("journal.requests")


class OneLineFormatter(logging.Formatter):
    """A message stays one line whatever is in it, and a traceback is set off: nobody can write a line of
    the log by asking for an address with a line break."""

    def __init__(self) -> None:
        super().__init__("[%(asctime)s] %(levelname)s in %(module)s: %(message)s")

    def formatMessage(self, record: logging.LogRecord) -> str:
        line = super().formatMessage(record)
        return line if line.isprintable() else "".join(c if c.isprintable() else repr(c)[1:-1] for c in line)

    def formatException(self, ei: Any) -> str:
        return "\n".join(f"    {line}" for line in super().formatException(ei).splitlines())


@dataclass
class RequestRecord:
    """What the log says of one request; the hooks fill in what only they know."""

    id: str = field(default_factory=lambda: secrets.token_hex(6))
    route: str = "-"
    user: int | None = None
    status: int = 0


class RequestLog:
    """The outermost layer: sees every answer, also those that Quart never hears of."""

    def __init__(self, app: App) -> None:
        self.app = app

    async def __call__(self, scope: Any, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        started, queries, record = time.perf_counter(), query_counter.begin(), RequestRecord()
        scope["journal.record"] = record

        async def noting(message: dict[str, Any]) -> None:
            if message["type"] == "http.response.start":
                record.status = message["status"]
            await send(message)

        try:
            await self.app(scope, receive, noting)
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
    found = cast(dict[str, Any], request.scope).get("journal.record")
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
