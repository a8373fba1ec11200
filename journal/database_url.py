"""DATABASE_URL: what it may be, the file or servers that it names, and how it is shown without a password."""

import os
import re
from pathlib import Path

OPTION = r"((host|ssl|sslmode)=[^&#]+|target_session_attrs=(read-write|primary))"
NAME, PORT = r"([^/?#@:,\[\]]+|\[[0-9a-f:.]+\])", r"(:[0-9]{1,5})?"
POSTGRES = re.compile(
    rf"([^/?#]*@)?(?P<hosts>{PORT}|{NAME}{PORT}(,{NAME}{PORT})*)/[^/?#]+(\?{OPTION}(&{OPTION})*)?"
)


def parse(url: str, folder: Path) -> tuple[str, tuple[str, ...]]:
    """The URL with its whole path, and sentences for whoever starts the site.

    Raises ValueError, whose text goes on after "DATABASE_URL is".
    """
    scheme, _, path = url.partition("://")
    if scheme == "sqlite" and path.strip("/") and path != ":memory:" and "?" not in path:
        file = _sqlite_file(path, folder)
        is_kept = re.match("/[^/]", path) and file == Path(path)
        return f"sqlite://{file}", (KEPT_PATH.format(file=file),) if is_kept else ()
    postgres = POSTGRES.fullmatch(path) if scheme in ("postgres", "postgresql") else None
    if postgres and all(port in range(1, 65536) for port in _ports(postgres["hosts"])):
        return f"postgres://{path}", ()
    raise ValueError(
        f"{without_password(url)}; "
        "it should be sqlite://path/to/file or postgres://user:password@host:port/name, "
        "where several host:port may stand, with commas between them"
    )


KEPT_PATH = (
    "DATABASE_URL has three slashes and is read as {file}, where that file or its folder is; "
    "four slashes, sqlite:///{file}, say so for sure."
)


def _sqlite_file(path: str, folder: Path) -> Path:
    """Four slashes begin an absolute path and three a relative one, as in Flask; two do as well.

    Earlier versions took three slashes for an absolute path, so a database that lies there stays in use, and
    a new one is still made there if the folder exists, unless there is one already where Flask would look.
    """
    name = path.lstrip("/")
    absolute, relative = Path(f"/{name}"), folder / name
    if path.startswith("//"):
        return absolute
    is_old = path.startswith("/") and (
        os.path.exists(absolute)
        or (not os.path.exists(relative) and os.path.isdir(absolute.parent) and "/" in name)
    )
    return absolute if is_old else relative


def _ports(hosts: str) -> list[int]:
    return [int(port) for port in re.findall(r":([0-9]+)(?=,|$)", re.sub(r"\[.*?\]", "", hosts))]


def without_password(url: str) -> str:
    """The URL as it may be shown: user, password and query are left out."""
    return repr(re.sub(r"\?.*", "?…", re.sub(r"^(\w*:?/*).*@", r"\1…@", url)))


def is_sqlite(url: str) -> bool:
    return url.startswith("sqlite://")


def sqlite_file(url: str) -> Path:
    return Path(url.removeprefix("sqlite://"))


def place(url: str) -> str:
    """Where the database is: the whole path of its file, or host and name, never a password."""
    if is_sqlite(url):
        return str(sqlite_file(url).absolute())
    return url.rpartition("@")[2].removeprefix("postgres://").partition("?")[0]
