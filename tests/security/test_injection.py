"""Injection: hostile text in every field, looked for in every place where it appears."""

import logging
import re
import sys
import uuid
from collections import Counter
from datetime import timedelta
from html import unescape
from html.parser import HTMLParser
from typing import Any
from urllib.parse import quote

import pytest
from quart import Quart

from journal import clock
from journal.accounts.models import User
from journal.entries.models import Entry
from journal.sessions import security_log
from journal.web.request_log import OneLineFormatter
from tests.security.asking import PASSWORD, Browser, Reply, registered
from tests.security.cases import each
from tests.security.conftest import number

pytestmark = pytest.mark.slow

THEME = "Injection"
DAY = "2024-05-31"

HOSTILE: dict[str, str] = {
    "a script": "<script>alert(1)</script>",
    "a script in other letters": "<ScRiPt>alert(1)</sCrIpT>",
    "a script over lines": "<script\n>alert(1)</script\n>",
    "a script that ends another": "</script><script>alert(1)</script>",
    "out of the title": "</title><script>alert(1)</script>",
    "out of a textarea": "</textarea><script>alert(1)</script>",
    "out of an attribute": '"><script>alert(1)</script>',
    "out of an attribute with a handler": '" onfocus="alert(1)" autofocus="',
    "out of single quotes": "' onfocus='alert(1)' autofocus='",
    "out of no quotes": "x onfocus=alert(1) autofocus",
    "out of a comment": "--><script>alert(1)</script><!--",
    "out of CDATA": "]]><script>alert(1)</script>",
    "an image": "<img src=x onerror=alert(1)>",
    "an image with slashes": "<img/src=x/onerror=alert(1)>",
    "an open image": "<img src=x onerror=alert(1)",
    "a vector image": "<svg onload=alert(1)>",
    "a vector image with a link": "<svg><a xlink:href='javascript:alert(1)'>x</a></svg>",
    "mathematics": "<math><mi//xlink:href='data:x,<script>alert(1)</script>'>",
    "a frame": "<iframe src=javascript:alert(1)></iframe>",
    "a frame with a document": "<iframe srcdoc='&lt;script&gt;alert(1)&lt;/script&gt;'></iframe>",
    "a form": "<form action=https://evil.example><input name=password>",
    "a button with an action": "<button formaction=https://evil.example>x</button>",
    "a base": "<base href=https://evil.example>",
    "a refresh": "<meta http-equiv=refresh content='0;url=https://evil.example'>",
    "a style sheet": "<link rel=stylesheet href=https://evil.example/x.css>",
    "a style": "<style>*{background:url(https://evil.example)}</style>",
    "an object": "<object data=javascript:alert(1)></object>",
    "htmx": '<div hx-get="https://evil.example" hx-trigger="load"></div>',
    "htmx by data": '<div data-hx-on:load="alert(1)" data-hx-get="/x"></div>',
    "a template": "<template><script>alert(1)</script></template>",
    "a title that mutates": "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>",
    "entities": "&lt;script&gt;alert(1)&lt;/script&gt;",
    "entities twice": "&amp;lt;script&amp;gt;",
    "entities without a semicolon": "&lt&#60&#x3cscript&gt",
    "a NUL in a tag": "<scr\0ipt>alert(1)</script>",
    "overlong letters": "＜script＞alert(1)＜/script＞",
    "UTF-7": "+ADw-script+AD4-alert(1)+ADw-/script+AD4-",
    "back ticks": "`onmouseover=alert(1)`",
    "a right-to-left override": "\u202e<script>\u202c",
    "a template of Jinja": "{{1337*7331}}{% for x in ().__class__.__mro__ %}x{% endfor %}",
    "a template's config": "{{config}}{{self.__init__.__globals__}}{{cycler}}{{url_for.__globals__}}",
    "templates of others": "${1337*7331}#{1337*7331}<%= 1337*7331 %>{{=1337*7331}}@(1337*7331)",
    "a format string": "%s%s%n%(user)s{user.password_hash}{0.__class__}",
    "SQL": "'; DROP TABLE entries; --",
    "JSON": '"},"is_admin":true,{"x":"',
    "a shell's": "$(id)`id`|id;id&&id",
    "a spreadsheet's": "=cmd|' /C calc'!A0",
    "a path": "../../../../etc/passwd",
}


