"""Restore of a backup into an empty place. Everything is unpacked beside its final place first, and the
database gets its name last: a restore that is killed leaves no journal, and can be run again."""

import errno
import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event

from journal import database_url, fsync, permissions, schema
from journal.backups import postgres_snapshot, sqlite_snapshot, streams, workspace
from journal.backups.archive import Archive, described, opened
from journal.backups.create import Source, attached
from journal.backups.manifest import ATTACHMENTS, TITLES, BackupError, Manifest
from journal.backups.verify import compare, decrypted

STAGING = "restoring"
PART = ".part-"  # begins the names of unfinished attachments
COMPANIONS = ("", "-wal", "-shm", "-journal")


async def restore(source: Source, file: Path, identity: Path | None = None) -> Manifest:
    """Restores the database and the attachments. Raises BackupError if anything is there already, and
    FutureSchema for a backup of a newer version."""
    with workspace.opened(source.data_dir) as work:
        async with decrypted(file, work, identity) as plain:
            found = await streams.in_thread(lambda stop: described(plain, stop))
            _check_fit(source, found)
            if source.is_sqlite:
                await streams.in_thread(lambda stop: _restore_sqlite(source, plain, stop))
            else:
                await _restore_postgres(source, plain, found)
            return found


def _check_fit(source: Source, found: Manifest) -> None:
    schema.missing(found.contents.migrations)
    configured = "sqlite" if source.is_sqlite else "postgres"
    if found.engine != configured:
        raise BackupError(
            f"The backup is of {TITLES[found.engine]}, and DATABASE_URL names {TITLES[configured]}; "
            "set it to a database of the same kind."
        )


def _restore_sqlite(source: Source, plain: Path, stop: Event) -> None:
    target = database_url.sqlite_file(source.url)
    with _sqlite_lock(target):
        present = [path for end in COMPANIONS if (path := target.with_name(target.name + end)).exists()]
        if present:
            raise _refused(str(present[0]))
        staged = target.with_name(f"{target.name}.restoring")
        with (
            opened(plain, stop, is_checked=True) as archive,
            _staged(source, archive) as staging,
            _removed(staged),
        ):
            fsync.create(staged)
            with staged.open("wb") as copy:
                archive.extract(archive.manifest.database, copy)
            if problem := sqlite_snapshot.problem(staged, stop):
                raise BackupError(f"The database in the backup is damaged ({problem}); use another backup.")
            compare(sqlite_snapshot.contents(staged, stop), archive.manifest.contents)
            _place_attachments(source, staging)
            fsync.replace_file(staged, target)


async def _restore_postgres(source: Source, plain: Path, found: Manifest) -> None:
    if tables := await postgres_snapshot.tables(source.url):
        raise _refused(f"the table {tables[0]} in {database_url.place(source.url)}")

    def unpack(stop: Event) -> None:
        with opened(plain, stop, is_checked=True) as archive, _staged(source, archive) as staging:
            archive.extract(found.database, None)
            _place_attachments(source, staging)

    await streams.in_thread(unpack)
    await postgres_snapshot.restore(source.url, plain)
    compare(await postgres_snapshot.contents(source.url), found.contents)


def _refused(present: str) -> BackupError:
    return BackupError(
        f"Nothing was restored, because there is {present} already: a backup is restored into an empty "
        "place; move away what is there first."
    )


@contextmanager
def _sqlite_lock(target: Path) -> Iterator[None]:
    """The lock of migrations, so that no site that starts meanwhile makes an empty database there."""
    lock = target.with_name(f"{target.name}.lock")
    try:
        fsync.make_folder(target.parent)
        fsync.create(lock)
        handle = lock.open("w")
    except OSError as error:
        raise BackupError(permissions.refusal(lock, error)) from None
    with handle:
        workspace.lock_or_refuse(handle.fileno())
        yield
        fcntl.flock(handle, fcntl.LOCK_UN)


@contextmanager
def _staged(source: Source, archive: Archive) -> Iterator[Path]:
    """Unpacks the attachments into a folder beside their final one."""
    _check_attachments(source, archive.manifest)
    staging = source.data_dir / STAGING
    shutil.rmtree(staging, ignore_errors=True)
    sizes = sum(member.size for member in archive.manifest.members.values())
    workspace.require_space(source.data_dir, sizes, "what the backup holds")
    fsync.make_folder(staging)
    try:
        for name in archive.manifest.members:
            if name != archive.manifest.database:
                _unpack(archive, name, staging / name)
        yield staging
    finally:
        shutil.rmtree(staging, ignore_errors=True)


@contextmanager
def _removed(staged: Path) -> Iterator[None]:
    """Leaves no copy of the database behind that was not taken."""
    try:
        yield
    finally:
        staged.unlink(missing_ok=True)


def _unpack(archive: Archive, name: str, target: Path) -> None:
    fsync.make_folder(target.parent)
    fsync.create(target)
    with target.open("wb") as file:
        archive.extract(name, file)
        file.flush()
        os.fsync(file.fileno())


def _check_attachments(source: Source, found: Manifest) -> None:
    """Attachments may be there already if they are the backup's, as after a restore that was killed."""
    for path in attached(source):
        with path.open("rb") as file:
            present = streams.copy(file, None, Event())
        if present != found.members.get(path.relative_to(source.data_dir).as_posix()):
            raise _refused(str(path))


def _place_attachments(source: Source, staging: Path) -> None:
    """Moves the attachments to their final place, one by one: those that are there already stay."""
    folders = set()
    for path in sorted([staging / ATTACHMENTS, *(staging / ATTACHMENTS).rglob("*")]):
        target = source.data_dir / path.relative_to(staging)
        if path.is_dir():
            fsync.make_folder(target)
            folders.add(target)
        elif path.exists() and not target.exists():
            _move(path, target, source.attachments)
    for folder in folders:
        fsync.sync(folder)


def _move(path: Path, target: Path, folder: Path) -> None:
    """Attachments may lie on a disk of their own, to which nothing can be renamed."""
    try:
        path.replace(target)
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
        part = folder / f"{PART}{target.name}"  # which the sweep removes if this is killed
        fsync.create(part)
        shutil.copyfile(path, part)
        fsync.replace_file(part, target)
