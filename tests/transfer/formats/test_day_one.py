"""Day One: what its exports hold, as its app and other programs write them."""

import json
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from journal.entries.imported import ImportedEntry, Place
from journal.transfer.archive import UnreadableArchive
from journal.transfer.formats import day_one, reader, source_values
from journal.transfer.formats.day_one_rich_text import to_markdown
from journal.transfer.report import Report
from tests.transfer.formats.exported import contents, read
from tests.transfer.formats.packed import JPEG, MOV, PNG, Members, packed

SAMPLE = Path(__file__).parents[4] / "shared" / "samples" / "day-one" / "fictional.zip"
UUID = "0123456789ABCDEF0123456789ABCDEF"
OTHER = "FEDCBA9876543210FEDCBA9876543210"


def written(**changes: Any) -> dict[str, Any]:
    """An entry of 22:30 UTC on 31 May, which is 1 June in Berlin."""
    return {"uuid": UUID, "creationDate": "2024-05-31T22:30:00Z", "text": "A *walk*.", **changes}


def export(*entries: Any) -> dict[str, Any]:
    return {"metadata": {"version": "1.0"}, "entries": list(entries)}


def come(path: Path, *entries: Any) -> tuple[list[ImportedEntry], Report]:
    return read(day_one, packed(path, {"Journal.json": export(*entries)}))


def only(path: Path, entry: Any, files: Members | None = None) -> tuple[ImportedEntry, Report]:
    entries, report = read(day_one, packed(path, {"Journal.json": export(entry)} | (files or {})))
    assert len(entries) == 1
    return entries[0], report


@pytest.mark.shared
def test_the_fictional_sample_comes_whole() -> None:
    entries, report = read(day_one, SAMPLE)
    assert [entry.fields.title for entry in entries] == [
        "Lantern Garden Notes",
        "Library Robot Rehearsal",
        "",
    ]
    assert [entry.fields.day for entry in entries] == [date(2031, 4, day) for day in (5, 6, 7)]
    assert [entry.starred for entry in entries] == [True, False, False]
    assert "<script>makeBelieve()</script>" in (entries[1].fields.body or "")
    assert contents(entries[0])["a36a701e0fe5e46e37fb460b40ccda7b.png"][0] == "fictional-color-tile.png"
    assert not report.missing
    assert not report.notes


def test_every_field_of_an_entry_comes(tmp_path: Path) -> None:
    given = written(
        modifiedDate="2024-06-02T08:00:00Z",
        timeZone="America/New_York",
        starred=True,
        tags=["river", "Ann"],
        location={
            "latitude": 52.5,
            "longitude": 13.4,
            "placeName": "Café",
            "localityName": "Berlin",
            "country": "Germany",
        },
        weather={"temperatureCelsius": 17.6, "conditionsDescription": "Mostly Clear", "windBearing": 360},
    )
    entry, report = only(tmp_path, given)
    assert (entry.fields.day, entry.fields.zone) == (date(2024, 5, 31), "America/New_York")
    assert (entry.fields.body, entry.fields.tags) == ("A *walk*.", ["river", "Ann"])
    assert entry.written_at == datetime(2024, 5, 31, 22, 30, tzinfo=UTC)
    assert entry.updated_at == datetime(2024, 6, 2, 8, 0, tzinfo=UTC)
    assert entry.starred
    assert entry.place == Place("Café, Berlin, Germany", 52.5, 13.4)
    assert entry.weather == "Mostly Clear, 18 °C"
    assert (entry.source, entry.source_id) == ("dayone", UUID)
    assert json.loads(entry.record) == given
    assert not report.notes


