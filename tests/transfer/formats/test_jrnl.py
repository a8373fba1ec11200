"""jrnl: its JSON and its text are read, and what we write splits where entries end."""

import json
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from journal.transfer.archive import Archive, UnreadableArchive
from journal.transfer.formats import jrnl, reader
from journal.transfer.writers import jrnl as jrnl_writer
from tests.transfer.formats.exported import OPTIONS, attachment, entry, read, uid, written

ITEM: dict[str, Any] = {
    "title": "A walk. Second sentence",
    "body": "Along @river\nwith #tag.",
    "date": "2024-05-31",
    "time": "22:11",
    "tags": ["@river", "#tag"],
    "starred": True,
}


def in_json(path: Path, *items: Any) -> Path:
    path.write_text(json.dumps({"tags": {"@river": 1}, "entries": items}), encoding="utf-8")
    return path


def in_text(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def test_the_json_export_is_read(tmp_path: Path) -> None:
    [found], report = read(jrnl, in_json(tmp_path / "jrnl.json", ITEM))
    assert (found.fields.title, found.fields.body) == (ITEM["title"], ITEM["body"])
    assert (found.fields.day, found.written_at) == (
        date(2024, 5, 31),
        datetime(2024, 5, 31, 20, 11, tzinfo=UTC),
    )
    assert (found.fields.tags, found.starred, found.fields.zone) == (["river", "tag"], True, "Europe/Berlin")
    assert json.loads(found.record) == ITEM
    assert not report.missing


def test_equal_entries_and_entries_of_a_second_stay_apart(tmp_path: Path) -> None:
    items = [ITEM, ITEM, ITEM | {"body": "other"}, ITEM | {"uuid": "U1"}]
    first, _ = read(jrnl, in_json(tmp_path / "a.json", *items))
    again, _ = read(jrnl, in_json(tmp_path / "b.json", *items))
    ids = [one.source_id for one in first]
    assert len(set(ids)) == 4
    assert ids[3] == "U1"
    assert [one.source_id for one in again] == ids


def test_a_number_without_end_stays_in_the_record(tmp_path: Path) -> None:
    path = in_json(tmp_path / "jrnl.json", ITEM | {"creator": "HUGE"}, ITEM)
    path.write_text(path.read_text().replace('"HUGE"', "1e400"), encoding="utf-8")
    found, report = read(jrnl, path)
    assert json.loads(found[0].record, parse_constant=pytest.fail)["creator"] == "1E+400"
    assert (len(found), report.notes) == (2, {})


@pytest.mark.parametrize("value", [None, 7, True, "", "x", [], [None, {}], {}, "2024-02-30"])
def test_wrong_types_cost_an_entry_at_most(tmp_path: Path, value: Any) -> None:
    items = [ITEM | {name: value} for name in (*ITEM, "uuid")]
    found, report = read(jrnl, in_json(tmp_path / "jrnl.json", value, *items, ITEM))
    assert found[-1].fields.title == ITEM["title"]
    assert len(found) + sum(len(names) for names in report.missing.values()) == len(items) + 2


TEXT = """[2024-05-31 10:11:05 PM] A walk. Second *
Along @river with #tag
  [2024-01-01 09:00] indented

Second paragraph
[see below] no header

[2024-06-01 09:00] Only a title

[2024-06-01 09:00] **bold**\u200b
"""


def test_the_text_of_a_journal_is_read(tmp_path: Path) -> None:
    found, _ = read(jrnl, in_text(tmp_path / "journal.txt", TEXT))
    assert [(one.fields.title, one.starred) for one in found] == [
        ("A walk. Second", True),
        ("Only a title", False),
        ("**bold**", False),
    ]
    assert found[0].fields.body == (
        "Along @river with #tag\n  [2024-01-01 09:00] indented\n\nSecond paragraph\n[see below] no header"
    )
    assert found[0].written_at == datetime(2024, 5, 31, 20, 11, 5, tzinfo=UTC)
    assert found[0].fields.tags == ["river"]


def test_a_folder_of_days_is_read(tmp_path: Path) -> None:
    for day in ("30", "31"):
        (tmp_path / "2024" / "05").mkdir(parents=True, exist_ok=True)
        in_text(tmp_path / "2024" / "05" / f"{day}.txt", f"[2024-05-{day} 09:00] Day {day}\n")
    found, _ = read(jrnl, tmp_path)
    assert [one.fields.title for one in found] == ["Day 30", "Day 31"]


@pytest.mark.parametrize(
    ("first", "second", "day"),
    [
        ("05/06/2024 21:00", "31/05/2024 21:00", date(2024, 6, 5)),
        ("05/06/2024 09:00 PM", "05/31/2024 09:00 PM", date(2024, 5, 6)),
        ("31.05.2024 21:00", "01.06.2024 21:00", date(2024, 5, 31)),
    ],
)
def test_all_dates_together_tell_their_order(tmp_path: Path, first: str, second: str, day: date) -> None:
    path = in_text(tmp_path / "journal.txt", f"[{first}] One\n\n[{second}] Two\n")
    found, _ = read(jrnl, path)
    assert [one.fields.title for one in found] == ["One", "Two"]
    assert found[0].fields.day == day


@pytest.mark.parametrize("text", ["[05/06/2024 21:00] One\n", "[Sol 7, 21:00] One\n"])
def test_dates_that_can_not_be_told_are_asked_for(tmp_path: Path, text: str) -> None:
    with pytest.raises(UnreadableArchive, match="--date-format"):
        read(jrnl, in_text(tmp_path / "journal.txt", text))
    report_options = reader.ReadOptions(OPTIONS.zone, OPTIONS.now, "%m/%d/%Y %H:%M")
    with Archive(in_text(tmp_path / "us.txt", "[05/06/2024 21:00] One\n")) as archive:
        [found] = jrnl.read(archive, report_options, reader.Report())
    assert found.fields.day == date(2024, 5, 6)


def test_what_is_written_is_a_journal_of_jrnl() -> None:
    body = f"**All** of *it*\nand ![x](/attachments/{uid(9)})"
    text = written(
        jrnl_writer,
        [
            entry(tags=["river", "long day"], mood="good", body="Along #river.\n[2024-01-01] no header\n\n"),
            entry(2, title="", body=body, attachments=(attachment(9),)),
            entry(3, deleted_at=datetime(2024, 6, 1, tzinfo=UTC)),
        ],
    ).decode()
    assert text == (
        "[2024-05-31 22:11:05] A walk\nAlong #river.\n [2024-01-01] no header\n@long_day @mood_good\n\n"
        "[2024-05-31 22:11:05] **All** of *it*\u200b\nand ![x](a%20photo.png)\n\n"
    )


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    entries = [
        entry(n, title=title, body=body, starred=n == 0)
        for n, (title, body) in enumerate(
            [("A walk.", "one\n\n[2024-01-01 10:00] two"), ("", "First line\nrest"), ("Only *a title*", "")]
        )
    ]
    (tmp_path / "journal.txt").write_bytes(written(jrnl_writer, entries))
    found, _ = read(jrnl, tmp_path / "journal.txt")
    assert [(one.fields.title, one.fields.body, one.starred) for one in found] == [
        ("A walk.", "one\n\n [2024-01-01 10:00] two", True),
        ("First line", "rest", False),
        ("Only *a title*", "", False),
    ]
    assert {one.written_at for one in found} == {entry().written_at}


@pytest.mark.parametrize(
    ("name", "content", "is_jrnl"),
    [
        ("a.json", b'{\n "tags": {"@a": 1}, "entries": []}', True),
        ("a.json", b'{"entries": []}', False),
        ("a.txt", b"\xef\xbb\xbf[2024-05-31 09:00 PM] x", True),
        ("a.txt", b"Dear diary", False),
        ("a.txt", b"[x] to do", False),
    ],
)
def test_jrnl_is_recognised_by_its_head(tmp_path: Path, name: str, content: bytes, is_jrnl: bool) -> None:
    (tmp_path / name).write_bytes(content)
    with Archive(tmp_path / name) as archive:
        assert jrnl.recognises(archive) is is_jrnl
