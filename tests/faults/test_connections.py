"""Connections that nobody uses, readers that don't read, heads that don't end, and no descriptor left."""

import contextlib
import os
import resource
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from itertools import product
from pathlib import Path

import httpx
import pytest

from journal import tcp_connections
from tests.postgres import free_port
from tests.servers import Server, joined, listening, serving

pytestmark = [pytest.mark.engine("sqlite"), pytest.mark.slow]  # no connection knows the database

# The site with shorter patience, so that a test need not wait for half a minute.
HASTY = """
import sys
from journal import cli, tcp_connections

tcp_connections.STALLED, tcp_connections.HEAD = float(sys.argv.pop(1)), float(sys.argv.pop(1))
cli.main()
"""
TEXT = "A long line of words that fills whatever lies between the site and its reader.\n\n" * 12_000  # 960 kB


@contextlib.contextmanager
def hasty(folder: Path, url: str, stalled: float = 3, head: float = 1) -> Iterator[Server]:
    port = free_port()
    bind = f"127.0.0.1:{port}"
    command = [sys.executable, "-c", HASTY, str(stalled), str(head), "serve", "--bind", bind]
    with listening(folder, port, command, DATABASE_URL=url) as server:
        yield server


def descriptors(server: Server) -> int:
    """How many descriptors of visitors' connections the server has, by /proc."""
    lines = Path(f"/proc/{server.process.pid}/net/tcp").read_text().splitlines()[1:]
    local = f":{server.port:04X}"
    established = {line.split()[9] for line in lines if line.split()[1].endswith(local)}
    held = 0
    for entry in Path(f"/proc/{server.process.pid}/fd").iterdir():
        with contextlib.suppress(FileNotFoundError):
            held += os.readlink(entry).removeprefix("socket:[").rstrip("]") in established
    return held


def until(is_so: Callable[[], bool], seconds: float = 20) -> float:
    """The seconds until the condition was true."""
    started = time.monotonic()
    while not is_so():
        assert time.monotonic() - started < seconds, "it never came"
        time.sleep(0.05)
    return time.monotonic() - started


def line_to(server: Server, buffer: int = 0) -> socket.socket:
    line = socket.socket()
    if buffer:
        line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffer)
    line.connect(("127.0.0.1", server.port))
    return line


BEFORE = {
    "nothing": b"",
    "half a head": b"GET /healthz HT",
    "a whole request": b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n",
    "half a body": b"POST /login HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\nuser",
}


def test_whoever_leaves_gives_back_the_descriptor_at_once(tmp_path: Path, database_url: str) -> None:
    with serving(tmp_path, DATABASE_URL=database_url) as server:
        time.sleep(0.2)
        for sent, is_half in product(BEFORE.values(), (False, True)):
            before, lines = descriptors(server), [line_to(server) for _ in range(50)]
            until(lambda before=before: descriptors(server) >= before + 50)
            for line in lines:
                line.sendall(sent)
                line.shutdown(socket.SHUT_WR) if is_half else line.close()
            assert until(lambda before=before: descriptors(server) <= before) < 15
            for line in lines:
                line.close()


def asking(server: Server, ann: httpx.Client, path: str, times: int = 1) -> socket.socket:
    """A reader that asks for a page, so many times in a row, and never reads it."""
    cookies = "; ".join(f"{name}={value}" for name, value in ann.cookies.items())
    line = line_to(server, buffer=4096)
    host = server.url.partition("://")[2]
    line.sendall(f"GET {path} HTTP/1.1\r\nHost: {host}\r\nCookie: {cookies}\r\n\r\n".encode() * times)
    return line


def long_page(ann: httpx.Client) -> str:
    answer = ann.post("/entries", data={"body": TEXT}, timeout=60)
    assert answer.status_code == 303
    return answer.headers["Location"] + "/edit"


def test_a_reader_that_does_not_read_is_hung_up_on(tmp_path: Path, database_url: str) -> None:
    with hasty(tmp_path, database_url) as server, joined(server) as ann:
        path = long_page(ann)
        before, lines = descriptors(server), [asking(server, ann, path) for _ in range(5)]
        until(lambda: descriptors(server) >= before + 5)
        assert until(lambda: descriptors(server) <= before) > 1
        for line in lines:
            line.close()


