"""Verification of a backup: its checksums, then a restore into a temporary place, whose rows are counted."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Event

from journal import database_url
from journal.backups import (
    encryption,
    postgres_programs,
    postgres_snapshot,
    sqlite_snapshot,
    streams,
)
from journal.backups.archive import Archive, is_encrypted, opened
from journal.backups.manifest import BackupError, Contents, Manifest


@dataclass(frozen=True)
class Verified:
    manifest: Manifest
    note: str = ""  # a sentence, if the database was not restored


async def verify(file: Path, work: Path, url: str) -> Verified:
    """Verifies a backup that is not encrypted. `work` is a folder for temporary files; the dump of a
    PostgreSQL database is restored on the server of `url`. Raises BackupError."""
    described = await streams.in_thread(lambda stop: _check_members(file, work, stop))
    if described.engine == "sqlite":
        return Verified(described)
    return Verified(described, await _try_postgres(file, url, described))


@asynccontextmanager
async def decrypted(file: Path, work: Path, identity: Path | None) -> AsyncIterator[Path]:
    """The backup without its encryption, or the file itself if it has none."""
    plain = work / "decrypted.zip"
    try:
        with file.open("rb") as raw:
            is_secret = is_encrypted(raw)
        if is_secret and identity:
            await streams.in_thread(lambda _stop: encryption.decrypt(file, plain, identity))
        yield plain if is_secret and identity else file
    except OSError as error:
        raise BackupError(f"{file} can't be read ({error.strerror or error}).") from None
    finally:
        plain.unlink(missing_ok=True)


def _check_members(file: Path, work: Path, stop: Event) -> Manifest:
    with opened(file, stop) as archive:
        for name in archive.manifest.members:
            if name != archive.manifest.database:
                archive.extract(name, None)
        _check_database(archive, work / "trial.sqlite3", stop)
        return archive.manifest


def _check_database(archive: Archive, trial: Path, stop: Event) -> None:
    described = archive.manifest
    if described.engine != "sqlite":
        archive.extract(described.database, None)
        return
    try:
        with trial.open("wb") as copy:
            archive.extract(described.database, copy)
        if problem := sqlite_snapshot.problem(trial, stop):
            raise BackupError(
                f"The database in the backup is damaged ({problem}); `journal doctor` says more."
            )
        compare(sqlite_snapshot.contents(trial, stop), described.contents)
    finally:
        trial.unlink(missing_ok=True)


async def _try_postgres(file: Path, url: str, described: Manifest) -> str:
    """Returns why the dump was not restored, or an empty string."""
    if database_url.is_sqlite(url):
        return "The dump was not restored, because DATABASE_URL names no PostgreSQL server to try it on."
    try:
        async with postgres_snapshot.temporary(url) as name:
            await postgres_snapshot.restore(url, file, name)
            compare(await postgres_snapshot.contents(url, name), described.contents)
            return ""
    except postgres_snapshot.MayNotCreate:
        await postgres_snapshot.read_through(url, file)
        return (
            "The dump was read to its end and not restored, because the role may not create a temporary "
            "database; ALTER ROLE … CREATEDB lets it."
        )
    except postgres_programs.NoProgram as error:
        return f"The dump was not restored. {error}"


def compare(found: Contents, wanted: Contents) -> None:
    """Raises BackupError if migrations or numbers of rows differ."""
    differing = [
        table
        for table in sorted({*found.rows, *wanted.rows})
        if found.rows.get(table) != wanted.rows.get(table)
    ]
    if found.migrations != wanted.migrations:
        differing.append("tortoise_migrations")
    if differing:
        raise BackupError(
            f"The restored database has other rows than the backup says: {', '.join(differing)}."
        )
