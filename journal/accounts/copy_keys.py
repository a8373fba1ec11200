"""The key that seals the copies of unsaved words in a person's browsers: random, and for ever theirs."""

import secrets
from base64 import b64encode

from journal.accounts.models import User
from journal.accounts.people import Gone
from journal.database import Connection, committed, rows

BYTES = 32  # AES-256; not derived from SECRET_KEY, as a new one must not make words unreadable


async def copy_key(user_id: int) -> str:
    """In base64; made when it is first asked for. Raises Gone."""
    return await _written(user_id) or await _made(user_id)


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
