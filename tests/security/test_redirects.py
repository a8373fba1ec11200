"""Open redirects: every known way to write another site so that it looks like a path of this one."""

import re
from html import unescape
from urllib.parse import quote, urlencode, urljoin, urlsplit

import pytest
from quart import Quart

from tests.security.asking import PASSWORD, Browser
from tests.security.cases import each
from tests.security.pages import path_of, rules

# Headers, addresses and markup are the same on any engine.
pytestmark = [pytest.mark.slow, pytest.mark.engine("sqlite")]
THEME = "Open redirects"
HERE = "http://localhost/login"

ELSEWHERE = {
    "an address": "https://evil.example/",
    "an address in capitals": "HTTPS://EVIL.EXAMPLE/",
    "an address without slashes": "https:evil.example",
    "an address with one slash": "https:/evil.example",
    "an address with three slashes": "https:///evil.example",
    "two slashes": "//evil.example",
    "three slashes": "///evil.example",
    "four slashes": "////evil.example",
    "a slash and a backslash": "/\\evil.example",
    "a backslash and a slash": "\\/evil.example",
    "two backslashes": "\\\\evil.example",
    "one backslash": "\\evil.example",
    "two slashes with a name before @": "//localhost@evil.example",
    "two slashes with our host in the name": "//localhost:80@evil.example/",
    "a backslash before @": "//evil.example\\@localhost",
    "a tab between the slashes": "/\t/evil.example",
    "a line feed between the slashes": "/\n/evil.example",
    "a carriage return between the slashes": "/\r/evil.example",
    "a tab in front": "\t//evil.example",
    "a space in front": " //evil.example",
    "a NUL in front": "\0//evil.example",
    "a control character in front": "\x01//evil.example",
    "a line break behind a path": "/\r\n//evil.example",
    "a header behind a path": "/x\r\nLocation: https://evil.example",
    "a second answer behind a path": "/x\r\n\r\n<script>alert(1)</script>",
    "javascript:": "javascript:alert(1)",
    "javascript: in mixed letters": "jAvAsCrIpT:alert(1)",
    "javascript: with a tab": "java\tscript:alert(1)",
    "javascript: behind a comment": "javascript://localhost/%0aalert(1)",
    "data:": "data:text/html,<script>alert(1)</script>",
    "vbscript:": "vbscript:msgbox(1)",
    "blob:": "blob:https://evil.example/x",
    "file:": "file:///etc/passwd",
    "view-source:": "view-source:https://evil.example",
    "full-width slashes": "／／evil.example",
    "a fraction slash": "⁄⁄evil.example",
    "a division slash": "∕∕evil.example",
    "a slash and a full-width one": "/／evil.example",
    "a reverse solidus": "/＼evil.example",
    "an ideographic full stop": "//evil。example",
    "a right-to-left mark": "/\u200f/evil.example",
    "a zero-width space": "/\u200b/evil.example",
    "a byte order mark": "\ufeff//evil.example",
    "a no-break space": "\u00a0//evil.example",
    "a line separator": "/\u2028/evil.example",
    "no slash": "evil.example",
    "a dot": ".evil.example",
    "a query": "?next=//evil.example",
    "a fragment": "#//evil.example",
    "a semicolon": ";//evil.example",
    "an address in brackets": "//[::ffff:7f00:1]/",
    "an address as a number": "//2130706433/",
}
# What stays here however it looks: browsers decode no percent signs to find a host.
STAYS = {
    "encoded slashes": "/%2f%2fevil.example",
    "an encoded slash": "/%2fevil.example",
    "an encoded backslash": "/%5cevil.example",
    "slashes encoded twice": "/%252f%252fevil.example",
    "an encoded tab": "/%09/evil.example",
    "an encoded line break": "/%0d%0aLocation:%20https://evil.example",
    "an encoded @": "/%40evil.example",
    "an @": "/@evil.example",
    "dot segments": "/../../evil.example",
    "dot segments and slashes": "/.//evil.example",
    "encoded dot segments": "/%2e%2e//evil.example",
    "a path with slashes within": "/entries//evil.example",
    "an address behind a path": "/https://evil.example",
    "an address in the query": "/?next=https://evil.example",
    "an address in the fragment": "/#//evil.example",
    "a colon": "/javascript:alert(1)",
    "a page of ours": "/entries/new?day=2024-05-31",
}


