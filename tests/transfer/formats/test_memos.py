"""Memos: its database alone or with assets, in the shapes of several versions."""

import sqlite3
import zipfile
from contextlib import closing
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from journal.transfer.archive import Archive, UnreadableArchive
from journal.transfer.formats import memos, reader
from journal.transfer.formats.reader import ReadOptions
from journal.transfer.report import Report
from tests.transfer.formats import exported
from tests.transfer.formats.exported import OPTIONS, PNG, read

TABLES = """
CREATE TABLE user (id INTEGER PRIMARY KEY, username TEXT);
CREATE TABLE memo (id INTEGER PRIMARY KEY, uid TEXT, creator_id INTEGER, created_ts BIGINT, updated_ts BIGINT,
    row_status TEXT DEFAULT 'NORMAL', content TEXT, pinned INTEGER DEFAULT 0, payload TEXT DEFAULT '{}');
CREATE TABLE attachment (id INTEGER PRIMARY KEY, uid TEXT, filename TEXT, blob BLOB, memo_id INTEGER,
    storage_type TEXT DEFAULT '', reference TEXT DEFAULT '');
INSERT INTO user VALUES (1, 'ann');
"""
OLD_TABLES = """
CREATE TABLE user (id INTEGER PRIMARY KEY, username TEXT);
CREATE TABLE memo (id INTEGER PRIMARY KEY, creator_id INTEGER, created_ts BIGINT, updated_ts BIGINT,
    row_status TEXT, content TEXT, visibility TEXT);
CREATE TABLE resource (id INTEGER PRIMARY KEY, filename TEXT, blob BLOB, external_link TEXT, memo_id INTEGER);
INSERT INTO memo VALUES (5, 1, 1717186265, 1717186265, 'NORMAL', 'old', 'PRIVATE');
INSERT INTO resource VALUES (3, 'a.png', x'89504e47', '', 5);
"""
AT = 1717191000  # 2024-05-31 21:30 UTC, 23:30 in Berlin


def database(path: Path, *statements: tuple[str, tuple[Any, ...]], tables: str = TABLES) -> Path:
    file = path / "memos_prod.db"
    with sqlite3.connect(file) as connection:
        connection.executescript(tables)
        for statement, values in statements:
            connection.execute(statement, values)
    connection.close()
    return file


def memo(number: int, words: Any, **columns: Any) -> tuple[str, tuple[Any, ...]]:
    row = {"id": number, "uid": f"memo{number}", "creator_id": 1, "created_ts": AT, "updated_ts": AT + 60}
    row |= {"content": words} | columns
    return insertion("memo", row)


def file(number: int, memo_id: int, **columns: Any) -> tuple[str, tuple[Any, ...]]:
    row = {"id": number, "uid": f"file{number}", "filename": "sea.png", "memo_id": memo_id} | columns
    return insertion("attachment", row)


def insertion(table: str, row: dict[str, Any]) -> tuple[str, tuple[Any, ...]]:
    places = ", ".join("?" * len(row))
    return f"INSERT INTO {table} ({', '.join(row)}) VALUES ({places})", tuple(row.values())


def test_a_memo_is_an_entry_on_its_local_day(tmp_path: Path) -> None:
    payload = '{"tags": ["walk"], "location": {"placeholder": "Köln", "latitude": 50.9, "longitude": 6.9}}'
    path = database(
        tmp_path,
        memo(1, "Along the *river*, see [[memos/memo2?text=that]] and [[memo2]]", pinned=1, payload=payload),
        memo(2, "old", row_status="ARCHIVED", created_ts=AT + 3600),
    )
    [first, second], report = read(memos, path)
    assert first.fields.body == "Along the *river*, see [that](entry:memo2) and [memo2](entry:memo2)"
    assert (first.fields.day, first.written_at) == (
        date(2024, 5, 31),
        datetime(2024, 5, 31, 21, 30, tzinfo=UTC),
    )
    assert (first.updated_at.minute, first.source_id, first.starred) == (31, "memo1", True)
    assert (first.fields.tags, first.place.name, first.place.latitude) == (["walk"], "Köln", 50.9)
    assert (second.fields.day, second.fields.tags) == (date(2024, 6, 1), ["archived"])
    assert not report.notes


def test_attachments_come_from_the_database_and_from_files(tmp_path: Path) -> None:
    path = database(
        tmp_path,
        memo(1, "![](/file/attachments/file1/sea.png)"),
        file(1, 1, blob=PNG),
        file(2, 1, storage_type="LOCAL", reference="assets/123_sea.png"),
        file(3, 1, storage_type="S3", reference="https://example.org/sea.png"),
    )
    with zipfile.ZipFile(tmp_path / "memos.zip", "w") as target:
        target.write(path, "data/memos_prod.db")
        target.writestr("data/assets/123_sea.png", PNG[:20])
    [found], report = read(memos, tmp_path / "memos.zip")
    assert found.fields.body == "![](attachment:file1)\n\n[sea.png](https://example.org/sea.png)"
    assert exported.contents(found) == {"file1": ("sea.png", PNG), "file2": ("sea.png", PNG[:20])}
    assert report.notes == {reader.MISSING_MEDIA: ["2024-05-31 memo1: sea.png"]}


