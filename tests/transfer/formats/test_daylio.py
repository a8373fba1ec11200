"""Daylio: its backup and its table."""

import base64
import json
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from journal.entries.imported import ImportedEntry
from journal.transfer.archive import UnreadableArchive
from journal.transfer.formats import daylio, reader
from journal.transfer.report import Report
from tests.transfer.formats.exported import contents, read
from tests.transfer.formats.packed import JPEG, Members, packed

MAY_31 = 1717194600000  # 22:30 UTC
HOUR = 3_600_000


def written(**changes: Any) -> dict[str, Any]:
    """An entry of 1 June, half past midnight, in Berlin."""
    day = {"id": 7, "year": 2024, "month": 5, "day": 1, "hour": 0, "minute": 30}
    return {**day, "datetime": MAY_31, "timeZoneOffset": 2 * HOUR, "mood": 1, "note": "A walk", **changes}


def backup(*entries: Any, **changes: Any) -> dict[str, Any]:
    moods = [
        {"id": 1, "predefined_name_id": 1, "custom_name": "", "mood_group_id": 1},
        {"id": 9, "predefined_name_id": -1, "custom_name": "Sleepy", "mood_group_id": 4},
        {"id": 10, "predefined_name_id": 3},
    ]
    known = {"customMoods": moods, "tags": [{"id": 3, "name": "running"}, {"id": 4, "name": "Ann"}]}
    return {"version": 15, "pin": "4711", "dayEntries": list(entries), **known, **changes}


def encoded(content: Any) -> bytes:
    return base64.encodebytes(json.dumps(content).encode())


def come(path: Path, content: Any, files: Members | None = None) -> tuple[list[ImportedEntry], Report]:
    return read(daylio, packed(path, {"backup.daylio": encoded(content)} | (files or {})))


def only(path: Path, entry: Any) -> ImportedEntry:
    entries, report = come(path, backup(entry))
    assert not report.missing
    return entries[0]


def test_every_field_of_an_entry_comes(tmp_path: Path) -> None:
    given = written(note_title="Night", note="A <b>walk</b><br>home", tags=[4, 3], assets=[5])
    photo = {"id": 5, "checksum": "0cc175b9c0f1b6a8", "type": 1}
    files: Members = {"assets/photos/2024/6/0cc175b9c0f1b6a8": JPEG}
    entries, report = come(tmp_path, backup(given, assets=[photo]), files)
    fields = entries[0].fields
    assert (fields.title, fields.body) == ("Night", "A **walk**\nhome")
    assert (fields.day, fields.zone, fields.mood) == (date(2024, 6, 1), "Europe/Berlin", "great")
    assert fields.tags == ["Ann", "running"]
    assert entries[0].written_at == datetime(2024, 5, 31, 22, 30, tzinfo=UTC)
    assert entries[0].source_id == "7"
    assert contents(entries[0]) == {"0cc175b9c0f1b6a8": ("0cc175b9c0f1b6a8.jpeg", JPEG)}
    assert not report.notes


def test_the_pin_of_the_app_is_kept_nowhere(tmp_path: Path) -> None:
    entries, report = come(tmp_path, backup(written()))
    assert "4711" not in repr((entries, report))


MOODS = [
    (1, "great", []),
    (9, "bad", ["Sleepy"]),
    (10, "okay", []),
    (99, "", []),
    ("x", "", []),
    (None, "", []),
]


@pytest.mark.parametrize(("mood", "known", "tags"), MOODS)
def test_moods_are_told_by_their_group(mood: Any, known: str, tags: list[str], tmp_path: Path) -> None:
    fields = only(tmp_path, written(mood=mood)).fields
    assert (fields.mood, fields.tags) == (known, tags)


ZONES = [
    (2 * HOUR, "Europe/Berlin"),
    (-5 * HOUR, "Etc/GMT+5"),
    (5.5 * HOUR, "Europe/Berlin"),
    (None, "Europe/Berlin"),
]


@pytest.mark.parametrize(("offset", "zone"), ZONES)
def test_the_day_stays_what_the_person_saw(offset: float | None, zone: str, tmp_path: Path) -> None:
    fields = only(tmp_path, written(timeZoneOffset=offset)).fields
    assert (fields.day, fields.zone) == (date(2024, 6, 1), zone)


NOTES = [
    ("plain\n- words", "plain\n\\- words"),
    ("# no heading", "\\# no heading"),
    ('<p dir="ltr">a</p><p dir="ltr"><i>b</i></p>', "a\n\n*b*"),
    ("a &amp; b\nc", "a & b\nc"),
    ("2 < 3", "2 < 3"),
]


