"""Cross-site writes: every combination of what a browser says about where a request comes from."""

import re
import time
from typing import Any

import pytest
from quart import Quart

from journal.entries.models import Entry
from tests.security.asking import Browser, Reply, ask, multipart
from tests.security.cases import each
from tests.security.pages import STANDARD, path_of, rules

# Headers, addresses and markup are the same on any engine.
pytestmark = pytest.mark.engine("sqlite")
THEME = "Cross-site writes"
SITE, ORIGIN = "Sec-Fetch-Site", "Origin"
BODY = {"body": "written from elsewhere"}


async def written(browser: Browser, *headers: tuple[str, str], path: str = "/entries") -> Reply:
    return await browser.post(path, BODY, headers)


async def count(browser: Browser) -> int:
    return await Entry.filter(user_id=browser.id).count()


REFUSED: dict[str, list[tuple[str, str]]] = {
    "cross-site": [(SITE, "cross-site")],
    "same-site, as from a subdomain or another port": [(SITE, "same-site")],
    "an empty Sec-Fetch-Site": [(SITE, "")],
    "in capitals": [(SITE, "SAME-ORIGIN")],
    "two values in one": [(SITE, "same-origin, cross-site")],
    "two headers, the bad one first": [(SITE, "cross-site"), (SITE, "same-origin")],
    "a value of the future": [(SITE, "same-party")],
    "quoted": [(SITE, '"same-origin"')],
    "cross-site with our Origin": [(SITE, "cross-site"), (ORIGIN, "http://localhost")],
    "same-site with our Origin": [(SITE, "same-site"), (ORIGIN, "http://localhost")],
    "Origin: another site": [(ORIGIN, "http://evil.example")],
    "Origin: null, as from a sandbox or a file": [(ORIGIN, "null")],
    "Origin: nothing": [(ORIGIN, "")],
    "Origin: a subdomain": [(ORIGIN, "http://sub.localhost")],
    "Origin: another port": [(ORIGIN, "http://localhost:8001")],
    "Origin: another scheme": [(ORIGIN, "https://localhost")],
    "Origin: ours as its beginning": [(ORIGIN, "http://localhost.evil.example")],
    "Origin: ours as its end": [(ORIGIN, "http://evil-localhost")],
    "Origin: ours as a name before @": [(ORIGIN, "http://localhost@evil.example")],
    "Origin: ours as a path": [(ORIGIN, "http://evil.example/http://localhost")],
    "Origin: ours with a path": [(ORIGIN, "http://localhost/")],
    "Origin: ours with a full stop": [(ORIGIN, "http://localhost.")],
    "Origin: ours in capitals": [(ORIGIN, "HTTP://LOCALHOST")],
    "Origin: a list with ours": [(ORIGIN, "http://localhost http://evil.example")],
    "Origin: an extension": [(ORIGIN, "chrome-extension://abcdefgh")],
    "Origin: an address of this machine": [(ORIGIN, "http://127.0.0.1")],
    "Origin: a file": [(ORIGIN, "file://")],
}


@each("headers", REFUSED)
async def test_a_write_from_elsewhere_is_refused(ann: Browser, headers: list[tuple[str, str]]) -> None:
    """403 before anything is read, and nothing is written."""
    reply = await written(ann, *headers)
    assert reply.status == 403
    assert re.search(
        "sent from another site|opened by https://, and the site is at http://localhost", reply.text
    )
    assert await count(ann) == 0


TAKEN: dict[str, list[tuple[str, str]]] = {
    "same-origin": [(SITE, "same-origin")],
    "none, which no page can bring about": [(SITE, "none")],
    "same-origin with a strange Origin": [(SITE, "same-origin"), (ORIGIN, "null")],
    "Origin: ours": [(ORIGIN, "http://localhost")],
    "neither, as from a script": [],
}


@each("headers", TAKEN)
async def test_a_write_from_here_is_taken(ann: Browser, headers: list[tuple[str, str]]) -> None:
    """303, the control."""
    assert (await written(ann, *headers)).status == 303
    assert await count(ann) == 1


METHODS = {name: name for name in ("POST", "PUT", "DELETE", "PATCH", "TRACE", "CONNECT", "LINK", "post")}


@each("method", METHODS)
async def test_no_unsafe_method_gets_through(ann: Browser, method: str) -> None:
    """403, whether there is such a route or not."""
    path = await ann.writes("words")
    reply = await ann.ask(method, path, BODY, [(SITE, "cross-site")])
    assert reply.status == 403


