"""The encryption key of an account for local drafts: scripts encrypt unsaved words with it in the browser."""

import logging

from journal.accounts.models import User
from journal.accounts.users import AccountGone, new_copy_key
from journal.database import Connection, Unavailable, committed, rows

log = logging.getLogger(__name__)


async def copy_key(user_id: int) -> str:
    """The key in base64. An account that was adopted gets one when it is first asked for. Empty where the
    database takes no writes now: pages can be read, and say that the browser keeps no copy. Raises Gone.
    """
    if key := await _written(user_id):
        return key
    try:
        return await _made(user_id)
    except Unavailable as error:
        log.warning("no key for the copies of user %s could be made: %s", user_id, error)
        return ""


async def _written(user_id: int) -> str | None:
    found = await rows("SELECT copy_key FROM users WHERE id = ?", user_id)
    if not found:
        raise AccountGone
    key: str | None = found[0]["copy_key"]
    return key


async def _made(user_id: int) -> str:
    async def work(db: Connection) -> None:
        await User.filter(id=user_id, copy_key__isnull=True).using_db(db).update(copy_key=new_copy_key())

    await committed(work)
    key = await _written(user_id)  # perhaps that of another page, which was quicker
    assert key
    return key
