"""htmx request and response headers; no other module names them."""

from collections.abc import Mapping
from urllib.parse import urlencode, urlsplit

from quart import Response, request

REQUEST = "HX-Request"


def is_request() -> bool:
    return REQUEST in request.headers


def is_boosted() -> bool:
    return "HX-Boosted" in request.headers


def wants_fragment() -> bool:
    """Whether the response is a fragment. Boosted links and restored history need a whole page."""
    return is_request() and not is_boosted() and "HX-History-Restore-Request" not in request.headers


def current_path() -> str:
    """Path and query of the page that sent the request, or /."""
    try:
        url = urlsplit(request.headers.get("HX-Current-URL", ""))
    except ValueError:
        return "/"
    return (url.path or "/") + (f"?{url.query}" if url.query else "")


def retarget(response: Response, selector: str) -> Response:
    response.headers["HX-Retarget"] = selector
    response.headers["HX-Reswap"] = "innerHTML"
    return response


def local_url(path: str, query: Mapping[str, str]) -> str:
    return f"{path}?{urlencode(query, safe='/')}" if query else path


def redirect(path: str, **query: str) -> Response:
    """Makes htmx load another page; with status 401 if that is the sign-in page."""
    response = Response("", status=401 if path == "/login" else 204)
    response.headers["HX-Redirect"] = local_url(path, query)
    return response


def trigger(response: Response, event: str) -> Response:
    response.headers["HX-Trigger"] = event
    return response