def bodies() -> dict[str, Any]:
    kind, body = multipart([("body", "written from elsewhere")])
    return {
        "a form": ("application/x-www-form-urlencoded", b"body=written"),
        "multipart": (kind, body),
        "plain text": ("text/plain", b"body=written"),
        "JSON": ("application/json", b'{"body":"written"}'),
        "JSON as plain text": ("text/plain", b'{"body":"written","x":"="}'),
        "XML": ("application/xml", b"<body>written</body>"),
        "no type": ("", b"body=written"),
        "a type that is none": ("x", b"body=written"),
        "no body": ("application/x-www-form-urlencoded", b""),
    }


@each("body", bodies())
async def test_no_kind_of_body_gets_through(ann: Browser, body: tuple[str, bytes]) -> None:
    """403: what an HTML form can send is as little welcome as what it can't."""
    for headers in ([(SITE, "cross-site")], [(ORIGIN, "null")], [(ORIGIN, "http://evil.example")]):
        reply = await ann.post("/entries", body[1], [*headers, ("Content-Type", body[0])])
        assert reply.status == 403
    assert await count(ann) == 0


FORGED: dict[str, list[tuple[str, str]]] = {
    "HX-Request": [("HX-Request", "true")],
    "HX-Boosted": [("HX-Request", "true"), ("HX-Boosted", "true")],
    "HX-Current-URL of ours": [("HX-Request", "true"), ("HX-Current-URL", "http://localhost/")],
    "X-Requested-With": [("X-Requested-With", "XMLHttpRequest")],
    "Referer of ours": [("Referer", "http://localhost/entries/new")],
    "a CSRF token": [("X-CSRF-Token", "x"), ("X-CSRFToken", "x"), ("X-XSRF-TOKEN", "x")],
    "another method": [
        ("X-HTTP-Method-Override", "GET"),
        ("X-Method-Override", "GET"),
        ("X-HTTP-Method", "GET"),
    ],
    "a forwarded host": [("X-Forwarded-Host", "evil.example"), ("X-Forwarded-Proto", "http")],
    "Sec-Fetch-Mode of ours": [("Sec-Fetch-Mode", "same-origin"), ("Sec-Fetch-Dest", "empty")],
    "a user's click": [("Sec-Fetch-User", "?1"), ("Sec-Fetch-Mode", "navigate")],
}


@each("extra", FORGED)
async def test_no_other_header_makes_up_for_it(ann: Browser, extra: list[tuple[str, str]]) -> None:
    """403 all the same."""
    for headers in ([(SITE, "cross-site")], [(ORIGIN, "http://evil.example")]):
        assert (await written(ann, *headers, *extra)).status == 403
    assert await count(ann) == 0


async def test_every_route_that_writes_is_behind_the_check(ann: Browser) -> None:
    """403 on each unsafe method of each route, signed in or not, also where the path is none of ours."""
    uid = (await ann.writes("words", day="2024-05-31")).rpartition("/")[2]
    paths = [path_of(rule, uid, "2024-05-31") for rule in rules(ann.app)] + [
        "/nothing",
        "/static/x",
        "/healthz",
    ]
    for path in paths:
        for method in set(STANDARD) - {"GET", "HEAD"}:
            for browser in (ann, Browser(ann.app)):
                reply = await browser.ask(method, path, BODY, [(SITE, "cross-site")])
                assert reply.status == 403, (method, path)
    assert await count(ann) == 1


async def test_a_body_from_elsewhere_is_not_even_read(ann: Browser) -> None:
    """403 at once, with most of the body still to come."""
    headers = [("Host", "localhost"), (SITE, "cross-site"), ("Cookie", f"access_token={ann.access}")]
    started = time.perf_counter()
    reply = await ask(ann.app, "POST", "/entries", headers, [b"body=words"] * 4, pause=10)
    assert reply.status == 403
    assert time.perf_counter() - started < 9


async def test_nobody_is_signed_in_or_out_from_elsewhere(ann: Browser, bob: Browser) -> None:
    """403: no session is planted, and none is ended."""
    form = {"username": bob.name, "password": "correct horse battery"}
    assert (await ann.post("/login", form, [(SITE, "cross-site")])).status == 403
    assert (await ann.post("/logout", b"", [(SITE, "same-site")])).status == 403
    assert await ann.is_in()


