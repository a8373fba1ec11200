"""DailyTxT: a month a file, tags by number, files beside them."""

import json
import zipfile
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from journal.transfer.archive import Archive, UnreadableArchive
from journal.transfer.formats import dailytxt, reader
from tests.transfer.formats import exported
from tests.transfer.formats.exported import PNG, read

TAGS = {"tags": [{"id": 1, "name": "walk", "color": "#fff", "icon": "🚶"}, {"id": 2, "name": "work"}]}
DAY: dict[str, Any] = {
    "day": 31,
    "text": "Along the *river*\nand back",
    "date_written": "31. Mai 2024 um 22:11&nbsp;Uhr",
    "tags": [1, 2, 99],
    "files": [{"filename": "sea.png"}, {"filename": "gone.pdf"}],
    "isBookmarked": True,
}


def backup(path: Path, *days: Any, **files: str | bytes) -> Path:
    with zipfile.ZipFile(path / "backup.zip", "w") as target:
        target.writestr("tags.json", json.dumps(TAGS))
        target.writestr("2024/05.json", json.dumps({"days": days}))
        target.writestr("files/sea.png", PNG)
        for name, content in files.items():
            target.writestr(name, content)
    return path / "backup.zip"


def test_a_day_is_an_entry_with_its_tags_and_files(tmp_path: Path) -> None:
    [found], report = read(dailytxt, backup(tmp_path, DAY))
    assert (found.fields.body, found.fields.day) == (DAY["text"], date(2024, 5, 31))
    assert (found.fields.tags, found.starred, found.source_id) == (["walk", "work"], True, "2024-05-31")
    assert found.written_at == datetime(2024, 5, 31, 10, 0, tzinfo=UTC)
    assert list(exported.contents(found).values()) == [("sea.png", PNG)]
    assert json.loads(found.record)["date_written"] == "31. Mai 2024 um 22:11\xa0Uhr"
    assert report.notes == {reader.MISSING_MEDIA: ["2024-05-31: gone.pdf"]}


def test_days_that_are_empty_or_no_days_are_told(tmp_path: Path) -> None:
    found, report = read(dailytxt, backup(tmp_path, {"day": 1, "text": " "}, {"day": 32, "text": "x"}, None))
    assert not found
    assert report.notes == {reader.EMPTY: ["2024-05-01"]}
    assert report.missing == {reader.UNDATED: ["2024/05.json: day 32", "2024/05.json: day None"]}


@pytest.mark.parametrize("value", [None, 7, -1.5, True, "", "x", [], [None, {"filename": 7}], {}, 10**400])
def test_wrong_types_cost_a_day_at_most(tmp_path: Path, value: Any) -> None:
    days = [{**DAY, field: value} for field in DAY]
    found, report = read(dailytxt, backup(tmp_path, value, *days, {"day": 2, "text": "good"}))
    assert found[-1].fields.body == "good"
    assert len(found) + len(report.missing.get(reader.UNDATED, [])) == len(days) + 2


def test_a_damaged_month_does_not_stop_the_others(tmp_path: Path) -> None:
    found, report = read(dailytxt, backup(tmp_path, DAY, **{"2024/06.json": "{", "2023/01.json": "[]"}))
    assert len(found) == 1
    assert report.missing == {dailytxt.DAMAGED: ["2024/06.json"]}


def test_an_encrypted_backup_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(UnreadableArchive, match="without encryption"):
        read(dailytxt, backup(tmp_path, DAY, **{"user.json": "{}"}))


def test_dailytxt_is_recognised_by_its_months(tmp_path: Path) -> None:
    with Archive(backup(tmp_path, DAY)) as archive:
        assert dailytxt.recognises(archive)
    (tmp_path / "2024").mkdir()
    (tmp_path / "2024" / "05.json").write_text('{"other": []}')
    with Archive(tmp_path) as archive:
        assert not dailytxt.recognises(archive)
