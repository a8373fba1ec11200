"""What every answer says to the browser that shows it, and what an error page does not say to anybody."""

import asyncio
import re
from html.parser import HTMLParser
from typing import Any
from urllib.parse import quote

import pytest
from quart import Quart

from journal.web.headers import POLICY
from tests.security.asking import PASSWORD, Browser, Reply, ask, registered
from tests.security.cases import each
from tests.security.pages import STANDARD, path_of, private_paths, rules

# Headers, addresses and markup are the same on any engine.
pytestmark = pytest.mark.engine("sqlite")

THEME = "Pages, headers and errors"
SPECIFIED = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; "
    "connect-src 'self'; font-src 'self'; manifest-src 'self'; worker-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'"
)
TELLING = re.compile(
    r"quart|werkzeug|flask|hypercorn|python|tortoise|jinja|sqlite|postgres|asyncpg|aiosqlite|traceback|"
    r"site-packages|/srv/|/tmp/|/home/|\.py\b|select |insert |line \d+|exception|0x[0-9a-f]{6}",
    re.IGNORECASE,
)


async def every_answer(ann: Browser) -> list[tuple[str, Reply]]:
    """Each page there is, signed in and out, for htmx and not, with errors of each kind."""
    paths = [
        *await private_paths(ann),
        "/login",
        "/register",
        "/nothing",
        "/healthz",
        "/readyz",
        "/favicon.ico",
    ]
    paths += ["/static/nothing.css", "/days/2024-02-30", "/?before=x", "/entries/new?day=x"]
    paths += [f"/static/{name}" for name in ann.app.extensions["assets"].files]
    answers = []
    for browser in (ann, Browser(ann.app)):
        for path in paths:
            for headers in ([], [("HX-Request", "true")]):
                answers.append((path, await browser.get(path, headers)))
    outside = await ask(ann.app, "GET", "/", [("Host", "evil.example")])
    elsewhere = await ann.post("/entries", {"body": "x"}, [("Sec-Fetch-Site", "cross-site")])
    wrong = await ann.ask("PATCH", "/settings")
    large = await ann.post("/entries", b"body=" + b"a" * 5_000_000)
    unreadable = await ask(ann.app, "GET", "x", [("Host", "localhost")])
    answers += [
        ("host", outside),
        ("origin", elsewhere),
        ("405", wrong),
        ("413", large),
        ("path", unreadable),
    ]
    return answers


@pytest.fixture(scope="module")
async def answers(app: Quart) -> list[tuple[str, Reply]]:
    return await every_answer(await registered(app, "Reader"))


HEADERS = {
    "Content-Security-Policy": SPECIFIED,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}


@each("name", {name: name for name in HEADERS})
async def test_every_answer_carries_the_header(answers: list[tuple[str, Reply]], name: str) -> None:
    """The very value of the specification, once: on pages, files, probes, redirects and errors."""
    assert len(answers) > 60
    for path, reply in answers:
        assert reply.headers.getlist(name) == [HEADERS[name]], (path, reply.status)


def test_the_policy_is_the_one_that_was_specified() -> None:
    """Word for word: no unsafe-inline, no unsafe-eval, no other host, nothing to be framed by."""
    assert POLICY == SPECIFIED
    assert "unsafe" not in POLICY
    assert "*" not in POLICY
    assert "http" not in POLICY


async def test_in_production_every_answer_asks_for_https(ann_outside: Browser) -> None:
    """Strict-Transport-Security for a year, also on errors; not in development."""
    for path in ("/", "/settings", "/nothing", "/login", "/healthz"):
        assert (await ann_outside.get(path)).headers["Strict-Transport-Security"] == "max-age=31536000"


async def test_in_development_no_answer_asks_for_https(answers: list[tuple[str, Reply]]) -> None:
    """No Strict-Transport-Security, which would lock localhost up for a year."""
    assert not [path for path, reply in answers if "Strict-Transport-Security" in reply.headers]


async def test_every_answer_says_what_it_is(answers: list[tuple[str, Reply]]) -> None:
    """A Content-Type, and for text a charset, so that nothing is left to be guessed."""
    for path, reply in answers:
        if reply.body:
            kind = reply.headers["Content-Type"]
            is_binary = (
                kind.startswith("image/") or kind == "application/json"
            )  # which is UTF-8 by definition
            assert "charset=utf-8" in kind or is_binary, (path, kind)


async def test_no_answer_names_what_it_is_made_with(answers: list[tuple[str, Reply]]) -> None:
    """No Server, no X-Powered-By, no version."""
    for _, reply in answers:
        assert not {name.lower() for name, _ in reply.headers} & {
            "server",
            "x-powered-by",
            "via",
            "x-version-id",
        }


