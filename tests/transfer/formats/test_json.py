"""Our JSON export: what is written is read again, and what is damaged costs only itself."""

import io
import json
import tracemalloc
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from journal.transfer.archive import Archive, UnreadableArchive
from journal.transfer.formats import journal, json_stream, reader
from journal.transfer.formats.writer import ExportedAttachment
from journal.transfer.writers import json as json_writer
from tests.transfer.formats import exported
from tests.transfer.formats.exported import ABOUT, attachment, entry, read, uid, written


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "journal.json"


@exported.EXAMPLES
@given(st.lists(exported.entries(), max_size=3).map(exported.distinct))
def test_what_is_written_is_read_again(file: Path, entries: list[exported.ExportedEntry]) -> None:
    file.write_bytes(written(json_writer, entries))
    found, report = read(journal, file)
    assert [replace(one, attachments=()) for one in found] == [exported.expected(one) for one in entries]
    for one, original in zip(found, entries, strict=True):
        assert {key: content for key, (_, content) in exported.contents(one).items()} == {
            str(media.uid): b"".join(media.chunks()) for media in original.attachments
        }
    assert not report.missing
    assert not report.notes


def test_the_list_of_entries_is_plain_json() -> None:
    found = json.loads(written(json_writer, [entry(tags=["walk"], mood="good"), entry(2)]))
    assert (found["format"], found["format_version"], found["name"]) == ("journal", 1, "ann")
    first = found["entries"][0]
    assert (first["day"], first["zone"]) == ("2024-05-31", "Europe/Berlin")
    assert (first["title"], first["body"]) == ("A walk", "Along the *river*.")
    assert (first["tags"], first["mood"], first["written_at"]) == (
        ["walk"],
        "good",
        "2024-05-31T20:11:05+00:00",
    )


def test_an_export_without_entries_is_valid() -> None:
    assert json.loads(written(json_writer, []))["entries"] == []


def test_the_first_bytes_come_before_the_first_entry() -> None:
    sink = exported.Written()

    def entries() -> Any:
        assert sink.content().startswith(b"{")
        yield entry()

    json_writer.write(entries(), sink, ABOUT)


class Endless(io.RawIOBase):
    """A file of so many bytes, which are made while they are read."""

    def __init__(self, size: int) -> None:
        self.left = size

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        size = min(len(buffer), self.left)
        self.left -= size
        return size


def test_a_large_file_is_written_in_constant_memory() -> None:
    large = ExportedAttachment(uid(9), "film.mp4", "video/mp4", "", lambda: Endless(30_000_000))  # type: ignore[arg-type,return-value]

    class Nothing:
        def write(self, content: bytes) -> None:
            pass

    tracemalloc.start()
    json_writer.write(iter([entry(attachments=(large,))] * 2), Nothing(), ABOUT)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 3_000_000


def test_a_file_that_is_gone_is_told_and_the_entry_comes(file: Path) -> None:
    def gone() -> Any:
        raise FileNotFoundError

    lost = replace(attachment(9), opened=gone)
    body = f"![]({'/attachments/' + str(lost.uid)})"
    file.write_bytes(written(json_writer, [entry(body=body, attachments=(lost,))]))
    [found], report = read(journal, file)
    assert found.fields.body == body
    assert report.notes == {reader.MISSING_MEDIA: ["2024-05-31 A walk: a photo.png"]}


def test_bodies_name_attachments_by_their_keys(file: Path) -> None:
    body = f"![x](/attachments/{uid(9)}) and another's /attachments/{uid(8)}"
    file.write_bytes(written(json_writer, [entry(body=body, attachments=(attachment(9),))]))
    [found], _ = read(journal, file)
    assert found.fields.body == f"![x](attachment:{uid(9)}) and another's /attachments/{uid(8)}"
    assert exported.contents(found) == {str(uid(9)): ("a photo.png", exported.PNG)}


WRONG: list[Any] = [
    None,
    7,
    -1.5,
    True,
    "",
    "x",
    "9999-99-99",
    [],
    [1],
    {},
    {"name": 3},
    10**400,
    "\0",
    "\u2028",
]
FIELDS = [*json.loads(written(json_writer, [entry()]))["entries"][0], "content"]


@pytest.mark.parametrize("field", FIELDS)
def test_wrong_types_cost_an_entry_at_most(file: Path, field: str) -> None:
    document = json.loads(written(json_writer, [entry(attachments=(attachment(9),)), entry(2)]))
    first, good = document["entries"]
    document["entries"] = []
    for value in WRONG:
        changed = json.loads(json.dumps(first))
        (changed["attachments"][0] if field == "content" else changed)[field] = value
        document["entries"] += [changed, good | {"revisions": [changed]}]
    document["entries"] += [*WRONG, good]
    file.write_text(json.dumps(document), encoding="utf-8")
    found, report = read(journal, file)
    assert found[-1].uid == uid(2)
    assert len(found) + len(report.missing.get(reader.UNREADABLE, [])) == 3 * len(WRONG) + 1


def test_a_file_that_is_cut_off_gives_its_beginning(file: Path) -> None:
    whole = written(json_writer, [entry(n) for n in range(5)])
    file.write_bytes(whole[: len(whole) * 3 // 4])
    found, report = read(journal, file)
    assert [one.uid for one in found] == [uid(0), uid(1), uid(2)]
    assert report.notes == {json_stream.CUT_OFF: ["journal.json"]}


@pytest.mark.parametrize("content", [b"", b"{", b"\xff\xfe{}", b'{"format": "journal", "entries": [{]}'])
def test_a_file_without_one_entry_is_refused(file: Path, content: bytes) -> None:
    file.write_bytes(content)
    with pytest.raises(UnreadableArchive, match="can't be read as JSON"):
        read(journal, file)


def test_a_later_version_of_the_format_is_refused(file: Path) -> None:
    file.write_bytes(written(json_writer, [entry()]).replace(b'"format_version": 1', b'"format_version": 2'))
    with pytest.raises(UnreadableArchive, match="upgrade the site"):
        read(journal, file)


@pytest.mark.parametrize(
    ("content", "is_ours"),
    [
        (b'\xef\xbb\xbf{"format": "journal", "entries": []}', True),
        (b'{"entries": [{"format": "other"}]}', False),
        (b'["format", "journal"]', False),
        (b"", False),
    ],
)
def test_our_json_is_recognised_by_its_head(file: Path, content: bytes, is_ours: bool) -> None:
    file.write_bytes(content)
    with Archive(file) as archive:
        assert journal.recognises(archive) is is_ours


def test_times_without_a_zone_and_unknown_zones_are_told(file: Path) -> None:
    document = json.loads(written(json_writer, [entry(), entry(2)]))
    document["entries"][0]["written_at"] = "2024-05-31T20:11:05"
    document["entries"][1]["zone"] = "Mars/Olympus"
    file.write_text(json.dumps(document), encoding="utf-8")
    [found], report = read(journal, file)
    assert found.fields.zone == "Europe/Berlin"
    assert report.missing == {reader.UNREADABLE: ["journal.json, entry 1 (no written_at)"]}
    assert report.notes == {journal.DOUBTFUL: ["2024-05-31 A walk: the time zone 'Mars/Olympus'"]}