def is_here(location: str) -> bool:
    """Where a browser would go: it drops tabs and line breaks, trims, and takes \\ for /."""
    plain = re.sub(r"[\t\r\n]", "", location).strip("".join(map(chr, range(33)))).replace("\\", "/")
    target = urlsplit(urljoin(HERE, plain))
    return (target.scheme, target.netloc) == ("http", "localhost") and not location.startswith("//")


def test_the_measure_itself_tells_here_from_elsewhere() -> None:
    """The control: a test that took everything for here would be green for ever."""
    assert is_here("/")
    assert is_here("/.//evil.example")
    for name in ("an address", "two slashes", "a slash and a backslash", "a tab between the slashes"):
        assert not is_here(ELSEWHERE[name])


def field(page: str) -> str:
    """What the sign-in form would send as its `next`."""
    return unescape(re.findall(r'name="next" value="([^"]*)"', page)[0])


@each("target", ELSEWHERE)
async def test_signing_in_leads_to_no_other_site(ann: Browser, target: str) -> None:
    """303 to /."""
    form = urlencode({"username": ann.name, "password": PASSWORD, "next": target}, errors="surrogateescape")
    reply = await Browser(ann.app).post("/login", form.encode())
    assert reply.status == 303
    assert reply.location == "/"


@each("target", STAYS)
async def test_signing_in_leads_back_to_a_path_of_ours(ann: Browser, target: str) -> None:
    """303 to that very path, which every browser finds on this site."""
    reply = await Browser(ann.app).post(
        "/login", {"username": ann.name, "password": PASSWORD, "next": target}
    )
    assert (reply.status, reply.location) == (303, target)
    assert is_here(reply.location)


@each("target", ELSEWHERE)
async def test_the_sign_in_page_leads_somebody_signed_in_to_no_other_site(ann: Browser, target: str) -> None:
    """303 to /."""
    reply = await ann.get(f"/login?next={quote(target, safe='', errors='surrogateescape')}")
    assert (reply.status, reply.location) == (303, "/")


@each("target", ELSEWHERE)
async def test_the_form_carries_no_other_site(app: Quart, target: str) -> None:
    """/ in the hidden field: nothing that a script or a browser could follow."""
    reply = await Browser(app).get(f"/login?next={quote(target, safe='', errors='surrogateescape')}")
    assert field(reply.text) == "/"


@each("target", {name: ELSEWHERE[name] for name in ("an address", "two slashes", "javascript:", "no slash")})
async def test_of_two_targets_none_leads_away(ann: Browser, target: str) -> None:
    """A path of ours, whichever of the two is taken, in the address and in the form."""
    for pair in ((target, "/settings"), ("/settings", target)):
        query = urlencode([("next", value) for value in pair])
        assert (await ann.get(f"/login?{query}")).location in ("/", "/settings")
        form = urlencode([("username", ann.name), ("password", PASSWORD)]) + "&" + query
        assert (await Browser(ann.app).post("/login", form.encode())).location in ("/", "/settings")


CURRENT = {
    "another site": "https://evil.example/",
    "another site with two slashes in its path": "https://evil.example//evil.example/x",
    "another site with a backslash": "https://evil.example/\\evil.example",
    "two slashes": "//evil.example/",
    "javascript:": "javascript:alert(1)",
    "data:": "data:text/html,x",
    "an open bracket": "http://[evil.example",
    "a bracket that is no address": "http://[::1/x",
    "nothing": "",
    "bytes": b"\xff\xfe\x80",
    "quotation marks": 'http://localhost/"><script>alert(1)</script>',
    "60 kB": "http://localhost/" + "a" * 60_000,
}


@each("url", CURRENT)
async def test_the_page_that_htmx_names_leads_nowhere_else(ann: Browser, url: str | bytes) -> None:
    """401 with the form; what it carries is a path, and signing in with it stays here."""
    headers = [("HX-Request", "true"), ("HX-Current-URL", url)]
    reply = await Browser(ann.app).get("/settings", headers)
    assert reply.status == 401
    assert "evil.example" not in reply.headers.get("HX-Redirect", "")
    assert "<script>alert" not in reply.text
    form = {"username": ann.name, "password": PASSWORD, "next": field(reply.text)}
    assert is_here((await Browser(ann.app).post("/login", form)).location)


