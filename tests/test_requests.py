"""What a running server says to good, bad, slow and oversized requests, and what it writes down of them."""

import asyncio
import itertools
import re
import shutil
import socket
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import uuid4

import httpx
import pytest
from quart import Quart

from journal import database, schema
from journal.database import Unavailable
from journal.entries import reading
from journal.web.body_limit import MAX_BODY
from tests.conftest import Person
from tests.postgres import Postgres
from tests.servers import Server, host, joined, serving, spoken

pytestmark = pytest.mark.soak_on_postgres

SECURITY = {
    "content-security-policy": "default-src 'none'; script-src 'self'; style-src 'self'; "
    "img-src 'self' data: blob:; connect-src 'self'; font-src 'self'; manifest-src 'self'; "
    "worker-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
}
FORM = "Content-Type: application/x-www-form-urlencoded"


@pytest.fixture(scope="module")
def database_url(
    empty: str, postgres: Postgres | None, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """One for all tests of this module, which share a server."""
    if postgres:
        name = f"requests_{uuid4().hex}"
        yield postgres.create(name, template="empty")
        postgres.drop(name)
    else:
        file = tmp_path_factory.mktemp("requests") / "journal.sqlite3"
        shutil.copy(database.sqlite_file(empty), file)
        yield f"sqlite://{file}"


@pytest.fixture(scope="module")
def server(database_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with serving(tmp_path_factory.mktemp("server"), DATABASE_URL=database_url) as running:
        yield running


@pytest.fixture(scope="module")
def ann(server: Server) -> Iterator[httpx.Client]:
    with joined(server) as browser:
        yield browser


@pytest.fixture
def visitor(server: Server) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=f"http://127.0.0.1:{server.port}", headers={"Host": host(server)}) as browser:
        yield browser


def is_secured(answer: httpx.Response) -> bool:
    return all(answer.headers.get(name) == value for name, value in SECURITY.items())


def head(server: Server, browser: httpx.Client, *lines: str, method: str = "POST /entries") -> bytes:
    """The head of a request of that browser, as bytes for a line of our own."""
    cookies = "; ".join(f"{name}={value}" for name, value in browser.cookies.items())
    own = [f"{method} HTTP/1.1", f"Host: {host(server)}", f"Cookie: {cookies}", *lines]
    return "\r\n".join([*own, "", ""]).encode()


def entries(browser: httpx.Client) -> int:
    return browser.get("/").text.count('<article class="entry')


# Probes and hosts


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
@pytest.mark.parametrize("name", ["localhost", "10.0.0.7:8000", "anything.example"])
def test_probes_answer_under_any_name(visitor: httpx.Client, path: str, name: str) -> None:
    answer = visitor.get(path, headers={"Host": name})
    assert (answer.status_code, answer.text.splitlines()[0]) == (200, "ok")
    assert "Set-Cookie" not in answer.headers


@pytest.mark.parametrize(
    "statement",
    [
        f"DELETE FROM tortoise_migrations WHERE name = '{schema.known()[-1]}'",
        "INSERT INTO tortoise_migrations (app, name, applied_at) "
        "VALUES ('journal', '9999_later', '2024-05-31 10:00:00+00:00')",
    ],
)
async def test_a_site_whose_schema_is_another_is_alive_but_not_ready(
    tmp_path: Path, empty: str, postgres: Postgres | None, database_url: str, statement: str
) -> None:
    if postgres:
        url = postgres.create(f"ready_{uuid4().hex}", template="empty")
    else:
        url = f"sqlite://{tmp_path / 'journal.sqlite3'}"
        shutil.copy(database.sqlite_file(empty), tmp_path)
        (tmp_path / "empty.sqlite3").rename(tmp_path / "journal.sqlite3")
    with serving(tmp_path, DATABASE_URL=url) as server:
        async with database.connected(url):
            await database.connection().execute_query(statement)
        answers = [httpx.get(f"http://127.0.0.1:{server.port}{path}") for path in ("/readyz", "/healthz")]
        assert [answer.status_code for answer in answers] == [503, 200]
        assert "schema" in answers[0].text


@pytest.mark.parametrize(
    "name", ["journal.example.org", "localhost.evil.example", "own'", "a b", "[", "::1", ""]
)
def test_a_site_is_served_under_its_own_name_alone(visitor: httpx.Client, name: str) -> None:
    answer = visitor.get("/", headers={"Host": name})
    assert answer.status_code == 400
    assert "is expected" in answer.text


def test_a_request_without_a_host_is_refused(server: Server) -> None:
    assert spoken(server.port, b"GET / HTTP/1.0\r\n\r\n").startswith(b"HTTP/1.1 400")


# The log


def lines(server: Server) -> list[str]:
    return [line.partition(": ")[2] for line in server.log.splitlines() if re.search(r" \d+q user=", line)]


def until(happens: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 5
    while not happens() and time.monotonic() < deadline:
        time.sleep(0.02)


LINE = r"[0-9a-f]{12} (?P<what>\S+ \S+ \S+) \d+\.\dms \d+q user=(\d+|-)"


def test_the_log_says_how_a_request_went_and_nothing_of_what_it_was_about(
    server: Server, ann: httpx.Client, visitor: httpx.Client
) -> None:
    known = len(lines(server))
    secrets = {f"Marker{n}{uuid4().hex}" for n in range(6)}
    title, body, tag, query, password, name = secrets
    path = ann.post("/entries", data={"title": title, "body": body, "tags": tag}).headers["Location"]
    ann.get(path)
    ann.get(f"/?before={query}")
    ann.get(f"/nowhere/{query}?q={query}")
    visitor.post("/login", data={"username": name, "password": password})
    visitor.get("/settings", headers={"Cookie": f"access_token={query}"})
    ann.put(path, data={"body": body + body, "version": "7"})
    ann.post("/settings", data={"zone": query})
    until(lambda: len(lines(server)) >= known + 8)  # a line is written once its answer is sent
    found = lines(server)[known:]
    matches = [re.fullmatch(LINE, line) for line in found]
    assert [match and match["what"] for match in matches] == [
        "POST /entries 303",
        "GET /entries/<uuid:uid> 200",
        "GET / 400",
        "GET - 404",
        "POST /login 422",
        "GET /settings 303",
        "PUT /entries/<uuid:uid> 409",
        "POST /settings 422",
    ]
    assert [match and match[2] for match in matches] == ["1", "1", "1", "1", "-", "-", "1", "1"]
    for word in [*secrets, *ann.cookies.values(), path.removeprefix("/entries/"), "Traceback"]:
        assert word not in server.log


def test_every_request_has_a_number_of_its_own(server: Server, visitor: httpx.Client) -> None:
    for _ in range(5):
        visitor.get("/healthz")
    numbers = [line.split()[0] for line in lines(server)]
    assert len(numbers) == len(set(numbers))


# Too much


def chunked(body: bytes, size: int = 65536) -> bytes:
    pieces = [body[n : n + size] for n in range(0, len(body), size)]
    return b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in [*pieces, b""])


def over_the_limit(kind: str) -> tuple[list[str], bytes]:
    """The lines of a head and a body of 5 MB, declared or not."""
    body, how = b"body=" + b"x" * 5_000_000, FORM
    if kind.endswith("multipart"):
        field = b'--frontier\r\nContent-Disposition: form-data; name="body"\r\n\r\n'
        body = field + b"x" * 5_000_000 + b"\r\n--frontier--\r\n"
        how = "Content-Type: multipart/form-data; boundary=frontier"
    if kind.startswith("chunked"):
        return [how, "Transfer-Encoding: chunked"], chunked(body)
    return [how, f"Content-Length: {len(body)}"], body


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        *itertools.product(
            ["/entries", "/login"], ["urlencoded", "multipart", "chunked urlencoded", "chunked multipart"]
        ),
        ("/healthz", "urlencoded"),
        ("/nowhere", "multipart"),
    ],
)
def test_a_body_over_the_limit_is_refused_with_a_sentence(
    server: Server, ann: httpx.Client, path: str, kind: str
) -> None:
    before = entries(ann)
    how, body = over_the_limit(kind)
    answer = spoken(server.port, head(server, ann, *how, method=f"POST {path}") + body, 5).decode()
    top, _, sentence = answer.partition("\r\n\r\n")
    assert top.startswith("HTTP/1.1 413")
    assert sentence == "This is more than the site takes at once (4 MB). Nothing was changed here.\n"
    for name, value in SECURITY.items():
        assert f"\r\n{name}: {value}" in top
    assert entries(ann) == before


