"""Backup: writes the database and the attachments into one file, while people write. The file gets its name
only after it was verified."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from threading import Event
from typing import BinaryIO

from journal import __version__, database_url, fsync, permissions
from journal.backups import (
    catalog,
    encryption,
    manifest,
    postgres_snapshot,
    sqlite_snapshot,
    streams,
    verify,
    workspace,
)
from journal.backups.archive import ArchiveWriter
from journal.backups.manifest import BackupError, Contents, Manifest

UNFINISHED = (".part", ".new", ".tmp")  # endings of attachments that are being stored


@dataclass(frozen=True)
class Source:
    """What is backed up, and for whom."""

    url: str
    data_dir: Path
    recipient: str = ""  # an age public key; empty for no encryption

    @property
    def is_sqlite(self) -> bool:
        return database_url.is_sqlite(self.url)

    @property
    def attachments(self) -> Path:
        return self.data_dir / manifest.ATTACHMENTS


@dataclass(frozen=True)
class Made:
    file: Path
    verified: verify.Verified


async def create(
    source: Source, now: datetime, file: Path | None = None, *, is_scheduled: bool = False
) -> Made:
    """Makes and verifies a backup, by default in the data folder. Raises BackupError."""
    try:
        _check_source(source)
        target = _target(source, now, file)
    except OSError as error:
        raise BackupError(permissions.refusal(Path(str(error.filename)), error)) from None
    with workspace.opened(source.data_dir) as work:
        part = target.with_name(f"{target.name}.part")
        try:
            verified = await _make(source, now, work, target, part)
            await streams.in_thread(lambda _stop: fsync.replace_file(part, target))
        except OSError as error:
            raise BackupError(_failure(target, part, error)) from None
        finally:
            part.unlink(missing_ok=True)
        if target.parent == catalog.folder(source.data_dir):
            size = target.stat().st_size
            lacking = len(verified.lacking)
            made = catalog.Backup(target.name, size, now, is_scheduled, verified.note, lacking)
            catalog.add(source.data_dir, made)
    return Made(target, verified)


def _failure(target: Path, part: Path, error: OSError) -> str:
    if error.filename and Path(str(error.filename)) != part:
        return f"The backup {target} can't be made: {error.filename} can't be used ({error.strerror})."
    return f"The backup {target} can't be written ({error.strerror or error})."


def _check_source(source: Source) -> None:
    if source.is_sqlite and not database_url.sqlite_file(source.url).is_file():
        place = database_url.place(source.url)
        raise BackupError(f"There is no database {place}; DATABASE_URL should name the site's database.")
    if source.recipient and not encryption.is_installed():
        raise BackupError(encryption.INSTALL)


def _target(source: Source, now: datetime, file: Path | None) -> Path:
    ending = encryption.ENDING if source.recipient else ""
    name = f"journal-{now:%Y%m%dT%H%M%SZ}.zip{ending}"
    target = file or catalog.folder(source.data_dir) / name
    target = target / name if target.is_dir() else target
    if target.exists():
        raise BackupError(f"{target} exists already; choose another name for the backup.")
    if target.parent != catalog.folder(source.data_dir) and not target.parent.is_dir():
        raise BackupError(f"There is no folder {target.parent} for the backup; make it first.")
    return target


async def _make(source: Source, now: datetime, work: Path, target: Path, part: Path) -> verify.Verified:
    await _require_space(source, work, target.parent)
    plain = work / "backup.zip" if source.recipient else part
    with _writing(plain) as raw, ArchiveWriter(raw, Event()) as archive:
        await _write(source, now, work, archive)
    verified = await verify.verify(plain, work, source.url)
    if source.recipient:
        _create(part)
        await streams.in_thread(lambda _stop: encryption.encrypt(plain, part, source.recipient))
    return verified


async def _require_space(source: Source, work: Path, folder: Path) -> None:
    """About twice the database's size: for its copy and the backup, then for the backup and its trial."""
    if source.is_sqlite:
        file = database_url.sqlite_file(source.url)
        size = sum(path.stat().st_size for path in (file, Path(f"{file}-wal")) if path.exists())
    else:
        size = await postgres_snapshot.size(source.url)
    attached = await streams.in_thread(lambda _stop: workspace.tree_size(source.attachments))
    workspace.require_space(folder, 2 * size + attached, "a backup")
    workspace.require_space(work, size, "the trial of a backup")


async def _write(source: Source, now: datetime, work: Path, archive: ArchiveWriter) -> None:
    """The database comes first, so that each attachment that a row names is there when its turn comes."""
    engine = "sqlite" if source.is_sqlite else "postgres"
    if source.is_sqlite:
        contents = await streams.in_thread(lambda stop: _add_sqlite(source, work, archive, stop))
    else:
        contents = await postgres_snapshot.dump(source.url, archive)

    def add_rest(stop: Event) -> None:
        archive.stop = stop
        _add_attachments(source, archive)
        archive.finish(Manifest(__version__, now, engine, contents, archive.members))

    await streams.in_thread(add_rest)


def _add_sqlite(source: Source, work: Path, archive: ArchiveWriter, stop: Event) -> Contents:
    archive.stop, copy = stop, work / "copy.sqlite3"
    _create(copy)
    sqlite_snapshot.copy(database_url.sqlite_file(source.url), copy, stop)
    contents = sqlite_snapshot.contents(copy, stop)
    with copy.open("rb") as snapshot:
        archive.add(manifest.DATABASES["sqlite"], snapshot)
    copy.unlink()
    return contents


def _add_attachments(source: Source, archive: ArchiveWriter) -> None:
    for path in attached(source):
        name = path.relative_to(source.data_dir).as_posix()
        try:
            attachment = path.open("rb")
        except FileNotFoundError:  # no row of the snapshot names a file that a sweep removes
            continue
        with attachment:
            archive.add(name, attachment, is_compressed=True)


def attached(source: Source) -> Iterator[Path]:
    """The files of attachments, without locks and those that are being stored."""
    for path in sorted(source.attachments.rglob("*")):
        if path.is_file() and not path.name.startswith(".") and path.suffix not in UNFINISHED:
            yield path


def _writing(file: Path) -> BinaryIO:
    _create(file)
    return file.open("wb+")


def _create(file: Path) -> None:
    """Creates an empty private file, in place of what a killed process has left behind."""
    file.unlink(missing_ok=True)
    fsync.create(file)
