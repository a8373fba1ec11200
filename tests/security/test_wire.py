"""On the wire: requests that a proxy and a server may cut in different places, against a real hypercorn."""

import base64
import re
import socket
import threading
import time
from collections.abc import Iterator

import h2.config
import h2.connection
import h2.events
import pytest

from tests.security.cases import each
from tests.servers import ROOT, Server, serving, spoken

pytestmark = pytest.mark.slow

THEME = "On the wire"
FORM = b"Content-Type: application/x-www-form-urlencoded\r\n"
SECOND = b"GET /healthz HTTP/1.1\r\nHost: HOST\r\nConnection: close\r\n\r\n"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One that hangs up on idle connections after a second instead of 75."""
    folder = tmp_path_factory.mktemp("wire")
    config = (
        (ROOT / "hypercorn.toml").read_text().replace("keep_alive_timeout = 75", "keep_alive_timeout = 1")
    )
    assert "keep_alive_timeout = 1\n" in config
    (folder / "hypercorn.toml").write_text(config)
    with serving(folder) as running:
        yield running


def said(server: Server, request: bytes, seconds: float = 3) -> list[int]:
    """The status of each answer to these bytes; HOST in them is the server's own name."""
    heard = spoken(server.port, request.replace(b"HOST", f"localhost:{server.port}".encode()), seconds)
    assert b"server:" not in heard.lower().split(b"<")[0]
    return [int(status) for status in re.findall(rb"(?:^|\r\n|\n|[^\w])HTTP/1\.1 (\d{3})", heard)]


def post(*lines: bytes, body: bytes = b"", path: bytes = b"/register") -> bytes:
    head = b"".join(line + b"\r\n" for line in lines)
    return b"POST " + path + b" HTTP/1.1\r\nHost: HOST\r\n" + FORM + head + b"\r\n" + body


def test_a_whole_request_is_answered_once_and_the_next_one_as_well(server: Server) -> None:
    """422 and 200, the control: two requests on one connection, by their lengths and by chunks."""
    assert said(server, post(b"Content-Length: 3", body=b"a=b") + SECOND) == [422, 200]
    assert said(server, post(b"Transfer-Encoding: chunked", body=b"3\r\na=b\r\n0\r\n\r\n") + SECOND) == [
        422,
        200,
    ]


