"""Launcher: creates .venv beside this file, installs the locked packages, and runs the `journal` command, or
the tests with `run.py test`."""

import contextlib
import hashlib
import json
import os
import re
import secrets
import shlex
import shutil
import subprocess
import sys
import sysconfig
import venv
from collections.abc import Iterator
from glob import glob
from pathlib import Path
from typing import NoReturn

try:
    import fcntl
except ImportError:  # Windows, where two first starts at once are not supported
    fcntl = None  # type: ignore[assignment]

# All of this file has to parse on Python 3.6, or an old Python could not say what is wrong.
if not (3, 11) <= sys.version_info[:2] <= (3, 15):
    sys.exit("Journal needs Python 3.11 to 3.15, and this is {}.{}.".format(*sys.version_info[:2]))

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
PATHS = sysconfig.get_paths("venv", {"base": str(VENV), "platbase": str(VENV)})
PYTHON = Path(PATHS["scripts"], "python.exe" if os.name == "nt" else "python")
JOURNAL = Path(PATHS["scripts"], "journal")
STAMP = VENV / "installed.json"
HOME = f"{sys.base_prefix} {sys.implementation.cache_tag} {ROOT}"

SITE_LOCK = ROOT / "requirements.lock"
TEST_LOCK = ROOT / "requirements-test.lock"
WORKERS = 4  # on two cores, as most of them wait; `-n` among the arguments says another number, 0 for none
SUDO = ["sudo", "-n"] if getattr(os, "geteuid", int)() else []
APT_GET = [*SUDO, "apt-get"]

# Programs and libraries that the tests need, each with the Debian packages that contain it.
PROGRAMS = {
    "chromium-headless-shell": ["chromium-headless-shell"],
    "chromium": ["chromium", "fonts-dejavu-core", "fonts-droid-fallback"],  # Arabic; Chinese and Japanese
    "/usr/lib/*/libatomic.so.1": ["libatomic1"],  # Playwright's Node is linked to it
    "initdb": ["postgresql"],
    "mariadbd": ["mariadb-server-core"],
    **{name: [name] for name in ("strace", "nginx", "caddy", "openssl", "lynx", "w3m")},
}

# The path in a #! line can't contain spaces, so sh runs line two, which Python reads as a string.
LAUNCHER = """#!/bin/sh
'''exec' {python} "$0" "$@"
' '''
import sys

from journal.cli import main

sys.exit(main())
"""


def main(args: list[str]) -> None:
    if args[:1] == ["test"]:
        prepare(TEST_LOCK)
        bring_programs()
        test(args[1:])
    prepare(SITE_LOCK)
    make_env()
    command = [str(PYTHON), str(JOURNAL), *(args or ["serve"])]
    os.execv(PYTHON, command)  # noqa: S606 - no shell is meant


def test(args: list[str]) -> NoReturn:
    """Replaces this process by pytest: one queue of tests for both engines, shared by several workers."""
    command = [str(PYTHON), "-m", "pytest", f"--numprocesses={WORKERS}", "--dist=worksteal", *args]
    os.chdir(ROOT)
    env = {"JOURNAL_TEST_ENGINE": "both", **os.environ}
    os.execve(PYTHON, command, env)  # noqa: S606 - no shell is meant


def prepare(lock: Path) -> None:
    """Installs the packages of a lock file into .venv; a stamp file tells later starts that they are
    there."""
    if is_installed(lock):
        return
    with alone():
        if not is_installed(lock):  # another start may have installed them meanwhile
            install(lock)


def is_installed(lock: Path) -> bool:
    return installed().get(lock.name) == digest(lock)


def installed() -> dict[str, str]:
    """The digests of the lock files in .venv; empty if another Python or folder made it."""
    try:
        stamp = json.loads(STAMP.read_text(encoding="utf-8"))
        locks: dict[str, str] = stamp["locks"] if stamp["home"] == HOME and PYTHON.exists() else {}
    except (OSError, ValueError, LookupError, TypeError):
        return {}
    return locks


def digest(lock: Path) -> str:
    return hashlib.sha256(lock.read_bytes()).hexdigest()


@contextlib.contextmanager
def alone() -> Iterator[None]:
    """Lets one start install at a time, by a lock on this file, which the system releases when a process
    dies."""
    with open(__file__, "rb") as file:
        os.set_inheritable(file.fileno(), True)  # a pip that outlives this process keeps the lock
        if fcntl is not None:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                say("Another start is installing; waiting for it.")
                fcntl.flock(file, fcntl.LOCK_EX)
        yield


def install(lock: Path) -> None:
    say(f"Installing the packages of {lock.name} into .venv.")
    before = installed()
    STAMP.unlink(missing_ok=True)  # if this fails, the next start installs again
    if not before:
        make_venv()
    flags = ["--require-hashes", "--no-deps", "--only-binary", ":all:"]
    if not succeeds([*way_to_pip(), "install", *flags, "--requirement", str(lock)]):
        stop(f"The packages of {lock.name} could not be installed: is the network there?")
    stamp = {"home": HOME, "locks": {**before, lock.name: digest(lock)}}
    STAMP.write_text(json.dumps(stamp), encoding="utf-8")


