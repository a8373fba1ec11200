"""Parser of DATABASE_URL: validates it, finds its file or servers, and shows it without its password."""

import os
import re
from pathlib import Path

OPTION = r"((host|ssl|sslmode)=[^&#]+|target_session_attrs=(read-write|primary))"
NAME, PORT = r"([^/?#@:,\[\]]+|\[[0-9a-f:.]+\])", r"(:[0-9]{1,5})?"
POSTGRES = re.compile(
    rf"([^/?#]*@)?(?P<hosts>{PORT}|{NAME}{PORT}(,{NAME}{PORT})*)/[^/?#]+(\?{OPTION}(&{OPTION})*)?"
)


def parse(url: str, folder: Path) -> tuple[str, tuple[str, ...]]:
    """Returns the URL with an absolute path, and notes for the log.

    Raises ValueError, whose message continues "DATABASE_URL is".
    """
    scheme, _, path = url.partition("://")
    if scheme == "sqlite" and path.strip("/") and path != ":memory:" and "?" not in path:
        file = _sqlite_file(path, folder)
        return f"sqlite://{file}", _notes(path, file, folder)
    postgres = POSTGRES.fullmatch(path) if scheme in ("postgres", "postgresql") else None
    if postgres and all(port in range(1, 65536) for port in _ports(postgres["hosts"])):
        return f"postgres://{path}", ()
    raise ValueError(
        f"{without_password(url)}; "
        "it should be sqlite://path/to/file or postgres://user:password@host:port/name, "
        "where several host:port may stand, with commas between them"
    )


IN_INSTANCE = "DATABASE_URL is read as {file}, as in Flask, because there is no {missing}."
KEPT_PATH = (
    "DATABASE_URL has three slashes and is read as {file}, where that file or its folder is; "
    "four slashes, sqlite:///{file}, say so for sure."
)


def _notes(path: str, file: Path, folder: Path) -> tuple[str, ...]:
    if file == folder / "instance" / path.lstrip("/"):
        return (IN_INSTANCE.format(file=file, missing=folder / path.lstrip("/")),)
    is_kept = re.match("/[^/]", path) and file == Path(path)
    return (KEPT_PATH.format(file=file),) if is_kept else ()


def _sqlite_file(path: str, folder: Path) -> Path:
    """Four slashes begin an absolute path; two or three begin a relative path, as in Flask, which looks into
    the folder `instance` as well.

    Earlier versions read three slashes as an absolute path. A database at that path stays in use, and a new
    database is created there if the folder exists and there is no database at the relative path.
    """
    name = path.lstrip("/")
    absolute, relative = Path(f"/{name}"), folder / name
    if path.startswith("//"):
        return absolute
    is_old = path.startswith("/") and (
        os.path.exists(absolute)
        or (not os.path.exists(relative) and os.path.isdir(absolute.parent) and "/" in name)
    )
    if is_old or os.path.exists(relative):
        return absolute if is_old else relative
    instance = folder / "instance" / name
    return instance if path.startswith("/") and os.path.isfile(instance) else relative


def _ports(hosts: str) -> list[int]:
    return [int(port) for port in re.findall(r":([0-9]+)(?=,|$)", re.sub(r"\[.*?\]", "", hosts))]


def without_password(url: str) -> str:
    """The URL without user, password and query, for messages."""
    return repr(re.sub(r"\?.*", "?…", re.sub(r"^(\w*:?/*).*@", r"\1…@", url)))


def is_sqlite(url: str) -> bool:
    return url.startswith("sqlite://")


def sqlite_file(url: str) -> Path:
    return Path(url.removeprefix("sqlite://"))


def place(url: str) -> str:
    """The location of the database, without its password: the path of its file, or host and name."""
    if is_sqlite(url):
        return str(sqlite_file(url).absolute())
    return url.rpartition("@")[2].removeprefix("postgres://").partition("?")[0]