ZONES: list[tuple[dict[str, Any], str, date]] = [
    ({"timeZone": "America/New_York"}, "America/New_York", date(2024, 5, 31)),
    ({"location": {"timeZoneName": "Asia/Tokyo"}}, "Asia/Tokyo", date(2024, 6, 1)),
    ({"timeZone": "Nowhere/At_All", "location": {"timeZoneName": "UTC"}}, "UTC", date(2024, 5, 31)),
    ({"timeZone": "GMT-0300"}, "Etc/GMT+3", date(2024, 5, 31)),
    ({"timeZone": "GMT+05:30"}, "Europe/Berlin", date(2024, 6, 1)),
    ({"timeZone": 5}, "Europe/Berlin", date(2024, 6, 1)),
    ({}, "Europe/Berlin", date(2024, 6, 1)),
]


@pytest.mark.parametrize(("fields", "zone", "day"), ZONES)
def test_the_day_is_that_of_the_entrys_zone(
    fields: dict[str, Any], zone: str, day: date, tmp_path: Path
) -> None:
    entry, _ = only(tmp_path, written(**fields))
    assert (entry.fields.zone, entry.fields.day) == (zone, day)


TEXTS = [
    (r"1\. *It's* \- 5\!", "", r"1\. *It's* \- 5\!"),
    ("# A walk\\!\n\nAlong the river.", "A walk!", "Along the river."),
    ("# A *walk*\n\nAlong", "", "# A *walk*\n\nAlong"),
    ("## A walk\n\nAlong", "", "## A walk\n\nAlong"),
    ("a\u200b\n\u200bb\u200bc", "", "a\nb\u200bc"),
    ("null", "", "null"),
    (f"[x](dayone://view?entryId={OTHER})", "", f"[x](dayone://view?entryId={OTHER})"),
    (f"[x](dayone2://view?entryId={UUID.lower()})", "", f"[x](entry:{UUID})"),
]


@pytest.mark.parametrize(("text", "title", "body"), TEXTS)
def test_a_text_keeps_its_escapes_and_gives_its_heading(
    text: str, title: str, body: str, tmp_path: Path
) -> None:
    entry, _ = only(tmp_path, written(text=text))
    assert (entry.fields.title, entry.fields.body) == (title, body)


PHOTO = {"identifier": "AAA", "md5": "abc", "type": "jpeg", "orderInEntry": 0}
REFERENCES = [
    "dayone-moment://AAA",
    "dayone-moment:/photo/AAA",
    "dayone-photo://AAA",
    "DAYONE-MOMENT:/photo/AAA",
]


@pytest.mark.parametrize("address", REFERENCES)
def test_a_photo_stands_where_the_text_names_it(address: str, tmp_path: Path) -> None:
    given = written(text=f"a\n\n![]({address})\n\nb", photos=[PHOTO])
    entry, report = only(tmp_path, given, {"photos/abc.jpeg": JPEG})
    assert entry.fields.body == "a\n\n![](attachment:abc.jpeg)\n\nb"
    assert contents(entry) == {"abc.jpeg": ("abc.jpeg", JPEG)}
    assert not report.notes


@pytest.mark.parametrize(
    ("kind", "field", "address", "member"),
    [
        ("videos", "type", "dayone-moment:/video/AAA", "videos/abc.mov"),
        ("audios", "format", "dayone-audio://AAA", "Audios/abc.m4a"),
        ("pdfAttachments", "type", "dayone-moment:/pdfAttachment/AAA", "export/PDFs/abc.pdf"),
    ],
)
def test_other_files_become_links(kind: str, field: str, address: str, member: str, tmp_path: Path) -> None:
    extension = member.rpartition(".")[2]
    given = written(text=f"![]({address})", **{kind: [{"identifier": "AAA", "md5": "ABC", field: extension}]})
    entry, _ = only(tmp_path, given, {member: MOV})
    assert entry.fields.body == f"[abc.{extension}](attachment:abc.{extension})"


