"""Backup archive: a zip file of the database, the attachments and the manifest. Its last 64 bytes are the
SHA-256 of all bytes before them, so that a single changed byte is found wherever it stands."""

import hashlib
import os
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Event
from typing import IO
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

from journal.backups import manifest, streams
from journal.backups.manifest import BackupError, Manifest, Member

DIGEST_BYTES = 64  # a SHA-256 in hexadecimal
LABEL = b"Journal backup, sha256 "  # begins the comment of the zip file, which ends with the checksum
ENCRYPTED = b"age-encryption.org/"


class ArchiveWriter:
    """Writes members one after another. `finish` adds the manifest and the checksum. It has to be left as a
    context manager, also when the work failed."""

    def __init__(self, file: IO[bytes], stop: Event) -> None:
        self._file, self.stop = file, stop
        self._zip = ZipFile(file, "w", allowZip64=True)
        self.members: dict[str, Member] = {}

    def __enter__(self) -> "ArchiveWriter":
        return self

    def __exit__(self, *_: object) -> None:
        with suppress(OSError):  # of an unfinished file, which is deleted
            self._zip.close()

    def add(self, name: str, source: IO[bytes], *, is_compressed: bool = False) -> None:
        """Adds what can be read from `source`; a source that is compressed already is stored as it is."""
        info = ZipInfo(name)
        info.compress_type = ZIP_STORED if is_compressed else ZIP_DEFLATED
        info.external_attr = 0o600 << 16
        with self._zip.open(info, "w", force_zip64=True) as target:
            self.members[name] = streams.copy(source, target, self.stop)

    def finish(self, described: Manifest) -> None:
        self._zip.writestr(ZipInfo(manifest.NAME), described.to_json(), ZIP_DEFLATED)
        self._zip.comment = LABEL + b"0" * DIGEST_BYTES
        self._zip.close()
        self._file.flush()
        with open(self._file.name, "rb") as written:
            digest = _digest(written, self.stop)
        self._file.seek(-DIGEST_BYTES, os.SEEK_END)
        self._file.write(digest)
        self._file.flush()
        os.fsync(self._file.fileno())


def _digest(file: IO[bytes], stop: Event) -> bytes:
    """The checksum of all bytes before the checksum itself."""
    left = os.fstat(file.fileno()).st_size - DIGEST_BYTES
    digest = hashlib.sha256()
    while left > 0 and (chunk := file.read(min(streams.CHUNK, left))):
        streams.check(stop)
        digest.update(chunk)
        left -= len(chunk)
    return digest.hexdigest().encode()


class Archive:
    """A backup that was found whole."""

    def __init__(self, zipped: ZipFile, described: Manifest, stop: Event) -> None:
        self._zip, self.manifest, self._stop = zipped, described, stop

    def extract(self, name: str, target: IO[bytes] | None) -> None:
        """Copies a member, or only reads it. Raises BackupError if its checksum differs."""
        with self.open(name) as source:
            found = streams.copy(source, target, self._stop)
        if found != self.manifest.members[name]:
            raise BackupError(f"The backup is damaged: {name} is not what was saved.")

    def open(self, name: str) -> IO[bytes]:
        return self._zip.open(name)


@contextmanager
def opened(file: Path, stop: Event, *, is_checked: bool = False) -> Iterator[Archive]:
    """Opens a backup, after a check of the whole file unless that was done before. Raises BackupError."""
    try:
        with file.open("rb") as raw:
            if not is_checked:
                _check_digest(raw, file, stop)
            with ZipFile(raw) as zipped:
                found = manifest.from_json(zipped.read(manifest.NAME))
                if sorted(zipped.namelist()) != sorted([*found.members, manifest.NAME]):
                    raise BackupError(f"{file} is damaged: it holds other files than its {manifest.NAME}.")
                yield Archive(zipped, found, stop)
    except (BadZipFile, zlib.error, KeyError, EOFError, NotImplementedError) as error:
        raise BackupError(f"{file} is damaged ({error}); use another backup.") from None


@contextmanager
def opened_database(file: Path, stop: Event) -> Iterator[IO[bytes]]:
    """The database in a backup that was checked before."""
    with opened(file, stop, is_checked=True) as archive, archive.open(archive.manifest.database) as source:
        yield source


def described(file: Path, stop: Event) -> Manifest:
    """The manifest of a backup, after a check of the whole file."""
    with opened(file, stop) as archive:
        return archive.manifest


def _check_digest(raw: IO[bytes], file: Path, stop: Event) -> None:
    if is_encrypted(raw):
        raise BackupError(f"{file} is encrypted: name the file of its private key by --identity.")
    tail = len(LABEL) + DIGEST_BYTES
    size = os.fstat(raw.fileno()).st_size
    raw.seek(max(0, size - tail))
    end = raw.read(tail)
    raw.seek(0)
    is_ours = raw.read(2) == b"PK" or end.startswith(LABEL)
    raw.seek(0)
    if not is_ours:
        raise BackupError(f"{file} is no backup of Journal.")
    if not end.startswith(LABEL) or _digest(raw, stop) != end[-DIGEST_BYTES:]:
        raise BackupError(f"{file} is damaged: its checksum does not fit; use another backup.")


def is_encrypted(raw: IO[bytes]) -> bool:
    head = raw.read(len(ENCRYPTED))
    raw.seek(0)
    return head == ENCRYPTED
