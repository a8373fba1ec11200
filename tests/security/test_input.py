"""Input: bytes that are no text, forms without end, and what costs the server more than the sender."""

import asyncio
import gzip
import random
import time
import uuid
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from quart import Quart

from journal.entries.models import Entry
from journal.web.body_limit import MAX_BODY, MAX_FIELDS, BodyLimit
from tests.security.asking import FORM, PASSWORD, Browser, Reply, ask, multipart
from tests.security.cases import each
from tests.security.conftest import number

pytestmark = pytest.mark.slow

THEME = "Input and resources"
BROKEN = {
    "lone bytes": b"\xff\xfe\x80",
    "half a letter": b"\xc3",
    "an overlong slash": b"\xc0\xaf",
    "an overlong NUL": b"\xc0\x80",
    "a surrogate": b"\xed\xa0\x80",
    "both surrogates": b"\xed\xa0\xbd\xed\xb8\x80",
    "beyond the last letter": b"\xf4\x90\x80\x80",
    "five bytes": b"\xf8\x88\x80\x80\x80",
    "UTF-16": "words".encode("utf-16"),
    "Latin-1": "été".encode("latin-1"),
    "a NUL": b"a\0b",
    "control characters": bytes(range(1, 32)),
    "a letter that is none": "\ufffe\uffff".encode(),
}
FIELDS = ("title", "body", "tags", "mood", "day", "version", "save", "after", "owner", "kind")


def clean(reply: Reply) -> bool:
    """Whether it is an answer like any other, and text."""
    reply.body.decode()
    return reply.status < 500


@each("raw", BROKEN)
async def test_bytes_that_are_no_text_in_an_address(ann: Browser, raw: bytes) -> None:
    """200, 303, 400 or 404: in a path, in a parameter and in its name, encoded or not."""
    encoded = quote(raw)
    for browser in (ann, Browser(ann.app)):
        for path in ("/", "/days/", "/entries/", "/static/", f"/entries/{uuid.uuid4()}/", "/settings/"):
            assert clean(await browser.get(f"{path}{encoded}")), path
        for path in ("/", "/login", "/settings", "/entries/new"):
            for name in ("before", "day", "next", "deleted", "saved", encoded):
                assert clean(await browser.get(f"{path}?{name}={encoded}")), (path, name)
        assert clean(await browser.get(b"/?before=" + raw))


@each("raw", BROKEN)
async def test_bytes_that_are_no_text_in_a_form(ann: Browser, raw: bytes, untried: None) -> None:
    """Kept as text with U+FFFD for what is none, or refused: in each field, in each kind of form."""
    for field in FIELDS:
        fields = {"body": b"words", "version": b"0", field: raw}
        encoded = "&".join(f"{name}={quote(value)}" for name, value in fields.items()).encode()
        kind, parts = multipart(list(fields.items()))
        for body, headers in ((encoded, []), (parts, [("Content-Type", kind)])):
            reply = await ann.post(f"/entries/{uuid.uuid4()}", body, headers)
            assert reply.status in (303, 409, 422), field
            assert clean(reply)
    for path, names in (
        ("/login", ("username", "password", "next", "kept.body", "kept.path")),
        ("/register", ("username", "email", "password", "zone")),
        ("/settings", ("zone", "theme", "day_starts", "week_starts")),
        ("/settings/account", ("username", "email", "password")),
    ):
        for name in names:
            assert clean(await ann.copied(address=f"10.7.{next(number) % 250}.1").post(path, {name: raw})), (
                name
            )
    async for entry in Entry.filter(user_id=ann.id):
        (entry.title + entry.body + "".join(entry.tags)).encode()
        assert "\0" not in entry.title + entry.body + "".join(entry.tags)


@each("raw", BROKEN)
async def test_bytes_that_are_no_text_in_a_whole_body(ann: Browser, raw: bytes) -> None:
    """422 or 413: no field is understood, so nothing is written."""
    before = await Entry.filter(user_id=ann.id).count()
    for kind in (FORM[1], "multipart/form-data; boundary=x", "application/json", "text/plain", "x/y"):
        reply = await ann.post("/entries", raw * 50, [("Content-Type", kind)])
        assert reply.status in (422, 413), kind
    assert await Entry.filter(user_id=ann.id).count() == before