def test_photos_without_a_reference_come_last_and_in_order(tmp_path: Path) -> None:
    photos = [
        {"identifier": "B", "md5": "bbb", "type": "png", "orderInEntry": 2},
        {"md5": "ccc", "type": "png", "orderInEntry": 1},
    ]
    files: Members = {"photos/bbb.png": PNG, "photos/ccc.png": PNG, "photos/eee.png": PNG}
    entry, _ = only(tmp_path, written(photos=photos), files)
    assert [one.key for one in entry.attachments] == ["ccc.png", "bbb.png"]


def test_a_photo_without_type_or_extension_is_told_by_its_content(tmp_path: Path) -> None:
    given = written(photos=[{"identifier": "A", "md5": "abc"}])
    entry, _ = only(tmp_path, given, {"photos/abc": JPEG})
    assert [one.name for one in entry.attachments] == ["abc.jpeg"]


def test_a_photo_is_found_whatever_its_extension_is(tmp_path: Path) -> None:
    entry, report = only(tmp_path, written(photos=[PHOTO]), {"photos/ABC.JPG": JPEG})
    assert [one.name for one in entry.attachments] == ["ABC.JPG"]
    assert not report.notes


def test_a_copied_photo_is_found_by_the_identifier_of_the_first(tmp_path: Path) -> None:
    copied = written(text="![](dayone-moment://AAA)", photos=[{"identifier": "AAA"}])
    journal = export(copied, written(uuid=OTHER, photos=[PHOTO]))
    entries, report = read(day_one, packed(tmp_path, {"Journal.json": journal, "photos/abc.jpeg": JPEG}))
    assert [contents(entry)["abc.jpeg"][1] for entry in entries] == [JPEG, JPEG]
    assert not report.notes


MISSING: list[dict[str, Any]] = [
    {"text": "![](dayone-moment://AAA)", "photos": [PHOTO]},
    {"text": "![](dayone-moment://AAA)"},
    {"photos": [PHOTO]},
    {"photos": [{"identifier": "AAA", "type": "jpeg"}]},
    {"photos": [{"md5": 5, "type": None}]},
]


@pytest.mark.parametrize("fields", MISSING)
def test_a_missing_photo_is_told_and_the_entry_comes(fields: dict[str, Any], tmp_path: Path) -> None:
    entry, report = only(tmp_path, written(**fields))
    assert not entry.attachments
    assert len(report.notes[reader.MISSING_MEDIA]) == 1


def test_an_entry_with_rich_text_only_has_its_words(tmp_path: Path) -> None:
    rich = {"contents": [{"text": "Only rich\n", "attributes": {"line": {"header": 1}}}, {"text": "b"}]}
    entry, _ = only(tmp_path, {**written(richText=json.dumps(rich)), "text": None})
    assert (entry.fields.title, entry.fields.body) == ("Only rich", "b")


def line(**attributes: Any) -> dict[str, Any]:
    return {"attributes": {"line": attributes}}


RICH = {
    "marks": (
        [{"text": "a ", "attributes": {"bold": True}}, {"text": "b", "attributes": {"italic": True}}],
        "**a** *b*",
    ),
    "code": ([{"text": "a*b", "attributes": {"inlineCode": True}}], "`a*b`"),
    "typed marks": ([{"text": "# a\n*b*"}], "\\# a\n\\*b\\*"),
    "bullets": (
        [
            {"text": "a\n", **line(listStyle="bulleted", indentLevel=1)},
            {"text": "b\n", **line(listStyle="bulleted", indentLevel=2)},
            {"text": "c\n", **line(listStyle="bulleted", indentLevel=1)},
            {"text": "d"},
        ],
        "- a\n  - b\n- c\n\nd",
    ),
    "numbers": (
        [
            {"text": "a\n", **line(listStyle="numbered", indentLevel=1)},
            {"text": "b\n", **line(listStyle="bulleted", indentLevel=2)},
            {"text": "c\n", **line(listStyle="numbered", indentLevel=1)},
        ],
        "1. a\n   - b\n2. c",
    ),
    "checkboxes": (
        [
            {"text": "a\n", **line(listStyle="checkbox", checked=True)},
            {"text": "b\n", **line(listStyle="checkbox", checked=False)},
        ],
        "- [x] a\n- [ ] b",
    ),
    "a mark in a list item": (
        [
            {"text": "a ", **line(listStyle="bulleted")},
            {"text": "b\n", "attributes": {"bold": True, "line": {"listStyle": "bulleted"}}},
        ],
        "- a **b**",
    ),
    "quote and code": (
        [
            {"text": "a\nb\n", **line(quote=True)},
            {"text": "# c\n\nd\n", **line(codeBlock=True)},
            {"text": "e"},
        ],
        "> a\n> b\n\n```\n# c\n\nd\n```\n\ne",
    ),
    "media": (
        [{"text": "a\n"}, {"embeddedObjects": [{"type": "photo", "identifier": "A1"}]}, {"text": "b"}],
        "a\n\n![](dayone-moment:/photo/A1)\n\nb",
    ),
    "nothing": ([5, None, {"text": 5}, {"attributes": []}, {"embeddedObjects": [{"type": 1}]}], ""),
}


