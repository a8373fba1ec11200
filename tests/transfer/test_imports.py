"""Imports of a person: preview, run, report, undo and again, by a reader that yields what the test says."""

import asyncio
import io
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from uuid import uuid4

import pytest

from journal import clock
from journal.accounts import users
from journal.attachments.models import Attachment
from journal.database import NoSpace, Unavailable, committed, rows
from journal.entries import saving, store
from journal.entries.imported import ImportedAttachment, ImportedEntry, Place
from journal.entries.models import Entry, EntryMetadata, Revision
from journal.entries.values import EntryFields, SaveRequest
from journal.jobs import queue
from journal.jobs.models import Job
from journal.jobs.queue import Progress
from journal.transfer import imports
from journal.transfer.archive import Archive
from journal.transfer.formats import readers
from journal.transfer.formats.reader import ReadOptions
from journal.transfer.importer import Importer, Owned
from journal.transfer.report import Report
from tests.transfer.fake_reader import WHEN, Fake, imported, jobs_finished


@pytest.fixture
async def ann(db: None) -> int:
    return (await users.create("ann", None, "correct horse battery", "UTC", clock.now())).id


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> Fake:
    made = Fake([imported(1), imported(2)])
    monkeypatch.setattr(readers, "READERS", (made,))
    return made


class Site:
    """What the site does with an uploaded file, job by job."""

    def __init__(self, ann: int, data: Path) -> None:
        self.ann, self.data, self.uid = ann, data, uuid4()

    async def brings(self, name: str = "fake.json") -> None:
        path = imports.upload_path(self.data, self.uid)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"[]")
        await imports.begin(self.ann, self.uid, name, zone="Europe/Berlin")
        await self.works()

    async def imports(self) -> None:
        await imports.start(self.ann, self.uid)
        await self.works()

    async def undoes(self) -> None:
        await imports.take_back(self.ann, self.uid)
        await self.works()

    async def works(self) -> None:
        """Runs the jobs that wait."""
        async with queue.running(imports.handlers(self.data)):
            await jobs_finished()

    async def state(self) -> str:
        return str((await imports.one(self.ann, self.uid))["state"])


@pytest.fixture
async def site(ann: int, tmp_path: Path) -> Site:
    return Site(ann, tmp_path)


async def test_a_preview_says_what_would_come_and_writes_nothing(site: Site, fake: Fake) -> None:
    await site.brings()
    found = await imports.one(site.ann, site.uid)
    assert (found["state"], found["format"]) == ("ready", "fake")
    preview = found["preview"]
    assert (preview["added"], preview["first"], preview["last"]) == (2, "2019-05-03", "2019-05-03")
    assert preview["missing"] == {"Entries that can't be read, and are left out": ["the <third>"]}
    assert preview["samples"][0]["title"] == "A title"
    assert not await Entry.exists()


async def test_an_import_brings_every_field_and_what_belongs_to_it(site: Site, fake: Fake) -> None:
    place = Place("Lisbon", 38.7, -9.1)
    fake.entries[0] = imported(1, starred=True, place=place, weather="12 °C, fog", record='{"a":1}')
    await site.brings()
    await site.imports()
    entry = await Entry.get(source_id="1")
    assert (entry.title, entry.body, entry.tags, entry.mood) == ("A title", "words", ["tag"], "good")
    assert (entry.day, entry.zone, entry.written_at, entry.starred) == (
        *(date(2019, 5, 3), "Europe/Berlin"),
        *(WHEN, True),
    )
    metadata = await EntryMetadata.get()
    assert (metadata.place, metadata.latitude, metadata.weather, metadata.record) == (
        *("Lisbon", 38.7),
        *("12 °C, fog", '{"a":1}'),
    )
    assert (await imports.one(site.ann, site.uid))["report"]["entries_added"] == 2


async def test_an_undo_takes_everything_back_and_the_import_can_be_repeated(site: Site, fake: Fake) -> None:
    await site.brings()
    await site.imports()
    await site.undoes()
    assert (await site.state(), await Entry.all().count()) == ("undone", 0)
    await site.imports()
    assert (await site.state(), await Entry.all().count()) == ("done", 2)


