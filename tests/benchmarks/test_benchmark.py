"""Parsing and arithmetic of the benchmarks; nothing here is timed."""

from pathlib import Path

import pytest
from driving import Sample
from pages import letters, visible
from processes import TICKS, cpu_seconds, parsed
from report import BEGIN, END, write
from rounds import ratios, spread
from servers import Failed


def sample(cpu: float) -> Sample:
    return Sample(requests=100, seconds=1.0, cpu=cpu, p50=1.0, p99=2.0, others=0.0)


def test_a_command_with_parentheses_is_read_past() -> None:
    stat = f"7 (a) b (c) S 3 {' '.join(['0'] * 9)} {TICKS} {TICKS} 0 {TICKS} 20 0"
    assert parsed(stat) == (3, 3.0)


def test_the_cpu_time_of_a_process_that_is_gone_is_an_error() -> None:
    with pytest.raises(ProcessLookupError):
        cpu_seconds(2**30)


def test_ratios_are_taken_within_a_round() -> None:
    samples = {("old", 1): [sample(2.0), sample(9.0)], ("new", 1): [sample(1.0), sample(3.0)]}
    assert ratios(samples, "old", "new", 1) == [2.0, 3.0]
    assert spread([2.0, 3.0, 7.0]) == "3.00 (2.00 to 7.00)"


def test_pages_are_compared_by_their_letters() -> None:
    assert letters(visible("<p>Up &amp; to the <em>office</em>.</p>")) == letters("Up _to the_ office")


def test_figures_replace_what_stood_between_the_marks(tmp_path: Path) -> None:
    document = tmp_path / "performance.md"
    document.write_text(f"before\n{BEGIN}\nold\n{END}\nafter\n")
    write(document, "new")
    assert document.read_text() == f"before\n{BEGIN}\nnew\n{END}\nafter\n"


def test_a_document_without_marks_is_left_alone(tmp_path: Path) -> None:
    document = tmp_path / "performance.md"
    document.write_text("nothing here")
    with pytest.raises(Failed):
        write(document, "new")
    assert document.read_text() == "nothing here"