@each("raw", {name: raw for name, raw in BROKEN.items() if b"\n" not in raw and b"\0" not in raw})
async def test_bytes_that_are_no_text_in_a_header(ann: Browser, raw: bytes) -> None:
    """An answer like any other, whichever header it is."""
    names = [
        "Cookie",
        "User-Agent",
        "Referer",
        "Accept-Language",
        "HX-Current-URL",
        "HX-Request",
        "HX-Boosted",
    ]
    names += ["X-Forwarded-For", "Content-Type", "Authorization", "If-None-Match", "Range", "Accept", "Via"]
    for name in names:
        for path in ("/", "/settings", "/login", "/nothing"):
            assert clean(await ann.get(path, [(name, raw)])), (name, path)
    assert (await ann.get("/", [("Host", raw)])).status == 400
    assert (await ann.post("/entries", {"body": "x"}, [("Origin", raw)])).status == 403
    assert (await ann.post("/entries", {"body": "x"}, [("Sec-Fetch-Site", raw)])).status == 403


@each("raw", {name: raw for name, raw in BROKEN.items() if b"\n" not in raw})
async def test_bytes_that_are_no_text_in_the_names_of_a_multipart_form(ann: Browser, raw: bytes) -> None:
    """422 or 303: the field is not understood, the others are."""
    kind, body = multipart([(raw, b"x"), ("body", "words"), (b'x"; filename="' + raw, b"y")])
    assert (await ann.post("/entries", body, [("Content-Type", kind)])).status in (303, 422)
    assert clean(await Browser(ann.app).post("/login", body, [("Content-Type", kind)]))


def part(head: bytes, body: bytes = b"words") -> bytes:
    return b"--x\r\n" + head + b"\r\n\r\n" + body + b"\r\n--x--\r\n"


PARTS: dict[str, tuple[str, bytes]] = {
    "no boundary": ("multipart/form-data", part(b'Content-Disposition: form-data; name="body"')),
    "an empty boundary": ("multipart/form-data; boundary=", b""),
    "a boundary that is no ASCII": ("multipart/form-data; boundary=\xe9", b"--\xe9--"),
    "a boundary of 10,000 letters": ("multipart/form-data; boundary=" + "x" * 10_000, b""),
    "a quoted boundary left open": ('multipart/form-data; boundary="x', b"--x--"),
    "two boundaries": ("multipart/form-data; boundary=x; boundary=y", b"--y--"),
    "nothing in it": ("multipart/form-data; boundary=x", b""),
    "no end": (
        "multipart/form-data; boundary=x",
        b"--x\r\nContent-Disposition: form-data; name=body\r\n\r\nwor",
    ),
    "only an end": ("multipart/form-data; boundary=x", b"--x--"),
    "a part without a head": ("multipart/form-data; boundary=x", b"--x\r\n\r\nwords\r\n--x--"),
    "a part without a name": ("multipart/form-data; boundary=x", part(b"Content-Disposition: form-data")),
    "a part with an empty name": (
        "multipart/form-data; boundary=x",
        part(b'Content-Disposition: form-data; name=""'),
    ),
    "a part that is an attachment": (
        "multipart/form-data; boundary=x",
        part(b"Content-Disposition: attachment"),
    ),
    "a part with two names": (
        "multipart/form-data; boundary=x",
        part(b'Content-Disposition: form-data; name="body"; name="title"'),
    ),
    "a part with an encoded name": (
        "multipart/form-data; boundary=x",
        part(b"Content-Disposition: form-data; name*=UTF-8''%ff%fe"),
    ),
    "a part in UTF-7": (
        "multipart/form-data; boundary=x",
        part(
            b'Content-Disposition: form-data; name="body"\r\nContent-Type: text/plain; charset=utf-7',
            b"+ADw-",
        ),
    ),
    "a part in base64": (
        "multipart/form-data; boundary=x",
        part(
            b'Content-Disposition: form-data; name="body"\r\nContent-Transfer-Encoding: base64', b"d29yZHM="
        ),
    ),
    "a form in a form": (
        "multipart/form-data; boundary=x",
        part(
            b'Content-Disposition: form-data; name="body"\r\nContent-Type: multipart/mixed; boundary=y',
            b"--y\r\n\r\nx\r\n--y--",
        ),
    ),
    "a head of 100 kB": ("multipart/form-data; boundary=x", part(b"X: " + b"a" * 100_000)),
    "20,000 heads": ("multipart/form-data; boundary=x", part(b"X: a\r\n" * 20_000 + b"Y: z")),
    "a file with a path": (
        "multipart/form-data; boundary=x",
        part(b'Content-Disposition: form-data; name="body"; filename="../../../etc/cron.d/x"'),
    ),
    "multipart of another kind": ("multipart/mixed; boundary=x", b"--x\r\n\r\nwords\r\n--x--"),
    "line feeds alone": (
        "multipart/form-data; boundary=x",
        part(b'Content-Disposition: form-data; name="body"').replace(b"\r\n", b"\n"),
    ),
    "words in front and behind": (
        "multipart/form-data; boundary=x",
        b"before" + part(b'Content-Disposition: form-data; name="title"') + b"behind",
    ),
}


