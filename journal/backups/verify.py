"""Verification of a backup: its checksums, then a restore into a temporary place, whose rows are counted."""

from collections.abc import AsyncIterator, Sequence
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
from journal.backups.manifest import ATTACHMENTS, BackupError, Contents, Manifest


@dataclass(frozen=True)
class Verified:
    manifest: Manifest
    note: str = ""  # sentences, if the database was not restored or attachments are lacking
    lacking: tuple[str, ...] = ()  # the SHA-256 of attachments that were missing or damaged on disk already


async def verify(file: Path, work: Path, url: str) -> Verified:
    """Verifies a backup that is not encrypted. `work` is a folder for temporary files; the dump of a
    PostgreSQL database is restored on the server of `url`. Raises BackupError."""
    described, wanted = await streams.in_thread(lambda stop: _check_members(file, work, stop))
    note = ""
    if described.engine != "sqlite":
        note, wanted = await _try_postgres(file, url, described)
    lacking = tuple(digest for digest in wanted if not _has(described, digest))
    return Verified(described, " ".join(filter(None, [note, _lacking(lacking)])), lacking)


def _has(described: Manifest, digest: str) -> bool:
    member = described.members.get(f"{ATTACHMENTS}/{digest[:2]}/{digest[2:]}")
    return member is not None and member.sha256 == digest


def _lacking(digests: Sequence[str]) -> str:
    if not digests:
        return ""
    return (
        f"It lacks {len(digests):,} files of attachments, which were missing or damaged when it was made; "
        "`journal doctor` says more, and an older backup may have them."
    )


@asynccontextmanager
async def decrypted(file: Path, work: Path, identity: Path | None) -> AsyncIterator[Path]:
    """The backup without its encryption, or the file itself if it has none."""
    plain = work / "decrypted.zip"
    try:
        is_secret = _is_secret(file)
        if is_secret and identity:
            await streams.in_thread(lambda _stop: encryption.decrypt(file, plain, identity))
        yield plain if is_secret and identity else file
    finally:
        plain.unlink(missing_ok=True)


def _is_secret(file: Path) -> bool:
    try:
        with file.open("rb") as raw:
            return is_encrypted(raw)
    except OSError as error:
        raise BackupError(f"{file} can't be read ({error.strerror or error}).") from None


def _check_members(file: Path, work: Path, stop: Event) -> tuple[Manifest, Sequence[str]]:
    """Returns the attachments that the rows of a SQLite database refer to as well."""
    with opened(file, stop) as archive:
        for name in archive.manifest.members:
            if name != archive.manifest.database:
                archive.extract(name, None)
        return archive.manifest, _check_database(archive, work / "trial.sqlite3", stop)


def _check_database(archive: Archive, trial: Path, stop: Event) -> Sequence[str]:
    described = archive.manifest
    if described.engine != "sqlite":
        archive.extract(described.database, None)
        return ()
    try:
        with trial.open("wb") as copy:
            archive.extract(described.database, copy)
        if problem := sqlite_snapshot.problem(trial, stop):
            raise BackupError(
                f"The database in the backup is damaged ({problem}); `journal doctor` says more."
            )
        compare(sqlite_snapshot.contents(trial, stop), described.contents)
        return sqlite_snapshot.attachments(trial, stop)
    finally:
        trial.unlink(missing_ok=True)


async def _try_postgres(file: Path, url: str, described: Manifest) -> tuple[str, Sequence[str]]:
    """Returns why the dump was not restored, or an empty string and the attachments that rows refer to."""
    if database_url.is_sqlite(url):
        return "The dump was not restored, because DATABASE_URL names no PostgreSQL server to try it on.", ()
    try:
        async with postgres_snapshot.temporary(url) as name:
            await postgres_snapshot.restore(url, file, name)
            compare(await postgres_snapshot.contents(url, name), described.contents)
            return "", await postgres_snapshot.attachments(url, name)
    except postgres_snapshot.MayNotCreate:
        await postgres_snapshot.read_through(url, file)
        return (
            "The dump was read to its end and not restored, because the role may not create a temporary "
            "database; ALTER ROLE … CREATEDB lets it."
        ), ()
    except postgres_programs.NoProgram as error:
        return f"The dump was not restored. {error}", ()


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