def test_an_attachment_can_be_opened_after_the_last_entry(tmp_path: Path) -> None:
    path = database(tmp_path, memo(1, "x"), file(1, 1, blob=PNG))
    with Archive(path) as archive:
        [found] = list(memos.read(archive, OPTIONS, Report()))
        assert found.attachments[0].opened().read() == PNG


def test_a_database_of_an_earlier_version_is_read(tmp_path: Path) -> None:
    [found], _ = read(memos, database(tmp_path, tables=OLD_TABLES))
    assert (found.source_id, found.fields.body) == ("5", "old")
    assert list(exported.contents(found).values()) == [("a.png", b"\x89PNG")]


def test_memos_of_several_people_need_a_name(tmp_path: Path) -> None:
    bob = ("INSERT INTO user VALUES (2, 'bob')", ())
    path = database(tmp_path, bob, memo(1, "of Ann"), memo(2, "of Bob", creator_id=2))
    with pytest.raises(UnreadableArchive, match="ann, bob"):
        read(memos, path)
    with Archive(path) as archive:
        options = ReadOptions(OPTIONS.zone, OPTIONS.now, owner="bob")
        assert [one.fields.body for one in memos.read(archive, options, Report())] == ["of Bob"]


WRONG = [None, "x", b"\xff\xfe", 1.5, -1, 2**62, "", "[]", "[1, null", "\ud800"]


COLUMNS = ["uid", "created_ts", "updated_ts", "row_status", "content", "pinned", "payload"]


@pytest.mark.parametrize("column", COLUMNS)
def test_wrong_values_cost_a_memo_at_most(tmp_path: Path, column: str) -> None:
    values = [value.encode(errors="surrogatepass") if value == "\ud800" else value for value in WRONG]
    rows = [memo(number, "words", **{column: value}) for number, value in enumerate(values, 1)]
    found, report = read(memos, database(tmp_path, *rows, memo(99, "good")))
    assert found[-1].fields.body == "good"
    told = [*report.missing.get(reader.UNDATED, []), *report.notes.get(reader.EMPTY, [])]
    assert len(found) + len(told) == len(rows) + 1


def test_what_is_no_database_of_memos_is_refused(tmp_path: Path) -> None:
    path = database(tmp_path, tables="CREATE TABLE memo (id INTEGER)")
    with pytest.raises(UnreadableArchive, match="no memos"):
        read(memos, path)
    path.write_bytes(path.read_bytes()[:100])
    with pytest.raises(UnreadableArchive, match="can't be read as a database"):
        read(memos, path)


def test_memos_is_recognised_by_its_table(tmp_path: Path) -> None:
    database(tmp_path).rename(tmp_path / "upload")
    with Archive(tmp_path / "upload") as archive:
        assert memos.recognises(archive)
    (tmp_path / "other").mkdir()
    database(tmp_path / "other", tables="CREATE TABLE memories (id)").rename(tmp_path / "other.sqlite")
    with Archive(tmp_path / "other.sqlite") as archive:
        assert not memos.recognises(archive)


def test_a_film_larger_than_any_text_comes_from_the_database(tmp_path: Path) -> None:
    film = bytes(70 * 1024**2)
    file_name = database(tmp_path, memo(1, "a film"), file(1, 1, blob=film))
    with closing(Archive(file_name)) as archive:
        (entry,) = memos.read(archive, OPTIONS, Report())
        assert len(entry.attachments[0].opened().read()) == len(film)


def test_a_text_that_is_too_large_for_the_memory_ends_the_reading(tmp_path: Path) -> None:
    database(tmp_path, memo(1, "first"), memo(2, "small"), memo(3, "x" * (65 * 1024**2)))
    entries, report = read(memos, tmp_path / "memos_prod.db")
    assert entries[0].fields.body == "first"
    assert len(entries) < 3
    assert report.notes == {memos.DAMAGED: ["memos_prod.db"]}


def test_a_computed_name_of_a_person_is_not_read(tmp_path: Path) -> None:
    computed = "username TEXT AS (CASE id WHEN 1 THEN NULL ELSE hex(zeroblob(400000000)) END)"
    tables = TABLES.replace("username TEXT", computed).replace("INSERT INTO user VALUES (1, 'ann');", "")
    file_name = database(tmp_path, memo(1, "small"), tables=tables)
    with sqlite3.connect(file_name) as connection:
        connection.execute("INSERT INTO user (id) VALUES (1)")
    connection.close()
    entries, _ = read(memos, file_name)
    assert [entry.fields.body for entry in entries] == ["small"]