@each("form", PARTS)
async def test_a_broken_multipart_form_is_refused_or_read(ann: Browser, form: tuple[str, bytes]) -> None:
    """303, 413 or 422 for who is in, 401 for who is not; never a 500, and soon."""
    kind, body = form
    started = time.process_time()
    headers = [("Content-Type", kind.encode("latin-1"))]
    assert (await ann.post("/entries", body, headers)).status in (303, 413, 422)
    assert (await Browser(ann.app).post("/entries", body, headers)).status in (401, 413)
    assert clean(await Browser(ann.app, address=f"10.8.{next(number) % 250}.1").post("/login", body, headers))
    assert time.process_time() - started < 2


# Too much

FLOODS: dict[str, bytes] = {
    "100,000 fields": b"&".join(b"f%d=x" % n for n in range(100_000)),
    "a million fields without a name": b"&" * 1_000_000,
    "100,000 fields of one name": b"&".join([b"body=x"] * 100_000),
    "names that collide": b"&".join(b"%s=x" % (b"Aa" * 8 + b"BB" * 8) for _ in range(60_000)),
    "100,000 kept words": b"&".join(b"kept.f%d=x" % n for n in range(100_000)),
}


@each("body", FLOODS)
async def test_a_form_of_too_many_fields_is_refused_unread(ann: Browser, body: bytes) -> None:
    """413 in a moment: parsing a million fields would keep everybody waiting for seconds."""
    started = time.process_time()
    for kind in (FORM[1], "Application/X-WWW-Form-URLencoded; charset=utf-8", "application/x-url-encoded"):
        for browser in (ann, Browser(ann.app)):
            for path in ("/entries", "/login", "/register"):
                assert (await browser.post(path, body, [("Content-Type", kind)])).status == 413
    assert time.process_time() - started < 2


async def test_a_second_content_type_hides_no_flood(ann: Browser) -> None:
    """413."""
    kinds = [("Content-Type", FORM[1]), ("Content-Type", "text/plain")]
    assert (await ann.post("/entries", FLOODS["100,000 fields"], kinds)).status == 413
    assert (await ann.post("/entries", FLOODS["100,000 fields"], kinds[::-1])).status in (413, 422)


async def test_a_form_of_many_fields_is_read(ann: Browser) -> None:
    """303, the control: the limit is far from any form of ours."""
    body = urlencode([("body", "words"), *((f"f{n}", "x") for n in range(MAX_FIELDS - 10))]).encode()
    assert (await ann.post("/entries", body)).status == 303


async def test_words_full_of_ampersands_are_one_field(ann: Browser) -> None:
    """303 with every one of them: encoded they separate nothing, and in multipart they are letters."""
    kind, body = multipart([("body", "& " * 5000)])
    for form, headers in ((urlencode({"body": "& " * 5000}).encode(), []), (body, [("Content-Type", kind)])):
        reply = await ann.post("/entries", form, headers)
        assert reply.status == 303
        entry = await Entry.get(uid=reply.location.rpartition("/")[2])
        assert entry.body.count("&") == 5000


async def test_a_multipart_form_of_too_many_parts_is_refused(ann: Browser) -> None:
    """413."""
    kind, body = multipart([(f"f{n}", "x") for n in range(1500)])
    for browser in (ann, Browser(ann.app)):
        assert (await browser.post("/entries", body, [("Content-Type", kind)])).status == 413