@pytest.mark.parametrize(("note", "body"), NOTES)
def test_notes_show_as_they_did_in_the_app(note: str, body: str, tmp_path: Path) -> None:
    assert only(tmp_path, written(note=note)).fields.body == body


def test_an_entry_without_an_instant_has_its_local_time(tmp_path: Path) -> None:
    entry = only(tmp_path, written(datetime=None, id=None))
    assert entry.written_at == datetime(2024, 5, 31, 22, 30, tzinfo=UTC)
    assert len(entry.source_id) == 40


def test_a_missing_photo_is_told_and_the_entry_comes(tmp_path: Path) -> None:
    entries, report = come(tmp_path, backup(written(assets=[5, "x"]), assets=[{"id": 5, "checksum": "abc"}]))
    assert not entries[0].attachments
    assert report.notes[reader.MISSING_MEDIA] == ["2024-06-01 22:30: abc", "2024-06-01 22:30: a photo"]


def test_entries_that_cannot_be_read_are_told_and_the_others_come(tmp_path: Path) -> None:
    given = [5, written(month=12), written(year="soon"), written(day=None), {}, written()]
    entries, report = come(tmp_path, backup(*given))
    assert [entry.source_id for entry in entries] == ["7"]
    assert len(report.missing[reader.UNREADABLE]) == 1
    assert len(report.missing[reader.UNDATED]) == 4


def test_a_backup_that_was_cut_off_gives_what_stands_before(tmp_path: Path) -> None:
    whole = backup(written(), written(id=8))
    order = {name: whole[name] for name in ("customMoods", "tags", "dayEntries")}
    content = encoded(order)[:-30]
    entries, report = read(daylio, packed(tmp_path, {"backup.daylio": content}))
    assert [entry.source_id for entry in entries] == ["7"]
    assert report.notes


@pytest.mark.parametrize("content", [b"", b"!", b"no base64 at all", encoded(5)[:1]])
def test_a_backup_of_something_else_is_refused(content: bytes, tmp_path: Path) -> None:
    with pytest.raises(UnreadableArchive):
        read(daylio, packed(tmp_path, {"backup.daylio": content}))


HEADER = "full_date,date,weekday,time,mood,activities,note_title,note\n"


def table(path: Path, *lines: str) -> tuple[list[ImportedEntry], Report]:
    (path / "daylio.csv").write_text("\ufeff" + HEADER + "".join(lines), "utf-8")
    return read(daylio, path / "daylio.csv")


def test_a_table_gives_the_same_fields(tmp_path: Path) -> None:
    line = '2024-06-01,June 1,Saturday,12:30 am,rad,"running | Ann | ",Night,"A ""walk""<br>home"\n'
    entries, report = table(tmp_path, line)
    fields = entries[0].fields
    assert (fields.title, fields.body) == ("Night", 'A "walk"\nhome')
    assert (fields.day, fields.mood, fields.tags) == (date(2024, 6, 1), "great", ["running", "Ann"])
    assert entries[0].written_at == datetime(2024, 5, 31, 22, 30, tzinfo=UTC)
    assert not report.notes


CLOCKS = [("00:30", 0, 30), ("12:30 AM", 0, 30), ("1:05 p.m.", 13, 5), ("23.59", 23, 59), ("12:00 pm", 12, 0)]


@pytest.mark.parametrize(("clock", "hour", "minute"), CLOCKS)
def test_a_table_has_any_clock(clock: str, hour: int, minute: int, tmp_path: Path) -> None:
    entries, _ = table(tmp_path, f"2024-01-01,,,{clock},,,,a\n")
    assert (entries[0].written_at.hour + 1) % 24 == hour
    assert entries[0].written_at.minute == minute


def test_doubtful_lines_of_a_table_are_told(tmp_path: Path) -> None:
    entries, report = table(
        tmp_path,
        "2024-01-01,,,noon,super,,,a\n",
        "soon,,,,,,,b\n",
        "2024-01-01,,,noon,super,,,a\n",
        "2024-01-02\n",
    )
    assert [entry.fields.tags for entry in entries] == [["super"], ["super"], []]
    assert len({entry.source_id for entry in entries}) == 3
    assert report.missing == {reader.UNDATED: ["daylio.csv, entry 2"]}
    assert report.notes[daylio.NO_TIME] == ["2024-01-01 noon", "2024-01-01 noon", "2024-01-02"]
    assert report.notes[reader.EMPTY] == ["daylio.csv, entry 4"]