SMUGGLED: dict[str, tuple[bytes, list[int]]] = {
    "CL.TE": (
        post(b"Content-Length: 6", b"Transfer-Encoding: chunked", body=b"0\r\n\r\n" + SECOND),
        [400],
    ),
    "TE.CL": (
        post(b"Transfer-Encoding: chunked", b"Content-Length: 4", body=b"25\r\n" + SECOND + b"\r\n0\r\n\r\n"),
        [400],
    ),
    "CL.TE in other letters": (
        post(b"content-length: 6", b"TRANSFER-ENCODING: CHUNKED", body=b"0\r\n\r\n" + SECOND),
        [400],
    ),
    "CL.TE, folded": (
        post(b"Content-Length: 6", b"Transfer-Encoding:\r\n chunked", body=b"0\r\n\r\n" + SECOND),
        [400],
    ),
    "a request as the body of a page": (
        b"GET /login HTTP/1.1\r\nHost: HOST\r\nContent-Length: 25\r\n\r\nGET /readyz HTTP/1.0\r\n\r\n "
        + SECOND,
        [200, 200],
    ),
    "two lengths": (post(b"Content-Length: 3", b"Content-Length: 9", body=b"a=b" + SECOND), [400]),
    "two lengths in one": (post(b"Content-Length: 3, 9", body=b"a=b" + SECOND), [400]),
    "the same length twice": (
        post(b"Content-Length: 3", b"Content-Length: 3", body=b"a=b" + SECOND),
        [422, 200],
    ),
    "a negative length": (post(b"Content-Length: -1", body=b"a=b" + SECOND), [400]),
    "a length with a plus": (post(b"Content-Length: +3", body=b"a=b" + SECOND), [400]),
    "a length with a decimal point": (post(b"Content-Length: 3.0", body=b"a=b" + SECOND), [400]),
    "a hexadecimal length": (post(b"Content-Length: 0x3", body=b"a=b" + SECOND), [400]),
    "a length with an underscore": (post(b"Content-Length: 1_0", body=b"a=b" + SECOND), [400]),
    "a length in other digits": (post("Content-Length: ٣".encode(), body=b"a=b" + SECOND), [400]),
    "an empty length": (post(b"Content-Length: ", body=b"a=b" + SECOND), [400]),
    "a length of 30 digits": (post(b"Content-Length: " + b"9" * 30, body=b"a=b"), [400]),
    "a length of 19 digits": (post(b"Content-Length: " + b"9" * 19, body=b"a=b"), [413]),
    "a space before the colon": (post(b"Content-Length : 3", body=b"a=b" + SECOND), [400]),
    "xchunked": (post(b"Transfer-Encoding: xchunked", body=b"0\r\n\r\n" + SECOND), [501]),
    "identity": (post(b"Transfer-Encoding: identity", body=b"0\r\n\r\n" + SECOND), [501]),
    "chunked, identity": (post(b"Transfer-Encoding: chunked, identity", body=b"0\r\n\r\n" + SECOND), [501]),
    "gzip, chunked": (post(b"Transfer-Encoding: gzip, chunked", body=b"0\r\n\r\n" + SECOND), [501]),
    "chunked twice": (
        post(b"Transfer-Encoding: chunked", b"Transfer-Encoding: chunked", body=b"0\r\n\r\n" + SECOND),
        [501],
    ),
    "chunked, then identity": (
        post(b"Transfer-Encoding: chunked", b"Transfer-Encoding: identity", body=b"0\r\n\r\n" + SECOND),
        [501],
    ),
    "quoted": (post(b'Transfer-Encoding: "chunked"', body=b"0\r\n\r\n" + SECOND), [501]),
    "a vertical tab": (post(b"Transfer-Encoding: \x0bchunked", body=b"0\r\n\r\n" + SECOND), [400]),
    "a space before its colon": (post(b"Transfer-Encoding : chunked", body=b"0\r\n\r\n" + SECOND), [400]),
    "chunked in HTTP/1.0": (
        post(b"Transfer-Encoding: chunked", body=b"0\r\n\r\n" + SECOND).replace(b"HTTP/1.1", b"HTTP/1.0", 1),
        [400],
    ),
    "a negative chunk": (post(b"Transfer-Encoding: chunked", body=b"-1\r\na=b\r\n0\r\n\r\n" + SECOND), [400]),
    "a chunk of 0x3": (post(b"Transfer-Encoding: chunked", body=b"0x3\r\na=b\r\n0\r\n\r\n" + SECOND), [400]),
    "a chunk of 30 digits": (post(b"Transfer-Encoding: chunked", body=b"f" * 30 + b"\r\na=b\r\n"), [400]),
    "a chunk longer than it says": (
        post(b"Transfer-Encoding: chunked", body=b"3\r\na=bXX0\r\n\r\n" + SECOND),
        [400],
    ),
    "a chunk extension": (
        post(b"Transfer-Encoding: chunked", body=b"3;a=b\r\na=b\r\n0\r\n\r\n" + SECOND),
        [422, 200],
    ),
    "a bare LF in a chunk extension": (
        post(b"Transfer-Encoding: chunked", body=b"3;\na=b\r\n0\r\n\r\n" + SECOND),
        [400],
    ),
    "a length in the trailer": (
        post(b"Transfer-Encoding: chunked", body=b"3\r\na=b\r\n0\r\nContent-Length: 40\r\n\r\n" + SECOND),
        [422, 200],
    ),
    "a host in the trailer": (
        post(b"Transfer-Encoding: chunked", body=b"3\r\na=b\r\n0\r\nHost: evil.example\r\n\r\n" + SECOND),
        [422, 200],
    ),
}


@each("shape", SMUGGLED)
def test_no_second_request_is_smuggled_in(server: Server, shape: tuple[bytes, list[int]]) -> None:
    """One answer and a closed connection, or both requests cut where RFC 9112 cuts them."""
    request, answers = shape
    assert said(server, request) == answers


def get(*lines: bytes, path: bytes = b"/login", version: bytes = b"HTTP/1.1") -> bytes:
    head = b"".join(line + b"\r\n" for line in lines)
    return b"GET " + path + b" " + version + b"\r\n" + head + b"Connection: close\r\n\r\n"


