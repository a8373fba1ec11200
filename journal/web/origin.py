"""CSRF protection: refuses writes that another site sends through a user's browser, by the headers
Sec-Fetch-Site and Origin; no tokens are needed."""

from urllib.parse import urlsplit

from quart import Quart, abort, request

from journal.settings import Settings

SAFE = frozenset(("GET", "HEAD", "OPTIONS"))


def install(app: Quart, settings: Settings) -> None:
    async def check_origin() -> None:
        if request.method not in SAFE and not is_same_origin(settings):
            abort(403, reason(request.headers.get("Origin", ""), settings))

    app.before_request(check_origin)


def reason(origin: str, settings: Settings) -> str:
    """Why a write is refused: it came from another site, or from this site opened by the wrong scheme."""
    ours = urlsplit(settings.public_url)
    try:
        sender = urlsplit(origin)
        is_here = sender.hostname == ours.hostname
    except ValueError:
        is_here = False
    if is_here and {sender.scheme, ours.scheme} == {"http", "https"}:
        return (
            f"This page was opened by {sender.scheme}://, and the site is at {settings.public_url}. "
            f"Nothing was changed; please open {settings.public_url} and try again there."
        )
    return "This was sent from another site, so nothing was changed."


def is_same_origin(settings: Settings) -> bool:
    """Checks Sec-Fetch-Site if the browser sends it, else Origin. A client that sends neither is no browser.

    The value `none` means that the user started the request, for example by restoring a tab; no page can.
    """
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site in ("same-origin", "none")
    origin = request.headers.get("Origin")
    if origin is None or origin == settings.public_url:
        return True
    return settings.development and origin == f"http://{request.headers.get('Host', '')}"
