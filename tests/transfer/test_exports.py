"""Exports: every format streams everything, narrowed or not, at the pace of its reader."""

import asyncio
import io
import json
import threading
import zipfile
from collections.abc import Iterator
from datetime import date
from typing import Any
from uuid import uuid4

import pytest
from quart import Quart

from journal import clock
from journal.accounts.models import User
from journal.attachments import store
from journal.attachments.store import NewAttachment
from journal.database import committed
from journal.entries import export_rows
from journal.entries.export_rows import Narrowing
from journal.entries.models import Entry, EntryMetadata
from journal.settings import Settings
from journal.transfer.exporting import Export
from journal.transfer.exports import stream
from journal.transfer.exports.stream import Busy, Stream
from journal.transfer.formats.writer import About, ExportedEntry, Sink
from journal.transfer.writers.writers import BY_NAME
from tests.conftest import Person

pytestmark = pytest.mark.slow_on_postgres
FORMATS = list(BY_NAME)


async def exported(person: Person, address: str) -> bytes:
    answer = await person.get(address)
    assert answer.status_code == 200, await answer.get_data(as_text=True)
    assert answer.headers["Content-Disposition"].startswith('attachment; filename="journal-')
    return bytes(await answer.get_data())


async def listed(person: Person, query: str = "") -> list[dict[str, Any]]:
    """The entries of a JSON export."""
    found: list[dict[str, Any]] = json.loads(await exported(person, f"/exports/json{query}"))["entries"]
    return found


async def binned(person: Person, path: str) -> None:
    await person.post(f"{path}/deletion", {"version": "1"})


@pytest.mark.parametrize("name", FORMATS)
async def test_every_format_has_every_entry(ann: Person, name: str) -> None:
    for day in ("2024-05-31", "2019-01-02"):
        await ann.writes(f"Words of {day}", title="A title", day=day)
    content = await exported(ann, f"/exports/{name}")
    if zipfile.is_zipfile(io.BytesIO(content)):
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            content = b"\n".join(archive.read(member) for member in archive.namelist())
    for day in ("2024-05-31", "2019-01-02"):
        assert f"Words of {day}".encode() in content


async def test_a_lossless_export_has_the_bin_and_what_stood_there_before(ann: Person) -> None:
    path = await ann.writes("First", title="A title", tags="one, two", mood="good", day="2024-05-31")
    await ann.post(path, {"body": "Second", "version": "1", "save": str(uuid4())})
    await binned(ann, await ann.writes("Gone", day="2024-06-01"))
    entry = await Entry.get(body="Second")
    await EntryMetadata.create(entry_id=entry.id, place="Lisbon", latitude=38.7, weather="fog")
    second, gone = await listed(ann)
    assert (second["title"], second["body"], second["weather"]) == ("A title", "Second", "fog")
    assert (second["tags"], second["mood"]) == (["one", "two"], "good")
    assert (second["uid"], second["version"], second["day"]) == (str(entry.uid), 2, "2024-05-31")
    assert second["place"] == {"name": "Lisbon", "latitude": 38.7, "longitude": None}
    assert [revision["body"] for revision in second["revisions"]][:1] == ["First"]
    assert gone["deleted_at"]
    assert b"Gone" not in await exported(ann, "/exports/jrnl")


async def test_photos_leave_with_their_entries(ann: Person, settings: Settings) -> None:
    await ann.writes("With a photo")
    entry = await Entry.get()
    stored = store.store_file(store.folder_in(settings.data_dir), io.BytesIO(b"a photo"))
    new = NewAttachment(uuid4(), "photo.jpg", stored)
    await committed(lambda db: store.add(db, entry.user_id, entry.id, [new], clock.now()))
    (found,) = await listed(ann)
    assert [(one["name"], one["content"]) for one in found["attachments"]] == [("photo.jpg", "YSBwaG90bw==")]


@pytest.mark.parametrize(
    ("query", "days"),
    [
        ("?from=2024-01-02", ["2024-01-02", "2024-01-03"]),
        ("?to=2024-01-02", ["2024-01-01", "2024-01-02"]),
        ("?from=2024-01-02&to=2024-01-02", ["2024-01-02"]),
        ("?tag=ODD", ["2024-01-01", "2024-01-03"]),
        ("?tag=odd&from=2024-01-02", ["2024-01-03"]),
        ("?tag=none", []),
        ("?from=&to=&tag=", ["2024-01-01", "2024-01-02", "2024-01-03"]),
    ],
)
async def test_days_and_a_tag_narrow_an_export(ann: Person, query: str, days: list[str]) -> None:
    for number in (1, 2, 3):
        await ann.writes("Words", day=f"2024-01-0{number}", tags="odd" if number % 2 else "even")
    assert [entry["day"] for entry in await listed(ann, query)] == days


@pytest.mark.parametrize("query", ["?from=yesterday", "?to=2024-02-30", "?from=2024-02-01&to=2024-01-01"])
async def test_a_day_that_makes_no_sense_is_refused_with_a_sentence(ann: Person, query: str) -> None:
    answer = await ann.get(f"/exports/json{query}")
    assert answer.status_code == 422
    assert 'class="error"' in await answer.get_data(as_text=True)