class Skeleton(HTMLParser):
    """The tags and attributes of a page, without the words."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: Counter[str] = Counter()
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags[f"{tag} {sorted(name for name, _ in attrs)}"] += 1

    def handle_comment(self, data: str) -> None:
        self.tags["comment"] += 1

    def unknown_decl(self, data: str) -> None:
        self.tags["declaration"] += 1


async def pages_with(browser: Browser, text: str) -> dict[str, str]:
    """Every page on which an entry's title, tags and body appear, for this text in all three."""
    fields = {"title": text[:300], "tags": text.replace(",", " ")[:60], "body": "Plain words", "day": DAY}
    path = await browser.writes(**fields)
    shown = ["/", path, f"{path}/edit", f"{path}/revisions", f"/days/{DAY}"]
    pages = {name: (await browser.get(name)).text for name in shown}
    pages = {name.replace(path, "/entry"): page for name, page in pages.items()}
    other = await browser.writes("Plain words", title="beside", day=DAY)
    pages["beside"] = (await browser.get(other)).text
    await browser.post(f"{other}/deletion")
    conflict = {**fields, "body": "Other words", "version": "0", "save": str(uuid.uuid4())}
    pages["conflict"] = (await browser.post(path, conflict)).text
    pages["conflict for htmx"] = (await browser.post(path, conflict, [("HX-Request", "true")])).text
    pages["refused"] = (await browser.post(path, {**fields, "day": "never", "version": "1"})).text
    pages["other owner"] = (await browser.post(path, {**fields, "owner": "0"})).text
    pages["signed out"] = (await Browser(browser.app).post(path, fields)).text
    kept = {f"kept.{name}": value for name, value in fields.items()} | {"kept.path": path}
    credentials = {"username": browser.name, "password": PASSWORD}
    wrong = {**kept, **credentials, "password": "wrong wrong"}
    pages["signed in wrongly"] = (await Browser(browser.app).post("/login", wrong)).text
    pages["signed in again"] = (await Browser(browser.app).post("/login", {**kept, **credentials})).text
    await browser.post(f"{path}/deletion")
    pages["bin"] = (await browser.get("/bin")).text
    pages["deleted"] = (await browser.get(path)).text
    return pages


@pytest.fixture(scope="module")
async def plain(app: Quart) -> dict[str, Counter[str]]:
    """What the pages are made of when nobody means harm."""
    pages = await pages_with(await registered(app, f"Plain{next(number)}"), "Harmless")
    return {name: Skeleton(page).tags for name, page in pages.items()}


@each("text", HOSTILE)
@pytest.mark.engine("sqlite")
async def test_a_hostile_title_or_tag_is_text_wherever_it_appears(
    ann: Browser, plain: dict[str, Counter[str]], text: str, untried: None
) -> None:
    """The very tags and attributes that the page has with harmless words, on fifteen pages."""
    pages = await pages_with(ann, text)
    assert len(pages) >= 15
    for name, page in pages.items():
        assert Skeleton(page).tags == plain[name], name
        assert "9801547" not in page, "1337 * 7331: something has calculated"
        assert "SECRET_KEY" not in page
    visible = " ".join(text.replace("\0", "\ufffd").split())
    assert visible in unescape(pages["/entry"])


def test_the_measure_itself_sees_a_tag_an_attribute_and_a_comment() -> None:
    """The control."""
    harmless = Skeleton('<p title="x">y</p>').tags
    for page in ('<p title="x" onfocus="z">y</p>', '<p title="x"><b>y</b></p>', '<p title="x">y</p><!-- -->'):
        assert Skeleton(page).tags != harmless


# In the text itself, which is Markdown

