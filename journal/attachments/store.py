"""Store of attachments: files under DATA_DIR/attachments that are named by the SHA-256 of their content, so
that the same content is stored once, and rows that refer to them. A file is never changed, only replaced by
the same content."""

import errno
import fcntl
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from tempfile import mkstemp
from typing import BinaryIO, NamedTuple
from uuid import UUID

from journal import fsync, permissions
from journal.attachments import content_types
from journal.attachments.models import Attachment
from journal.database import Connection, DiskFault, NoSpace

CHUNK = 256 * 1024
LOCK = ".lock"
PART = ".part-"  # begins the names of files that are being written
LONGEST_NAME = 255


class Stored(NamedTuple):
    """A file that is on disk."""

    sha256: str
    size: int  # bytes
    content_type: str


class NewAttachment(NamedTuple):
    uid: UUID
    name: str  # as it was called where it came from
    stored: Stored


def folder_in(data_dir: Path) -> Path:
    return data_dir / "attachments"


def path(folder: Path, digest: str) -> Path:
    return folder / digest[:2] / digest[2:]


def check_size(file: Path, size: int) -> None:
    """Raises OSError if the file is missing or has another size than it had, because browsers keep what they
    get for a year."""
    if not file.is_file() or file.stat().st_size != size:
        raise OSError(f"{file} is missing or has another size than it had")


def store_file(folder: Path, stream: BinaryIO) -> Stored:
    """Writes the content of `stream` to disk in constant memory; to be called in a thread. Without a row the
    file is kept for a day at least, so the rows are to be added soon. Raises NoSpace and DiskFault, and
    whatever reading the stream raises; then nothing is stored."""
    with _disk_errors(folder):
        fsync.make_folder(folder)
        handle, name = mkstemp(prefix=PART, dir=folder)  # of mode 0600
    part = Path(name)
    try:
        with open(handle, "wb") as file:
            stored = _copy(stream, file, folder)
        with _disk_errors(folder):
            _publish(part, path(folder, stored.sha256), folder)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
    return stored


def _copy(stream: BinaryIO, file: BinaryIO, folder: Path) -> Stored:
    digest, size, head = sha256(), 0, b""
    while chunk := stream.read(CHUNK):
        head += chunk[: content_types.HEAD - len(head)]
        digest.update(chunk)
        size += len(chunk)
        with _disk_errors(folder):
            file.write(chunk)
    with _disk_errors(folder):
        file.flush()
        os.fsync(file.fileno())
    return Stored(digest.hexdigest(), size, content_types.content_type(head))


def _publish(part: Path, target: Path, folder: Path) -> None:
    """Renames the complete file, also over an older one: for the sweep its time begins anew, and if the older
    one was damaged, it is mended."""
    fsync.make_folder(target.parent)
    with locked(folder):
        part.replace(target)
    fsync.sync(target.parent)
    fsync.sync(folder)  # another process may have made the inner folder just now


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Lock of all processes: held while a file gets its name, and while the sweep removes one."""
    handle = os.open(folder / LOCK, os.O_CREAT | os.O_WRONLY, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


@contextmanager
def _disk_errors(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise NoSpace(f"{folder}: {error.strerror}") from error
        raise DiskFault(permissions.refusal(folder, error)) from error


async def add(
    db: Connection, user_id: int, entry_id: int, added: Sequence[NewAttachment], now: datetime
) -> None:
    """Inserts rows in the transaction of the caller, who has checked that the entry is the user's. The files
    are on disk by then, because `Stored` comes from `store_file` only."""
    made = [
        Attachment(
            uid=new.uid,
            user_id=user_id,
            entry_id=entry_id,
            name=tidy_name(new.name),
            created_at=now,
            **new.stored._asdict(),
        )
        for new in added
    ]
    await Attachment.bulk_create(made, using_db=db)


def tidy_name(name: str) -> str:
    """A file name without folders and invisible characters; a long one keeps its ending."""
    last = name.replace("\\", "/").rstrip("/").rpartition("/")[2]
    shown = "".join(letter for letter in last if letter.isprintable()).strip()
    ending = Path(shown).suffix[:20]
    shown = shown if len(shown) <= LONGEST_NAME else shown[: LONGEST_NAME - len(ending)] + ending
    return shown or "file"