@pytest.mark.parametrize("name", RICH)
def test_rich_text_becomes_markdown(name: str) -> None:
    contents_, markdown = RICH[name]
    assert to_markdown(json.dumps({"contents": contents_})) == markdown


@pytest.mark.parametrize("value", [None, 5, "", "{", "[]", "[" * 100_000, {"contents": "a"}, []])
def test_rich_text_that_is_none_has_no_words(value: Any) -> None:
    assert to_markdown(value) == ""


def test_entries_that_cannot_be_read_are_told_and_the_others_come(tmp_path: Path) -> None:
    entries, report = come(
        tmp_path, 5, None, [], "text", written(creationDate="soon"), written(creationDate=5), {}, written()
    )
    assert [entry.source_id for entry in entries] == [UUID]
    assert len(report.missing[reader.UNREADABLE]) == 4
    assert len(report.missing[reader.UNDATED]) == 3
    assert report.missing[reader.UNDATED][0] == "Journal.json, entry 5"


def test_entries_without_a_uuid_keep_their_ids(tmp_path: Path) -> None:
    given = [{**written(), "uuid": None}, {**written(), "uuid": None}]
    first, again = (come(tmp_path, *given)[0] for _ in range(2))
    assert len({entry.source_id for entry in first}) == 2
    assert [entry.source_id for entry in first] == [entry.source_id for entry in again]


def test_entries_without_any_words_come_and_are_told(tmp_path: Path) -> None:
    entry, report = only(tmp_path, written(text=""))
    assert entry.fields.body == ""
    assert report.notes == {reader.EMPTY: ["Journal.json, entry 1"]}


def test_every_journal_of_an_export_comes(tmp_path: Path) -> None:
    members: Members = {
        "Export/Ann.json": export(written()),
        "Export/Work.json": export(written(uuid=OTHER)),
        "Export/broken.json": '{"metadata":{"version":"1.0"},"entries":]',
        "Export/other.json": {"something": "else"},
        "__MACOSX/._Ann.json": b"\0",
    }
    entries, report = read(day_one, packed(tmp_path, members))
    assert [entry.source_id for entry in entries] == [UUID, OTHER]
    assert report.missing == {source_values.UNREADABLE_FILE: ["Export/broken.json"]}


def test_a_file_that_was_cut_off_gives_what_stands_before(tmp_path: Path) -> None:
    whole = json.dumps(export(written(), written(uuid=OTHER)))
    entries, report = read(day_one, packed(tmp_path, {"Journal.json": whole[:-40]}))
    assert [entry.source_id for entry in entries] == [UUID]
    assert report.notes


def test_a_journal_that_is_no_json_is_refused(tmp_path: Path) -> None:
    file = packed(tmp_path, {"Journal.json": '{"metadata":{},"entries":[}'})
    with pytest.raises(UnreadableArchive):
        read(day_one, file)
