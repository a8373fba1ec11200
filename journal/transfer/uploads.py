"""Upload of an export: a file in DATA_DIR/uploads, written while it arrives under a temporary name, which it
loses when it is complete."""

import asyncio
import os
import secrets
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from hashlib import blake2b
from pathlib import Path
from uuid import UUID, uuid5

from journal import fsync, permissions
from journal.database import DiskFault, NoSpace
from journal.transfer import imports
from journal.transfer.forms import ImportForm
from journal.transfer.imports import PART, upload_path

MOST = 4 * 1024**3  # bytes of an upload
RESERVE = 256 * 1024**2  # bytes of the disk that stay free for what people write
BLOCK = 1024**2  # bytes written at once
AT_ONCE = 2  # uploads of one account under way


class NoRoom(NoSpace):
    """The disk has too little room for the upload."""

    sentence = (
        "The disk of this site has no room for this file. Nothing was changed; what you have saved is safe. "
        "Whoever runs the site can make room."
    )


class TooManyUploads(Exception):
    """The account has other uploads under way. The message is a sentence."""


def room(data_dir: Path) -> int:
    """The bytes that an upload may have just now."""
    return max(0, min(MOST, shutil.disk_usage(data_dir).free - RESERVE))


class Upload:
    """A file on its way. `open` and `write` raise NoRoom and DiskFault. Leaving the block discards what was
    not kept."""

    def __init__(self, data_dir: Path, size: int) -> None:
        """`size` is how many bytes the client announces, or 0."""
        self.data_dir, self.size, self.name = data_dir, size, ""
        folder = upload_path(data_dir, UUID(int=0)).parent
        self._part = folder / f"{secrets.token_hex(16)}{PART}"
        self._buffer, self._digest = bytearray(), blake2b(digest_size=16)

    def __enter__(self) -> "Upload":
        return self

    def __exit__(self, *_: object) -> None:
        self._part.unlink(missing_ok=True)

    async def open(self, name: str, fields: Mapping[str, str]) -> "Upload | None":
        """Takes the first file of the form; another one is not wanted."""
        if self.name:
            return None
        fsync.make_folder(self._part.parent)
        if room(self.data_dir) < self.size:
            raise NoRoom(f"an upload of {self.size:,} bytes does not fit into {self.data_dir}")
        fsync.create(self._part)
        self.name = name
        return self

    async def write(self, content: bytes) -> None:
        self._buffer += content
        if len(self._buffer) >= BLOCK:
            block, self._buffer = self._buffer, bytearray()
            await asyncio.to_thread(self._append, block)

    def _append(self, block: bytearray) -> None:
        if room(self.data_dir) < len(block):
            raise NoRoom(f"an upload has filled {self.data_dir} up to its reserve")
        try:
            with self._part.open("r+b") as file:  # a part that was discarded is not made anew
                file.seek(0, os.SEEK_END)
                file.write(block)
            self._digest.update(block)
        except OSError as error:
            raise DiskFault(permissions.refusal(self._part, error)) from error

    async def keep(self, user_id: int, form: ImportForm) -> UUID:
        """Stores the complete file as an import, and returns the import's uid. A client that hangs up now
        has sent everything, so this goes on."""
        task = asyncio.create_task(self._keep(user_id, form))
        _keeping.add(task)
        task.add_done_callback(_keeping.discard)
        return await asyncio.shield(task)

    async def _keep(self, user_id: int, form: ImportForm) -> UUID:
        await asyncio.to_thread(self._append, self._buffer)
        # The form sent twice is one import, and nobody else's. With another file it is another one.
        uid = uuid5(form.save, f"{user_id}/{self.name}/{self._digest.hexdigest()}")
        target = upload_path(self.data_dir, uid)
        await asyncio.to_thread(self._finish, target)
        settings = {"format_name": form.format, "zone": form.zone, "date_format": form.date_format}
        try:
            await imports.begin(user_id, uid, self.name, **settings)
        except BaseException:
            target.unlink(missing_ok=True)
            raise
        return uid

    def _finish(self, target: Path) -> None:
        try:
            fsync.replace_file(self._part, target)
        except OSError as error:
            raise DiskFault(permissions.refusal(target, error)) from error


_keeping: set[asyncio.Task[UUID]] = set()
_under_way: dict[int, int] = {}  # accounts and their uploads


@contextmanager
def counted(user_id: int) -> Iterator[None]:
    """Counts an upload of the account while it is under way. Raises TooManyUploads."""
    if _under_way.get(user_id, 0) >= AT_ONCE:
        raise TooManyUploads("Other files of yours are on their way; please wait until one of them is here.")
    _under_way[user_id] = _under_way.get(user_id, 0) + 1
    try:
        yield
    finally:
        _under_way[user_id] -= 1
        if not _under_way[user_id]:
            del _under_way[user_id]
