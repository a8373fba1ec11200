"""Check of the site's backups: when the last was made, whether it is still whole, and why others failed."""

import asyncio
from threading import Event

from journal import clock
from journal.backups import archive, catalog, encryption, scheduled
from journal.backups.catalog import Backup, Catalog
from journal.backups.manifest import BackupError
from journal.doctor.finding import Finding
from journal.settings import Settings

HOUR = 3600


async def backups(chosen: Settings, _repair: bool) -> list[Finding]:
    found = catalog.read(chosen.data_dir)
    findings = [] if found.newest is None else [await asyncio.to_thread(_newest, chosen, found.newest)]
    if chosen.backup_recipient and not encryption.is_installed():
        findings.append(Finding(encryption.INSTALL, True))
    return [*findings, *_schedule(chosen, found)]


def _newest(chosen: Settings, newest: Backup) -> Finding:
    """An encrypted backup can't be read here; it was verified before it was encrypted."""
    file = catalog.folder(chosen.data_dir) / newest.name
    hours = (clock.now() - newest.created).total_seconds() / HOUR
    told = f"The last backup was made {hours:,.0f} hours ago and verified: {file}. {newest.note}".strip()
    if file.suffix == encryption.ENDING:
        return Finding(told)
    try:
        archive.described(file, Event())
    except BackupError as error:
        return Finding(f"{error} `journal backup` makes a new one.", True)
    return Finding(told)


def _schedule(chosen: Settings, found: Catalog) -> list[Finding]:
    if found.failing_since:
        since = scheduled.minute(found.failing_since)
        return [Finding(f"Backups have failed since {since}: {found.problem}", True)]
    if chosen.backups is None:
        return [Finding("The site makes no backups by itself: BACKUPS=daily 14 turns them on.")]
    if found.newest is None:
        return [Finding("There is no backup yet; the site makes one soon after its start.")]
    if "overdue" in (told := scheduled.status(found, chosen.backups, clock.now())):
        return [Finding(f"{told.capitalize()}: is the site running? `journal backup` makes one.", True)]
    return []