async def test_an_unknown_format_is_not_there(ann: Person) -> None:
    assert (await ann.get("/exports/wordstar")).status_code == 404


async def test_the_page_offers_every_format(ann: Person) -> None:
    page = await (await ann.get("/settings/export")).get_data(as_text=True)
    for name in FORMATS:
        assert f'formaction="/exports/{name}"' in page


async def test_a_question_for_the_head_writes_no_export(ann: Person) -> None:
    await ann.writes("Words")
    answer = await ann.client.head("/exports/json")
    assert (answer.status_code, answer.content_type) == (200, "application/json")
    assert threads() == []


async def test_entries_come_in_batches_of_bounded_size(
    ann: Person, app: Quart, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(export_rows, "BATCH", 4)
    monkeypatch.setattr(export_rows, "IDS", 3)
    monkeypatch.setattr(export_rows, "SIZE", 5000)
    sizes = [10, 10, 4000, 10, 10, 10, 10, 10, 10]
    for number, size in enumerate(sizes, 1):
        await ann.writes("x" * size, day=f"2024-01-0{number}")
    user = await User.get()
    export = Export(user, BY_NAME["markdown"], Narrowing(), clock.now(), app.config["SETTINGS"].data_dir)
    assert await export.prepare() == len(sizes)
    assert export.about.months == {(2024, 1): len(sizes)}
    batches = [[len(entry.fields.body or "") for entry in batch] async for batch in export.batches()]
    assert [size for batch in batches for size in batch] == sizes
    assert [4000] in batches
    assert max(map(len, batches)) == 4


async def test_an_entry_that_moves_to_another_day_meanwhile_leaves_once(ann: Person, app: Quart) -> None:
    for number in (1, 2, 3):
        await ann.writes(f"Number {number}", day=f"2024-01-0{number}")
    export = Export(
        await User.get(), BY_NAME["markdown"], Narrowing(), clock.now(), app.config["SETTINGS"].data_dir
    )
    await export.prepare()
    await Entry.filter(body="Number 3").update(day=date(2023, 1, 1))
    bodies = [entry.fields.body async for batch in export.batches() for entry in batch]
    assert bodies == ["Number 1", "Number 2", "Number 3"]


# The stream


class Endless:
    """A writer that writes for as long as it is let."""

    NAME, LABEL, SUFFIX, CONTENT_TYPE = "json", "Endless", ".txt", "text/plain"

    def __init__(self, most: int = 2**60) -> None:
        self.written, self.most = 0, most

    def write(self, entries: Iterator[ExportedEntry], sink: Sink, about: About) -> None:
        while self.written < self.most:
            sink.write(b"x" * 1000)
            self.written += 1000
        raise ValueError("the end")


@pytest.fixture
async def user(ann: Person) -> User:
    return await User.get()


def export_of(user: User, writer: Endless, settings: Settings) -> Export:
    return Export(user, writer, Narrowing(), clock.now(), settings.data_dir)


def threads() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name == "export"]


async def ends() -> None:
    async with asyncio.timeout(5):
        while threads():
            await asyncio.sleep(0.01)


async def test_a_slow_reader_stops_the_writer(user: User, settings: Settings) -> None:
    writer = Endless()
    body = Stream(export_of(user, writer, settings))
    await anext(body)
    await asyncio.sleep(0.2)
    assert writer.written < stream.CHUNK * (stream.WAITING + 3)
    await body.aclose()
    await ends()


async def test_a_reader_that_goes_away_ends_the_writer(user: User, settings: Settings) -> None:
    body = Stream(export_of(user, Endless(), settings))
    await anext(body)
    assert threads()
    await body.aclose()
    await ends()


async def test_a_writer_that_fails_breaks_the_download_off(user: User, settings: Settings) -> None:
    body = Stream(export_of(user, Endless(most=200_000), settings))
    with pytest.raises(ValueError, match="the end"):
        async for _ in body:
            pass
    await body.aclose()
    await ends()


async def test_one_account_has_one_export_at_a_time(ann: Person, user: User, settings: Settings) -> None:
    body = Stream(export_of(user, Endless(), settings))
    answer = await ann.get("/exports/json")
    assert answer.status_code == 429
    assert "Another export of yours" in await answer.get_data(as_text=True)
    assert answer.headers["Retry-After"]
    await body.aclose()
    assert await listed(ann) == []


async def test_an_answer_that_is_never_sent_blocks_no_other_export(user: User, settings: Settings) -> None:
    body = Stream(export_of(user, Endless(), settings))
    with pytest.raises(Busy):
        Stream(export_of(user, Endless(), settings))
    del body
    await Stream(export_of(user, Endless(), settings)).aclose()


async def test_the_site_writes_a_few_exports_at_a_time(
    user: User, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stream, "AT_ONCE", 0)
    with pytest.raises(Busy, match="Other people"):
        Stream(export_of(user, Endless(), settings))
