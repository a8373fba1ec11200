"""Error pages: a sentence and the right status for every exception, never a traceback."""

import logging

from quart import Quart, Response
from werkzeug.exceptions import HTTPException

from journal.database import NoSpace, Unavailable
from journal.web import htmx
from journal.web.pages import page
from journal.web.request_log import record

log = logging.getLogger(__name__)

SENTENCES = {
    400: "The browser sent something that could not be understood.",
    401: "Please sign in first.",
    403: "This is not allowed.",
    404: "There is nothing here, or it is not yours.",
    405: "This page can't be asked for in that way.",
    408: "This took too long to arrive, so nothing was changed.",
    413: "This is more than the site takes at once.",
    500: "Something went wrong here, and it has been written down. What you have saved is safe.",
    503: "The journal can't reach its database. What you have saved is safe; please try again in a moment.",
    507: "The disk of this site is full. What you have saved is safe, but nothing more can be saved for now.",
}
RETRY_AFTER = 2  # a failover is over in seconds


def install(app: Quart) -> None:
    app.register_error_handler(HTTPException, http_error)
    app.register_error_handler(Unavailable, unavailable)


async def http_error(error: HTTPException) -> Response:
    status = error.code or 500
    own = type(error).description
    sentence = error.description if error.description and error.description != own else None
    response = error_page(status, sentence)
    for name, value in error.get_headers():
        if name in ("Allow", "Content-Range", "Retry-After"):
            response.headers[name] = value
    return response


async def unavailable(error: Unavailable) -> Response:
    log.error("request %s: %s: %s", record().id, type(error).__name__, error)
    response = error_page(507 if isinstance(error, NoSpace) else 503, error.sentence)
    return retry_after(response, RETRY_AFTER)


def retry_after(response: Response, seconds: int) -> Response:
    response.headers["Retry-After"] = str(seconds)
    return response


def error_page(status: int, sentence: str | None = None) -> Response:
    sentence = sentence or SENTENCES.get(status) or SENTENCES[400 if status < 500 else 500]
    answer = page("error.html#sentence", status, sentence=sentence, status=status, request_id=record().id)
    return htmx.retarget(answer, "#notice") if htmx.wants_fragment() else answer
