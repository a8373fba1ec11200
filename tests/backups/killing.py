"""A process that makes and restores backups in children of its own, which may be killed; run as a program,
that process. It imports everything once."""

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from journal import clock
from journal.backups.create import Source, create
from journal.backups.restore import restore
from tests.servers import ROOT, environment


class Children:
    def __enter__(self) -> "Children":
        command = [sys.executable, "-m", "tests.backups.killing"]
        self._process = subprocess.Popen(
            command, cwd=ROOT, env=environment(), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        return self

    def __exit__(self, *_: object) -> None:
        self._process.communicate()

    async def finish(self, work: str, source: Source, file: Path) -> float:
        """How many seconds it takes, unless it fails."""
        code, seconds = await self._told(work, source, file, None)
        assert code == 0, f"a {work} that was not killed failed"
        return seconds

    async def kill(self, work: str, source: Source, file: Path, seconds: float) -> bool:
        """Whether it was still at work after these seconds."""
        code, _ = await self._told(work, source, file, seconds)
        return code < 0

    async def _told(self, work: str, source: Source, file: Path, seconds: float | None) -> tuple[int, float]:
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(
            json.dumps([work, source.url, str(source.data_dir), str(file), seconds]) + "\n"
        )
        self._process.stdin.flush()
        code, took = json.loads(await asyncio.to_thread(self._process.stdout.readline))
        return code, took


def run(work: str, url: str, data_dir: str, file: str, seconds: float | None) -> tuple[int, float]:
    """The exit code of a child, and how long it took."""
    began, child = time.monotonic(), os.fork()
    if child == 0:
        source = Source(url, Path(data_dir))
        made = create(source, clock.now(), Path(file)) if work == "backup" else restore(source, Path(file))
        asyncio.run(made)  # type: ignore[arg-type]
        os._exit(0)
    if seconds is not None:
        time.sleep(seconds)
        os.kill(child, signal.SIGKILL)
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    return code, time.monotonic() - began


if __name__ == "__main__":
    for line in sys.stdin:
        print(json.dumps(run(*json.loads(line))), flush=True)
