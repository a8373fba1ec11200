"""The process that analyses the texts of an import gives what the import itself would find."""

from collections.abc import Iterator

import pytest

from journal.text.analysis import Source, analyse
from journal.transfer import analysis_process
from journal.transfer.analysis_process import AnalysisProcess

TEXTS = [(Source(f"Title {n}", f"A **text** with #tag{n} and 日本語", ["one"]), f"{n}") for n in range(5)]


@pytest.fixture
def process(monkeypatch: pytest.MonkeyPatch) -> Iterator[AnalysisProcess]:
    monkeypatch.setattr(analysis_process, "WORTHWHILE", 0)
    made = AnalysisProcess()
    yield made
    made.close()


def test_another_process_finds_what_this_one_would(process: AnalysisProcess) -> None:
    for _ in range(2):
        assert process.analyse(TEXTS) == [analyse(*text) for text in TEXTS]
    assert process._process


def test_a_process_that_was_killed_is_done_without(process: AnalysisProcess) -> None:
    process.analyse(TEXTS)
    assert process._process
    process._process.kill()
    for _ in range(2):
        assert process.analyse(TEXTS) == [analyse(*text) for text in TEXTS]
