"""Scheduled backups: the site makes one when the newest is old enough, whoever made it and however long the
site has been running, and deletes the oldest beyond the number to keep (retention)."""

import asyncio
import logging
from datetime import datetime

from journal import clock
from journal.backup_schedule import Schedule
from journal.backups import catalog
from journal.backups.catalog import Catalog
from journal.backups.create import Source, create
from journal.backups.manifest import BackupError
from journal.backups.workspace import Busy

log = logging.getLogger(__name__)

FIRST_SECONDS = 60  # after the start, which should not wait for it
CHECK_SECONDS = 600
RETRY_SECONDS = 3600  # after a failure


async def forever(source: Source, schedule: Schedule | None) -> None:
    """Makes backups for as long as the site serves."""
    if schedule is None:
        return
    wait = FIRST_SECONDS
    while True:
        await asyncio.sleep(wait)
        is_well = await step(source, schedule, clock.now())
        wait = CHECK_SECONDS if is_well else RETRY_SECONDS


async def step(source: Source, schedule: Schedule, now: datetime) -> bool:
    """Makes a backup if one is due. Returns whether the next may be made as usual."""
    found = catalog.read(source.data_dir)
    if not is_due(found, schedule, now):
        return True
    try:
        made = await create(source, now, is_scheduled=True)
        catalog.prune(source.data_dir, schedule.keep)
    except Busy:  # another process of this site makes it
        return True
    except (BackupError, OSError) as error:
        _note_failure(source, now, str(error))
        return False
    except Exception as error:  # a fault of ours must not end all backups to come
        log.exception("the backup failed")
        _note_failure(source, now, str(error) or type(error).__name__)
        return False
    level = logging.WARNING if made.verified.lacking else logging.INFO
    log.log(level, "backup made and verified: %s %s", made.file, made.verified.note)
    return True


def is_due(found: Catalog, schedule: Schedule, now: datetime) -> bool:
    """A clock that was set back must not stop backups, so only the distance in time counts."""
    return found.newest is None or abs(now - found.newest.created) >= schedule.interval


def _note_failure(source: Source, now: datetime, problem: str) -> None:
    """Logs the first of several failures."""
    try:
        is_first = catalog.fail(source.data_dir, now, problem)
    except OSError as error:
        is_first, problem = True, f"{problem} ({error})"
    if is_first:
        log.error("the backup failed, and is tried again every hour: %s", problem)


def status(found: Catalog, schedule: Schedule | None, now: datetime) -> str:
    """A line for /readyz, without paths."""
    if found.failing_since:
        return f"backups have failed since {minute(found.failing_since)}"
    if found.newest is None:
        return "last backup: none yet" if schedule else "backups: off"
    if schedule and now - found.newest.created > 2 * schedule.interval:
        return f"backups are overdue since {minute(found.newest.created + schedule.interval)}"
    return f"last backup: {minute(found.newest.created)}"


def minute(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%MZ}"
