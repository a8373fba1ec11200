"""The Day One writer: every field is where Day One's readers look for it."""

import io
import json
import zipfile
from collections.abc import Iterator
from datetime import UTC, date, datetime
from hashlib import md5
from typing import Any

import pytest

from journal.entries.imported import Place
from journal.transfer.formats.writer import ExportedAttachment
from journal.transfer.writers import dayone
from tests.transfer.formats import exported
from tests.transfer.formats.exported import PNG, attachment, entry, uid, written


def archive(*entries: exported.ExportedEntry) -> zipfile.ZipFile:
    return zipfile.ZipFile(io.BytesIO(written(dayone, entries)))


def items(*entries: exported.ExportedEntry) -> list[dict[str, Any]]:
    with archive(*entries) as opened:
        document = json.loads(opened.read("Journal.json"))
    assert document["metadata"] == {"version": "1.0"}
    return list(document["entries"])


def media(number: int, name: str, kind: str, content: bytes = b"content") -> ExportedAttachment:
    return ExportedAttachment(uid(number), name, kind, "", lambda: io.BytesIO(content))


def test_every_field_has_day_ones_name() -> None:
    place = Place("By the river", 52.5, 13.25)
    changes = {"tags": ["walk"], "mood": "good", "starred": True, "place": place, "weather": "Rain"}
    assert items(entry(**changes)) == [
        {
            "uuid": uid(1).hex.upper(),
            "creationDate": "2024-05-31T20:11:05Z",
            "modifiedDate": "2024-05-31T20:15:05Z",
            "timeZone": "Europe/Berlin",
            "text": "# A walk\n\nAlong the *river*.",
            "starred": True,
            "isPinned": False,
            "isAllDay": False,
            "tags": ["walk", "mood_good"],
            "location": {"latitude": 52.5, "longitude": 13.25, "placeName": "By the river"},
            "weather": {"conditionsDescription": "Rain"},
        }
    ]


@pytest.mark.parametrize(
    ("kind", "name", "listed", "path", "link"),
    [
        ("image/jpeg", "a.jpg", "photos", "photos/{}.jpeg", "dayone-moment://{}"),
        ("video/mp4", "a.mp4", "videos", "videos/{}.mp4", "dayone-moment:/video/{}"),
        ("audio/mp4", "a.m4a", "audios", "audios/{}.m4a", "dayone-moment:/audio/{}"),
        ("application/pdf", "a.pdf", "pdfAttachments", "pdfs/{}.pdf", "dayone-moment:/pdfAttachment/{}"),
    ],
)
def test_media_lie_by_their_md5_and_are_named_by_their_identifier(
    kind: str, name: str, listed: str, path: str, link: str
) -> None:
    body = f"Before ![alt](/attachments/{uid(9)}) after"
    one = entry(title="", body=body, attachments=(media(9, name, kind),))
    digest, identifier = md5(b"content").hexdigest(), uid(9).hex.upper()
    with archive(one) as opened:
        assert opened.read(path.format(digest)) == b"content"
        [item] = json.loads(opened.read("Journal.json"))["entries"]
    assert item["text"] == f"Before ![]({link.format(identifier)}) after"
    [described] = item[listed]
    assert (described["identifier"], described["md5"], described["orderInEntry"]) == (identifier, digest, 0)
    assert path.endswith(described["format" if listed == "audios" else "type"])


def test_photos_without_a_link_come_last_and_other_files_are_named() -> None:
    other = media(8, "list.zip", "application/zip")
    body = f"See [list](/attachments/{uid(8)}) and `/attachments/{uid(8)}`"
    [item] = items(entry(title="", body=body, attachments=(attachment(9), other)))
    link = f"![](dayone-moment://{uid(9).hex.upper()})"
    assert item["text"] == f"See list.zip and `/attachments/{uid(8)}`\n\n{link}"
    assert len(item["photos"]) == 1


def test_an_entry_about_another_day_than_it_was_written_on_keeps_its_day() -> None:
    [item] = items(entry(day=date(2024, 5, 1)))
    assert (item["creationDate"], item["isAllDay"]) == ("2024-05-01T10:00:00Z", True)


def test_entries_that_came_from_day_one_keep_their_uuid() -> None:
    first = entry(source="dayone", source_id="A" * 32)
    second = entry(2, source="flask", source_id="B" * 32)
    assert [item["uuid"] for item in items(first, second)] == ["A" * 32, uid(2).hex.upper()]


def test_the_bin_stays_here_and_early_years_have_four_digits() -> None:
    early = entry(2, day=date(800, 12, 25), written_at=datetime(800, 12, 25, 12, tzinfo=UTC))
    [item] = items(entry(deleted_at=exported.NOW), early)
    assert item["creationDate"] == "0800-12-25T12:00:00Z"


def test_the_same_photo_is_stored_once_and_a_lost_one_is_left_out() -> None:
    def gone() -> Any:
        raise FileNotFoundError

    lost = ExportedAttachment(uid(7), "lost.png", "image/png", "", gone)
    first, second = (entry(n, attachments=(attachment(n),)) for n in (1, 2))
    with archive(first, second, entry(3, attachments=(lost,))) as opened:
        assert [opened.read(name) for name in opened.namelist() if name.endswith(".png")] == [PNG]


def test_the_first_bytes_come_before_the_first_entry() -> None:
    sink = exported.Written()

    def entries() -> Iterator[exported.ExportedEntry]:
        assert sink.content().startswith(b"PK")
        yield entry()

    dayone.write(entries(), sink, exported.ABOUT)
