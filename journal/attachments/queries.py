"""Queries of attachments: of one account for its pages, and of all files for the sweep and the doctor."""

from collections.abc import AsyncIterator, Sequence
from uuid import UUID

from journal.attachments.models import Attachment
from journal.database import Connection, rows
from journal.engines.row import Row

BATCH = 500
DIGESTS = "SELECT DISTINCT sha256 FROM attachments ORDER BY sha256"  # of all files


async def find(user_id: int, uid: UUID) -> Row | None:
    found = await rows(
        "SELECT sha256, name, content_type, size FROM attachments WHERE uid = ? AND user_id = ?",
        str(uid),
        user_id,
    )
    return found[0] if found else None


async def known(db: Connection, uids: Sequence[UUID]) -> set[UUID]:
    """Those of the uids that have a row, inside the caller's transaction."""
    found = await Attachment.filter(uid__in=list(uids)).using_db(db).values_list("uid", flat=True)
    return set(found)  # type: ignore[arg-type]


async def used(digests: Sequence[str]) -> set[str]:
    """Those of the files, by their SHA-256, that any row refers to."""
    known: set[str] = set()
    for start in range(0, len(digests), BATCH):
        some = digests[start : start + BATCH]
        marks = ", ".join("?" * len(some))
        found = await rows(f"SELECT DISTINCT sha256 FROM attachments WHERE sha256 IN ({marks})", *some)
        known |= {row["sha256"] for row in found}
    return known


async def files(after: str = "") -> AsyncIterator[Row]:
    """SHA-256 and size of every file that rows refer to, in order, from behind a SHA-256."""
    sql = "SELECT DISTINCT sha256, size FROM attachments WHERE sha256 > ? ORDER BY sha256 LIMIT ?"
    while found := await rows(sql, after, BATCH):
        for row in found:
            yield row
        after = found[-1]["sha256"]


async def of_entries(user_id: int, entry_ids: Sequence[int]) -> Sequence[Row]:
    """The attachments of these entries, in the order in which they were added."""
    marks = ", ".join("?" * len(entry_ids))
    where = f"user_id = ? AND entry_id IN ({marks})"
    sql = f"SELECT entry_id, uid, name, content_type, sha256 FROM attachments WHERE {where} ORDER BY id"
    return await rows(sql, user_id, *entry_ids) if entry_ids else []
