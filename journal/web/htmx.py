"""The only module that knows htmx's headers."""

from collections.abc import Mapping
from urllib.parse import urlencode, urlsplit

from quart import Response, request

REQUEST = "HX-Request"


def is_request() -> bool:
    return REQUEST in request.headers


def is_boosted() -> bool:
    return "HX-Boosted" in request.headers


def wants_fragment() -> bool:
    """A boosted link or a page that htmx restores is a whole page all the same."""
    return is_request() and not is_boosted() and "HX-History-Restore-Request" not in request.headers


def current_path() -> str:
    """Path and query of the page that asked, or /."""
    try:
        url = urlsplit(request.headers.get("HX-Current-URL", ""))
    except ValueError:
        return "/"
    return (url.path or "/") + (f"?{url.query}" if url.query else "")


def retarget(response: Response, selector: str) -> Response:
    response.headers["HX-Retarget"] = selector
    response.headers["HX-Reswap"] = "innerHTML"
    return response


def redirect(path: str, **query: str) -> Response:
    """Sends the whole page elsewhere; a 401 where somebody has to sign in first."""
    response = Response("", status=401 if path == "/login" else 204)
    response.headers["HX-Redirect"] = local_url(path, query)
    return response


def local_url(path: str, query: Mapping[str, str]) -> str:
    return f"{path}?{urlencode(query, safe='/')}" if query else path


def trigger(response: Response, event: str) -> Response:
    response.headers["HX-Trigger"] = event
    return response
