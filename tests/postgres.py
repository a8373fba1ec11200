"""A real PostgreSQL server of the tests' own, in a temporary folder, ended with them."""

import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from glob import glob
from pathlib import Path
from typing import Any

# Durability is tested elsewhere; here the disk only costs time.
OPTIONS = "-c fsync=off -c synchronous_commit=off -c full_page_writes=off -c max_connections=60"


def program(name: str) -> str:
    """Debian keeps the server's programs outside PATH."""
    found = shutil.which(name) or next(
        iter(sorted(glob(f"/usr/lib/postgresql/*/bin/{name}"), reverse=True)), None
    )
    if not found:
        raise FileNotFoundError(f"PostgreSQL's {name} is missing: `python3 run.py test` installs it")
    return found


def _as_server_user(command: list[str]) -> list[str]:
    """PostgreSQL refuses to run as root."""
    return ["runuser", "-u", "postgres", "--", *command] if os.geteuid() == 0 else command


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Postgres:
    def __init__(self, port: int) -> None:
        self.port = port
        self._shell: subprocess.Popen[str] | None = None

    @classmethod
    @contextmanager
    def started(cls, kept: Path | None = None) -> Iterator["Postgres"]:
        """With what is in `kept`, which stays there; without such a folder all goes with the server."""
        folder = kept or Path(tempfile.mkdtemp(prefix="journal-postgres-"))
        folder.mkdir(exist_ok=True)
        if os.geteuid() == 0:
            shutil.chown(folder, "postgres")
        port = free_port()
        data = str(folder / "data")
        if not Path(data).exists():
            initdb = [program("initdb"), "-D", data, "-U", "journal", "-A", "trust", "-E", "UTF8"]
            initdb = _as_server_user([*initdb, "--no-sync"])
            subprocess.run(initdb, check=True, stdout=subprocess.DEVNULL, cwd="/")
        control = [program("pg_ctl"), "-D", data, "-w", "-l", str(folder / "log")]
        options = f"-p {port} -k {folder} -c listen_addresses=127.0.0.1 {OPTIONS}"
        subprocess.run(
            _as_server_user([*control, "-o", options, "start"]),
            check=True,
            stdout=subprocess.DEVNULL,
            cwd="/",
        )
        server = cls(port)
        try:
            yield server
        finally:
            server.leave()
            stop = _as_server_user([*control, "-m", "fast" if kept else "immediate", "stop"])
            subprocess.run(stop, check=False, stdout=subprocess.DEVNULL, cwd="/")
            if not kept:
                shutil.rmtree(folder, ignore_errors=True)

    def url(self, name: str) -> str:
        return f"postgres://journal@127.0.0.1:{self.port}/{name}"

    def create(self, name: str, template: str = "template0") -> str:
        for _ in range(50):  # a template that somebody is just leaving can't be copied for a moment
            if not (complaint := self._sql(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')):
                return self.url(name)
            time.sleep(0.1)
        raise RuntimeError(complaint)

    def drop(self, name: str) -> None:
        if complaint := self._sql(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)'):
            raise RuntimeError(complaint)

    def leave(self) -> None:
        if self._shell:
            self._shell.communicate()
        self._shell = None

    def _sql(self, statement: str, *, is_question: bool = False) -> str:
        """Runs the statement; returns the rows of a query, or the server's error message, or nothing."""
        shell = self._shell = self._shell or self._opened()
        assert shell.stdin
        assert shell.stdout
        shell.stdin.write(f"{statement};\n\\echo :ERROR\n")
        shell.stdin.flush()
        said: list[str] = []
        while not said or said[-1] not in ("true", "false"):
            said.append(shell.stdout.readline().rstrip("\n"))
            assert shell.poll() is None, said
        return "\n".join(said[:-1]) if said[-1] == "true" or is_question else ""

    def _opened(self) -> "subprocess.Popen[str]":
        """One psql for all statements: starting it is what costs."""
        place = ["-h", "127.0.0.1", "-p", str(self.port), "-U", "journal", "postgres"]
        pipes: Any = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
        return subprocess.Popen([program("psql"), "-qAt", *place], **pipes, text=True)
