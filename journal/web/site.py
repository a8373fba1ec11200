"""What belongs to nobody: static files, icons and the probes. The gate leaves all of it alone."""

import json
from collections.abc import Awaitable, Callable

from quart import Blueprint, Response, abort, current_app

from journal.web import assets, headers
from journal.web.pages import page

routes = Blueprint("site", __name__)
PLAIN = "text/plain; charset=utf-8"
MANIFEST = {
    "name": "Journal",
    "short_name": "Journal",
    "start_url": "/",
    "display": "standalone",
    "background_color": "#fbfaf7",
    "theme_color": "#fbfaf7",
}


@routes.get("/static/<path:name>")
async def static(name: str) -> Response:
    files: assets.Assets = current_app.extensions["assets"]
    asset = files.files.get(name) or abort(404)
    return Response(asset.body, content_type=asset.content_type, headers={"Cache-Control": headers.IMMUTABLE})


@routes.get("/favicon.ico")
async def favicon() -> Response:
    files: assets.Assets = current_app.extensions["assets"]
    return Response(
        "", 301, headers={"Location": files.url("icons/journal.svg"), "Cache-Control": "max-age=86400"}
    )


@routes.get("/service-worker.js")
async def service_worker() -> Response:
    """At the root, or it would have no say over the pages; never cached, or it would stay for ever."""
    files: assets.Assets = current_app.extensions["assets"]
    return Response(
        files.service_worker(),
        content_type="text/javascript; charset=utf-8",
        headers={"Cache-Control": "no-cache"},
    )


@routes.get("/offline")
async def offline() -> Response:
    return page("offline.html")


@routes.get("/manifest.webmanifest")
async def manifest() -> Response:
    files: assets.Assets = current_app.extensions["assets"]
    icon = {"src": files.url("icons/journal.svg"), "sizes": "any", "type": "image/svg+xml"}
    text = json.dumps(MANIFEST | {"icons": [icon]})
    return Response(
        text, content_type="application/manifest+json", headers={"Cache-Control": "max-age=86400"}
    )


@routes.get("/healthz")
async def healthz() -> Response:
    return Response("ok\n", content_type=PLAIN)


@routes.get("/readyz")
async def readyz() -> Response:
    problem: Callable[[], Awaitable[str]] = current_app.extensions["readiness_problem"]
    found = await problem()
    return Response(f"{found or 'ok'}\n", 503 if found else 200, content_type=PLAIN)
