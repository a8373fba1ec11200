"""Journiv: the three generations of its export, its media and its Quill texts."""

import json
import zipfile
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from journal.entries.imported import ImportedEntry, Place
from journal.transfer.archive import Archive
from journal.transfer.formats import journiv, quill, reader
from journal.transfer.report import Report
from tests.transfer.formats import exported
from tests.transfer.formats.exported import PNG, read

HEAD = {"export_version": "1.5", "export_date": "2026-01-01T00:00:00Z", "user_email": "ann@example.org"}
CATALOGS = {
    "mood_definitions": [
        {"name": "Elated", "key": "elated", "score": 5, "external_id": "mood-5"},
        {"name": "tired", "key": "tired", "score": None, "external_id": "mood-x"},
    ],
    "people": [{"name": "Bob", "external_id": "person-1"}],
    "activities": [{"name": "run"}],
}
LOCATION = {"name": "Café", "locality": "Köln", "country": "Germany", "latitude": 50.9, "longitude": 6.9}
MEDIA = {"filename": "sea.png", "file_path": "images/abc123.png", "checksum": "f" * 64}
DELTA = {"ops": [{"insert": "Hello "}, {"insert": "world", "attributes": {"bold": True}}, {"insert": "\n"}]}

FIRST = {
    "title": "A walk",
    "content": "Along the *river* ![x](/api/v1/media/abc123.png)",
    "entry_date": "2024-05-31",
    "entry_datetime_utc": "2024-05-31T23:30:00Z",
    "entry_timezone": "America/Los_Angeles",
    "is_pinned": True,
    "location_json": LOCATION,
    "weather_summary": "Rain",
    "tags": ["walk"],
    "mood_log": {"mood_name": "Elated"},
    "media": [MEDIA],
    "prompt_text": "What was good?",
    "updated_at": "2024-06-01T10:00:00",
    "external_id": "entry-1",
}
SECOND = {
    "title": "A walk",
    "content_delta": DELTA,
    "is_draft": True,
    "external_id": "entry-1",
    "moment": {
        "logged_at": "2024-05-31T23:30:00Z",
        "logged_date": "2024-05-31",
        "logged_timezone": "America/Los_Angeles",
        "note": "By the sea",
        "location_data": LOCATION,
        "weather_data": {"summary": "Rain"},
        "primary_mood_name": "Elated",
        "mood_activity": [{"mood_name": "Elated", "activity_name": "run"}],
        "media": [MEDIA],
    },
}
THIRD = {
    "logged_at_utc": "2024-05-31T23:30:00Z",
    "logged_date_tz": "2024-05-31",
    "logged_timezone": "America/Los_Angeles",
    "note": None,
    "location_json": LOCATION,
    "latitude": 50.9,
    "longitude": 6.9,
    "weather_summary": "Rain",
    "is_pinned": True,
    "tags": ["walk"],
    "people_external_ids": ["person-1"],
    "primary_mood_name": "renamed",
    "primary_mood_external_id": "mood-5",
    "mood_activity": [{"activity_name": "run"}],
    "media": [MEDIA],
    "external_id": "moment-1",
    "entry": {
        "title": "A walk",
        "content_delta": DELTA,
        "external_id": "entry-1",
        "updated_at": "2024-06-01T10:00:00Z",
    },
}
NOTE = {
    "logged_date_tz": "2024-06-02",
    "logged_timezone": "UTC",
    "note": "1. *only* a note",
    "external_id": "moment-2",
}


def export(path: Path, name: str = "data.json", **lists: Any) -> Path:
    with zipfile.ZipFile(path / "journiv.zip", "w") as target:
        target.writestr(name, json.dumps(HEAD | {"journals": []} | CATALOGS | lists))
        target.writestr("media/images/abc123.png", PNG)
    return path / "journiv.zip"


def one(path: Path, **lists: Any) -> tuple[ImportedEntry, Report]:
    [found], report = read(journiv, export(path, **lists))
    return found, report


def check_common(found: ImportedEntry) -> None:
    assert (found.fields.title, found.fields.mood, found.fields.zone) == (
        "A walk",
        "great",
        "America/Los_Angeles",
    )
    assert (found.fields.day, found.written_at) == (
        date(2024, 5, 31),
        datetime(2024, 5, 31, 23, 30, tzinfo=UTC),
    )
    assert found.place == Place("Café, Köln, Germany", 50.9, 6.9)
    assert (found.weather, found.source_id) == ("Rain", "entry-1")
    assert list(exported.contents(found).values()) == [("sea.png", PNG)]


def test_entries_within_journals_are_read(tmp_path: Path) -> None:
    found, report = one(tmp_path, journals=[{"title": "Diary", "entries": [FIRST]}])
    check_common(found)
    [key] = exported.contents(found)
    assert found.fields.body == f"> What was good?\n\nAlong the *river* ![x](attachment:{key})"
    assert (found.fields.tags, found.starred) == (["walk"], True)
    assert found.updated_at == datetime(2024, 6, 1, 10, 0, tzinfo=UTC)
    assert not report.notes


