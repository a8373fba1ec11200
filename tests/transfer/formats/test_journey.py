"""Journey.cloud: what its exports hold."""

import json
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from journal.entries.imported import ImportedEntry, Place
from journal.transfer.formats import journey, reader, source_values
from journal.transfer.report import Report
from tests.transfer.formats.exported import contents, read
from tests.transfer.formats.packed import JPEG, MOV, Members, packed

MAY_31 = 1717194600000  # 22:30 UTC, which is 1 June in Berlin


def written(**changes: Any) -> dict[str, Any]:
    return {"id": "1717194600000-abc", "date_journal": MAY_31, "text": "<p>A <b>walk</b></p>", **changes}


def only(path: Path, entry: dict[str, Any], files: Members | None = None) -> tuple[ImportedEntry, Report]:
    entries, report = read(journey, packed(path, {"1717194600000-abc.json": entry} | (files or {})))
    assert len(entries) == 1
    return entries[0], report


def test_every_field_of_an_entry_comes(tmp_path: Path) -> None:
    given = written(
        date_modified=MAY_31 + 60_000,
        timezone="America/New_York",
        lat=52.5,
        lon=13.4,
        address="Unter den Linden",
        weather={"id": 2, "degree_c": 17.6, "description": "clear sky", "place": "Berlin"},
        tags=["river", "Ann"],
        photos=["1717194600000-abc-1.jpg", "1717194600000-abc-2.mov"],
        favourite=True,
    )
    files: Members = {"1717194600000-abc-1.jpg": JPEG, "1717194600000-abc-2.mov": MOV}
    entry, report = only(tmp_path, given, files)
    assert (entry.fields.day, entry.fields.zone) == (date(2024, 5, 31), "America/New_York")
    assert (entry.fields.body, entry.fields.tags) == ("A **walk**", ["river", "Ann"])
    assert entry.written_at == datetime(2024, 5, 31, 22, 30, tzinfo=UTC)
    assert entry.updated_at == datetime(2024, 5, 31, 22, 31, tzinfo=UTC)
    assert entry.place == Place("Unter den Linden", 52.5, 13.4)
    assert entry.weather == "clear sky, 18 °C"
    assert entry.starred
    assert entry.source_id == "1717194600000-abc"
    assert list(contents(entry).values()) == [(name, files[name]) for name in files]
    assert json.loads(entry.record) == given
    assert not report.notes


def test_numbers_that_mean_nothing_are_left_out(tmp_path: Path) -> None:
    given = written(
        timezone="",
        lat=1.7976931348623157e308,
        lon=1.7976931348623157e308,
        weather={"degree_c": 1.7976931348623157e308, "description": ""},
    )
    entry, _ = only(tmp_path, given)
    assert (entry.place, entry.weather) == (Place(), "")
    assert (entry.fields.day, entry.fields.zone) == (date(2024, 6, 1), "Europe/Berlin")


TEXTS = [
    ("<p># a</p><p>b<br>c</p>", "\\# a\n\nb\nc"),
    ("Plain *words*\nof older entries", "Plain *words*\nof older entries"),
    ("2 < 3 and 4 > 1", "2 < 3 and 4 > 1"),
    ('<p><img src="abc-1.jpg"></p>', "![](attachment:abc-1.jpg)"),
    ('<p><img src="https://a.example/b.jpg"></p>', "![](https://a.example/b.jpg)"),
    ('<ul class="x"><li>a<li>b</ul>', "- a\n- b"),
]


@pytest.mark.parametrize(("text", "body"), TEXTS)
def test_html_becomes_markdown_and_other_texts_stay(text: str, body: str, tmp_path: Path) -> None:
    entry, _ = only(tmp_path, written(text=text), {"abc-1.jpg": JPEG})
    assert entry.fields.body == body


def test_a_missing_photo_is_told_and_the_entry_comes(tmp_path: Path) -> None:
    entry, report = only(tmp_path, written(photos=["abc.jpg", 5, None]))
    assert not entry.attachments
    assert report.notes == {reader.MISSING_MEDIA: ["1717194600000-abc.json: abc.jpg"]}


def test_a_photo_of_the_same_name_is_that_of_the_own_folder(tmp_path: Path) -> None:
    members: Members = {
        "a/1.json": written(id="a", photos=["1.jpg"]),
        "a/1.jpg": JPEG,
        "b/1.json": written(id="b", photos=["1.jpg"]),
        "b/1.jpg": MOV,
    }
    entries, _ = read(journey, packed(tmp_path, members))
    assert [contents(entry)["1.jpg"][1] for entry in entries] == [JPEG, MOV]


def test_files_that_cannot_be_read_are_told_and_the_others_come(tmp_path: Path) -> None:
    members: Members = {
        "a.json": written(id="a"),
        "b.json": "{",
        "c.json": "[" * 100_000,
        "d.json": written(date_journal="soon"),
        "e.json": written(date_journal=1e300),
        "f.json": "5",
        "g/h.json": {**written(), "id": None},
    }
    entries, report = read(journey, packed(tmp_path, members))
    assert [entry.source_id for entry in entries] == ["a", "h"]
    assert report.missing[source_values.UNREADABLE_FILE] == ["b.json", "c.json"]
    assert report.missing[reader.UNDATED] == ["d.json, entry 1", "e.json, entry 1"]
    assert report.missing[reader.UNREADABLE] == ["f.json, entry 1"]