MARKDOWN: dict[str, str] = {
    **HOSTILE,
    "a link to a script": "[x](javascript:alert(1))",
    "a link in other letters": "[x](JaVaScRiPt:alert(1))",
    "a link with entities": "[x](&#106;avascript:alert(1))",
    "a link with a tab": "[x](java&Tab;script:alert(1))",
    "a link with a line break": "[x](java\nscript:alert(1))",
    "a link with a control character": "[x](\x01javascript:alert(1))",
    "a link to data": "[x](data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==)",
    "a link to vbscript": "[x](vbscript:msgbox(1))",
    "a link to a file": "[x](file:///etc/passwd)",
    "a link without a scheme": "[x](//evil.example)",
    "a link to a page that signs out": "[x](/logout)",
    "a link out of its attribute": '[x](https://a.example/"onmouseover="alert(1))',
    "a link's title": '[x](https://a.example "\\" onmouseover=alert(1) x=\\"")',
    "a link by reference": "[x][1]\n\n[1]: javascript:alert(1)",
    "an address in brackets": "<javascript:alert(1)>",
    "a bare address": 'javascript:alert(1) https://a.example/"><script>alert(1)</script>',
    "an image of a script": "![x](javascript:alert(1))",
    "an image from elsewhere": "![x](https://evil.example/pixel.gif)",
    "an image out of its attribute": '![x" onerror="alert(1)](https://a.example/x.png)',
    "an image of a page": "![x](/logout)",
    "code": "```html\n<script>alert(1)</script>\n```",
    "code with a language": '```"><script>alert(1)</script>\nx\n```',
    "code in a line": "`<script>alert(1)</script>`",
    "a table": "|<img src=x onerror=alert(1)>|\n|-|\n|<script>alert(1)</script>|",
    "a table with a style": "|a|\n|:-: style=x|\n|b|",
    "a footnote": '[^"><script>alert(1)</script>]\n\n[^"><script>alert(1)</script>]: x',
    "a footnote with an id of the page's": "[^main]\n\n[^main]: x",
    "a heading with an id": '# x {#main onclick="alert(1)"}',
    "a task list": '- [ ] <input onfocus=alert(1) autofocus>\n- [x] "><script>',
    "a definition": "[a]: https://a.example 'x' onclick=alert(1)\n\n[a]",
    "a thousand brackets": "[" * 1000 + "x" + "](javascript:alert(1))" * 1000,
    "a thousand quotes": ">" * 1000 + "<script>alert(1)</script>",
}
ALLOWED = {"p", "br", "hr", "em", "strong", "s", "code", "pre", "blockquote", "ul", "ol", "li", "a", "img"}
ALLOWED |= {"h3", "h4", "h5", "h6", "table", "thead", "tbody", "tr", "th", "td", "sup", "section", "input"}
ATTRIBUTES = {"dir", "href", "rel", "title", "id", "class", "start", "align", "src", "alt", "type", "checked"}
ATTRIBUTES |= {"disabled", "aria-label"}


class Prose(HTMLParser):
    """What in a rendered text is not on the list."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.bad: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in ALLOWED:
            self.bad.append(tag)
        for name, value in attrs:
            if name not in ATTRIBUTES:
                self.bad.append(f"{tag} {name}")
            if name in ("href", "src") and not re.match(
                r"https?://[^/]|mailto:[^/]|/attachments/|#fn", value or ""
            ):
                self.bad.append(f"{tag} {name}={value}")
            if name == "src" and not (value or "").startswith("/attachments/"):
                self.bad.append(f"{tag} {name}={value}")
            if name == "id" and not (value or "").startswith("fn"):
                self.bad.append(f"{tag} {name}={value}")


def proses(page: str) -> list[str]:
    """The rendered texts of a page: they end where the article's parts do."""
    return re.findall(r'<div class="prose"[^>]*>(.*?)</div>', page, re.DOTALL)


@each("body", MARKDOWN)
@pytest.mark.engine("sqlite")
async def test_a_hostile_text_is_words_and_our_own_few_tags(ann: Browser, body: str) -> None:
    """Only listed tags and attributes, links to http, https, mailto and attachments alone, and in the editor
    the very letters that were typed."""
    path = await ann.writes(body, day=DAY)
    for name in ("/", path, f"/days/{DAY}"):
        page = (await ann.get(name)).text
        found = proses(page)
        assert len(found) == 1, name
        assert not Prose(found[0]).bad, name
        assert "hx-disable" in page.partition('class="prose"')[2][:60]
    html = (await Entry.get(uid=path.rpartition("/")[2])).html
    assert not Prose(html).bad
    editor = (await ann.get(f"{path}/edit")).text
    typed = unescape(re.findall(r"<textarea[^>]*>\n(.*?)</textarea>", editor, re.DOTALL)[0])
    assert typed == body.replace("\0", "\ufffd").replace("\r\n", "\n")


