"""Real servers: how they start, what they refuse to start with, and how they stop without losing a word."""

import os
import re
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from journal import database
from journal.serving import CannotServe, configuration
from tests.figures import Counted
from tests.postgres import free_port, program
from tests.servers import KEY, ROOT, NotServing, Server, environment, host, joined, listening, serving

pytestmark = pytest.mark.slow


def journal(folder: Path, *arguments: str, **settings: str) -> "subprocess.CompletedProcess[str]":
    """A `journal` command that is expected to end by itself."""
    if not (folder / ".env").exists():
        (folder / ".env").touch()
    command = [sys.executable, "-m", "journal", *arguments]
    env = environment(**{"FLASK_ENV": "development", **settings})
    return subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, timeout=30)


def serve(folder: Path, **settings: str) -> "subprocess.CompletedProcess[str]":
    return journal(folder, "serve", "--bind", "127.0.0.1:0", **settings)


def sentence(done: "subprocess.CompletedProcess[str]") -> str:
    """What a command said that did not work: one line, nothing else."""
    assert done.returncode == 1, done.stdout + done.stderr
    assert done.stdout == ""
    assert re.fullmatch(r"journal: [^\n]+\n", done.stderr), done.stderr
    return done.stderr.removeprefix("journal: ").strip()


# Starting


def test_a_first_start_makes_the_database_and_serves_the_front_page(
    tmp_path: Path, database_url: str
) -> None:
    new: dict[str, Any] = {} if database.is_sqlite(database_url) else {"DATABASE_URL": database_url}
    with serving(tmp_path, **new) as server:
        answer = httpx.get(f"http://127.0.0.1:{server.port}/")
        assert (answer.status_code, "A journal that keeps" in answer.text) == (200, True)
        assert f"Running on http://127.0.0.1:{server.port}" in server.log
        assert ("Migrated: 0001_first" in server.log) == bool(not new)


def test_after_a_restart_people_are_still_signed_in_and_find_what_they_wrote(
    tmp_path: Path, database_url: str
) -> None:
    with serving(tmp_path, DATABASE_URL=database_url) as server, joined(server) as ann:
        ann.post("/entries", data={"body": "Before the restart."})
        assert server.stop() == 0
        server.start()
        assert "Before the restart." in ann.get("/").text
        server.kill()
        server.start()
        assert "Before the restart." in ann.get("/").text


def test_hypercorn_itself_serves_the_site_as_well(tmp_path: Path, database_url: str) -> None:
    port = free_port()
    command = [sys.executable, "-m", "hypercorn", "-c", str(ROOT / "hypercorn.toml")]
    command += ["-b", f"127.0.0.1:{port}", "journal.app:create_app()"]
    with listening(tmp_path, port, command, DATABASE_URL=database_url) as server, joined(server) as ann:
        assert ann.post("/entries", data={"body": "Here too."}).status_code == 303
        assert "Here too." in ann.get("/").text
        assert server.stop() == 0


def test_hypercorn_itself_does_not_serve_what_is_not_migrated(tmp_path: Path) -> None:
    port = free_port()
    command = [sys.executable, "-m", "hypercorn", "-c", str(ROOT / "hypercorn.toml")]
    command += ["-b", f"127.0.0.1:{port}", "journal.app:create_app()"]
    (tmp_path / "data").mkdir()
    with pytest.raises(NotServing), listening(tmp_path, port, command):
        pass
    assert "run `journal migrate` first" in (tmp_path / "server.log").read_text()


# What is refused, each in one sentence