def test_a_slow_reader_that_goes_on_reading_gets_all_of_it(tmp_path: Path, database_url: str) -> None:
    with hasty(tmp_path, database_url, stalled=2) as server, joined(server) as ann:
        line, heard, started = asking(server, ann, long_page(ann)), b"", time.monotonic()
        while b"</html>" not in heard[-20:]:
            piece = line.recv(100_000)
            assert piece, "hung up on"
            heard += piece
            if time.monotonic() - started < 6:  # three times as long as a reader may stand still
                time.sleep(0.5)
        assert len(heard) > len(TEXT)
        line.close()


def test_readers_that_sleep_do_not_hold_up_the_stop(tmp_path: Path, database_url: str) -> None:
    with hasty(tmp_path, database_url, stalled=30) as server, joined(server) as ann:
        path = long_page(ann)
        before, lines = descriptors(server), [asking(server, ann, path, times=9) for _ in range(3)]
        until(lambda: descriptors(server) >= before + 3)
        time.sleep(5)  # until more is written than the kernel holds
        started = time.monotonic()
        assert server.stop() == 0
        assert time.monotonic() - started < 15
        for line in lines:
            line.close()


def test_a_head_that_does_not_end_is_hung_up_on(tmp_path: Path, database_url: str) -> None:
    with hasty(tmp_path, database_url) as server:
        line = line_to(server)
        line.settimeout(20)
        line.sendall(b"GET / HTTP/1.1\r\nX-Slow: ")
        with pytest.raises(ConnectionError):
            trickle(line, b"a" * 200)
        line.close()


def trickle(line: socket.socket, text: bytes) -> None:
    for letter in text:
        line.sendall(bytes([letter]))
        time.sleep(0.1)


def test_a_line_that_is_kept_open_between_requests_stays_open(tmp_path: Path, database_url: str) -> None:
    with hasty(tmp_path, database_url) as server:
        line = line_to(server)
        for _ in range(3):
            line.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
            heard = b""
            while not heard.endswith(b"ok\n"):
                piece = line.recv(4096)
                assert piece, "hung up on"
                heard += piece
            time.sleep(2.5)
        line.close()


def test_connections_without_end_stop_nothing(tmp_path: Path, database_url: str) -> None:
    """With 256 descriptors, 600 connections that say nothing: the site answers, saves, and does not spin."""
    with serving(tmp_path, DATABASE_URL=database_url) as server, joined(server) as ann:
        resource.prlimit(server.process.pid, resource.RLIMIT_NOFILE, (256, 256))
        lines = []
        for n in range(600):
            line = line_to(server)
            line.sendall(b"GET / HT" if n % 2 else b"")
            lines.append(line)
            if n % 100 == 99:
                assert ann.post("/entries", data={"body": f"Words {n}"}, timeout=20).status_code == 303
        assert "Words 599" in ann.get("/", timeout=20).text
        assert ann.get("/nothing", timeout=20).status_code == 404
        assert descriptors(server) < 256 - tcp_connections.SPARE + 20  # some are just being closed
        began = processor_seconds(server)
        time.sleep(2)
        assert processor_seconds(server) - began < 1
        for line in lines:
            line.close()
        until(lambda: descriptors(server) < 20)
        assert "Traceback" not in server.log


def processor_seconds(server: Server) -> float:
    fields = Path(f"/proc/{server.process.pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def test_hypercorn_started_by_its_own_command_is_mended_as_well(tmp_path: Path, database_url: str) -> None:
    port = free_port()
    migrate = [sys.executable, "-m", "journal", "migrate"]
    with serving(tmp_path, DATABASE_URL=database_url) as server:
        env = {**server.settings}
    assert subprocess.run(migrate, cwd=tmp_path, env={**os.environ, **env}, check=False).returncode == 0
    command = [sys.executable, "-m", "hypercorn", "--bind", f"127.0.0.1:{port}", "-w", "0"]
    command += ["-k", "uvloop", "--keep-alive", "75", "journal.app:create_app()"]
    with listening(tmp_path, port, command, DATABASE_URL=database_url) as server:
        time.sleep(0.2)
        before, lines = descriptors(server), [line_to(server) for _ in range(5)]
        until(lambda: descriptors(server) >= before + 5)
        for line in lines:
            line.close()
        assert until(lambda: descriptors(server) <= before) < 15