def test_a_body_of_200_MB_that_nobody_declared_fills_no_memory(server: Server, ann: httpx.Client) -> None:
    before = peak(server)
    chunk = b"%x\r\n%s\r\n" % (65536, b"x" * 65536)
    with socket.create_connection(("127.0.0.1", server.port), timeout=10) as line:
        try:
            line.sendall(head(server, ann, FORM, "Transfer-Encoding: chunked"))
            for _ in range(3200):
                line.sendall(chunk)
        except OSError:
            pass  # it has hung up, which is its right
    assert ann.get("/").status_code == 200
    assert peak(server) - before < 40_000


def peak(server: Server) -> int:
    """The most memory that the process has had, in kB."""
    status = Path(f"/proc/{server.process.pid}/status").read_text()
    found = re.search(r"VmHWM:\s+(\d+) kB", status)
    assert found
    return int(found[1])


@pytest.mark.parametrize("kind", ["urlencoded", "multipart"])
def test_the_longest_entry_fits_however_it_is_encoded(ann: httpx.Client, kind: str) -> None:
    text = "日" * 333_333  # 1 MB, 3 MB when a form encodes it
    fields = {"body": text, "title": "Long"}
    if kind == "urlencoded":
        answer = ann.post("/entries", data=fields)
    else:
        answer = ann.post("/entries", files={name: (None, value) for name, value in fields.items()})
    assert answer.status_code == 303
    assert text in ann.get(answer.headers["Location"]).text