async def test_a_link_that_leads_outside_tells_nobody_where_it_was(ann: Browser) -> None:
    """rel with noopener, noreferrer and nofollow; pictures from elsewhere are links, so nothing is loaded."""
    page = (await ann.get(await ann.writes("[x](https://a.example) ![y](https://b.example/p.gif)"))).text
    prose = proses(page)[0]
    assert prose.count('rel="noopener noreferrer nofollow"') == 2
    assert "<img" not in prose


# Names and addresses of people


def shown(reply: Reply) -> Counter[str]:
    return Skeleton(reply.text).tags


@each("text", {name: text for name, text in HOSTILE.items() if len(text) <= 80})
async def test_a_hostile_name_or_address_is_text_or_refused(ann: Browser, text: str, untried: None) -> None:
    """422, or a name like any other: pages have the tags that they have with harmless ones."""
    address = f"x{next(number)}@example.org"
    usual = shown(await ann.get("/settings"))
    for hostile, harmless in (
        ({"username": text, "email": address}, {"username": "a@b", "email": address}),
        ({"username": ann.name, "email": f"{text}@x"}, {"username": ann.name, "email": "nonsense"}),
    ):
        refused = await ann.post("/settings/account", {**harmless, "password": PASSWORD})
        reply = await ann.post("/settings/account", {**hostile, "password": PASSWORD})
        assert (refused.status, reply.status in (303, 422)) == (422, True)
        if reply.status == 303:
            assert shown(await ann.get("/settings")) == usual
        else:
            assert shown(reply) == shown(refused)
        assert "9801547" not in reply.text
    harmless_try = await Browser(ann.app).sign_in("nobody", "x")
    assert shown(await Browser(ann.app).sign_in(text, "x")) == shown(harmless_try)


async def test_what_is_noted_of_an_account_is_shown_as_text(ann: Browser) -> None:
    """Escaped: even a detail that somebody managed to write there."""
    when = clock.now() - timedelta(minutes=5)
    await security_log.note(ann.id, "refresh refused", "<b>1.2.3.4</b>", when, "<script>alert(1)</script>")
    page = (await ann.get("/settings/security")).text
    assert "<script>alert" not in page
    assert "<b>1.2.3.4" not in page


# Every parameter of every page

PARAMETERS = ("before", "deleted", "day", "next", "saved", "show", "replaced", "q", "zone")
REFLECTED = ("a script", "out of an attribute", "out of an attribute with a handler", "a template of Jinja")
REFLECTED += ("templates of others", "a vector image", "a NUL in a tag", "a right-to-left override")


@each("text", {name: HOSTILE[name] for name in REFLECTED})
async def test_no_parameter_comes_back_as_markup(ann: Browser, text: str) -> None:
    """The page without it, the page with it as text, or 400 and 404: never a tag, never a calculation."""
    path = await ann.writes("words", day=DAY)
    for target in (
        "/",
        "/login",
        "/register",
        "/settings",
        "/entries/new",
        path,
        f"{path}/revisions",
        "/nothing",
    ):
        for browser in (ann, Browser(ann.app)):
            for name in PARAMETERS:
                reply = await browser.get(f"{target}?{name}={quote(text)}")
                harmless = await browser.get(f"{target}?{name}=harmless")
                assert reply.status == harmless.status
                assert shown(reply) == shown(harmless)
                assert "9801547" not in reply.text


@each("text", {name: HOSTILE[name] for name in REFLECTED})
@pytest.mark.engine("sqlite")
async def test_no_path_comes_back_as_markup(ann: Browser, text: str) -> None:
    """404 with a sentence that names nothing."""
    for path in ("/", "/days/", "/entries/", "/static/"):
        reply = await ann.get(f"{path}{quote(text)}")
        assert reply.status == 404
        assert "<script>alert" not in reply.text
        assert "alert(1)" not in reply.text


# SQL