def make_venv() -> None:
    """Creates .venv without pip, because a bare Debian has no ensurepip, and adds the checkout and its
    command."""
    try:
        venv.create(VENV, clear=True, symlinks=os.name != "nt")
    except (OSError, ValueError) as error:
        stop(f"Cannot make {VENV}: {error}")
    Path(PATHS["purelib"], "journal.pth").write_text(f"{ROOT}\n", encoding="utf-8")
    JOURNAL.write_text(LAUNCHER.format(python=shlex.quote(str(PYTHON))), encoding="utf-8")
    JOURNAL.chmod(0o755)


def way_to_pip() -> list[str]:
    """The start of a command that runs pip for .venv; installs Debian's pip if there is none."""
    way = working_pip()
    if not way and apt_install(["python3-pip-whl"]):
        way = working_pip()
    return way or stop("No pip 22.3 or later is here to install packages with: please install pip or uv.")


def working_pip() -> list[str]:
    """The first command that works here: not all exist, and pip before 22.3 lacks --python."""
    folders = [Path(PATHS["stdlib"], "ensurepip", "_bundled"), Path("/usr/share/python-wheels")]
    wheels = [wheel for folder in folders for wheel in folder.glob("pip-*.whl")]
    own = [[str(PYTHON), str(wheel / "pip")] for wheel in wheels]
    others = [[pip, "--python", str(PYTHON)] for pip in ("pip", "pip3")]
    ways = [[sys.executable, "-m", "pip", "--python", str(PYTHON)], *own, *others, ["uv", "pip"]]
    return next((way for way in ways if quietly([*way, "list"]).returncode == 0), [])


def bring_programs() -> None:
    """Installs the programs that the tests run, and stops the web servers that Debian starts."""
    packages = [package for name in PROGRAMS if not is_here(name) for package in PROGRAMS[name]]
    if packages and not apt_install(packages):
        stop(f"The tests need these packages, and apt-get could not bring them: {' '.join(packages)}.")
    for service in {"nginx", "caddy"} & set(packages):
        quietly([*SUDO, "systemctl", "disable", "--now", service])  # fails where there is no systemd


def is_here(name: str) -> bool:
    """Whether a program is installed; a name with a slash is a pattern of a path."""
    # Debian keeps PostgreSQL's programs off the PATH, and nginx off the PATH of normal users.
    folders = [os.environ.get("PATH", os.defpath), "/usr/sbin", *glob("/usr/lib/postgresql/*/bin")]
    return bool(glob(name) if "/" in name else shutil.which(name, path=os.pathsep.join(folders)))


def apt_install(packages: list[str]) -> bool:
    """Installs Debian packages and says so, because that changes the system. Returns whether it succeeded."""
    if not shutil.which("apt-get"):
        return False
    say(f"Installing {' '.join(packages)} by {' '.join(APT_GET)}.")
    quietly([*APT_GET, "update"])  # may fail because of a source that is not needed
    return succeeds([*APT_GET, "install", "--yes", "--no-install-recommends", *packages])


def make_env() -> None:
    """Creates .env with a random SECRET_KEY; an existing file is never changed."""
    env = ROOT / ".env"
    if env.exists():
        return
    key = f"SECRET_KEY={secrets.token_urlsafe(48)}"
    text = re.sub(r"^SECRET_KEY=.*$", key, (ROOT / ".env.example").read_text(encoding="utf-8"), flags=re.M)
    with contextlib.suppress(FileExistsError):
        file = os.open(env, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with open(file, "w", encoding="utf-8") as new:
            new.write(text)
        say("Made .env, with a random SECRET_KEY.")


def succeeds(command: list[str]) -> bool:
    """Runs a command; prints the end of its errors if it fails."""
    done = quietly(command)
    if done.returncode:
        say("\n".join(done.stderr.splitlines()[-6:]))
    return done.returncode == 0


def quietly(command: list[str]) -> "subprocess.CompletedProcess[str]":
    quiet = {"DEBIAN_FRONTEND": "noninteractive", "PIP_DISABLE_PIP_VERSION_CHECK": "1", "PIP_USER": "0"}
    env = {**os.environ, **quiet, "VIRTUAL_ENV": str(VENV)}  # uv installs into VIRTUAL_ENV
    try:
        return subprocess.run(
            command, env=env, stdin=subprocess.DEVNULL, capture_output=True, errors="replace", close_fds=False
        )
    except OSError as error:
        return subprocess.CompletedProcess(command, 127, "", f"{error}\n")


def say(sentence: str) -> None:
    print(sentence, file=sys.stderr, flush=True)


def stop(sentence: str) -> NoReturn:
    sys.exit(sentence)


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except KeyboardInterrupt:
        sys.exit(130)
    except OSError as error:
        stop(f"Cannot go on: {error}")
