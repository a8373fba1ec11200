"""Refuses requests for a host that is not ours."""

import re
from urllib.parse import urlsplit

from quart import Quart, abort, request

from journal.settings import Settings, is_loopback

PROBES = ("/healthz", "/readyz")
WRITTEN = re.compile(r"([a-z0-9.-]+|\[[0-9a-f:.]+\])(:[0-9]{1,5})?")


def install(app: Quart, settings: Settings) -> None:
    async def check_host() -> None:
        if request.path not in PROBES and not is_ours(request.headers.get("Host", ""), settings):
            abort(400, "This site is not served under that name.")

    app.before_request(check_host)


def is_ours(host: str, settings: Settings) -> bool:
    host = host.lower()
    if host == settings.host or host == settings.host + settings.usual_port:
        return True
    try:
        is_plain = WRITTEN.fullmatch(host) is not None
        return settings.development and is_plain and is_loopback(urlsplit(f"//{host}").hostname or "")
    except ValueError:
        return False
