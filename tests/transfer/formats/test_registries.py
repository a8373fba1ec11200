"""Readers and writers as a whole: which one takes a file, and what one writes the other reads."""

from pathlib import Path

import pytest

from journal.transfer.archive import Archive
from journal.transfer.formats.readers import READERS, reader_for
from journal.transfer.writers.writers import BY_NAME, WRITERS
from tests.transfer.formats import test_dailytxt, test_journiv, test_jrnl, test_memos
from tests.transfer.formats.exported import attachment, entry, read, written

EXPORTS = {
    "journiv": lambda path: test_journiv.export(path, moments=[test_journiv.THIRD]),
    "dailytxt": lambda path: test_dailytxt.backup(path, test_dailytxt.DAY),
    "memos": lambda path: test_memos.database(path, test_memos.memo(1, "x")),
    "jrnl": lambda path: test_jrnl.in_json(path / "jrnl.json", test_jrnl.ITEM),
}
READ_AGAIN = {"markdown": "markdown", "json": "journal", "dayone": "dayone", "jrnl": "jrnl"}


@pytest.mark.parametrize("name", EXPORTS)
def test_each_export_goes_to_its_own_reader(tmp_path: Path, name: str) -> None:
    with Archive(EXPORTS[name](tmp_path)) as archive:
        assert [reader.NAME for reader in READERS if reader.recognises(archive)] == [name]


@pytest.mark.parametrize("name", READ_AGAIN)
def test_what_a_writer_writes_goes_to_a_reader_that_reads_it(tmp_path: Path, name: str) -> None:
    writer = BY_NAME[name]
    path = tmp_path / f"export{writer.SUFFIX}"
    path.write_bytes(written(writer, [entry(attachments=(attachment(9),)), entry(2)]))
    with Archive(path) as archive:
        reader = reader_for(archive)
    assert READ_AGAIN[name] == reader.NAME
    found, report = read(reader, path)
    assert [one.fields.title for one in found] == ["A walk", "A walk"]
    assert not report.missing


def test_names_are_given_once_and_suffixes_fit_the_types() -> None:
    assert len(BY_NAME) == len(WRITERS)
    assert len({reader.NAME for reader in READERS}) == len(READERS)
    assert {(writer.SUFFIX, writer.CONTENT_TYPE.partition(";")[0]) for writer in WRITERS} == {
        (".zip", "application/zip"),
        (".json", "application/json"),
        (".txt", "text/plain"),
        (".html", "text/html"),
    }