async def test_a_boosted_link_is_sent_to_our_own_sign_in_page(app: Quart) -> None:
    """401 with HX-Redirect to /login, whatever the headers say."""
    headers = [("HX-Request", "true"), ("HX-Boosted", "true"), ("HX-Current-URL", "https://evil.example/")]
    headers += [("X-Forwarded-Host", "evil.example"), ("Referer", "https://evil.example/")]
    reply = await Browser(app).get("/settings", headers)
    assert (reply.status, reply.headers["HX-Redirect"]) == (401, "/login?next=/settings")


@each("path", {**ELSEWHERE, "an entry of nobody's": "/entries/" + "-" * 36, "another action": "/logout"})
async def test_kept_words_come_back_into_an_editor_of_ours(ann: Browser, path: str) -> None:
    """200 with the editor; its form goes to an entry here, whatever the kept path says."""
    form = {"username": ann.name, "password": PASSWORD, "kept.body": "words", "kept.path": path}
    reply = await Browser(ann.app).post("/login", urlencode(form, errors="surrogateescape").encode())
    assert reply.status == 200
    assert "Location" not in reply.headers
    actions = re.findall(r'(?:action|hx-put|hx-post|href)="([^"]*)"', reply.text)
    assert all(action.startswith(("/", "#")) and not action.startswith("//") for action in actions)
    assert "evil" not in reply.text


REFERERS = {name: ELSEWHERE[name] for name in ("an address", "two slashes", "javascript:", "data:")}


@each("referer", REFERERS)
async def test_no_answer_goes_back_to_where_the_referer_says(ann: Browser, referer: str) -> None:
    """Every redirect goes to a path of ours."""
    path = await ann.writes("words")
    headers = [("Referer", referer)]
    for target, form in ((f"{path}/deletion", {}), (f"{path}/restoration", {}), ("/logout", {})):
        reply = await ann.post(target, form, headers)
        assert reply.status == 303
        assert is_here(reply.location)


DOUBLE = {
    "two slashes": "//evil.example",
    "two slashes and a page of ours": "//evil.example/settings",
    "two slashes before a page": "//settings",
    "two slashes within": "/entries//new",
    "an encoded slash": "/%2fevil.example",
    "a backslash": "/%5cevil.example",
    "a trailing slash": "/settings/",
    "two trailing slashes": "/settings//",
    "dot segments": "/x/..//evil.example",
    "an @": "/@evil.example",
    "a line break": "/%0d%0aLocation:%20//evil.example",
}


@each("path", DOUBLE)
async def test_no_path_is_tidied_up_by_a_redirect(ann: Browser, path: str) -> None:
    """404 or the page itself: the framework sends nobody to an address that it makes from the Host header."""
    for browser in (ann, Browser(ann.app)):
        reply = await browser.get(path)
        assert reply.status in (200, 404) or reply.location.startswith("/login?next=/settings")
        assert "evil" not in reply.location


async def test_every_redirect_of_every_route_is_a_path(ann: Browser) -> None:
    """Location and HX-Redirect begin with one slash, on each route and method, signed in and signed out."""
    uid = (await ann.writes("words", day="2024-05-31")).rpartition("/")[2]
    headers = [("X-Forwarded-Host", "evil.example"), ("Referer", "https://evil.example/")]
    seen = 0
    for rule in rules(ann.app):
        for method in sorted((rule.methods or set()) - {"OPTIONS"}):
            for extra in ([], [("HX-Request", "true")], [("HX-Request", "true"), ("HX-Boosted", "true")]):
                for browser in (ann.copied(), Browser(ann.app)):
                    path = path_of(rule, uid, "2024-05-31") + "?next=//evil.example&day=2024-05-31"
                    reply = await browser.ask(method, path, {"next": "//evil.example"}, [*headers, *extra])
                    for name in ("Location", "HX-Redirect", "HX-Location", "HX-Push-Url", "Refresh"):
                        target = reply.headers.get(name, "/")
                        assert is_here(target), (method, path, target)
                        seen += name in reply.headers
    assert seen > 10


async def test_no_script_follows_what_the_address_says(app: Quart) -> None:
    """None of our scripts reads the query or the fragment of the page, to go there or to show it."""
    for name, file in app.extensions["assets"].files.items():
        if name.startswith("js/"):
            script = file.body.decode()
            for word in ("location.search", "location.hash", "searchParams.get", "referrer", "eval("):
                assert word not in script, (name, word)
            for word in ("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "srcdoc"):
                assert word not in script, (name, word)
