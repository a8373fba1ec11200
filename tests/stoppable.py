"""A PostgreSQL server that a test may stop and start again in the middle of things."""

import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.postgres import Postgres, _as_server_user, free_port, program


class Stoppable(Postgres):
    def __init__(self, port: int, folder: Path) -> None:
        super().__init__(port)
        self.folder = folder

    @classmethod
    @contextmanager
    def started(cls) -> Iterator["Stoppable"]:
        folder = Path(tempfile.mkdtemp(prefix="journal-postgres-"))
        if _as_server_user([]):
            shutil.chown(folder, "postgres")
        server = cls(free_port(), folder)
        server.initialise()
        server.start()
        try:
            yield server
        finally:
            server.leave()
            server.stop()
            shutil.rmtree(folder, ignore_errors=True)

    def initialise(self) -> None:
        options = ["-U", "journal", "-A", "trust", "-E", "UTF8", "--no-sync"]
        self._run("initdb", "-D", f"{self.folder}/data", *options)

    def configure(self, *lines: str) -> None:
        """Settings that hold after the next start or reload; the last line of a name counts."""
        with (self.folder / "data" / "postgresql.auto.conf").open("a") as file:
            file.writelines(f"{line}\n" for line in lines)

    def told(self, query: str) -> list[str]:
        """What the server answers, a row a line."""
        return self._sql(query, is_question=True).splitlines()

    def in_database(self, name: str, query: str) -> str:
        place = ["-h", "127.0.0.1", "-p", str(self.port), "-U", "journal", name]
        asked = [program("psql"), "-qAt", *place, "-c", query]
        return subprocess.run(asked, check=True, capture_output=True, text=True).stdout.strip()

    def start(self) -> None:
        options = f"-p {self.port} -k {self.folder} -c listen_addresses=127.0.0.1 -c fsync=off"
        self._control("-w", "-l", f"{self.folder}/log", "-o", options, "start")

    def stop(self) -> None:
        """At once, like a crash."""
        self._control("-m", "immediate", "stop", check=False)

    def set(self, name: str, value: str) -> None:
        """Changes a setting of the running server; returns when it holds."""
        self.configure(f"{name} = '{value}'")
        self._control("reload")
        time.sleep(0.3)

    def _control(self, *arguments: str, check: bool = True) -> None:
        self._run("pg_ctl", "-D", f"{self.folder}/data", *arguments, check=check)

    def _run(self, name: str, *arguments: str, check: bool = True) -> None:
        command = _as_server_user([program(name), *arguments])
        subprocess.run(command, check=check, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd="/")
