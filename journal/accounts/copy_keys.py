"""The key that seals the copies of unsaved words in a person's browsers: random, and for ever theirs."""

import logging
import secrets
from base64 import b64encode

from journal.accounts.models import User
from journal.accounts.people import Gone
from journal.database import Connection, DiskFault, NoSpace, ReadOnly, committed, rows
from journal.engines.failures import Replaced

log = logging.getLogger(__name__)

BYTES = 32  # AES-256; not derived from SECRET_KEY, as a new one must not make words unreadable


async def copy_key(user_id: int) -> str:
    """In base64; made when it is first asked for. Raises Gone. Empty where the database takes no writes now:
    then pages can be read all the same, and say that the browser keeps no copy."""
    try:
        return await _written(user_id) or await _made(user_id)
    except (DiskFault, NoSpace, ReadOnly, Replaced) as error:
        log.warning("no key for the copies of user %s could be made: %s", user_id, error)
        return ""


async def _written(user_id: int) -> str | None:
    found = await rows("SELECT copy_key FROM users WHERE id = ?", user_id)
    if not found:
        raise Gone
    key: str | None = found[0]["copy_key"]
    return key


async def _made(user_id: int) -> str:
    async def work(db: Connection) -> None:
        key = b64encode(secrets.token_bytes(BYTES)).decode()
        await User.filter(id=user_id, copy_key__isnull=True).using_db(db).update(copy_key=key)

    await committed(work)
    key = await _written(user_id)  # perhaps that of another page, which was quicker
    assert key
    return key