class Inline(HTMLParser):
    """Scripts, styles and handlers that stand in the page itself."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self._inside = ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._inside = tag if tag in ("script", "style") else ""
        for name, value in attrs:
            address = re.sub(r"[\s\x00-\x20]", "", value or "").lower()
            if name == "style" or name.startswith(("on", "hx-on", "hx-vals", "hx-vars", "data-hx-")):
                self.found.append(f"{tag} {name}")
            if name in ("href", "src", "action", "formaction") and not address.startswith(
                ("/", "#", "data:,")
            ):
                self.found.append(f"{tag} {name}={value}")
        if tag in ("iframe", "object", "embed", "base", "applet"):
            self.found.append(tag)

    def handle_data(self, data: str) -> None:
        if self._inside and data.strip():
            self.found.append(f"{self._inside}: {data[:40]}")


async def test_no_page_holds_a_script_a_style_or_a_handler_of_its_own(
    answers: list[tuple[str, Reply]],
) -> None:
    """None, and no address that leads elsewhere: the policy would stop it, but nothing asks it to."""
    for path, reply in answers:
        if reply.headers.get("Content-Type", "").startswith("text/html"):
            assert not Inline(reply.text).found, path


def test_the_measure_itself_sees_what_is_inline() -> None:
    """The control."""
    for page in (
        "<script>x</script>",
        "<p onclick=x>",
        '<p style="x">',
        '<a href="javascript:x">',
        "<style>x</style>",
    ):
        assert Inline(page).found


async def test_htmx_is_told_to_evaluate_nothing(answers: list[tuple[str, Reply]]) -> None:
    """allowEval and allowScriptTags off, selfRequestsOnly on, no history in web storage: on every page."""
    pages = [reply.text for _, reply in answers if "<html" in reply.text[:200].lower()]
    assert len(pages) > 20
    for page in pages:
        config = re.findall(r"""<meta name="htmx-config" content='([^']*)'>""", page)[0]
        for setting in ('"allowEval":false', '"allowScriptTags":false', '"selfRequestsOnly":true'):
            assert setting in config
        assert '"historyCacheSize":0' in config


# Errors


async def test_no_error_page_tells_anything_of_the_inside(answers: list[tuple[str, Reply]]) -> None:
    """A sentence: no version, no path, no traceback, no SQL, whatever was wrong."""
    refusals = [(path, reply) for path, reply in answers if reply.status >= 400]
    assert {reply.status for _, reply in refusals} >= {400, 401, 403, 404, 405, 413}
    for path, reply in refusals:
        text = re.sub(r"<meta[^>]*>|<link[^>]*>|<script[^>]*>", "", reply.text)
        assert not TELLING.search(text), (path, TELLING.findall(text))


RAISED: dict[str, Exception] = {
    "SQL": ValueError("SELECT password_hash FROM users WHERE id = 1"),
    "a path": FileNotFoundError(2, "No such file", "/home/journal/.env"),
    "a key": KeyError("SECRET_KEY=kkkkkkkkkkkkkkkk"),
    "HTML": RuntimeError("<script>alert(1)</script>"),
    "no memory": MemoryError(),
    "too deep": RecursionError("maximum recursion depth exceeded"),
    "no UTF-8": UnicodeDecodeError("utf-8", b"\xff", 0, 1, "invalid start byte"),
    "a time-out": TimeoutError("asyncpg"),
}


@each("error", RAISED)
async def test_what_goes_wrong_inside_stays_inside(ann: Browser, error: Exception, monkeypatch: Any) -> None:
    """500 with a sentence and a number for the host, on a page, for htmx and at a write."""

    async def failing() -> None:
        raise error

    monkeypatch.setitem(ann.app.view_functions, "accounts.settings_page", failing)
    monkeypatch.setitem(ann.app.view_functions, "accounts.settings", failing)
    for reply in (
        await ann.get("/settings"),
        await ann.get("/settings", [("HX-Request", "true")]),
        await ann.post("/settings", {"zone": "UTC"}),
    ):
        assert reply.status == 500
        text = re.sub(r"<meta[^>]*>|<link[^>]*>|<script[^>]*>", "", reply.text)
        assert not TELLING.search(text), TELLING.findall(text)
        assert "alert(1)" not in text
        assert "SECRET" not in text
        assert reply.headers["Cache-Control"] == "no-store"
        assert reply.headers["Content-Security-Policy"] == SPECIFIED


DEBUGGING = [
    "/console",
    "/__debugger__",
    "/?__debugger__=yes&cmd=resource&f=style.css",
    "/.env",
    "/.git/config",
]
DEBUGGING += ["/server-status", "/metrics", "/debug", "/admin", "/openapi.json", "/docs", "/.well-known/x"]
DEBUGGING += ["/hypercorn.toml", "/data/journal.sqlite3", "/journal.sqlite3", "/backup", "/static/../.env"]


@each("path", {path: path for path in DEBUGGING})
async def test_there_is_nothing_to_debug_with(visitor: Browser, path: str) -> None:
    """404, or the page without it."""
    reply = await visitor.get(path)
    assert reply.status == (200 if path.startswith("/?") else 404)
    assert "SECRET_KEY" not in reply.text


