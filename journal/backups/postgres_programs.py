"""PostgreSQL programs: finds pg_dump and pg_restore of a version that fits the server, and runs them. They
get the password in a file, since every user of the machine can read a program's arguments."""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from glob import glob
from pathlib import Path
from tempfile import NamedTemporaryFile, TemporaryFile
from threading import Event
from typing import IO
from urllib.parse import unquote

from journal.backups import streams
from journal.backups.manifest import BackupError

DEBIAN = "/usr/lib/postgresql/*/bin/{}"  # outside PATH, each version beside the others
RESTORE = "journal_restore"  # the application name of pg_restore's sessions
ERROR_LETTERS = 500


class NoProgram(BackupError):
    """The program is missing, or older than the server."""


@dataclass(frozen=True)
class Target:
    """A database for pg_dump or pg_restore: its URL without the password, and the file of the password."""

    uri: str


def uri(url: str, name: str = "") -> str:
    """The URL as libpq and asyncpg read it, and of another database of the same server if `name` is given."""
    place, question, options = url.partition("?")
    place = f"{place.rpartition('/')[0]}/{name}" if name else place
    return place + question + re.sub(r"(^|&)ssl=", r"\1sslmode=", options)


@contextmanager
def target(url: str, name: str = "", application: str = "journal_backup") -> Iterator[Target]:
    """The file of the password lasts as long as the `with` block. PostgreSQL lists the program's sessions
    under the name of the application."""
    scheme, _, rest = uri(url, name).partition("://")
    authority, slash, path = rest.partition("/")
    user, at, hosts = authority.rpartition("@")
    user, _, password = user.partition(":")
    with NamedTemporaryFile("w", suffix=".pgpass", encoding="utf-8") as file:  # mode 0600
        escaped = re.sub(r"([\\:])", r"\\\1", unquote(password))
        file.write(f"*:*:*:*:{escaped}\n" if password else "")
        file.flush()
        options = f"passfile={file.name}&application_name={application}"
        joint = "&" if "?" in path else "?"
        yield Target(f"{scheme}://{user}{at}{hosts}{slash}{path}{joint}{options}")


def find(name: str, server: int) -> str:
    """The path of the program with the lowest major version that is not older than the server's. A newer
    pg_dump may write settings that an older server refuses. Raises NoProgram."""
    places = [*glob(DEBIAN.format(name)), *filter(None, [shutil.which(name)])]
    versions = {place: major for place in reversed(places) if (major := _major(place))}
    fitting = {place: major for place, major in versions.items() if major >= server}
    if fitting:
        return min(fitting, key=lambda place: fitting[place])
    found = f", and only version {max(versions.values())} is here" if versions else ""
    raise NoProgram(
        f"PostgreSQL {server} needs {name} of version {server} or later{found}: install "
        f"postgresql-client-{server} on this machine."
    )


def _major(place: str) -> int:
    """The major version, which Debian's path tells without a run; 0 if it can't be found out."""
    if by_path := re.match(DEBIAN.replace("*", r"(\d+)").format(""), place):
        return int(by_path[1])
    with suppress(OSError, subprocess.SubprocessError):
        said = subprocess.run([place, "--version"], capture_output=True, text=True, timeout=10, check=False)
        if found := re.search(r"\) (\d+)", said.stdout):
            return int(found[1])
    return 0


@contextmanager
def output(command: Sequence[str], stop: Event) -> Iterator[IO[bytes]]:
    """The standard output of a program. Raises BackupError if it fails."""
    with TemporaryFile() as errors:
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=errors, start_new_session=True
        )
        assert process.stdout
        with _ended(process), process.stdout:
            yield process.stdout
            _check(process, errors, command, stop)


def feed(command: Sequence[str], source: IO[bytes], stop: Event) -> None:
    """Runs a program with `source` as its standard input. Raises BackupError if it fails."""
    with TemporaryFile() as errors:
        process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=errors, start_new_session=True
        )
        assert process.stdin
        with _ended(process):
            with suppress(BrokenPipeError), process.stdin:  # its exit code and words say why
                streams.copy(source, process.stdin, stop)
            _check(process, errors, command, stop)


@contextmanager
def _ended(process: "subprocess.Popen[bytes]") -> Iterator[None]:
    try:
        yield
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()


def _check(
    process: "subprocess.Popen[bytes]", errors: IO[bytes], command: Sequence[str], stop: Event
) -> None:
    while True:
        streams.check(stop)
        with suppress(subprocess.TimeoutExpired):
            code = process.wait(0.2)
            break
    if code:
        errors.seek(0)
        said = " ".join(errors.read().decode(errors="replace").split())[-ERROR_LETTERS:]
        raise BackupError(f"{os.path.basename(command[0])} failed ({said or code}).")


def dump_command(program: str, place: Target, snapshot: str, file: Path | None = None) -> list[str]:
    """Owners, rights, comments and tablespaces are left out, as another server has others."""
    parts = ["--no-owner", "--no-privileges", "--no-comments", "--no-tablespaces", "--no-security-labels"]
    parts += ["--no-publications", "--no-subscriptions", "--no-password", f"--dbname={place.uri}"]
    parts += [f"--snapshot={snapshot}"] if snapshot else []
    return [program, "--format=custom", *parts, *([f"--file={file}"] if file else [])]


def restore_command(program: str, place: Target) -> list[str]:
    """Everything or nothing: one transaction, which the first error ends."""
    options = ["--single-transaction", "--exit-on-error", "--no-owner", "--no-privileges", "--no-password"]
    return [program, *options, f"--dbname={place.uri}"]
