"""What a change of an entry needs of a long text is made before its transaction."""

from contextlib import AbstractAsyncContextManager
from uuid import UUID

from journal.database import rows
from journal.text import analysis


async def words_of(user_id: int, uid: UUID, body: str | None) -> AbstractAsyncContextManager[None]:
    """Inside, the text is cut for the index: this one, or where it stays as it is that of the entry."""
    return analysis.cut_ahead(user_id, await _present(user_id, uid) if body is None else body)


async def _present(user_id: int, uid: UUID) -> str:
    """The text of an entry that is there and long; else none."""
    found = await rows(
        "SELECT body FROM entries WHERE uid = ? AND user_id = ? AND length(body) > ?",
        str(uid),
        user_id,
        analysis.LONG,
    )
    return str(found[0]["body"]) if found else ""
