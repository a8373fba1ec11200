"""Audit log: the security events of an account, kept for 90 days and shown to its owner."""

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta

from tortoise.exceptions import IntegrityError

from journal import retention
from journal.accounts.models import SecurityEvent
from journal.database import Connection, Unavailable, committed, rows
from journal.engines.row import Row

log = logging.getLogger(__name__)

RETENTION = timedelta(days=90)
PAGE_SIZE = 200
# These kinds are noted once a minute at most: a log that can be flooded hides what matters.
INTERVAL = timedelta(minutes=1)
LIMITED_KINDS = frozenset(("throttled", "refresh refused"))


async def note(user_id: int, kind: str, address: str, now: datetime, detail: str = "") -> None:
    """Adds an event. An event that can't be stored is in the site's log and fails no request."""

    async def work(db: Connection) -> None:
        event = SecurityEvent(user_id=user_id, kind=kind, detail=detail[:200], address=address, at=now)
        if kind not in LIMITED_KINDS or not await _was_just_noted(db, event):
            await event.save(using_db=db)

    log.info("security: user %s: %s %s", user_id, kind, detail)
    try:
        await committed(work)
    except (Unavailable, IntegrityError) as error:  # the account may just have been deleted
        log.warning("security event of user %s could not be kept: %s", user_id, error)


async def _was_just_noted(db: Connection, event: SecurityEvent) -> bool:
    same = SecurityEvent.filter(user_id=event.user_id, kind=event.kind, address=event.address)
    return await same.filter(at__gt=event.at - INTERVAL).using_db(db).exists()


async def latest(user_id: int) -> Sequence[Row]:
    """The newest events of an account, newest first."""
    return await rows(
        "SELECT kind, detail, address, at FROM security_events WHERE user_id = ? "
        "ORDER BY at DESC, id DESC LIMIT ?",
        user_id,
        PAGE_SIZE,
    )


async def sweep(now: datetime) -> None:
    """Deletes events older than the retention."""
    await retention.delete_before("security_events", "at", now - RETENTION)
