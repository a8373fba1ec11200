"""Diarium: its JSON export and its backup."""

import gc
import json
import sqlite3
import tempfile
from contextlib import closing
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from journal.entries.imported import ImportedEntry, Place
from journal.transfer.archive import UnreadableArchive
from journal.transfer.formats import diarium, reader, source_values
from journal.transfer.report import Report
from tests.transfer.formats.exported import OPTIONS, contents, read
from tests.transfer.formats.packed import JPEG, MOV, PNG, Members, packed

DATE = "2010-10-26T15:47:53.48828"
TICKS = 634237048734882800
FOLDER = "media/2010-10-26_154753488"


def written(**changes: Any) -> dict[str, Any]:
    return {"date": DATE, "heading": "A walk", "html": "<p>Along the <b>river</b></p>", **changes}


def come(path: Path, content: Any, files: Members | None = None) -> tuple[list[ImportedEntry], Report]:
    return read(diarium, packed(path, {"Diarium.json": content} | (files or {})))


def only(path: Path, entry: Any) -> ImportedEntry:
    entries, report = come(path, [entry])
    assert not report.missing
    return entries[0]


def test_every_field_of_an_entry_comes(tmp_path: Path) -> None:
    given = written(
        tags=["river"],
        people=["Ann"],
        rating=4,
        location=[52.5, 13.4],
        weather="17 °C, clear",
        sun="05:12 - 21:02",
        lunar="Full moon",
        tracker=["Slept 8 h", {"name": "Steps", "value": 9000}],
    )
    files: Members = {
        f"{FOLDER}/b.mov": MOV,
        f"{FOLDER}/a.jpg": JPEG,
        "media/2011-01-01_000000000/a.jpg": PNG,
    }
    entries, report = come(tmp_path, [given], files)
    fields = entries[0].fields
    assert (fields.title, fields.day, fields.zone) == ("A walk", date(2010, 10, 26), "Europe/Berlin")
    assert fields.body == "Along the **river**\n\nSlept 8 h\n\nSteps: 9000"
    assert (fields.tags, fields.mood) == (["river", "Ann"], "good")
    assert entries[0].written_at == datetime(2010, 10, 26, 13, 47, 53, 488280, tzinfo=UTC)
    assert entries[0].source_id == str(TICKS)
    assert entries[0].place == Place("", 52.5, 13.4)
    assert entries[0].weather == "17 °C, clear, 05:12 - 21:02, Full moon"
    assert [content for _, content in contents(entries[0]).values()] == [JPEG, MOV]
    assert json.loads(entries[0].record) == given
    assert not report.notes


DATES = [
    ("2010-10-26T15:47:53.48828", 634237048734882800),
    ("2010-10-26T15:47:53.4882812", 634237048734882812),
    ("2010-10-26T15:47:53", 634237048730000000),
    ("2010-10-26", 634236480000000000),
]


@pytest.mark.parametrize(("text", "ticks"), DATES)
def test_an_entry_is_known_by_its_local_time_in_ticks(text: str, ticks: int, tmp_path: Path) -> None:
    entry = only(tmp_path, written(date=text))
    assert (entry.source_id, entry.fields.day) == (str(ticks), date(2010, 10, 26))


def test_photos_are_found_if_milliseconds_were_rounded(tmp_path: Path) -> None:
    given = written(date="2010-12-31T23:59:59.9996")
    entries, _ = come(tmp_path, [given], {"media/2011-01-01_000000000/a.jpg": JPEG})
    assert list(contents(entries[0])) == ["2011-01-01_000000000-a.jpg"]


PLACES = [
    ([52.5, 13.4], Place("", 52.5, 13.4)),
    ("52.5, 13.4", Place("", 52.5, 13.4)),
    ("-52.5,-13.4", Place("", -52.5, -13.4)),
    ("Berlin", Place("Berlin")),
    ([520, 13], Place()),
    (["52", None], Place()),
    ({}, Place()),
    (None, Place()),
]


@pytest.mark.parametrize(("location", "place"), PLACES)
def test_a_place_has_coordinates_or_a_name(location: Any, place: Place, tmp_path: Path) -> None:
    assert only(tmp_path, written(location=location)).place == place


@pytest.mark.parametrize(
    ("rating", "mood"), [(0, ""), (1, "awful"), (5, "great"), (6, ""), ("5", ""), (None, "")]
)
def test_a_rating_is_a_mood(rating: Any, mood: str, tmp_path: Path) -> None:
    assert only(tmp_path, written(rating=rating)).fields.mood == mood


def test_an_export_may_have_a_file_for_each_entry(tmp_path: Path) -> None:
    members: Members = {
        "a/2010-10-26.json": written(),
        "a/2010-10-27.json": written(date="2010-10-27T10:00:00"),
        "a/cut.json": '{"date": "2010-10-28T10:00:00", "html": ',
        "a/other.json": {"something": "else"},
    }
    entries, report = read(diarium, packed(tmp_path, members))
    assert [entry.fields.day for entry in entries] == [date(2010, 10, 26), date(2010, 10, 27)]
    assert report.missing == {source_values.UNREADABLE_FILE: ["a/cut.json"]}


