"""Two PostgreSQL servers, the second a synchronous standby of the first, that a test fails over."""

import os
import shutil
import signal
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.postgres import free_port
from tests.stoppable import Stoppable

USUAL = "wal_level=replica", "max_wal_senders=6", "hot_standby=on", "max_connections=100"


class Pair:
    """`primary` takes writes, `standby` confirms them."""

    def __init__(self, folder: Path) -> None:
        self.primary, self.standby = (Stoppable(free_port(), folder / name) for name in ("one", "two"))
        self._hosts = f"127.0.0.1:{self.primary.port},127.0.0.1:{self.standby.port}"

    @classmethod
    @contextmanager
    def started(cls) -> Iterator["Pair"]:
        folder = Path(tempfile.mkdtemp(prefix="journal-postgres-"))
        folder.chmod(0o755)
        pair = cls(folder)
        try:
            pair._begin()
            yield pair
        finally:
            for server in (pair.primary, pair.standby):
                server.leave()
                server.stop()
            shutil.rmtree(folder, ignore_errors=True)

    def url(self, name: str) -> str:
        """DATABASE_URL as an owner writes it; the first primary stays first, whichever is primary now."""
        return f"postgres://journal@{self._hosts}/{name}?target_session_attrs=read-write"

    def _begin(self) -> None:
        for server in (self.primary, self.standby):
            server.folder.mkdir()
            if os.geteuid() == 0:
                shutil.chown(server.folder, "postgres")
        self.primary.initialise()
        self.primary.configure(*USUAL)
        self.primary.start()
        self.copy()

    def copy(self) -> None:
        """Makes the standby anew from the primary; returns when the primary waits for it."""
        self.standby.stop()
        shutil.rmtree(self.standby.folder / "data", ignore_errors=True)
        place = ["-h", "127.0.0.1", "-p", str(self.primary.port), "-U", "journal"]
        self.standby._run("pg_basebackup", "-D", f"{self.standby.folder}/data", "-R", "-c", "fast", *place)
        upstream = f"host=127.0.0.1 port={self.primary.port} user=journal application_name=standby"
        self.standby.configure(f"primary_conninfo='{upstream}'", "synchronous_standby_names=''")
        self.standby.start()
        self.primary.configure("synchronous_standby_names='standby'")
        self.primary._control("reload")
        deadline = time.monotonic() + 30
        while self.primary.told("SELECT sync_state FROM pg_stat_replication") != ["sync"]:
            assert time.monotonic() < deadline, "the standby does not follow"
            time.sleep(0.1)

    def fail_over(self, *, by_kill: bool) -> None:
        """The primary dies, the standby is promoted; they change places."""
        self.primary.leave()
        if by_kill:
            pid = int((self.primary.folder / "data" / "postmaster.pid").read_text().split()[0])
            os.kill(pid, signal.SIGKILL)
        else:
            self.primary.stop()
        self.standby._control("-w", "promote")
        self.primary, self.standby = self.standby, self.primary
