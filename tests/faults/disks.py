"""A disk that fails on purpose: strace answers a program's calls for one file in place of the kernel."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.faults.power import program


@contextmanager
def failing(processes: list[int], files: list[Path], calls: str, error: str) -> Iterator[None]:
    """These calls of these processes for these files fail; then all is well again."""
    command = [
        program(),
        "-f",
        "-o",
        "/dev/null",
        "-e",
        f"trace={calls}",
        "-e",
        f"inject={calls}:error={error}",
    ]
    command += [part for process in processes for part in ("-p", str(process))]
    command += [part for file in files for part in ("-P", str(file))]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as watching:
        assert watching.stderr
        for _ in processes:
            said = watching.stderr.readline()
            assert "attached" in said, said
        try:
            yield
        finally:
            watching.terminate()


FULL = ("pwrite64,fallocate", "ENOSPC")
UNSYNCED = ("fsync,fdatasync", "EIO")