def test_entries_that_cannot_be_read_are_told_and_the_others_come(tmp_path: Path) -> None:
    given = [written(), 5, written(date="soon"), written(date="2010-02-30"), written(date=5), {}]
    entries, report = come(tmp_path, given)
    assert len(entries) == 1
    assert len(report.missing[reader.UNREADABLE]) == 1
    assert len(report.missing[reader.UNDATED]) == 4


def database(path: Path, media: bool = True) -> Path:
    with closing(sqlite3.connect(path / "journal.diary")) as connection:
        connection.execute("CREATE TABLE Entries (DiaryEntryId INTEGER PRIMARY KEY, Heading, Text, Rating)")
        rows = [
            (TICKS, "A walk", "<p>Along the <b>river</b></p>", 4),
            (TICKS + 1, None, b"\xff\xfe", "x"),
            (-5, "before all time", "", 0),
            (9_000_000_000_000_000_000, "after all time", "", 0),
        ]
        connection.executemany("INSERT INTO Entries VALUES (?, ?, ?, ?)", rows)
        if media:
            connection.execute(
                'CREATE TABLE Media (DiaryEntryId INTEGER, Type INTEGER, "Index" INTEGER, Data)'
            )
            connection.executemany(
                "INSERT INTO Media VALUES (?, ?, ?, ?)",
                [(TICKS, 0, 0, JPEG), (TICKS, 0, 1, PNG), (TICKS, 0, 2, "x")],
            )
        connection.commit()
    return path / "journal.diary"


@pytest.mark.parametrize("is_zipped", [False, True])
def test_a_backup_gives_the_same_entries_as_json(is_zipped: bool, tmp_path: Path) -> None:
    file = database(tmp_path)
    content = file.read_bytes()
    file = packed(tmp_path, {"Diarium/journal.diary": content}) if is_zipped else file
    with diarium_archive(file) as archive:
        report = Report()
        entries = list(diarium.read(archive, OPTIONS, report))
    walk = only(tmp_path, written(rating=4))
    assert [entry.source_id for entry in entries] == [str(TICKS), str(TICKS + 1)]
    assert entries[0].fields == walk.fields
    assert entries[0].written_at == walk.written_at
    assert [media.opened().read() for media in entries[0].attachments[:2]] == [JPEG, PNG]
    assert [media.name.rpartition(".")[2] for media in entries[0].attachments[:2]] == ["jpeg", "png"]
    with pytest.raises(UnreadableArchive):
        entries[0].attachments[2].opened()
    assert len(report.missing[reader.UNDATED]) == 2
    assert file.exists()


def diarium_archive(path: Path) -> Any:
    return closing(reader.Archive(path))


def test_a_zipped_backup_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "temporary").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))
    file = packed(tmp_path, {"journal.diary": database(tmp_path).read_bytes()})
    with diarium_archive(file) as archive:
        entries = list(diarium.read(archive, OPTIONS, Report()))
        assert entries[0].attachments[0].opened().read() == JPEG
        del entries
    gc.collect()
    assert not list((tmp_path / "temporary").iterdir())


def test_a_backup_without_photos_is_read(tmp_path: Path) -> None:
    entries, _ = read(diarium, database(tmp_path, media=False))
    assert [entry.fields.title for entry in entries] == ["A walk", ""]


@pytest.mark.parametrize("at", [100, 5000, -3000])
def test_a_damaged_backup_is_refused_or_read_in_part(at: int, tmp_path: Path) -> None:
    file = database(tmp_path)
    content = bytearray(file.read_bytes())
    content[at : at + 3000] = bytes(len(content[at : at + 3000]))
    file.write_bytes(content)
    try:
        entries, _ = read(diarium, file)
    except UnreadableArchive:
        return
    assert len(entries) <= 4


ENDLESS = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT x FROM n WHERE x < 0"
VIEWS = {
    "computes without end": f"SELECT x AS DiaryEntryId, 'a' AS Heading FROM ({ENDLESS})",
    "makes a huge text": f"SELECT {TICKS} AS DiaryEntryId, hex(zeroblob(400000000)) AS Text",
    "copies a table": "SELECT DiaryEntryId, Heading FROM Others",
}


@pytest.mark.timeout(20)
@pytest.mark.parametrize("view", VIEWS.values(), ids=VIEWS)
def test_a_view_in_place_of_the_entries_is_never_computed(view: str, tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "journal.diary")) as connection:
        connection.execute("CREATE TABLE Others (DiaryEntryId, Heading)")
        connection.execute(f"CREATE VIEW Entries AS {view}")
    with pytest.raises(UnreadableArchive, match=r"not authorized|prohibited"):
        read(diarium, tmp_path / "journal.diary")
