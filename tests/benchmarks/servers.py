"""Servers under measurement: starts them on a free loopback port, waits for them and stops them."""

import http.client
import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

LOOPBACK = "127.0.0.1"
START_SECONDS = 30
STOP_SECONDS = 10
LOG_LINES = 15


class Failed(Exception):
    """The benchmark can't continue; the message says why."""


@dataclass(frozen=True)
class Server:
    name: str
    port: int
    pid: int
    started_in: float  # seconds from spawning to the first answer

    @property
    def url(self) -> str:
        return f"http://{LOOPBACK}:{self.port}"


def free_port() -> int:
    with socket.create_server((LOOPBACK, 0)) as listener:
        return int(listener.getsockname()[1])


@contextmanager
def running(
    name: str, command: list[str], *, port: int, folder: Path, env: Mapping[str, str]
) -> Iterator[Server]:
    log = folder / f"{port}.log"
    begun = time.monotonic()
    with log.open("wb") as output:
        process = subprocess.Popen(
            command,
            cwd=folder,
            env={**os.environ, **env},
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    try:
        _wait(process, port, name, log)
        yield Server(name, port, process.pid, time.monotonic() - begun)
    finally:
        _end(process)


def _wait(process: subprocess.Popen[bytes], port: int, name: str, log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while not _answers(port):
        if process.poll() is not None or time.monotonic() > deadline:
            tail = "\n".join(log.read_text(errors="replace").splitlines()[-LOG_LINES:])
            raise Failed(f"{name} did not start. Its last words:\n{tail}")
        time.sleep(0.02)


def _answers(port: int) -> bool:
    connection = http.client.HTTPConnection(LOOPBACK, port, timeout=5)
    try:
        connection.request("GET", "/")
        return connection.getresponse().status < 500
    except OSError:
        return False
    finally:
        connection.close()


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)  # its own session, so only what it started
        process.wait()


def run(command: list[str], *, folder: Path, env: Mapping[str, str]) -> str:
    """The output of a command. Raises Failed with its errors."""
    done = subprocess.run(command, cwd=folder, env={**os.environ, **env}, capture_output=True, text=True)
    if done.returncode:
        raise Failed(f"{' '.join(command)} failed:\n{done.stdout}{done.stderr}")
    return done.stdout
