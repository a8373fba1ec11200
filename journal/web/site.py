"""Health checks (/healthz, /readyz), static files, icon, service worker and manifest. All of these are
public, and their responses carry no cookies."""

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
    """Served at the root, because a service worker controls only pages below its own path; never cached, or
    browsers would keep an old version."""
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
    """Liveness: the process answers."""
    return Response("ok\n", content_type=PLAIN)


@routes.get("/readyz")
async def readyz() -> Response:
    """Readiness: the process can read and write its database. The second line says when the last backup was
    made, or since when backups have failed, which leaves the site ready."""
    problem: Callable[[], Awaitable[str]] = current_app.extensions["readiness_problem"]
    found = await problem()
    details: Callable[[], str] = current_app.extensions["readiness_details"]
    return Response(f"{found or 'ok'}\n{details()}\n", 503 if found else 200, content_type=PLAIN)