def test_entries_beside_moments_are_read(tmp_path: Path) -> None:
    found, report = one(tmp_path, entries=[SECOND])
    check_common(found)
    assert found.fields.body == "By the sea\n\nHello **world**"
    assert found.fields.tags == ["run"]
    assert report.notes == {journiv.DRAFTS: ["2024-05-31 A walk"]}


def test_moments_with_and_without_an_entry_are_read(tmp_path: Path) -> None:
    [found, note], report = read(
        journiv, export(tmp_path, moments=[THIRD, NOTE], journals=[{"title": "Diary"}])
    )
    check_common(found)
    assert found.fields.body == "Hello **world**"
    assert (found.fields.tags, found.starred) == (["walk", "run", "Bob"], True)
    assert (note.fields.body, note.source_id) == ("1\\. \\*only\\* a note", "moment-2")
    assert (note.fields.day, note.written_at) == (date(2024, 6, 2), datetime(2024, 6, 2, 12, tzinfo=UTC))
    assert not report.missing


def test_an_export_in_which_nothing_is_found_says_so(tmp_path: Path) -> None:
    found, report = read(journiv, export(tmp_path, journals=[{"title": "Diary"}], stories=[THIRD]))
    assert not found
    assert report.missing == {journiv.NOTHING: ["data.json"]}


def test_a_mood_without_a_score_becomes_a_tag(tmp_path: Path) -> None:
    found, _ = one(tmp_path, moments=[NOTE | {"primary_mood_name": "tired"}])
    assert (found.fields.mood, found.fields.tags) == ("", ["tired"])


def test_photos_that_are_not_there_are_told(tmp_path: Path) -> None:
    lost = {"filename": "lost.png", "external_url": "https://example.org/1"}
    found, report = one(tmp_path, moments=[NOTE | {"media": [lost, MEDIA]}])
    assert len(found.attachments) == 1
    assert report.notes == {reader.MISSING_MEDIA: ["2024-06-02: lost.png"]}


WRONG = [None, 7, -1.5, True, "", "x", [], [None, 1, {}], {}, {"ops": 7}, "9999-12-31T23:59:59-14:00"]


@pytest.mark.parametrize(
    ("lists", "item", "inner"),
    [("journals", FIRST, ""), ("entries", SECOND, "moment"), ("moments", THIRD, "entry")],
)
def test_wrong_types_cost_an_entry_at_most(
    tmp_path: Path, lists: str, item: dict[str, Any], inner: str
) -> None:
    changed: list[Any] = [{**item, field: value} for field in item for value in WRONG]
    for field in item[inner] if inner else ():
        changed += [{**item, inner: {**item[inner], field: value}} for value in WRONG]
    changed += [*WRONG, item]
    path = export(tmp_path, **{lists: [{"entries": changed}] if lists == "journals" else changed})
    found, report = read(journiv, path)
    assert found[-1].fields.title == "A walk"
    assert len(found) + sum(len(names) for names in report.missing.values()) == len(changed)


@pytest.mark.parametrize(
    ("operations", "text"),
    [
        ([{"insert": "one\ntwo\n\nthree\n"}], "one\ntwo\n\nthree"),
        (
            [{"insert": "Title"}, {"insert": "\n", "attributes": {"header": 2}}, {"insert": "# no\n"}],
            "## Title\n\n\\# no",
        ),
        (
            [
                {"insert": "a"}, {"insert": "\n", "attributes": {"list": "ordered"}},
                {"insert": "b"}, {"insert": "\n", "attributes": {"list": "checked", "indent": 1}},
                {"insert": "c\n"},
            ],
            "1. a\n   - [x] b\n\nc",
        ),
        (
            [{"insert": "x = *y"}, {"insert": "\n", "attributes": {"code-block": True}}, {"insert": "after"}],
            "```\nx = *y\n```\n\nafter",
        ),
        ([{"insert": "said"}, {"insert": "\n", "attributes": {"blockquote": True}}], "> said"),
        ([{"insert": "here", "attributes": {"link": "https://example.org/"}}], "[here](https://example.org/)"),
        ([{"insert": {"image": "A"}}, {"insert": "\n"}], "[image A]"),
        ([None, 7, {"insert": 7}, {"retain": 3}, {"insert": "x", "attributes": 7}], "x"),
    ],
)  # fmt: skip
def test_quill_texts_become_markdown(operations: list[Any], text: str) -> None:
    embed: Callable[[str, Any], str] = lambda kind, value: f"[{kind} {value}]"  # noqa: E731
    assert quill.to_markdown(operations, embed) == text


def test_journiv_is_recognised_by_its_head(tmp_path: Path) -> None:
    with Archive(export(tmp_path)) as archive:
        assert journiv.recognises(archive)
    with Archive(export(tmp_path, "other.json")) as archive:
        assert not journiv.recognises(archive)