OUTSIDE = [
    "../.env",
    "../../etc/passwd",
    "..%2f..%2fetc%2fpasswd",
    "%2e%2e/%2e%2e/etc/passwd",
    "..%252f..%252fetc%252fpasswd",
    "..%5c..%5cetc%5cpasswd",
    "....//....//etc/passwd",
    "..;/..;/etc/passwd",
    "%c0%ae%c0%ae/%c0%ae%c0%ae/etc/passwd",
    "..%c0%af..%c0%afetc/passwd",
    "%e2%80%a5/%e2%80%a5/etc/passwd",
    "/etc/passwd",
    "//etc/passwd",
    "file:///etc/passwd",
    "css/../../journal/settings.py",
    "js/%00.js",
    "css/journal.css%00.js",
    "C:%5cwindows%5cwin.ini",
    ".",
    "..",
    "",
    "~root",
    "css",
    "css/",
    "css/journal.css",
    "a" * 5000,
]


@each("path", {path[:40] or "nothing": path for path in OUTSIDE})
async def test_only_our_own_files_are_served(visitor: Browser, path: str) -> None:
    """404: a name is looked up among those that were read at the start, never on the disk."""
    reply = await visitor.get(f"/static/{path}")
    assert reply.status == 404
    assert "root:" not in reply.text


# Header injection


BREAKS = {
    "CRLF": "x\r\nX-Injected: yes",
    "LF": "x\nX-Injected: yes",
    "CR": "x\rX-Injected: yes",
    "encoded twice": "x%0d%0aX-Injected: yes",
    "CRLF and a body": "x\r\n\r\n<script>alert(1)</script>",
    "a line separator": "x\u2028X-Injected: yes",
    "a next line": "x\u0085X-Injected: yes",
    "letters whose last byte is a line break": "x嘊嘍X-Injected: yes",
    "a NUL": "x\0X-Injected: yes",
}


def is_whole(reply: Reply) -> bool:
    names = {name.lower() for name, _ in reply.headers}
    values = "".join(value for _, value in reply.headers)
    return "x-injected" not in names and not re.search(r"[\r\n\0]", values)


@each("text", BREAKS)
async def test_no_line_break_reaches_a_header_by_the_address(ann: Browser, text: str) -> None:
    """Each parameter of each redirect is encoded or refused."""
    for name in ("next", "day", "before", "deleted", "saved", "show", "replaced"):
        for path in ("/", "/login", "/settings", "/entries/new"):
            for browser in (ann, Browser(ann.app)):
                reply = await browser.get(f"{path}?{name}={quote(text)}")
                assert reply.status in (200, 303, 400, 404)
                assert is_whole(reply)


@each("text", BREAKS)
async def test_no_line_break_reaches_a_header_by_a_form(ann: Browser, text: str) -> None:
    """Name, e-mail, day, title, tags, mood and save: written, refused, never an answer of their own."""
    form = {
        "title": text,
        "tags": text,
        "body": text,
        "save": text,
        "mood": text,
        "day": text,
        "version": "0",
    }
    assert is_whole(await ann.post("/entries", form))
    assert is_whole(await ann.post("/entries", {"title": text, "tags": text, "body": text}))
    assert is_whole(await ann.post("/settings", {"zone": text, "theme": text}))
    assert is_whole(await ann.post("/register", {"username": text, "email": text, "password": PASSWORD}))
    assert is_whole(await ann.post("/login", {"username": text, "password": text, "next": text}))


@each("text", BREAKS)
async def test_no_line_break_reaches_a_header_by_a_path(ann: Browser, text: str) -> None:
    """404, or the sign-in page with the path encoded."""
    for browser in (ann, Browser(ann.app)):
        for path in (
            f"/{quote(text)}",
            f"/days/{quote(text)}",
            f"/entries/{quote(text)}",
            f"/static/{quote(text)}",
        ):
            assert is_whole(await browser.get(path))


async def test_every_route_refuses_the_methods_that_it_has_not(ann: Browser) -> None:
    """405 with Allow, which names what there is."""
    uid = (await ann.writes("words", day="2024-05-31")).rpartition("/")[2]
    allowed: dict[str, set[str]] = {}
    for rule in rules(ann.app):
        allowed.setdefault(path_of(rule, uid, "2024-05-31"), set()).update(rule.methods or ())
    allowed["/tags/known"].add("POST")  # a tag may be called so, and renamed
    for path, methods in allowed.items():
        for method in {*STANDARD, "TRACE", "CONNECT", "PROPFIND", "FOO"} - methods:
            reply = await ann.ask(method, path)
            assert reply.status == 405, (method, path)
            assert set(re.split(r",\s*", reply.headers["Allow"])) == methods


async def test_a_trace_gives_no_cookies_away(ann: Browser) -> None:
    """405, and nothing of the request in the answer."""
    reply = await ann.ask("TRACE", "/", None, [("X-Secret", "abcdefgh")])
    assert reply.status == 405
    assert b"abcdefgh" not in reply.body
    assert ann.access.encode() not in reply.body


async def test_twenty_kinds_of_errors_at_once_are_twenty_answers(ann: Browser) -> None:
    """Each its own: no error of one request shows in the answer to another."""
    replies = await asyncio.gather(*(ann.get(f"/nothing{n}?secret={n}") for n in range(20)))
    assert [reply.status for reply in replies] == [404] * 20
    assert not [reply for reply in replies if "secret" in reply.text or "nothing1" in reply.text]