SQL: dict[str, str] = {
    "a quotation mark": "'",
    "two": '"',
    "a comment": "' --",
    "always true": "' OR '1'='1",
    "always true with numbers": "1 OR 1=1",
    "a union": "' UNION SELECT id, password_hash, 1, 1, 1, 1, 1, 1 FROM users --",
    "a second statement": "'; DROP TABLE users; --",
    "an update": "'; UPDATE users SET is_admin = true; --",
    "a pause": "'; SELECT pg_sleep(5); --",
    "a pause of SQLite": "' AND 1=randomblob(500000000) --",
    "a wildcard": "%",
    "wildcards": "_%' ESCAPE '",
    "a parameter of SQLite": "?",
    "a parameter of PostgreSQL": "$1",
    "a parameter by name": ":id",
    "a back tick": "`",
    "a backslash": "\\'",
    "a dollar quote": "$$; DROP TABLE users; $$",
    "letters that become a quotation mark": "ʼ OR 1=1",
    "a NUL": "'\0",
    "a NUL behind a comment": "--\0",
    "hexadecimal": "0x27204f5220313d31",
    "a cast": "1::text",
    "a file": "'; ATTACH DATABASE '/tmp/x' AS x; --",
}


@each("text", SQL)
async def test_sql_is_text_in_every_input(ann: Browser, text: str, untried: None) -> None:
    """Kept, refused or not found, soon: never a 500, never another row, and all tables are there."""
    people, mine = await User.all().count(), await Entry.filter(user_id=ann.id).count()
    asked = quote(text)
    for path in (
        f"/?before={asked}",
        f"/?before={DAY}.{asked}",
        f"/?before={asked}.6f1b5a52-0000-4000-8000-000000000001",
        f"/?deleted={asked}",
        f"/days/{asked}",
        f"/entries/{asked}",
        f"/entries/new?day={asked}",
        f"/settings?saved={asked}",
        f"/login?next={asked}",
    ):
        assert (await ann.get(path)).status in (200, 303, 400, 404), path
    assert (await Browser(ann.app).sign_in(text, text)).status == 422
    assert (await Browser(ann.app).sign_in(ann.name, text)).status == 422
    assert (await ann.post("/settings", {"zone": text, "theme": text})).status == 422
    entry = {"title": text, "body": f"{text} and words", "tags": text}
    path = await ann.writes(**entry)
    for field in ("day", "mood", "version", "save", "after", "owner"):
        assert (await ann.post(path, {**entry, "version": "1", field: text})).status in (409, 422), field
    assert (await ann.post(path, {**entry, "version": "1", "kind": text})).status == 303
    kept = await Entry.get(uid=path.rpartition("/")[2])
    assert kept.title == " ".join(text.replace("\0", "\ufffd").split())
    assert await User.all().count() == people
    assert await User.filter(is_admin=True).count() == 1
    assert await Entry.filter(user_id=ann.id).count() == mine + 1


@each("text", {name: HOSTILE[name] for name in ("a script over lines", "a right-to-left override")})
def test_a_line_break_in_a_message_or_an_exception_makes_no_line_of_the_log(text: str) -> None:
    """Written as \\n, and the lines of a traceback are set off from those of the log."""
    try:
        raise ValueError(f"{text}\n[2026-01-01] INFO in gate: FORGED\x1b[2J")
    except ValueError:
        failed = sys.exc_info()
    record = logging.LogRecord("journal", logging.ERROR, __file__, 1, "asked for %s\nFORGED", (text,), failed)
    first, *rest = OneLineFormatter().format(record).splitlines()
    assert first.isprintable()
    assert len(rest) > 2
    assert all(line.startswith("    ") for line in rest)


async def test_a_statement_quotes_no_value_of_anybodys(ann: Browser, caplog: Any) -> None:
    """Nothing that was typed is in the log, at the level that the site runs at."""
    caplog.set_level("INFO")
    secret = "Zyx-not-in-the-log"
    await ann.writes(f"{secret} '", title=f"{secret} '", tags=f"{secret}'")
    await ann.get(f"/?before={secret}")
    await ann.post("/settings", {"zone": secret, "theme": secret})
    await Browser(ann.app).sign_in(secret, secret)
    assert secret not in caplog.text