def test_a_port_in_use_is_said_before_the_database_is_touched(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        where = f"127.0.0.1:{other.getsockname()[1]}"
        done = journal(tmp_path, "serve", "--bind", where)
    assert sentence(done) == f"{where} is in use by another program; choose another with --bind"
    assert not (tmp_path / "data").exists()


WRONG = ["nonsense", "127.0.0.1:", "127.0.0.1:web", "127.0.0.1:65536", "::1", "2001:db8::1", "a b:1", "unix:"]


@pytest.mark.parametrize("bind", [*WRONG, "http://localhost:8000", "http://127.0.0.1:8000/"])
def test_a_wrong_place_to_listen_is_refused_with_what_it_should_be(bind: str) -> None:
    with pytest.raises(CannotServe) as raised:
        configuration(bind)
    assert str(raised.value) == f"can't listen on {bind}: it should be HOST:PORT, like 127.0.0.1:8000"


@pytest.mark.parametrize(
    ("written", "family", "host"),
    [
        (":{port}", socket.AF_INET, "0.0.0.0"),
        ("*:{port}", socket.AF_INET, "0.0.0.0"),
        ("{port}", socket.AF_INET, "127.0.0.1"),
        ("localhost:{port}", socket.AF_INET, "127.0.0.1"),
        ("127.0.0.1:{port}", socket.AF_INET, "127.0.0.1"),
        ("::1:{port}", socket.AF_INET6, "::1"),
        ("[::1]:{port}", socket.AF_INET6, "::1"),
        (":::{port}", socket.AF_INET6, "::"),
        ("[::]:{port}", socket.AF_INET6, "::"),
        ("unix:{folder}/journal.sock", socket.AF_UNIX, None),
    ],
)
def test_a_place_to_listen_is_read_as_people_write_it(
    tmp_path: Path, written: str, family: socket.AddressFamily, host: str | None
) -> None:
    port = free_port()
    config = configuration(written.format(port=port, folder=tmp_path))
    (listening,) = config.create_sockets().insecure_sockets
    with closing(listening):
        assert listening.family == family
        name = listening.getsockname()
        assert name == f"{tmp_path}/journal.sock" if host is None else name[:2] == (host, port)


def test_the_addresses_of_hypercorn_toml_are_read_in_the_same_way(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    ports = [free_port(), free_port()]
    (tmp_path / "hypercorn.toml").write_text(f'bind = [":{ports[0]}", "::1:{ports[1]}"]\nworkers = 0\n')
    assert configuration(None).bind == [f"0.0.0.0:{ports[0]}", f"[::1]:{ports[1]}"]


def test_a_new_database_is_announced_with_its_whole_path_and_an_old_one_is_not(tmp_path: Path) -> None:
    settings = {"SECRET_KEY": KEY, "DATABASE_URL": "sqlite:///mine/x.db"}
    assert f"A new, empty database: {tmp_path}/mine/x.db\n" in journal(tmp_path, "migrate", **settings).stdout
    assert "new" not in journal(tmp_path, "migrate", **settings).stdout


@pytest.mark.parametrize(
    ("bind", "said"),
    [
        ("nonsense", "it should be HOST:PORT, like 127.0.0.1:8000"),
        ("203.0.113.7:8000", "Cannot assign requested address"),
        ("unix:/nowhere/journal.sock", "No such file or directory"),
    ],
)
def test_a_place_where_nobody_can_listen_is_said(tmp_path: Path, bind: str, said: str) -> None:
    assert sentence(journal(tmp_path, "serve", "--bind", bind)) == f"can't listen on {bind}: {said}"


def test_a_broken_env_file_is_said(tmp_path: Path) -> None:
    (tmp_path / ".env").write_bytes(b"SECRET_KEY=\xff\xfe\x00hush")
    told = sentence(journal(tmp_path, "serve"))
    assert told.startswith(f"{tmp_path}/.env can't be read")
    assert "hush" not in told


def test_a_wrong_setting_is_said(tmp_path: Path) -> None:
    told = sentence(journal(tmp_path, "serve", REGISTRATION="maybe"))
    assert told == "REGISTRATION is 'maybe'; it should be open or closed"


def test_a_broken_hypercorn_toml_is_said(tmp_path: Path) -> None:
    (tmp_path / "hypercorn.toml").write_text("bind = [")
    assert sentence(journal(tmp_path, "serve")).startswith("hypercorn.toml can't be used")


@pytest.mark.parametrize("line", ["workers = 2", "workers = 1", ""])
def test_workers_that_a_stop_would_end_in_the_middle_of_a_save_are_refused(tmp_path: Path, line: str) -> None:
    (tmp_path / "hypercorn.toml").write_text(f'bind = ["127.0.0.1:0"]\n{line}\n')
    assert sentence(journal(tmp_path, "serve")).startswith("hypercorn.toml should say workers = 0")


def test_production_without_a_key_or_an_address_is_said(tmp_path: Path) -> None:
    assert sentence(journal(tmp_path, "serve", FLASK_ENV="production")).startswith("SECRET_KEY is empty")
    done = journal(tmp_path, "serve", FLASK_ENV="production", SECRET_KEY=KEY)
    assert sentence(done).startswith("PUBLIC_URL is empty")


def test_an_unreadable_database_is_said_by_name_and_left_alone(tmp_path: Path) -> None:
    file = tmp_path / "diary.txt"
    file.write_text("Dear diary, this is not a database. " * 100)
    told = sentence(serve(tmp_path, DATABASE_URL=f"sqlite:///{file}"))
    assert told.startswith(f"the database {file} (owner ")
    assert told.endswith(" can't be used (file is not a database)")
    assert file.read_text() == "Dear diary, this is not a database. " * 100


def test_a_database_in_a_place_that_can_not_be_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert "file" in sentence(serve(tmp_path, DATABASE_URL="sqlite://file/journal.sqlite3"))
    told = sentence(serve(tmp_path, DATABASE_URL=f"sqlite:///{tmp_path}"))
    assert f"{tmp_path} can't be written (Is a directory)" in told


def test_a_postgres_that_is_away_is_said_without_its_password(tmp_path: Path) -> None:
    where = f"127.0.0.1:{free_port()}/journal"
    told = sentence(serve(tmp_path, DATABASE_URL=f"postgres://ann:hush@{where}"))
    assert told.startswith(f"the database {where} can't be used (")
    assert "hush" not in told


# Stopping


@contextmanager
def held(url: str, seconds: float) -> Iterator[None]:
    """Another program holds the database for that long."""
    ready, let_go = threading.Event(), threading.Event()

    def hold() -> None:
        if database.is_sqlite(url):
            with closing(sqlite3.connect(database.sqlite_file(url), isolation_level=None)) as other:
                other.execute("BEGIN IMMEDIATE")
                ready.set()
                let_go.wait(seconds)
        else:
            lock = "BEGIN; LOCK TABLE entries, saves IN EXCLUSIVE MODE; \\echo held\n"
            with subprocess.Popen(
                [program("psql"), "-q", url], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
            ) as other:
                assert other.stdin
                assert other.stdout
                other.stdin.write(lock)
                other.stdin.flush()
                other.stdout.readline()
                ready.set()
                let_go.wait(seconds)
                other.stdin.write("COMMIT;\n")

    holding = threading.Thread(target=hold)
    holding.start()
    assert ready.wait(10)
    try:
        yield
    finally:
        let_go.set()
        holding.join()


def in_background(browser: httpx.Client, body: str) -> tuple[threading.Thread, list[httpx.Response]]:
    answers: list[httpx.Response] = []
    asking = threading.Thread(target=lambda: answers.append(browser.post("/entries", data={"body": body})))
    asking.start()
    return asking, answers


@pytest.mark.parametrize("is_to_the_group", [False, True])
def test_a_stop_lets_a_save_under_way_finish(
    tmp_path: Path, database_url: str, is_to_the_group: bool
) -> None:
    """systemd sends SIGTERM to the whole group unless it is told otherwise."""
    with serving(tmp_path, DATABASE_URL=database_url) as server, joined(server) as ann:
        with held(database_url, 1.5):
            asking, answers = in_background(ann, "Written at the last moment.")
            time.sleep(0.3)
            end = os.killpg if is_to_the_group else os.kill
            end(server.process.pid, signal.SIGTERM)
            time.sleep(0.5)
            assert server.process.poll() is None
        asking.join()
        assert server.process.wait(20) == 0
        assert answers[0].status_code == 303
        assert "Traceback" not in server.log
        server.start()
        assert "Written at the last moment." in ann.get("/").text


def test_a_stop_waits_for_a_body_that_is_still_coming(tmp_path: Path, database_url: str) -> None:
    with serving(tmp_path, DATABASE_URL=database_url) as server, joined(server) as ann:
        head, body = form(server, ann, "body=Slowly+uploaded+" + "x" * 5000)
        with socket.create_connection(("127.0.0.1", server.port), timeout=10) as line:
            line.sendall(head + body[:1000])
            time.sleep(0.3)
            server.process.send_signal(signal.SIGTERM)
            time.sleep(0.3)
            line.sendall(body[1000:])
            assert line.recv(100).startswith(b"HTTP/1.1 303")
        assert server.process.wait(20) == 0
        server.start()
        assert "Slowly uploaded" in ann.get("/").text


def form(server: Server, browser: httpx.Client, body: str) -> tuple[bytes, bytes]:
    """Head and body of a plain POST /entries as that browser would send it."""
    cookies = "; ".join(f"{name}={value}" for name, value in browser.cookies.items())
    head = f"POST /entries HTTP/1.1\r\nHost: {host(server)}\r\nCookie: {cookies}\r\n"
    head += f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode(), body.encode()


def test_a_stop_does_not_wait_for_lines_on_which_nobody_speaks(tmp_path: Path, database_url: str) -> None:
    with serving(tmp_path, DATABASE_URL=database_url) as server:
        lines = [socket.create_connection(("127.0.0.1", server.port)) for _ in range(30)]
        for n, line in enumerate(lines):
            line.sendall(
                [b"", b"GET / HTTP/1.1\r\nHost: loc", b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"][n % 3]
            )
        time.sleep(0.5)
        started = time.monotonic()
        assert server.stop() == 0
        assert time.monotonic() - started < 20
        for line in lines:
            line.close()


def test_a_stop_by_the_keyboard_is_a_stop_as_well(tmp_path: Path, database_url: str) -> None:
    with serving(tmp_path, DATABASE_URL=database_url) as server:
        server.process.send_signal(signal.SIGINT)
        assert server.process.wait(10) == 0
        assert "Traceback" not in server.log


@pytest.mark.parametrize("rounds", [2, pytest.param(20, marks=pytest.mark.soak)])
def test_a_restart_loop_loses_nothing_that_was_acknowledged(
    tmp_path: Path, database_url: str, rounds: int, counted: Counted
) -> None:
    """Killed and stopped by turns while somebody writes, who tries again with the same save."""
    with serving(tmp_path, DATABASE_URL=database_url) as server, joined(server) as ann:
        stopping = threading.Event()
        kept: list[str] = []
        writing = threading.Thread(target=write_on, args=(ann, stopping, kept))
        writing.start()
        for n in range(rounds):
            time.sleep(0.4)
            (server.kill if n % 2 else server.stop)()
            server.start()
        time.sleep(0.5)
        stopping.set()
        writing.join()
        assert len(kept) > 5 * rounds
        pages, link = "", "/"
        while link:
            page = ann.get(link).text
            found = re.search(r'href="(/\?before=[^"]+)" rel="next"', page)
            pages, link = pages + page, found[1] if found else ""
        assert [pages.count(f"Number {text}.") for text in kept] == [1] * len(kept)
        outcome = f"{len(kept):,} entries acknowledged: each is there, once"
        counted(f"{rounds} restarts, by kill -9 and SIGTERM in turn, under a writer", outcome)


def write_on(browser: httpx.Client, stopping: threading.Event, kept: list[str]) -> None:
    """One entry after the other, each sent until it is acknowledged."""
    number = 0
    while not stopping.is_set():
        number += 1
        uid = f"00000000-0000-4000-8000-{number:012}"
        data = {"body": f"Number {number}.", "version": "0", "save": uid}
        while True:
            try:
                answer = browser.put(f"/entries/{uid}", data=data, headers={"HX-Request": "true"})
            except httpx.TransportError:
                time.sleep(0.02)
                continue
            if answer.status_code == 200 and "X-Version" in answer.headers:
                kept.append(str(number))
                break