@each(
    "path", {path: path for path in ("/entries", "/login", "/register", "/settings", "/logout", "/nothing")}
)
async def test_a_body_over_the_limit_is_refused_everywhere(ann: Browser, path: str) -> None:
    """413 with and without a length, as one piece and as many."""
    body = b"body=" + b"a" * MAX_BODY
    headers = [("Host", "localhost"), FORM, ("Cookie", f"access_token={ann.access}")]
    pieces = [body[n : n + 65536] for n in range(0, len(body), 65536)]
    known = await ask(ann.app, "POST", path, [*headers, ("Content-Length", str(len(body)))], pieces)
    assert known.status == 413
    unknown = await ask(ann.app, "POST", path, headers, pieces)
    # Where nobody reads the body the answer may be there before it.
    assert unknown.status == 413 or path in ("/logout", "/nothing")


async def test_a_length_that_lies_is_not_believed(ann: Browser) -> None:
    """413: what comes is counted."""
    headers = [("Host", "localhost"), FORM, ("Content-Length", "10")]
    pieces = [b"a" * 65536] * 70
    assert (await ask(ann.app, "POST", "/register", headers, pieces)).status == 413


BOMB = gzip.compress(b"body=" + b"a" * 20_000_000)


@each("method", {"GET": "GET", "HEAD": "HEAD", "POST": "POST"})
async def test_a_body_that_needs_no_header_is_counted_too(method: str) -> None:
    """413: over HTTP/2 a body comes without a length, with a GET as well."""
    headers = [(b"host", b"localhost")]

    async def reading(scope: Any, receive: Any, send: Any) -> None:
        while (await receive())["type"] != "http.disconnect":
            pass

    sent: list[dict[str, Any]] = []

    pieces = iter([b"a" * 1_000_000] * 10)

    async def receive() -> dict[str, Any]:
        piece = next(pieces, None)
        body = {"type": "http.request", "body": piece, "more_body": True}
        return {"type": "http.disconnect"} if piece is None else body

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    scope = {"type": "http", "method": method, "http_version": "2", "headers": headers}
    await BodyLimit(reading, [])(scope, receive, send)
    assert [message.get("status") for message in sent[:1]] == [413]


@each("kind", {name: name for name in ("gzip", "deflate", "br", "zstd", "gzip, gzip", "identity")})
async def test_a_packed_body_is_not_unpacked(ann: Browser, kind: str) -> None:
    """422: a megabyte that would become a gigabyte stays what it is."""
    started = time.process_time()
    reply = await ann.post("/entries", BOMB, [("Content-Encoding", kind)])
    assert reply.status == 422
    assert time.process_time() - started < 1


@pytest.fixture
def hurried(app: Quart, monkeypatch: pytest.MonkeyPatch) -> None:
    """The site waits for half a second where it would wait for a minute."""
    monkeypatch.setitem(app.config, "BODY_TIMEOUT", 0.5)


async def test_a_body_that_trickles_is_given_up(ann: Browser, hurried: None) -> None:
    """408, with nothing written."""
    cookie = "; ".join(f"{name}={value}" for name, value in ann.jar.items())
    headers = [("Host", "localhost"), FORM, ("Cookie", cookie)]
    started = time.perf_counter()
    reply = await ask(ann.app, "POST", "/entries", headers, [b"body=a", *[b"b"] * 60], pause=0.1)
    assert reply.status == 408
    assert time.perf_counter() - started < 5
    assert await Entry.filter(user_id=ann.id).count() == 0


async def test_slow_bodies_hold_no_connection_to_the_database(ann: Browser) -> None:
    """303 and 200 for others meanwhile: a form is read before anything is asked of the database."""
    headers = [("Host", "localhost"), FORM]
    slow = [
        asyncio.create_task(ask(ann.app, "POST", "/register", headers, [b"a="] * 60, pause=0.5))
        for _ in range(60)
    ]
    await asyncio.sleep(0.1)
    await ann.writes("words")
    assert (await ann.get("/")).status == 200
    assert not [task for task in slow if task.done()]
    for task in slow:
        task.cancel()
    await asyncio.gather(*slow, return_exceptions=True)


# What costs more here than there

