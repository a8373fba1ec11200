"""Host header check: refuses requests for other hosts than PUBLIC_URL, and logs how to correct the
setting."""

import logging
import re
from urllib.parse import urlsplit

from quart import Quart, abort, request

from journal.settings import Settings, is_loopback

log = logging.getLogger(__name__)

PROBES = ("/healthz", "/readyz")
HOST = re.compile(r"([a-z0-9.-]+|\[[0-9a-f:.]+\])(:[0-9]{1,5})?")
MAX_LOGGED = 50  # names; more are an attack and not a mistake
MAX_LENGTH = 100  # letters of a name that are shown
CURE = (
    "If people type that name, set PUBLIC_URL to it; if a proxy stands in front, let it pass the name on, "
    "in nginx by `proxy_set_header Host $http_host;`."
)
IN_PRODUCTION = (
    "This site is not served under the name that your browser asked for. If it is your site, its log "
    "says which name that was, which one is expected and what to do."
)


def install(app: Quart, settings: Settings) -> None:
    logged: set[str] = set()

    async def check_host() -> None:
        host = request.headers.get("Host", "")
        if request.path in PROBES or is_ours(host, settings):
            return
        sentence = explain(host, settings)
        if host[:MAX_LENGTH] not in logged and len(logged) < MAX_LOGGED:
            logged.add(host[:MAX_LENGTH])
            log.warning("%s", sentence)
        abort(400, sentence if settings.development else IN_PRODUCTION)

    app.before_request(check_host)


def explain(host: str, settings: Settings) -> str:
    """The sentence for the log. The host is escaped, so that it can't forge another log line."""
    return (
        f"A request for the host {host[:MAX_LENGTH]!a} was refused: PUBLIC_URL is {settings.public_url}, "
        f"so {settings.host!r} is expected. {CURE}"
    )


def is_ours(host: str, settings: Settings) -> bool:
    host = host.lower()
    if host == settings.host or host == settings.host + settings.usual_port:
        return True
    try:
        is_plain = HOST.fullmatch(host) is not None
        return settings.development and is_plain and is_loopback(urlsplit(f"//{host}").hostname or "")
    except ValueError:
        return False
