"""Private copy of a SQLite database, made without changing the file or creating any beside it."""

import shutil
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import gettempdir

from journal.transfer.legacy import file_kinds
from journal.transfer.legacy.known_schemas import UnreadableSource

MAGIC = b"SQLite format 3\0"
COMPANIONS = ("-wal", "-journal")
TRIES = 5
PATIENCE = 5.0  # seconds to wait for a lock


def existing(places: Sequence[str]) -> Path:
    """The file at the first of these places that exists: a SQLite database, or the dump of one."""
    path = _first([Path(place).expanduser() for place in places])
    head = _head(path)
    if not head:
        raise UnreadableSource(f"{path} is empty; there is nothing to adopt.")
    if not head.startswith(MAGIC) and not file_kinds.is_sqlite_dump(head):
        raise UnreadableSource(f"{path} is {file_kinds.described(path, head)}")
    return path


def _first(paths: Sequence[Path]) -> Path:
    try:
        path = next((path for path in paths if path.exists()), None)
        if path is None:
            verb = "does" if len(paths) == 1 else "do"
            raise UnreadableSource(f"{' and '.join(map(str, paths))} {verb} not exist.")
        if not path.is_file():
            raise UnreadableSource(f"{path} is not a file.")
    except OSError as error:
        raise UnreadableSource(f"{paths[0]} can't be read ({error.strerror}).") from None
    return path


def _head(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(file_kinds.HEAD)
    except OSError as error:
        raise UnreadableSource(f"{path} can't be read ({error.strerror}).") from None


def is_dump(path: Path) -> bool:
    return not _head(path).startswith(MAGIC)


def copy(path: Path, target: Path) -> None:
    """Uses SQLite's backup where that creates no files beside the database, else copies the files."""
    if _is_quiet(path):
        try:
            _back_up(path, target)
            return
        except sqlite3.OperationalError as error:
            if "locked" in str(error):
                raise
            target.unlink(missing_ok=True)  # a crash left a journal, which it would have to roll back first
    _copy_files(path, target)


def _is_quiet(path: Path) -> bool:
    """Whether opening it creates no files, as it does in WAL mode unless another program has it open."""
    with path.open("rb") as file:
        is_wal = 2 in file.read(20)[18:]
    return not is_wal or all(beside(path, end).exists() for end in ("-wal", "-shm"))


def beside(path: Path, end: str) -> Path:
    return path.with_name(path.name + end)


def _back_up(path: Path, target: Path) -> None:
    source = sqlite3.connect(path.as_uri() + "?mode=ro", PATIENCE, uri=True, isolation_level=None)
    copy = sqlite3.connect(target, isolation_level=None)
    try:
        # Takes the read lock first, as `backup` itself would wait for a locked file for ever.
        source.execute("BEGIN")
        source.execute("SELECT count(*) FROM sqlite_master").fetchone()
        source.backup(copy)
    finally:
        source.close()
        copy.close()


def _copy_files(path: Path, target: Path) -> None:
    """Copies again if sizes or times show that another program wrote to the files meanwhile."""
    for _ in range(TRIES):
        before = _state(path)
        for end in ("", *COMPANIONS):
            beside(target, end).unlink(missing_ok=True)
            if beside(path, end).exists():
                shutil.copyfile(beside(path, end), beside(target, end))
        if _state(path) == before:
            return
    raise UnreadableSource(f"{path} is being written all the time: stop the old app first.")


def _state(path: Path) -> list[tuple[int, int]]:
    files = [beside(path, end) for end in ("", *COMPANIONS)]
    return [(file.stat().st_size, file.stat().st_mtime_ns) if file.exists() else (0, 0) for file in files]


@contextmanager
def readable_errors(label: str) -> Iterator[None]:
    """Turns errors of SQLite and the disk into sentences."""
    try:
        yield
    except (sqlite3.Error, OSError) as error:
        text = (error.strerror if isinstance(error, OSError) else None) or str(error)
        if "locked" in text:
            why = "is locked by another program: stop the old app and try again"
        elif "full" in text or "No space" in text:
            why = f"finds no room for its private copy in {gettempdir()}: set TMPDIR to a folder with more"
        else:
            why = f"can't be read ({text})"
        raise UnreadableSource(f"{label} {why}.") from None