COSTLY: dict[str, tuple[str, str, str, int]] = {
    "a name that folds to eighteen times its length": ("/login", "username", "ﷺ", 1_300_000),
    "a name of four megabytes": ("/login", "username", "n", 4_000_000),
    "a name to register": ("/register", "username", "ﷺ", 1_300_000),
    "an e-mail to register": ("/register", "email", "ﷺ", 1_300_000),
    "an e-mail of @": ("/register", "email", "@", 4_000_000),
    "four million commas": ("/entries", "tags", ",", 4_000_000),
    "two million tags": ("/entries", "tags", "a,", 2_000_000),
    "tags that fold": ("/entries", "tags", "ﷺ,", 1_000_000),
    "a title of four megabytes": ("/entries", "title", "t ", 2_000_000),
    "a title of combining letters": ("/entries", "title", "\u0301", 2_000_000),
    "a text of four megabytes": ("/entries", "body", "b ", 2_000_000),
    "a day of four megabytes": ("/entries", "day", "2", 4_000_000),
    "a version of four megabytes": (
        "/entries/6f1b5a52-3333-4000-8000-000000000003",
        "version",
        "9",
        4_000_000,
    ),
    "a mood of four megabytes": ("/entries", "mood", "g", 4_000_000),
    "a zone of four megabytes": ("/settings", "zone", "Z", 4_000_000),
    "prompts of four megabytes": ("/prompts", "body", "\n", 4_000_000),
    "prompts without end": ("/prompts", "body", " ".join(map(chr, range(97, 123))) + "\n", 75_000),
    "a template of four megabytes": ("/templates", "body", "{", 4_000_000),
    "a template's name of four megabytes": ("/templates", "name", " a", 2_000_000),
    "a next of four megabytes": ("/login", "next", "/a", 2_000_000),
}


@each("attack", COSTLY)
async def test_a_field_of_megabytes_is_soon_refused(
    ann: Browser, attack: tuple[str, str, str, int], untried: None
) -> None:
    """422 for less than a second of work."""
    path, name, letters, times = attack
    kind, body = multipart([(name, letters * times)])
    started = time.process_time()
    reply = await ann.post(path, body, [("Content-Type", kind)])
    assert reply.status == 422
    assert time.process_time() - started < 1


FOLDING = {"a name": {"username": "ﷺ" * 80}, "an address": {"email": "ﷺ" * 100 + "@x"}}


@each("field", FOLDING)
async def test_a_name_that_outgrows_its_column_is_refused(
    app: Quart, ann: Browser, field: dict[str, str]
) -> None:
    """422: what is compared would be longer than what is kept of it."""
    name = f"Fold{next(number)}"
    form = {"username": name, "email": f"{name}@example.org", "password": PASSWORD, **field}
    assert (await Browser(app).post("/register", form)).status == 422
    assert (await ann.post("/settings/account", form)).status == 422


@each("size", {"201 letters": 201, "254 letters": 254, "300 letters": 300, "a NUL": 0})
async def test_a_long_name_is_no_error_at_the_sign_in(app: Quart, size: int, untried: None) -> None:
    """422, as for any name that nobody has, on both databases."""
    name = ("n" * size + "@example.org")[-size:] if size else "na\0me"
    assert (await Browser(app).sign_in(name)).status == 422


TEXTS = {
    "brackets": "[" * 100_000,
    "stars": "*a" * 20_000,
    "quotes": ">" * 100_000,
    "lists": "- " * 50_000,
    "links": "[a](b" * 20_000,
    "references": "[a]: /b\n" * 12_000,
    "entities": "&amp;" * 20_000,
    "tags": "<a " * 32_000,
    "back ticks": "`a" * 50_000,
    "a wide table": "|a" * 25_000 + "\n" + "|-" * 25_000,
    "a long table": "|a|b|\n|-|-|\n" + "|c|d|\n" * 15_000,
    "footnotes": "[^1]" * 25_000,
    "one line": "a" * 100_000,
    "emphasis": "**a *b " * 12_000,
    "addresses": "http://a." * 10_000,
    "deep lists": "\n".join(" " * n + "- a" for n in range(800)),
    "letters beyond": "𝔸" * 25_000,
    "combining letters": "e" + "\u0301" * 47_000,
    "Korean without a space": "가" * 33_000,
    "Korean letter by letter": "\u1112\u1161\u11ab" * 11_000,
    "a tag for every word": "#walk " * 16_000,
    "a million words": " ".join(f"{n:x}" for n in range(20_000)),
}


