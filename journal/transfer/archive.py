"""Archive: an export as it was brought, a zip, a folder or a single file, whose members are read one by one.
Members that could leave the folder, are encrypted or grow without end are refused."""

import io
import os
import stat
import zipfile
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path, PurePosixPath
from typing import IO, Any, BinaryIO

MOST_MEMBERS = 250_000
WHOLE = 64 * 1024 * 1024  # bytes of a member that `read` takes at most
LARGEST = 8 * 1024**3  # bytes of a member
FREE = 64 * 1024 * 1024  # bytes to which any member may grow
RATIO = 300  # times its packed size, to which a member may grow beyond that
CHUNK = 1024 * 1024
UTF8_NAME, ENCRYPTED = 0x800, 0x1  # flags of a zip's member
IGNORED = ("__MACOSX", ".DS_Store", "Thumbs.db", "desktop.ini")

OUTSIDE = "Files whose name leads out of the archive, which are left out"
LINKS = "Links, which are left out"
LOCKED = "Files that are encrypted and can't be read without their password"
TOO_MANY = f"The archive has more than {MOST_MEMBERS:,} files; the rest is left out"


class UnreadableArchive(Exception):
    """The message is a sentence about the archive or one of its members."""


class Archive:
    """`name` is the file's name as it was brought; `names` are its members, with / between folders."""

    def __init__(self, path: Path, name: str = "") -> None:
        """Raises UnreadableArchive."""
        self.path, self.name = path, name or path.name
        self.refused: list[tuple[str, str]] = []  # (a sentence, the member's name)
        self._members: dict[str, Callable[[], BinaryIO]] = {}
        self._zip: zipfile.ZipFile | None = None
        try:
            self._list()
        except (OSError, zipfile.BadZipFile, NotImplementedError, ValueError) as error:
            raise UnreadableArchive(
                f"{self.name} can't be read: it is damaged or cut off ({error})."
            ) from None
        self.names = list(self._members)

    def close(self) -> None:
        if self._zip:
            self._zip.close()

    def __enter__(self) -> "Archive":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def is_single_file(self) -> bool:
        return self._zip is None and self.path.is_file()

    def ending(self, *ends: str) -> list[str]:
        """The members whose names end so, like `.json`; a single file may have any name."""
        return [name for name in self.names if self.is_single_file or name.lower().endswith(ends)]

    def _list(self) -> None:
        if self.path.is_dir():
            self._list_folder()
        elif zipfile.is_zipfile(self.path):
            self._zip = zipfile.ZipFile(self.path)
            for info in self._zip.infolist():
                self._add_zipped(info)
        else:
            if _starts_as_zip(self.path):
                raise zipfile.BadZipFile("its end is missing")
            self._members[self.name] = partial(_opened, self.path)

    def _list_folder(self) -> None:
        for folder, _, files in os.walk(self.path):
            for file in sorted(files):
                path = Path(folder, file)
                name = path.relative_to(self.path).as_posix()
                if path.is_symlink():
                    self.refused.append((LINKS, name))
                elif path.is_file() and not _is_ignored(name):
                    self._members[name] = partial(_opened, path)

    def _add_zipped(self, info: zipfile.ZipInfo) -> None:
        name = _zipped_name(info)
        if info.is_dir() or _is_ignored(name):
            return
        if refusal := _refusal(info, name, len(self._members)):
            self.refused.append((refusal, name))
            return
        zipped = self._zip
        assert zipped
        most = max(FREE, RATIO * info.compress_size)
        self._members[name] = lambda: io.BufferedReader(Counted(zipped.open(info), most, name))

    def open(self, name: str) -> BinaryIO:
        """Opens a member for streaming. Reading raises UnreadableArchive if it is damaged or grows too large.
        Raises KeyError if there is no such member."""
        try:
            return self._members[name]()
        except (OSError, zipfile.BadZipFile, NotImplementedError, RuntimeError) as error:
            raise UnreadableArchive(f"{name} can't be read ({error}).") from None

    def read(self, name: str, most: int = WHOLE) -> bytes:
        """The whole member. Raises UnreadableArchive, also if it has more than `most` bytes."""
        content = self.head(name, most + 1)
        if len(content) > most:
            raise UnreadableArchive(f"{name} is larger than {most // 1024**2:,} MB.")
        return content

    def head(self, name: str, size: int = 4096) -> bytes:
        """The first bytes of a member. Raises UnreadableArchive."""
        with self.open(name) as file:
            try:
                return file.read(size)
            except (OSError, zipfile.BadZipFile, ValueError, EOFError) as error:
                raise UnreadableArchive(f"{name} can't be read ({error}).") from None

    def beginning(self, name: str, size: int = 4096) -> bytes:
        """The first bytes of a member; b"" if it can't be read."""
        try:
            return self.head(name, size)
        except UnreadableArchive:
            return b""


class Counted(io.RawIOBase):
    """A stream that refuses to give more than `most` bytes, whatever the archive claims."""

    def __init__(self, stream: IO[bytes], most: int, name: str) -> None:
        self.stream, self.left, self.label = stream, min(most, LARGEST), name

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        try:
            content = self.stream.read(min(len(buffer), self.left + 1))
        except Exception as error:  # of the decompressors: zlib.error, EOFError, BadZipFile …
            raise UnreadableArchive(f"{self.label} is damaged ({error}).") from None
        self.left -= len(content)
        if self.left < 0:
            raise UnreadableArchive(f"{self.label} grows larger than any real export when it is unpacked.")
        buffer[: len(content)] = content
        return len(content)

    def close(self) -> None:
        self.stream.close()
        super().close()


def _opened(path: Path) -> BinaryIO:
    return path.open("rb")


def _starts_as_zip(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(4) == b"PK\3\4"


def _zipped_name(info: zipfile.ZipInfo) -> str:
    """The member's name. Many programs write UTF-8 without the flag that says so."""
    name = info.filename
    if not info.flag_bits & UTF8_NAME:
        with suppress(UnicodeError):
            name = name.encode("cp437").decode("utf-8")
    return name.replace("\\", "/")


def _refusal(info: zipfile.ZipInfo, name: str, members: int) -> str:
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts or ":" in path.parts[0] or "\0" in name:
        return OUTSIDE
    if stat.S_ISLNK(info.external_attr >> 16):
        return LINKS
    if info.flag_bits & ENCRYPTED:
        return LOCKED
    return TOO_MANY if members >= MOST_MEMBERS else ""


def _is_ignored(name: str) -> bool:
    """Whether an operating system left the file there."""
    parts = name.split("/")
    return any(part in IGNORED for part in parts) or parts[-1].startswith("._")
