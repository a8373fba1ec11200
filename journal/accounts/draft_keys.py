"""Draft keys: each account has a key with which scripts encrypt unsaved drafts in the browser."""

import logging

from journal.accounts.models import User
from journal.accounts.users import AccountGone, new_copy_key
from journal.database import Connection, Unavailable, committed, rows

log = logging.getLogger(__name__)


async def copy_key(user_id: int) -> str:
    """The key in base64. An imported account gets its key at the first call. Returns an empty string if the
    database takes no writes now; pages then say that the browser keeps no draft. Raises AccountGone."""
    if key := await _stored(user_id):
        return key
    try:
        return await _create(user_id)
    except Unavailable as error:
        log.warning("no key for the copies of user %s could be made: %s", user_id, error)
        return ""


async def _stored(user_id: int) -> str | None:
    found = await rows("SELECT copy_key FROM users WHERE id = ?", user_id)
    if not found:
        raise AccountGone
    key: str | None = found[0]["copy_key"]
    return key


async def _create(user_id: int) -> str:
    async def work(db: Connection) -> None:
        await User.filter(id=user_id, copy_key__isnull=True).using_db(db).update(copy_key=new_copy_key())

    await committed(work)
    key = await _stored(user_id)  # another request may have stored its key first
    assert key
    return key
