"""Caches: nobody between the site and its reader may keep or mix up what is private."""

import re
from typing import Any

import pytest
from quart import Quart

from tests.security.asking import Browser
from tests.security.cases import each
from tests.security.conftest import number
from tests.security.pages import private_paths, renewing

# Headers, addresses and markup are the same on any engine.
pytestmark = pytest.mark.engine("sqlite")
THEME = "Caches"
PUBLIC = {
    "/login": "/login",
    "/register": "/register",
    "the front door": "/",
    "a page that is not there": "/x",
}


async def static_files(app: Quart) -> list[str]:
    return sorted(f"/static/{name}" for name in app.extensions["assets"].files)


LEFT_ALONE = {"/healthz": "/healthz", "/readyz": "/readyz", "/favicon.ico": "/favicon.ico"}
LEFT_ALONE |= {"a static file": "a file", "a static file that is not there": "/static/nothing.js"}


@each("path", LEFT_ALONE)
async def test_what_everybody_shares_never_carries_a_cookie(ann: Browser, path: str) -> None:
    """No Set-Cookie, though this browser's tokens would be renewed on any other page."""
    path = (await static_files(ann.app))[0] if path == "a file" else path
    for browser in (renewing(ann), renewing(ann, refresh_token="bad"), ann, Browser(ann.app)):
        for method in ("GET", "HEAD", "OPTIONS"):
            assert "Set-Cookie" not in (await browser.ask(method, path)).headers
        refused = await browser.ask("POST", path)
        assert (refused.status, refused.headers["Cache-Control"]) == (405, "no-store")


async def test_static_files_may_be_kept_for_ever_by_anybody(ann: Browser) -> None:
    """public, immutable, with the hash of their content in the name, and the same bytes for everybody."""
    for path in await static_files(ann.app):
        mine, others = await ann.get(path), await Browser(ann.app).get(path)
        assert mine.headers["Cache-Control"] == "public, max-age=31536000, immutable"
        assert re.search(r"\.[0-9a-f]{10}\.\w+$", path)
        assert (mine.status, mine.body) == (others.status, others.body)


async def test_every_private_page_is_no_store_and_varies(ann: Browser) -> None:
    """no-store and Vary: Cookie, HX-Request on every GET route that there is, also for htmx."""
    for path in await private_paths(ann):
        for headers in ([], [("HX-Request", "true")]):
            reply = await ann.get(path, headers)
            assert reply.status in (200, 303), path
            assert reply.headers["Cache-Control"] == "no-store", path
            assert {"Cookie", "HX-Request"} <= set(re.split(r",\s*", reply.headers["Vary"])), path


@each("path", PUBLIC)
async def test_public_pages_that_know_their_reader_are_no_store_too(visitor: Browser, path: str) -> None:
    """no-store: the same address is another page once somebody is signed in."""
    assert (await visitor.get(path)).headers["Cache-Control"] == "no-store"


async def test_every_answer_that_sets_a_cookie_is_no_store(ann: Browser) -> None:
    """no-store with every Set-Cookie: signing in and out, renewing, on a 404 and on a 405."""
    replies = [await ann.sign_in(ann.name), await renewing(ann).get("/nothing"), await renewing(ann).get("/")]
    replies += [await renewing(ann).ask("PATCH", "/settings"), await ann.copied().post("/logout")]
    for reply in replies:
        assert reply.cookies, reply.status
        assert reply.headers["Cache-Control"] == "no-store"


CONDITIONS: dict[str, Any] = {
    "If-None-Match: *": ("If-None-Match", "*"),
    "If-None-Match: an ETag": ("If-None-Match", '"abc", W/"def"'),
    "If-Modified-Since: later": ("If-Modified-Since", "Fri, 31 Dec 2100 23:59:59 GMT"),
    "If-Unmodified-Since: past": ("If-Unmodified-Since", "Mon, 01 Jan 2001 00:00:00 GMT"),
    "If-Match: *": ("If-Match", "*"),
    "Range: the first byte": ("Range", "bytes=0-0"),
    "Range: a thousand ranges": ("Range", "bytes=" + ",".join(f"{n}-{n}" for n in range(1000))),
    "If-Range": ("If-Range", '"abc"'),
}


@each("header", CONDITIONS)
async def test_no_page_is_answered_with_what_a_cache_may_have(
    ann: Browser, bob: Browser, header: Any
) -> None:
    """200 with the whole page, never 304, 206 or 412: nothing kept for Ann is confirmed to Bob."""
    await ann.writes("Ann's words")
    for browser, is_hers in ((ann, True), (bob, False)):
        reply = await browser.get("/", [header])
        assert reply.status == 200
        assert (b"Ann&#39;s words" in reply.body or b"Ann's words" in reply.body) is is_hers
        assert "ETag" not in reply.headers
        assert "Last-Modified" not in reply.headers


PATHS = {
    "a style sheet behind a page": "/settings/x.css",
    "a path parameter": "/settings;x.css",
    "an encoded slash": "/settings%2fx.css",
    "an encoded question mark": "/settings%3fx.css",
    "an encoded hash": "/settings%23x.css",
    "a line break": "/settings%0ax.css",
    "a NUL": "/settings%00.css",
    "a dot segment into static": "/static/../settings",
    "an encoded one": "/static/%2e%2e/settings",
    "an encoded one with an encoded slash": "/static/..%2fsettings",
    "a backslash": "/static/..%5csettings",
}


@each("path", PATHS)
async def test_no_private_page_hides_behind_the_name_of_a_file(ann: Browser, path: str) -> None:
    """404 and no-store: a cache that goes by the ending, or by /static/, gets nothing to keep."""
    reply = await ann.get(path)
    assert reply.status == 404
    assert ann.name not in reply.text
    assert reply.headers["Cache-Control"] == "no-store"


async def test_a_page_that_a_cache_mixes_up_shows_whose_it_is_by_its_cookie_alone(
    ann: Browser, bob: Browser
) -> None:
    """Nothing but the cookie decides: not the address, the user agent or a forwarded name."""
    await ann.writes("Ann's words")
    forged = [("X-Forwarded-User", ann.name), ("X-Remote-User", ann.name), ("Remote-User", ann.name)]
    forged += [("X-User-Id", str(ann.id)), ("From", ann.name), ("Authorization", "Basic QW5uOng=")]
    assert "Ann" not in (await bob.get("/", forged)).text.replace(bob.name, "")
    assert (await Browser(ann.app).get("/settings", forged)).is_sign_in


async def test_a_poisoned_header_is_in_no_page(ann: Browser) -> None:
    """None of what a header says comes back, so there is nothing for a cache to be poisoned with."""
    mark = f"poison{next(number)}.example"
    names = ["X-Forwarded-Host", "X-Host", "X-Forwarded-Server", "X-Original-URL", "X-Rewrite-URL", "Referer"]
    names += ["X-Forwarded-Prefix", "X-Forwarded-Scheme", "Forwarded", "User-Agent", "Origin", "Accept"]
    for path in ("/", "/login", "/nothing", "/settings"):
        for browser in (ann, Browser(ann.app)):
            reply = await browser.get(path, [(name, mark) for name in names])
            assert mark.encode() not in reply.body
            assert not [value for _, value in reply.headers.items() if mark in value]