async def test_an_undo_leaves_alone_what_was_written_on_since(site: Site, fake: Fake) -> None:
    await site.brings()
    await site.imports()
    entry = await Entry.get(source_id="1")
    request = SaveRequest(EntryFields(body="mine"), 1, uuid4())
    await saving.save(site.ann, entry.uid, request, clock.now())
    await site.undoes()
    assert [(entry.body, entry.source_id) for entry in await Entry.all()] == [("mine", "1")]
    undone = (await imports.one(site.ann, site.uid))["report"]["undone"]
    assert undone == {"deleted": 1, "restored": 0, "kept": 1}


async def test_an_undo_restores_a_text_that_the_import_changed(site: Site, fake: Fake) -> None:
    await site.brings()
    await site.imports()
    fake.entries = [imported(1, "changed there")]
    again = Site(site.ann, site.data)
    await again.brings()
    await again.imports()
    assert (await Entry.get(source_id="1")).body == "changed there"
    await again.undoes()
    assert (await Entry.get(source_id="1")).body == "words"
    assert await Entry.all().count() == 2


async def test_a_file_that_nobody_recognises_says_what_can_be_read(site: Site, fake: Fake) -> None:
    await site.brings("holiday.doc")
    found = await imports.one(site.ann, site.uid)
    assert found["state"] == "failed"
    assert "holiday.doc is not recognised" in found["report"]["problem"]
    assert "A fake" in found["report"]["problem"]


async def test_what_breaks_in_the_middle_keeps_what_came_before(site: Site, fake: Fake) -> None:
    def breaks(archive: Archive, options: ReadOptions, report: Report) -> Iterator[ImportedEntry]:
        yield imported(1)
        raise ValueError("damaged")

    fake.read = breaks  # type: ignore[method-assign]
    await site.brings()
    await site.imports()
    assert await Entry.all().count() == 1
    assert (
        "The rest of the file can't be read" in (await imports.one(site.ann, site.uid))["report"]["missing"]
    )


# Photos and files

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 40


def file(key: str, content: bytes | None = PNG) -> ImportedAttachment:
    def opened() -> io.BytesIO:
        if content is None:
            raise KeyError(key)
        return io.BytesIO(content)

    return ImportedAttachment(key, f"{key}.png", opened)


async def test_photos_come_where_the_text_has_them_or_at_its_end(site: Site, fake: Fake) -> None:
    photos = (file("a"), file("b"), file("gone", None))
    fake.entries = [imported(1, "one ![here](attachment:a) two", attachments=photos)]
    await site.brings()
    assert not await Attachment.exists()
    for _ in range(2):
        await site.imports()
        first, second = await Attachment.all().order_by("id")
        body = (await Entry.get()).body
        assert body == f"one ![here](/attachments/{first.uid}) two\n\n![b.png](/attachments/{second.uid})"
        missing = (await imports.one(site.ann, site.uid))["report"]["missing"]
        assert missing["Photos and files that can't be read, and are left out"] == ["gone.png (1)"]
        await site.undoes()
        assert not await Attachment.exists()


async def test_photos_that_are_here_already_are_not_added_again(ann: int, tmp_path: Path) -> None:
    for body in ("words", "words", "changed"):
        entry = imported(1, body, attachments=(file("a"),))
        await Importer(Report(), WHEN, files=tmp_path).add([Owned(ann, entry)])
    assert await Attachment.all().count() == 1
    assert (await Entry.get()).body.startswith("changed\n\n![a.png](/attachments/")


# The importer


async def test_both_texts_are_kept_where_an_entry_changed_here_and_there(ann: int) -> None:
    await Importer(Report(), WHEN).add([Owned(ann, imported(1))])
    entry = await Entry.get()
    await saving.save(ann, entry.uid, SaveRequest(EntryFields(body="mine"), 1, uuid4()), clock.now())
    for _ in range(2):
        await Importer(Report(), WHEN).add([Owned(ann, imported(1, "theirs"))])
    assert (await Entry.get()).body == "mine"
    assert [r.body for r in await Revision.filter(kind="conflict")] == ["theirs"]