CURSORS = {
    "the first day": "0001-01-01.",
    "the last day": "9999-12-31.",
    "a day of a week": "2024-W01-1.",
    "the first moment": "0001-01-01T00:00:00.000000Z.",
    "before the first moment": "0001-01-01T00:00:00.000000+2359.",
    "after the last moment": "9999-12-31T23:59:59.999999-2359.",
    "a megabyte": "9" * 1_000_000,
}


@each("before", CURSORS)
async def test_a_link_to_older_entries_from_the_ends_of_time_is_no_error(ann: Browser, before: str) -> None:
    """200 or 400, on every page that goes on behind an entry."""
    await ann.writes("words", tags="walk")
    for path in ("/?", "/bin?", "/starred?", "/on-this-day/02-28?", "/tags/walk?", "/search?q=words&"):
        reply = await ann.get(f"{path}before={quote(before)}{uuid.uuid4()}")
        assert reply.status in (200, 400), path


LOOKED_FOR = {
    "accents": "a" + "\u0315" * 10_000 + "\u0300" * 10_000,
    "ligatures of eighteen letters": "ﷺ" * 10_000,
    "a long name": "a" * 60_000,
    "wild cards": "%_" * 10_000,
    "Korean": "가" * 10_000,
}


@each("typed", LOOKED_FOR)
async def test_what_is_looked_for_is_soon_read(ann: Browser, typed: str) -> None:
    """200 for less than half a second of work: by the search, by the filter of tags, as a tag's address."""
    await ann.writes("words", tags="walk")
    for path in (f"/search?q={quote(typed)}", f"/tags?q={quote(typed)}", f"/tags/{quote(typed)}"):
        started = time.process_time()
        assert (await ann.get(path)).status == 200, path[:20]
        assert time.process_time() - started < 0.5, path[:20]


@each("body", TEXTS)
async def test_a_text_made_to_be_costly_is_soon_saved(ann: Browser, body: str) -> None:
    """303 for less than two seconds of work, the pages on which it stands included."""
    started = time.process_time()
    path = await ann.writes(body)
    assert (await ann.get(path)).status == 200
    assert (await ann.get("/")).status == 200
    assert time.process_time() - started < 2


async def test_comparing_two_texts_made_to_be_costly_is_bounded(ann: Browser) -> None:
    """200 for less than three seconds of work: beyond that, lines are shown as a whole."""
    chance = random.Random(7)

    def costly() -> str:
        """Lines of two words in any order, between lines that both texts have."""
        return "\n".join(
            " ".join(chance.choice("ab") for _ in range(900)) if n % 2 else f"line {n}" for n in range(150)
        )

    path = await ann.writes(costly())
    assert (await ann.post(path, {"body": costly(), "version": "1"})).status == 303
    started = time.process_time()
    assert (await ann.get(f"{path}/revisions?show=1")).status == 200
    assert time.process_time() - started < 3


async def test_a_flood_of_headers_is_survived(ann: Browser) -> None:
    """200: five thousand of them, and a header of 100 kB."""
    headers = [(f"X-Header-{n}", "x") for n in range(5000)] + [("X-Long", "y" * 100_000)]
    started = time.process_time()
    assert (await ann.get("/", headers)).status == 200
    assert time.process_time() - started < 1


async def test_a_flood_of_parameters_is_survived(ann: Browser) -> None:
    """200: 20,000 of them."""
    query = "&".join(f"p{n}=x" for n in range(20_000))
    started = time.process_time()
    assert (await ann.get(f"/?{query}")).status == 200
    assert time.process_time() - started < 1


async def test_what_is_refused_sends_no_more_back_than_it_got(ann: Browser) -> None:
    """Less than three times as much: no small request makes a large answer."""
    for path, body in (
        ("/login", b"kept.body=" + b"a" * 100_000),
        ("/entries", b"body=" + b"%3C" * 30_000),
        ("/register", b"username=" + b"%26" * 30_000),
    ):
        reply = await Browser(ann.app, address=f"10.9.{next(number) % 250}.1").post(path, body)
        assert len(reply.body) < 3 * len(body)


async def test_only_the_beginning_of_a_long_text_is_weighed(ann: Browser) -> None:
    """The short one first, where the long one has the word 10,000 times, but late: 300 long texts would take
    ten seconds and 300 MB."""
    short = await ann.writes("walk")
    long = await ann.writes("other " * 5_000 + "walk " * 10_000)
    page = (await ann.get("/search?sort=best&q=walk")).text
    assert 0 < page.index(short) < page.index(long)
