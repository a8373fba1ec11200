"""Attachments as an importer makes them: the file first, then the row."""

import asyncio
from io import BytesIO
from pathlib import Path
from uuid import UUID, uuid4

from journal import clock
from journal.attachments import store
from journal.attachments.store import NewAttachment, Stored
from journal.database import committed
from journal.entries.models import Entry

PNG = b"\x89PNG\r\n\x1a\n" + b"".join(n.to_bytes(2, "big") for n in range(512))
PAGE = b"<!DOCTYPE html><script>alert(1)</script>"


async def stored(data_dir: Path, content: bytes) -> Stored:
    return await asyncio.to_thread(store.store_file, store.folder_in(data_dir), BytesIO(content))


async def attached(data_dir: Path, entry: str, content: bytes = PNG, name: str = "cat.png") -> str:
    """The path of a new attachment of the entry at that path."""
    file, uid = await stored(data_dir, content), uuid4()
    await rows_of(entry, NewAttachment(uid, name, file))
    return f"/attachments/{uid}"


async def rows_of(entry: str, *added: NewAttachment) -> None:
    found = await Entry.get(uid=UUID(entry.rpartition("/")[2]))
    await committed(lambda db: store.add(db, found.user_id, found.id, added, clock.now()))


def files(data_dir: Path) -> list[Path]:
    """Every file of the store but its lock."""
    places = sorted(store.folder_in(data_dir).rglob("*"))
    return [place for place in places if place.is_file() and place.name != store.LOCK]