def test_a_long_query_is_answered_by_the_site_and_not_cut_off(visitor: httpx.Client) -> None:
    """A search in Chinese is three times as long when it is encoded."""
    assert visitor.get("/login?next=/search?q=" + "%E6%97%A5" * 5000).status_code == 200


# Too little, too slow


@pytest.mark.parametrize("how", ["closed", "half-closed", "reset"])
@pytest.mark.parametrize("kind", ["Content-Length: 5000", "Transfer-Encoding: chunked"])
def test_of_an_upload_that_breaks_off_nothing_is_stored(
    server: Server, ann: httpx.Client, kind: str, how: str
) -> None:
    before = entries(ann)
    part = b"body=Only+a+part+of+it&title=Broken+off&day=2024-05-31"
    with socket.create_connection(("127.0.0.1", server.port), timeout=2) as line:
        line.sendall(head(server, ann, FORM, kind) + (chunked(part)[:-5] if "chunked" in kind else part))
        time.sleep(0.1)
        if how == "reset":
            line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        if how == "half-closed":
            line.shutdown(socket.SHUT_WR)
            time.sleep(0.2)
    time.sleep(0.1)
    assert entries(ann) == before


def test_slow_clients_keep_nobody_waiting(server: Server, ann: httpx.Client) -> None:
    slow = [
        b"GET / HTTP/1.1\r\nHost: local",
        head(server, ann, FORM, "Content-Length: 5000") + b"body=And+then+",
        head(server, ann, FORM, "Transfer-Encoding: chunked") + b"5\r\nbody=",
        b"",
    ]
    held = [socket.create_connection(("127.0.0.1", server.port)) for _ in range(200)]
    try:
        for n, line in enumerate(held):
            line.sendall(slow[n % 4])
        started = time.monotonic()
        for _ in range(10):
            assert ann.get("/").status_code == 200
            assert ann.post("/entries", data={"body": "Meanwhile."}).status_code == 303
        assert time.monotonic() - started < 20
        for line in held:
            line.sendall(b"x")
    finally:
        for line in held:
            line.close()


async def test_a_body_that_never_comes_is_given_up_with_a_sentence(app: Quart) -> None:
    app.config["BODY_TIMEOUT"] = 0.1
    line = app.test_client().request("/login", method="POST", headers={"Content-Type": FORM[14:]})
    async with asyncio.timeout(30), line:
        await line.send(b"username=")
    answer = await line.as_response()
    assert answer.status_code == 408
    assert "This took too long" in await answer.get_data(as_text=True)