async def test_two_entries_of_one_id_both_come_once(ann: int) -> None:
    report = Report()
    for _ in range(2):
        await Importer(report, WHEN).add(
            [Owned(ann, imported(1)), Owned(ann, imported(1, "other")), Owned(ann, imported(1))]
        )
    assert sorted(entry.body for entry in await Entry.all()) == ["other", "words"]
    assert (report.entries.added, report.entries.same) == (2, 2)


async def test_links_between_entries_lead_to_the_imported_ones(ann: int) -> None:
    await Importer(Report(), WHEN).add(
        [Owned(ann, imported(1, "see [it](entry:2)")), Owned(ann, imported(2))]
    )
    target = await Entry.get(source_id="2")
    assert (await Entry.get(source_id="1")).body == f"see [it](/entries/{target.uid})"


async def test_what_one_person_deleted_for_good_still_comes_for_another(ann: int) -> None:
    bob = (await users.create("bob", None, "correct horse battery", "UTC", clock.now())).id
    await Importer(Report(), WHEN).add([Owned(ann, imported(1))])
    await Entry.all().update(deleted_at=WHEN)
    from_bin = Entry.filter(user_id=ann)
    await committed(lambda db: store.purge(db, from_bin))
    for person in (ann, bob):
        await Importer(Report(), WHEN).add([Owned(person, imported(1))])
    assert [entry.user_id for entry in await Entry.all()] == [bob]


# Jobs


async def test_a_job_whose_process_died_is_run_again(site: Site, fake: Fake) -> None:
    await site.brings()
    await imports.start(site.ann, site.uid)
    await Job.filter(state="waiting").update(state="running", worker="dead", beat_at=WHEN, tries=1)
    await site.works()
    assert (await site.state(), await Entry.all().count()) == ("done", 2)


async def test_a_job_that_kills_its_process_is_given_up(ann: int) -> None:
    async def deadly(progress: Progress) -> None:
        raise AssertionError

    await committed(lambda db: queue.enqueue(db, ann, "deadly", 1))
    await Job.all().update(state="running", beat_at=WHEN, tries=queue.TRIES)
    async with queue.running({"deadly": deadly}):
        await jobs_finished()
    assert [(row["state"], row["problem"]) for row in await rows("SELECT state, problem FROM jobs")] == [
        ("failed", queue.STARTED)
    ]


@pytest.mark.parametrize("error", [NoSpace("full"), RuntimeError("words")])
async def test_a_job_that_fails_says_why_and_not_with_what(ann: int, error: Exception) -> None:
    async def fails(progress: Progress) -> None:
        raise error

    await committed(lambda db: queue.enqueue(db, ann, "fails", 1))
    async with queue.running({"fails": fails}):
        while await Job.filter(state__in=["waiting", "running"]).exists():
            await asyncio.sleep(0.01)
    said = queue.NO_SPACE if isinstance(error, NoSpace) else queue.FAILED
    assert (await Job.get()).problem == said


async def test_a_job_waits_for_a_database_that_is_away(ann: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queue, "PAUSE", 0.01)
    calls = 0

    async def away(progress: Progress) -> None:
        nonlocal calls
        calls += 1
        if calls < 6:
            raise Unavailable("away")

    await committed(lambda db: queue.enqueue(db, ann, "away", 1))
    async with queue.running({"away": away}):
        while await Job.filter(state__in=["waiting", "running"]).exists():
            await asyncio.sleep(0.01)
    assert ((await Job.get()).state, calls) == ("done", 6)


async def test_jobs_of_one_account_run_one_after_the_other(ann: int) -> None:
    running, most = 0, 0

    async def counted(progress: Progress) -> None:
        nonlocal running, most
        running += 1
        most = max(most, running)
        await asyncio.sleep(0.02)
        running -= 1

    for _ in range(3):
        await committed(lambda db: queue.enqueue(db, ann, "counted", 1))
    async with queue.running({"counted": counted}):
        await jobs_finished()
    assert most == 1
