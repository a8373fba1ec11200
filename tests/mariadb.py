"""A real MariaDB server of the tests' own, in a temporary folder, ended with them."""

import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pymysql

from tests.postgres import free_port

# Without tables of privileges everybody may do everything, and the server starts in half a second. Durability
# is tested elsewhere.
OPTIONS = ["--no-defaults", "--skip-grant-tables", "--bind-address=127.0.0.1", "--skip-log-bin"]
OPTIONS += ["--innodb-flush-log-at-trx-commit=0", "--innodb-doublewrite=0", "--innodb-use-native-aio=0"]
OPTIONS += ["--innodb-log-file-size=8M", "--innodb-buffer-pool-size=16M"]


class MariaDB:
    def __init__(self, port: int) -> None:
        self.port = port

    @classmethod
    @contextmanager
    def started(cls) -> Iterator["MariaDB"]:
        program = shutil.which("mariadbd", path=f"{os.environ['PATH']}:/usr/sbin")
        if not program:
            raise FileNotFoundError("mariadbd is missing: `python3 run.py test` installs it")
        folder, port = Path(tempfile.mkdtemp(prefix="journal-mariadb-")), free_port()
        (folder / "data").mkdir()
        places = [f"--datadir={folder}/data", f"--socket={folder}/socket", f"--pid-file={folder}/pid"]
        user = ["--user=root"] if os.geteuid() == 0 else []
        command = [program, *OPTIONS, *places, *user, f"--port={port}"]
        with (folder / "log").open("w") as log:
            server = subprocess.Popen(command, stdout=log, stderr=log)
        try:
            _wait_for(port, server)
            yield cls(port)
        finally:
            server.kill()
            server.wait()
            shutil.rmtree(folder, ignore_errors=True)

    def url(self, name: str, scheme: str = "mysql") -> str:
        return f"{scheme}://ann:secret@127.0.0.1:{self.port}/{name}"

    def create(self, name: str) -> None:
        self.run(f"CREATE DATABASE `{name}` CHARACTER SET utf8mb4")

    def run(self, *statements: str, database: str | None = None) -> list[tuple[object, ...]]:
        """Runs the statements; returns the rows of the last."""
        connection = pymysql.connect(host="127.0.0.1", port=self.port, database=database, autocommit=True)
        with connection, connection.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)
            return list(cursor.fetchall())


def _wait_for(port: int, server: "subprocess.Popen[bytes]") -> None:
    for _ in range(300):
        assert server.poll() is None, "MariaDB has ended"
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise TimeoutError("MariaDB takes no connections")
