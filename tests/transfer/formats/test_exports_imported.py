"""Exports of other programs on their whole way: uploaded, read, stored with photos, and brought again."""

import json
import shutil
from pathlib import Path
from uuid import UUID, uuid4

from journal import clock
from journal.accounts import users
from journal.attachments.models import Attachment
from journal.entries.models import Entry, EntryMetadata
from journal.jobs import queue
from journal.transfer import imports
from tests.transfer.fake_reader import jobs_finished
from tests.transfer.formats import test_day_one as day_one
from tests.transfer.formats.packed import JPEG, packed

REFERRING = day_one.written(
    text=f"![](dayone-moment://AAA) and [the other](dayone://view?entryId={day_one.OTHER})",
    photos=[day_one.PHOTO],
    tags=["river"],
)


async def brought(user_id: int, path: Path, data: Path) -> UUID:
    """Uploads and imports a file, as its person does."""
    uid = uuid4()
    upload = imports.upload_path(data, uid)
    upload.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(path, upload)
    await imports.begin(user_id, uid, "export.zip", zone="Europe/Berlin")
    async with queue.running(imports.handlers(data)):
        await jobs_finished()
        await imports.start(user_id, uid)
        await jobs_finished()
    return uid


async def test_a_day_one_export_comes_with_photos_and_links_and_only_once(db: None, tmp_path: Path) -> None:
    ann = await users.create("ann", None, "correct horse battery", "UTC", clock.now())
    export = day_one.export(REFERRING, day_one.written(uuid=day_one.OTHER))
    file = packed(tmp_path, {"Journal.json": export, "photos/abc.jpeg": JPEG})
    for _ in range(2):
        uid = await brought(ann.id, file, tmp_path)
    entry, other = await Entry.get(source_id=day_one.UUID), await Entry.get(source_id=day_one.OTHER)
    photo = await Attachment.get()
    assert entry.body == f"![](/attachments/{photo.uid}) and [the other](/entries/{other.uid})"
    assert (photo.entry_id, photo.name, entry.tags, entry.version) == (entry.id, "abc.jpeg", ["river"], 1)
    assert json.loads((await EntryMetadata.get(entry_id=entry.id)).record) == REFERRING
    found = await imports.one(ann.id, uid)
    assert (found["format"], found["preview"]["added"], found["preview"]["same"]) == ("dayone", 0, 2)
