"""What happened to an account's security, kept for 90 days for its owner to read."""

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from tortoise.exceptions import IntegrityError

from journal import retention
from journal.accounts.models import SecurityEvent
from journal.database import Connection, Unavailable, committed, rows

log = logging.getLogger(__name__)

KEPT = timedelta(days=90)
SHOWN = 200
# The same again within a minute is written once: a log that can be flooded hides what matters.
PAUSE = timedelta(minutes=1)
REPEATED = frozenset(("throttled", "refresh refused"))


async def note(user_id: int, kind: str, address: str, now: datetime, detail: str = "") -> None:
    """Never in the way of what it tells of: where it can't be written, it is in the site's log."""

    async def work(db: Connection) -> None:
        event = SecurityEvent(user_id=user_id, kind=kind, detail=detail[:200], address=address, at=now)
        if kind not in REPEATED or not await _was_just_noted(db, event):
            await event.save(using_db=db)

    log.info("security: user %s: %s %s", user_id, kind, detail)
    try:
        await committed(work)
    except (Unavailable, IntegrityError) as error:  # the account may just have been deleted
        log.warning("security event of user %s could not be kept: %s", user_id, error)


async def _was_just_noted(db: Connection, event: SecurityEvent) -> bool:
    same = SecurityEvent.filter(user_id=event.user_id, kind=event.kind, address=event.address)
    return await same.filter(at__gt=event.at - PAUSE).using_db(db).exists()


async def latest(user_id: int) -> Sequence[Any]:
    return await rows(
        "SELECT kind, detail, address, at FROM security_events WHERE user_id = ? "
        "ORDER BY at DESC, id DESC LIMIT ?",
        user_id,
        SHOWN,
    )


async def sweep(now: datetime) -> None:
    await retention.delete_before("security_events", "at", now - KEPT)
