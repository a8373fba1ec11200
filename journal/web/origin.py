"""Refuses writes that another site sends through a visitor's browser."""

from quart import Quart, abort, request

from journal.settings import Settings

SAFE = frozenset(("GET", "HEAD", "OPTIONS"))


def install(app: Quart, settings: Settings) -> None:
    async def check_origin() -> None:
        if request.method not in SAFE and not is_same_origin(settings):
            abort(403, "This was sent from another site, so nothing was changed.")

    app.before_request(check_origin)


def is_same_origin(settings: Settings) -> bool:
    """Sec-Fetch-Site where the browser sends it, else Origin; neither means that it is no browser.

    `none` is the visitor's own doing, like a tab that is restored; no page can bring it about.
    """
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site in ("same-origin", "none")
    origin = request.headers.get("Origin")
    if origin is None or origin == settings.public_url:
        return True
    return settings.development and origin == f"http://{request.headers.get('Host', '')}"