# Methods and strange requests


@pytest.mark.parametrize("path", ["/", "/login", "/nowhere", "/settings", "/healthz"])
def test_head_is_a_get_without_its_body(visitor: httpx.Client, path: str) -> None:
    whole, only = visitor.get(path), visitor.head(path)
    assert (only.status_code, only.content) == (whole.status_code, b"")
    assert only.headers["Content-Length"] == str(len(whole.content)) or path in ("/", "/login", "/nowhere")
    assert set(only.headers) == set(whole.headers)


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("PUT", "/login", {"GET", "HEAD", "OPTIONS", "POST"}),
        ("DELETE", "/", {"GET", "HEAD", "OPTIONS"}),
        ("TRACE", "/", {"GET", "HEAD", "OPTIONS"}),
        ("BREW", "/", {"GET", "HEAD", "OPTIONS"}),
        ("GET", "/logout", {"OPTIONS", "POST"}),
    ],
)
def test_a_method_that_a_page_does_not_have_is_refused_with_those_it_has(
    visitor: httpx.Client, method: str, path: str, allowed: set[str]
) -> None:
    answer = visitor.request(method, path)
    assert answer.status_code == 405
    assert set(answer.headers["Allow"].split(", ")) == allowed
    assert is_secured(answer)


def test_options_say_what_a_page_can_do(visitor: httpx.Client) -> None:
    answer = visitor.options("/login")
    assert answer.status_code == 200
    assert set(answer.headers["Allow"].split(", ")) == {"GET", "HEAD", "OPTIONS", "POST"}


@pytest.mark.parametrize(
    "request_line",
    [
        b"GET /%zz HTTP/1.1",
        b"GET /%ff%fe HTTP/1.1",
        b"GET /\xc3\xa9 HTTP/1.1",
        b"GET //evil.example/ HTTP/1.1",
        b"GET http://[ HTTP/1.1",
        b"GET http://evil.example/ HTTP/1.1",
        b"GET * HTTP/1.1",
        b"OPTIONS * HTTP/1.1",
        b"GET /entries/00000000-0000-4000-8000-00000000000g HTTP/1.1",
        b"GET /days/0000-00-00 HTTP/1.1",
        b"CONNECT evil.example:80 HTTP/1.1",
        b"get / HTTP/1.1",
        b"PRI * HTTP/2.0",
        b"\x16\x03\x01\x02\x00\x01\x00",
        b"",
    ],
)
def test_a_strange_request_is_no_error_of_ours(
    server: Server, ann: httpx.Client, request_line: bytes
) -> None:
    rest = f"\r\nHost: {host(server)}\r\nConnection: close\r\n\r\n".encode()
    answer = spoken(server.port, request_line + rest, 2)
    assert not answer or re.match(rb"HTTP/1.1 [234]\d\d |\x00", answer), answer[:300]
    assert b"Traceback" not in answer
    assert "Traceback" not in server.log


def test_a_websocket_is_refused_and_the_site_goes_on(server: Server, ann: httpx.Client) -> None:
    wanted = ["Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Version: 13"]
    key = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="
    answer = spoken(server.port, head(server, ann, *wanted, key, method="GET /"), 2)
    assert re.match(rb"HTTP/1.1 4\d\d ", answer)
    assert ann.get("/").status_code == 200
    assert "Traceback" not in server.log


# Headers of every answer


def test_every_answer_of_a_site_in_production_carries_the_security_headers(
    tmp_path: Path, database_url: str
) -> None:
    settings = {"FLASK_ENV": "production", "DATABASE_URL": database_url}
    with (
        serving(tmp_path, port=None, **settings) as server,
        httpx.Client(base_url=f"http://127.0.0.1:{server.port}", headers={"Host": host(server)}) as visitor,
    ):
        css = re.findall(r'"(/static/[^"]+\.css)"', visitor.get("/").text)[0]
        asked = {
            200: [("GET", "/"), ("GET", css), ("HEAD", "/login"), ("OPTIONS", "/login"), ("GET", "/healthz")],
            301: [("GET", "/favicon.ico")],
            303: [("GET", "/settings")],
            401: [("POST", "/entries"), ("DELETE", f"/entries/{uuid4()}")],
            404: [("GET", "/nowhere"), ("GET", "/static/no.css"), ("PUT", "/nowhere")],
            405: [("PUT", "/login")],
            422: [("POST", "/register")],
        }
        found = [(status, visitor.request(*what)) for status, asks in asked.items() for what in asks]
        found += [(400, visitor.get("/", headers={"Host": "evil.example"}))]
        found += [(403, visitor.post("/login", headers={"Origin": "https://evil.example"}))]
        found += [(413, visitor.post("/login", content=b"x" * (MAX_BODY + 1)))]
        for status, answer in found:
            assert answer.status_code == status, answer.request
            assert is_secured(answer), answer.request
            assert answer.headers["Strict-Transport-Security"] == "max-age=31536000"
            assert "Server" not in answer.headers


