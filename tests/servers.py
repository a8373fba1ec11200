"""Real `journal serve` processes in folders of their own, for tests over HTTP and in browsers."""

import contextlib
import http.client
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import httpx

from tests.postgres import free_port

ROOT = Path(__file__).resolve().parent.parent
KEY = "k" * 40
PASSWORD = "correct horse battery"
START_SECONDS = 30
STOP_SECONDS = 40
# What a developer's shell may hold must not reach the servers under test.
NAMES = re.findall(r"^([A-Z_]+)=", (ROOT / ".env.example").read_text(encoding="utf-8"), re.MULTILINE)


# All the people of a file of tests sign up at one address within the hour.
SERVE = """
import sys
from journal import cli
from journal.sessions import throttle
throttle.SIGN_UPS = (100_000, throttle.SIGN_UPS[1])
sys.argv[:1] = ["journal", "serve"]
cli.main()
"""


class NotServing(Exception):
    """The server did not start; the message ends with its last words."""


def environment(**settings: str) -> dict[str, str]:
    """This process's, with these settings of the site and no others."""
    inherited = {name: value for name, value in os.environ.items() if name not in NAMES}
    return {**inherited, "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1", **settings}


class Server:
    """`url` is where people find it, `port` where it listens on 127.0.0.1, `log` what it has written."""

    def __init__(
        self, folder: Path, port: int, settings: Mapping[str, str], command: list[str] | None = None
    ) -> None:
        self.folder, self.port, self.settings = folder, port, settings
        self.url = settings["PUBLIC_URL"]
        self.command = command or [sys.executable, "-c", SERVE, "--bind", f"127.0.0.1:{port}"]
        self.log_file = folder / "server.log"
        self.process: subprocess.Popen[bytes]

    @property
    def log(self) -> str:
        return self.log_file.read_text(encoding="utf-8", errors="replace")

    def start(self) -> None:
        """Returns when it answers. It can be started again after stop() or kill(), at the same port."""
        with self.log_file.open("ab") as log:
            self.process = subprocess.Popen(
                self.command,
                cwd=self.folder,
                env=environment(**self.settings),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        deadline = time.monotonic() + START_SECONDS
        while not self.answers():
            if self.process.poll() is not None or time.monotonic() > deadline:
                self.kill()
                raise NotServing("\n".join(self.log.splitlines()[-20:]))
            time.sleep(0.02)

    def answers(self) -> bool:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
        try:
            connection.request("GET", "/healthz")
            return connection.getresponse().status == 200
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()

    def stop(self) -> int:
        """By SIGTERM, as systemd does it; the exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(STOP_SECONDS)

    def kill(self) -> None:
        """By SIGKILL, as a power cut or a full memory does it."""
        self.process.kill()
        self.process.wait()


@contextmanager
def serving(folder: Path, *, port: int | None = None, **env: str) -> Iterator[Server]:
    """The site at server.url, its data in folder/data; `env` are settings, like FLASK_ENV="production"."""
    port = port or free_port()
    with listening(folder, port, None, **env) as server:
        yield server


@contextmanager
def listening(folder: Path, port: int, command: list[str] | None, **env: str) -> Iterator[Server]:
    """The same by any command that ends up serving at 127.0.0.1:port."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / ".env").touch()  # without one the checkout's would be read, and its database used
    usual = {"FLASK_ENV": "development", "SECRET_KEY": KEY, "PUBLIC_URL": f"http://localhost:{port}"}
    usual["BACKUPS"] = "off"
    server = Server(folder, port, usual | env, command)
    server.start()
    try:
        yield server
    finally:
        if server.process.poll() is None:
            try:
                server.stop()
            except subprocess.TimeoutExpired:
                server.kill()


@contextmanager
def joined(server: Server, name: str = "Ann") -> Iterator[httpx.Client]:
    """The browser of somebody who has just signed up there; it follows no redirects."""
    with browser_at(server) as browser:
        form = {"username": name, "email": f"{name.lower()}@example.org", "password": PASSWORD}
        answer = browser.post("/register", data=form)
        assert answer.status_code == 303, answer.text
        yield browser


def browser_at(server: Server) -> httpx.Client:
    """One in which nobody has signed in; it follows no redirects."""
    return httpx.Client(base_url=f"http://127.0.0.1:{server.port}", headers={"Host": host(server)})


def host(server: Server) -> str:
    return server.url.partition("://")[2]


def spoken(port: int, request: bytes, seconds: float = 10) -> bytes:
    """All that the server says to these very bytes, until it closes or falls silent."""
    with socket.create_connection(("127.0.0.1", port), timeout=seconds) as line:
        heard = b""
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            line.sendall(request)
        with contextlib.suppress(TimeoutError, ConnectionError):
            while piece := line.recv(65536):
                heard += piece
        return heard