OURS = b"Host: HOST"
LINES: dict[str, tuple[bytes, int]] = {
    "two hosts": (get(OURS, b"Host: evil.example"), 400),
    "the same host twice": (get(OURS, OURS), 400),
    "no host": (get(), 400),
    "no host in HTTP/1.0": (get(version=b"HTTP/1.0"), 400),
    "a host in another case": (get(b"hOsT: HOST"), 200),
    "HTTP/0.9": (b"GET /login\r\n\r\n", 400),
    "HTTP/1.9": (get(OURS, version=b"HTTP/1.9"), 505),
    "HTTP/2.0 in words": (get(OURS, version=b"HTTP/2.0"), 505),
    "HTTP/11": (get(OURS, version=b"HTTP/11"), 400),
    "bare LF": (get(OURS).replace(b"\r\n", b"\n"), 200),
    "bare CR": (get(OURS, b"X: a\rTransfer-Encoding: chunked"), 400),
    "a header folded": (get(OURS, b"X: a\r\n b"), 200),
    "the first header folded": (get(b" X: a", OURS), 400),
    "a NUL in a header": (get(OURS, b"X: a\0b"), 400),
    "a header without a name": (get(OURS, b": a"), 400),
    "a header without a colon": (get(OURS, b"nothing"), 400),
    "a header with a space in its name": (get(OURS, b"X Y: a"), 400),
    "a header that is no ASCII": (get(OURS, b"X-\xff: a"), 400),
    "two spaces in the first line": (get(OURS, path=b"/login "), 400),
    "a tab in the first line": (get(OURS, path=b"/login\t"), 400),
    "bytes in the path": (get(OURS, path=b"/\xff\xfe"), 400),
    "encoded bytes in the path": (get(OURS, path=b"/%ff%fe"), 404),
    "an encoded line break": (get(OURS, path=b"/x%0d%0aSet-Cookie:%20a=b"), 404),
    "an encoded NUL": (get(OURS, path=b"/%00"), 404),
    "no path": (get(OURS, path=b"?x"), 400),
    "a path without a slash": (get(OURS, path=b"login"), 400),
    "a star": (get(OURS, path=b"*"), 400),
    "a whole address of ours": (get(OURS, path=b"http://HOST/login"), 200),
    "a whole address of another site": (get(OURS, path=b"http://evil.example/login"), 200),
    "a whole address that is none": (get(OURS, path=b"http://[evil/login"), 400),
    "a whole address without a path": (get(OURS, path=b"http://evil.example"), 400),
    "a proxy's CONNECT": (
        b"CONNECT evil.example:443 HTTP/1.1\r\nHost: HOST\r\nConnection: close\r\n\r\n",
        400,
    ),
    "a method with a quotation mark": (b"GE'T / HTTP/1.1\r\nHost: HOST\r\nConnection: close\r\n\r\n", 405),
    "a method of 10,000 letters": (
        b"A" * 10000 + b" / HTTP/1.1\r\nHost: HOST\r\nConnection: close\r\n\r\n",
        405,
    ),
    "a host of 1,000 letters": (get(b"Host: " + b"a" * 1000), 400),
    "a host with two full stops": (get(b"Host: a..localhost"), 400),
    "a head of 200 kB": (get(OURS, b"X: " + b"a" * 200_000), 431),
    "60,000 headers": (get(OURS, *[b"a: b"] * 60_000), 431),
    "an address of 100 kB": (get(OURS, path=b"/" + b"a" * 140_000), 431),
    "binary": (bytes(range(256)) * 4, 400),
    "the beginning of TLS": (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\0" * 100, 400),
}


@each("line", LINES)
def test_a_strange_request_has_one_plain_answer(server: Server, line: tuple[bytes, int]) -> None:
    """One answer, nothing in it of what was sent, and no error in the log."""
    request, status = line
    before = len(server.log)
    assert said(server, request) == [status]
    assert "Traceback" not in server.log[before:]


HANDSHAKE = b"Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
HANDSHAKE += b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
SOCKETS = {
    "a page": b"GET / HTTP/1.1\r\nHost: HOST\r\n",
    "a path that is not there": b"GET /x%0aFORGED HTTP/1.1\r\nHost: HOST\r\n",
    "another host": b"GET / HTTP/1.1\r\nHost: evil.example\r\n",
    "another origin": b"GET / HTTP/1.1\r\nHost: HOST\r\nOrigin: http://evil.example\r\n",
}


@each("start", SOCKETS)
def test_there_is_no_websocket(server: Server, start: bytes) -> None:
    """403, without the traceback that the framework would write."""
    before = len(server.log)
    assert said(server, start + HANDSHAKE + b"\r\n") == [403]
    assert "Traceback" not in server.log[before:]


def over_h2(server: Server, upgrade: bool, headers: list[tuple[str, str]]) -> list[str]:
    """The status of a request that is made by HTTP/2 without TLS, after an upgrade or at once."""
    config = h2.config.H2Configuration(client_side=True, validate_outbound_headers=False)
    connection = h2.connection.H2Connection(config)
    with socket.create_connection(("127.0.0.1", server.port), timeout=3) as line:
        if upgrade:
            settings = connection.initiate_upgrade_connection() or b""
            line.sendall(
                b"GET /login HTTP/1.1\r\nHost: localhost:%d\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n"
                b"HTTP2-Settings: %b\r\n\r\n" % (server.port, settings)
            )
            assert b"101" in line.recv(12)
            while b"\r\n\r\n" not in (head := line.recv(1)) and not head.endswith(b"\n"):
                pass
            rest = b""
            while not rest.endswith(b"\r\n\r\n"):
                rest += line.recv(1)
        else:
            connection.initiate_connection()
        line.sendall(connection.data_to_send())
        stream = connection.get_next_available_stream_id()
        connection.send_headers(stream, headers, end_stream=True)
        line.sendall(connection.data_to_send())
        statuses = []
        while True:
            events = connection.receive_data(line.recv(65536))
            line.sendall(connection.data_to_send())
            for event in events:
                if isinstance(event, h2.events.ResponseReceived):
                    statuses.append(dict(event.headers)[b":status"].decode())
                if isinstance(event, h2.events.StreamEnded) and event.stream_id == stream:
                    return statuses


@each("upgrade", {"by an upgrade": True, "at once": False})
def test_nothing_is_served_by_http_2_without_tls(server: Server, upgrade: bool) -> None:
    """505 for each request: what a proxy that passes the upgrade on can't see may not be believed."""
    headers = [(":method", "GET"), (":scheme", "http"), (":authority", f"localhost:{server.port}")]
    headers += [(":path", "/login"), ("x-forwarded-for", "1.2.3.4")]
    assert set(over_h2(server, upgrade, headers)) == {"505"}


def test_an_upgrade_with_damaged_settings_harms_nobody(server: Server) -> None:
    """The connection alone is lost: the next one is served."""
    for settings in (b"!!!!", b"", base64.urlsafe_b64encode(b"\0" * 3000)):
        head = b"GET / HTTP/1.1\r\nHost: HOST\r\nConnection: Upgrade\r\nUpgrade: h2c\r\nHTTP2-Settings: "
        said(server, head + settings + b"\r\n\r\nPRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + b"\xff" * 50, 0.3)
    assert said(server, get(OURS, path=b"/healthz")) == [200]


# Slow


def trickled(server: Server, start: bytes, drop: bytes, seconds: float) -> float:
    """How long the server puts up with a request of which another drop comes every 100 ms."""
    started = time.monotonic()
    with socket.create_connection(("127.0.0.1", server.port), timeout=0.1) as line:
        line.sendall(start.replace(b"HOST", f"localhost:{server.port}".encode()))
        while time.monotonic() - started < seconds:
            try:
                line.sendall(drop)
                if not line.recv(65536):
                    break
            except TimeoutError:
                continue
            except OSError:
                break
    return time.monotonic() - started


def test_a_head_that_never_ends_is_hung_up_on(server: Server) -> None:
    """Closed after the idle time, however many bytes still trickle in: it does not begin anew with each."""
    assert trickled(server, b"GET / HTTP/1.1\r\nHost: HOST\r\n", b"X: y\r\n", 4) < 3


def test_a_connection_that_says_nothing_is_hung_up_on(server: Server) -> None:
    """Closed after the idle time."""
    assert trickled(server, b"", b"", 4) < 3


def test_slow_connections_keep_nobody_waiting(server: Server) -> None:
    """200 without waiting, with 100 bodies and heads under way that never end."""
    lines = []
    head = f"POST /register HTTP/1.1\r\nHost: localhost:{server.port}\r\nContent-Length: 1000\r\n"
    for n in range(100):
        line = socket.create_connection(("127.0.0.1", server.port))
        line.sendall((head + ("\r\na=" if n % 2 else "")).encode())
        lines.append(line)
    started = time.monotonic()
    assert said(server, get(OURS, path=b"/healthz")) == [200]
    assert time.monotonic() - started < 20
    for line in lines:
        line.close()


def test_a_body_that_is_too_large_and_never_ends_is_answered(server: Server) -> None:
    """413 after ten seconds of reading, and closed: the rest is not waited for."""
    head = b"POST /register HTTP/1.1\r\nHost: HOST\r\nContent-Length: 50000000\r\n\r\n"
    assert 9 < trickled(server, head, b"a", 20) < 14


def test_a_body_that_says_to_be_a_gigabyte_is_refused_at_once(server: Server) -> None:
    """413 before a byte of it was read."""
    started = time.monotonic()
    assert said(server, post(b"Content-Length: 1000000000", body=b"a=b")) == [413]
    assert time.monotonic() - started < 9


def test_a_chunked_body_without_end_is_cut_off(server: Server) -> None:
    """413 once it is over the limit, and the connection is closed behind it."""
    chunk = b"100000\r\n" + b"a" * 0x100000 + b"\r\n"
    assert said(server, post(b"Transfer-Encoding: chunked", body=chunk * 5 + b"0\r\n\r\n" + SECOND)) == [413]


def test_visitors_who_hang_up_in_the_middle_leave_nothing_behind(server: Server) -> None:
    """200 afterwards, with fifty saves cut off at every stage."""
    body = b"username=x&email=x&password=y"
    for cut in range(0, 150, 3):
        with socket.create_connection(("127.0.0.1", server.port)) as line:
            request = post(b"Content-Length: %d" % len(body), body=body)
            line.sendall(request.replace(b"HOST", f"localhost:{server.port}".encode())[:cut])
    assert said(server, get(OURS, path=b"/readyz")) == [200]


def test_200_connections_at_once_are_all_answered(server: Server) -> None:
    """200 two hundred times."""
    found: list[list[int]] = []
    threads = [threading.Thread(target=lambda: found.append(said(server, get(OURS)))) for _ in range(200)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [[200]] * 200


# The log


LOGGED = {
    "a path": get(OURS, path=b"/x%0a%5b2026%5d%20FORGED%0d%0a%1b[31mFORGED"),
    "a query": get(OURS, path=b"/?before=%0aFORGED"),
    "a user agent": get(OURS, b"User-Agent: x\\nFORGED %0aFORGED"),
    "a name": post(
        b"Content-Length: 36", b"Connection: close", body=b"username=%0aFORGED&password=%0aFORGED"
    ),
    "a method": b"FORGED\x7f / HTTP/1.1\r\nHost: HOST\r\nConnection: close\r\n\r\n",
    "a forwarded address": get(OURS, b"X-Forwarded-For: %0aFORGED"),
    "a websocket's path": b"GET /%0aFORGED HTTP/1.1\r\nHost: HOST\r\n" + HANDSHAKE + b"\r\n",
    "a token's header": get(
        OURS,
        b"Cookie: access_token="
        + base64.urlsafe_b64encode(b'{"alg":"HS256","kid":"x","crit":["\\nFORGED"]}').rstrip(b"=")
        + b".e30.AA",
    ),
    "a token's key id": get(
        OURS,
        b"Cookie: access_token="
        + base64.urlsafe_b64encode(b'{"alg":"HS256","kid":"\\nFORGED"}').rstrip(b"=")
        + b".e30.AA",
    ),
}


@each("asked", LOGGED)
def test_nobody_writes_a_line_of_the_log(server: Server, asked: bytes) -> None:
    """Each line is the site's own, and begins with its time."""
    before = len(server.log)
    said(server, asked, 1)
    lines = server.log[before:].splitlines()
    assert not [line for line in lines if not line.startswith("[")]
    assert not [line for line in lines if line.startswith("FORGED") or "\x1b" in line]


def test_the_log_holds_nothing_that_was_written_or_typed(server: Server) -> None:
    """No name, no password, no text, no token, no address of a page: the route, and who, by number."""
    secret = "Zyx98-never-in-the-log"
    form = f"username={secret}&email={secret}%40example.org&password={secret}&zone=UTC".encode()
    head = [b"Content-Length: %d" % len(form), b"Connection: close"]
    assert said(server, post(*head, body=form)) == [303]
    assert said(server, post(*head, body=form)) == [422]
    assert said(server, post(*head, body=form, path=b"/login")) in ([303], [422])
    said(
        server, get(OURS, f"Cookie: access_token={secret}.a.b".encode(), path=f"/{secret}?{secret}".encode())
    )
    assert secret not in server.log