async def test_a_safe_request_from_elsewhere_shows_the_page(ann: Browser) -> None:
    """200: links from other sites work, and reading changes nothing."""
    await ann.writes("words")
    headers = [(SITE, "cross-site"), (ORIGIN, "http://evil.example")]
    assert (await ann.get("/", headers)).status == 200
    assert await count(ann) == 1


ASKING = [(ORIGIN, "http://evil.example"), ("Access-Control-Request-Method", "PUT")]


@each("method", {"OPTIONS": "OPTIONS", "GET": "GET"})
async def test_no_other_origin_is_allowed_to_read(ann: Browser, method: str) -> None:
    """No Access-Control header at all, so a preflight fails and an answer can't be read."""
    path = await ann.writes("words")
    for target in ("/", path, "/login", "/healthz", "/nothing"):
        reply = await ann.ask(
            method, target, None, [*ASKING, ("Access-Control-Request-Headers", "HX-Request")]
        )
        assert not [name for name, _ in reply.headers if name.lower().startswith("access-control")]


@each("header", {name: name for name in ("X-HTTP-Method-Override", "X-Method-Override", "X-HTTP-Method")})
async def test_a_method_in_a_header_is_not_a_method(ann: Browser, header: str) -> None:
    """A GET stays a GET: nothing is deleted, nothing signed out."""
    path = await ann.writes("words")
    assert (await ann.get(path, [(header, "DELETE")])).status == 200
    assert (await ann.get("/logout", [(header, "POST")])).status == 405
    assert (await ann.post(path, {"body": "more", "version": "1"}, [(header, "DELETE")])).status == 303
    assert await Entry.filter(user_id=ann.id, deleted_at=None).count() == 1


@each("field", {name: name for name in ("_method", "_HttpMethod", "X-HTTP-Method-Override")})
async def test_a_method_in_a_field_is_not_a_method(ann: Browser, field: str) -> None:
    """It is a field that nobody looks at, in the form and in the address."""
    path = await ann.writes("words")
    assert (await ann.get(f"{path}?{field}=DELETE")).status == 200
    assert (await ann.post(f"{path}?{field}=DELETE", {field: "DELETE", "version": "1"})).status == 303
    assert await Entry.filter(user_id=ann.id, deleted_at=None).count() == 1


async def test_no_get_changes_anything(ann: Browser) -> None:
    """The same rows before and after every GET and HEAD route was asked for, with a form's fields besides."""
    uid = (await ann.writes("words", day="2024-05-31")).rpartition("/")[2]
    before = [dict(row) for row in await Entry.filter(user_id=ann.id).values()]
    for rule in rules(ann.app):
        for method in ("GET", "HEAD"):
            if method in (rule.methods or ()):
                await ann.ask(method, path_of(rule, uid, "2024-05-31") + "?body=x&title=y&deleted=1&zone=UTC")
    assert [dict(row) for row in await Entry.filter(user_id=ann.id).values()] == before


# In production, where the address is another


ABROAD: dict[str, list[tuple[str, str]]] = {
    "Origin: ours over http": [(ORIGIN, "http://journal.example.org")],
    "Origin: ours at another port": [(ORIGIN, "https://journal.example.org:8443")],
    "Origin: a subdomain": [(ORIGIN, "https://a.journal.example.org")],
    "Origin: the domain above": [(ORIGIN, "https://example.org")],
    "Origin: localhost": [(ORIGIN, "http://localhost")],
    "Origin: what Host says, over http": [(ORIGIN, "http://journal.example.org")],
    "same-site": [(SITE, "same-site")],
    "Origin: null": [(ORIGIN, "null")],
}


@each("headers", ABROAD)
async def test_in_production_a_write_from_elsewhere_is_refused(
    ann_outside: Browser, headers: list[tuple[str, str]]
) -> None:
    """403."""
    assert (await written(ann_outside, *headers)).status == 403
    assert (await written(ann_outside, (ORIGIN, "https://journal.example.org"))).status == 303, "the control"


async def test_a_page_on_the_same_machine_is_another_site_in_development(app: Quart, ann: Browser) -> None:
    """403: another program's page on localhost is as foreign as any."""
    for origin in (
        "http://localhost:3000",
        "http://127.0.0.1:3000",
        "http://[::1]:3000",
        "http://app.localhost",
    ):
        assert (await written(ann, (ORIGIN, origin))).status == 403
