"""Our own exports in an account: they bring entries back whole, and twice is once."""

from dataclasses import replace
from datetime import date
from json import loads
from pathlib import Path
from typing import Any

import pytest

from journal import clock
from journal.accounts import users
from journal.entries.export_rows import Narrowing
from journal.entries.imported import ImportedEntry, ImportedRevision
from journal.entries.models import Entry, EntryMetadata, Revision
from journal.entries.values import EntryFields
from journal.transfer import running
from journal.transfer.archive import Archive
from journal.transfer.exporting import Export
from journal.transfer.formats import journal, markdown
from journal.transfer.formats.reader import Reader
from journal.transfer.formats.writer import Writer
from journal.transfer.importer import Importer, Owned
from journal.transfer.report import Report
from journal.transfer.writers import json
from journal.transfer.writers import markdown as markdown_writer
from tests.conftest import SHARED
from tests.transfer.formats import exported
from tests.transfer.formats.exported import OPTIONS, attachment, entry, uid, written

FORMATS = pytest.mark.parametrize(("writer", "reader"), [(json, journal), (markdown_writer, markdown)])
RECORD = '{"uuid": "1"}'


def entries() -> list[exported.ExportedEntry]:
    """One that was begun here, and two of other programs that have the same id there."""
    return [
        entry(1, body=f"![x](/attachments/{uid(9)})", attachments=(attachment(9),)),
        entry(2, title="From Day One", source="dayone", source_id="7", record=RECORD),
        entry(3, title="From Flask", source="flask", source_id="7", version=12, deleted_at=exported.NOW),
    ]


async def person(name: str) -> int:
    return (await users.create(name, None, "correct horse battery", "UTC", clock.now())).id


async def bring(path: Path, reader: Reader, user_id: int, data: Path) -> Report:
    report = Report()
    with Archive(path) as archive:
        importer = Importer(report, exported.NOW, files=data / "attachments")
        await running.run(archive, reader, OPTIONS, importer, user_id, lambda done, plans: None)
    return report


@FORMATS
async def test_an_export_comes_back_whole_and_twice_is_once(
    db: None, tmp_path: Path, writer: Writer, reader: Reader
) -> None:
    (tmp_path / "export").write_bytes(written(writer, entries()))
    ann = await person("ann")
    report = await bring(tmp_path / "export", reader, ann, tmp_path)
    assert (report.entries.added, report.missing, report.notes) == (3, {}, {})
    found = {row.title: row for row in await Entry.all()}
    assert {row.uid for row in found.values()} == {uid(1), uid(2), uid(3)}
    assert [(found[name].source, found[name].source_id) for name in ("From Day One", "From Flask")] == [
        ("dayone", "7"),
        ("flask", "7"),
    ]
    assert found["From Flask"].deleted_at == exported.NOW
    assert "/attachments/" in found["A walk"].body
    assert (await EntryMetadata.get()).record == RECORD
    revisions = await Revision.all().count()
    again = await bring(tmp_path / "export", reader, ann, tmp_path)
    assert (again.entries.same, again.missing, again.notes) == (3, {}, {})
    assert (await Entry.all().count(), await Revision.all().count()) == (3, revisions)


@FORMATS
async def test_another_account_gets_copies_and_twice_is_once(
    db: None, tmp_path: Path, writer: Writer, reader: Reader
) -> None:
    (tmp_path / "export").write_bytes(written(writer, entries()))
    ann, bob = await person("ann"), await person("bob")
    for _ in range(2):
        for user_id in (ann, bob):
            report = await bring(tmp_path / "export", reader, user_id, tmp_path)
            assert not report.missing
    assert await Entry.filter(user_id=ann).count() == await Entry.filter(user_id=bob).count() == 3


async def test_what_was_written_since_an_export_stays(db: None, tmp_path: Path) -> None:
    first = entry(2, title="From Day One", source="dayone", source_id="7")
    (tmp_path / "old").write_bytes(written(json, [first]))
    changed = replace(first, fields=replace(first.fields, body="written on"), version=9)
    (tmp_path / "new").write_bytes(written(json, [changed]))
    ann = await person("ann")
    for name in ("new", "old"):
        await bring(tmp_path / name, journal, ann, tmp_path)
    assert (await Entry.get()).body == "written on"
    assert first.fields.body in [revision.body for revision in await Revision.all()]


# A whole diary

SAMPLE = Path(__file__).resolve().parent.parent / "samples" / "diary.jsonl"
WHOLE = SHARED / "diary" / "pepys.jsonl"
DIARIES = [
    pytest.param(SAMPLE, id="sample"),
    pytest.param(
        WHOLE,
        id="whole",
        marks=[
            pytest.mark.shared,
            pytest.mark.slow,
            pytest.mark.soak_on_postgres,
            pytest.mark.skipif(not WHOLE.is_file(), reason="the whole diary is not beside this checkout"),
        ],
    ),
]
MOODS = ["", "good", "awful", "great"]
ENTRY = ["day", "zone", "written_at", "updated_at", "version", "mood", "tags", "title", "body"]
ENTRY += ["html", "words", "starred", "deleted_at"]
REVISION = ["number", "kind", "version", "created_at", "day", "zone", "written_at", "mood", "tags"]
REVISION += ["title", "body"]


def of_diary(number: int, told: dict[str, str]) -> ImportedEntry:
    """Every field differs among the entries: some are starred, in the bin, or have earlier texts."""
    day, tags = date.fromisoformat(told["date"]), ["diary", f"tag {number % 7}"]
    zone = ["Europe/London", "Asia/Tokyo"][number % 2]
    fields = EntryFields(f"Number {number}", told["text"], day, zone, tags, MOODS[number % 4])
    earlier = ImportedRevision(replace(fields, body="before", mood=""), exported.NOW, exported.NOW, 1)
    return ImportedEntry(
        *(fields, exported.NOW, exported.NOW, "diary", str(number)),
        starred=number % 5 == 0,
        deleted_at=exported.NOW if number % 11 == 0 else None,
        revisions=(earlier,) if number % 3 == 0 else (),
        version=2,
    )


async def all_of(user_id: int) -> tuple[list[Any], list[Any]]:
    entries = await Entry.filter(user_id=user_id).order_by("source_id", "id").values_list(*ENTRY)
    revisions = Revision.filter(entry__user_id=user_id).order_by("entry__source_id", "number")
    return list(entries), list(await revisions.values_list(*REVISION))


@FORMATS
@pytest.mark.parametrize("diary", DIARIES)
async def test_a_diary_comes_back_equal_in_an_empty_account(
    db: None, tmp_path: Path, writer: Writer, reader: Reader, diary: Path
) -> None:
    ann, bob = await person("ann"), await person("bob")
    lines = diary.read_text(encoding="utf-8").splitlines()
    importer = Importer(Report(), exported.NOW)
    for start in range(0, len(lines), 500):
        told = enumerate(lines[start : start + 500], start)
        await importer.add([Owned(ann, of_diary(number, loads(line))) for number, line in told])
    importer.analysis.close()
    export = Export(await users.by_id(ann), writer, Narrowing(), exported.NOW, tmp_path)
    assert await export.prepare() == len(lines)
    leaving = [entry async for batch in export.batches() for entry in batch]
    (tmp_path / "export").write_bytes(written(writer, leaving, export.about))
    report = await bring(tmp_path / "export", reader, bob, tmp_path)
    assert (report.entries.added, report.missing, report.notes) == (len(lines), {}, {})
    there, here = await all_of(ann), await all_of(bob)
    assert len(here[0]) == len(lines)
    assert len(here[1]) == (len(lines) + 2) // 3
    assert here == there