@pytest.mark.parametrize(
    ("error", "status", "said"),
    [
        (RuntimeError("Marker: what Ann wrote"), 500, "Something went wrong here"),
        (Unavailable("Marker: the host of the database"), 503, "can&#39;t reach its database"),
    ],
)
async def test_a_page_that_fails_says_a_sentence_and_a_number_that_the_log_has_too(
    app: Quart,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    error: Exception,
    status: int,
    said: str,
) -> None:
    async def fail(*_: object) -> None:
        raise error

    writer = await signed_up(app)
    monkeypatch.setattr(reading, "timeline", fail)
    answer = await writer.get("/")
    text = await answer.get_data(as_text=True)
    assert answer.status_code == status
    assert said in text
    assert not re.search(r"Traceback|Marker|RuntimeError|\.py", text)
    assert all(answer.headers.get(name) == value for name, value in SECURITY.items())
    assert answer.headers["Cache-Control"] == "no-store"
    number = re.search(r"for the host: ([0-9a-f]{12})", text)
    assert number
    assert any(number[1] in record.getMessage() for record in caplog.records if record.levelname == "ERROR")


async def signed_up(app: Quart) -> Person:
    client = app.test_client()
    name = f"Zoe {uuid4().hex}"
    form = {"username": name, "email": f"{name[4:]}@example.org", "password": "correct horse battery"}
    assert (await client.post("/register", form=form)).status_code == 303
    return Person(name, client)


# Static files


def test_static_files_carry_their_hash_and_may_be_kept_for_ever(
    server: Server, ann: httpx.Client, visitor: httpx.Client
) -> None:
    names = set(re.findall(r'"(/static/[^"]+)"', ann.get("/entries/new").text + ann.get("/login").text))
    kinds = {
        ".css": "text/css; charset=utf-8",
        ".js": "text/javascript; charset=utf-8",
        ".svg": "image/svg+xml",
    }
    assert {Path(name).suffix for name in names} == set(kinds)
    while names:
        name = names.pop()
        refresh = next(f"{key}={ann.cookies[key]}" for key in ann.cookies if key.startswith("refresh_token"))
        stale = {"Cookie": f"access_token=x; {refresh}"}
        answer = visitor.get(name, headers=stale)
        assert answer.status_code == 200, name
        assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
        assert answer.headers["Content-Type"] == kinds[Path(name).suffix]
        assert "Set-Cookie" not in answer.headers
        assert "Vary" not in answer.headers
        assert is_secured(answer)
        assert visitor.get(re.sub(r"\.[0-9a-f]{10}\.", ".", name)).status_code == 404
        assert visitor.get(re.sub(r"\.[0-9a-f]{10}\.", ".0123456789.", name)).status_code == 404
        names |= set(re.findall(r'from "(/static/[^"]+)"', answer.text))


@pytest.mark.parametrize(
    "path",
    [
        "../pyproject.toml",
        "%2e%2e/pyproject.toml",
        "..%2fpyproject.toml",
        "/etc/passwd",
        "css/",
        "",
        "js/%00.js",
    ],
)
def test_nothing_but_static_files_is_served_as_one(server: Server, path: str) -> None:
    request = f"GET /static/{path} HTTP/1.1\r\nHost: {host(server)}\r\nConnection: close\r\n\r\n"
    assert re.match(rb"HTTP/1.1 40[04] ", spoken(server.port, request.encode(), 5))
