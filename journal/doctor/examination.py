"""Examination: runs all checks of `journal doctor` and prints what they find."""

import shutil
from pathlib import Path
from tempfile import TemporaryDirectory

import click

from journal import schema
from journal.composition import DERIVED
from journal.database import connected, sqlite_file
from journal.doctor import (
    attachment_checks,
    backup_checks,
    database_checks,
    entry_checks,
    host_checks,
    job_checks,
)
from journal.doctor.finding import DatabaseCheck, Finding, HostCheck
from journal.settings import Settings

CHECKS: tuple[DatabaseCheck, ...] = (
    database_checks.version,
    database_checks.integrity,
    database_checks.foreign_keys,
    entry_checks.renderings,
    *map(entry_checks.check_of, DERIVED),
    job_checks.jobs,
)
HOST_CHECKS: tuple[HostCheck, ...] = (
    attachment_checks.attachments,
    host_checks.settings,
    backup_checks.backups,
    host_checks.clock_readings,
    host_checks.free_disk,
    host_checks.file_modes,
)


async def examine(repair: bool, chosen: Settings | None = None) -> bool:
    """Returns whether all is well or was repaired. Without settings only the database is examined. If a
    check raises, the others go on."""
    checks = [*CHECKS, *(_bound(check, chosen) for check in HOST_CHECKS if chosen)]
    is_well = True
    for check in checks:
        try:
            findings = await check(repair)
        except Exception as error:  # of whatever kind, in a damaged database
            findings = [Finding(f"This check could not be finished ({check.__name__}): {error}", True)]
        for finding in findings:
            click.echo(f"{'! ' if finding.is_fault else ''}{finding.sentence}")
            is_well = is_well and not finding.is_fault
    return is_well


def _bound(check: HostCheck, chosen: Settings | None) -> DatabaseCheck:
    async def bound(repair: bool) -> list[Finding]:
        assert chosen
        return await check(chosen, repair)

    bound.__name__ = check.__name__
    return bound


async def examine_copy(url: str) -> None:
    """Examines a copy of a database that can't be written, because SQLite has to write even for reading."""
    file = sqlite_file(url)
    with TemporaryDirectory() as folder:
        try:
            _copy(file, Path(folder))
        except OSError as error:
            click.echo(f"! The database can't be copied ({error.strerror}), so it was not examined.")
            return
        copy = f"sqlite://{Path(folder, file.name)}"
        await schema.migrate(copy, Path(folder))
        async with connected(copy):
            await examine(repair=False)


def _copy(file: Path, folder: Path) -> None:
    for name in (file.name, f"{file.name}-wal"):
        if file.with_name(name).exists():
            shutil.copyfile(file.with_name(name), folder / name)
