"""What changed between two texts."""

import time
import tracemalloc
from collections import Counter
from difflib import Match, SequenceMatcher
from typing import Any

import pytest

from journal.text.diff import WORK, compare

TEXTS = [
    ("", ""),
    ("", "new"),
    ("old", ""),
    ("I went home.\nThen slept.", "I went to my home.\nThen I slept well."),
    ("東京は雨。", "東京は晴れ。"),
    ("a\n\n\nb\n", "a\n\nb"),
    ("مرحبا يا عالم", "مرحبا يا صديقي"),
    ("same\n" * 5, "same\n" * 5),
    ("one two three", "three two one"),
]


@pytest.mark.parametrize(("old", "new"), TEXTS)
def test_both_texts_can_be_read_out_of_the_changes(old: str, new: str) -> None:
    changes = compare(old, new)
    assert "".join(change.text for change in changes if change.kind != "removed") == new
    assert "".join(change.text for change in changes if change.kind != "added") == old


def test_equal_texts_have_no_changes() -> None:
    assert [change.kind for change in compare("one\ntwo", "one\ntwo")] == ["same"]


def test_one_new_word_is_one_change() -> None:
    assert [change for change in compare("I slept", "I never slept") if change.kind != "same"] == [
        ("added", "never ")
    ]


def test_one_character_of_a_script_without_spaces_is_one_change() -> None:
    assert ("removed", "雨") in compare("東京は雨。", "東京は雪。")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("a " * 200_000, "b " * 200_000),
        ("x\n" * 300_000, "x\n" * 300_001 + "y"),
        ("ab" * 200_000, "ba" * 200_000),
        (
            " ".join("ab"[n * n % 7 % 2] for n in range(990)),
            " ".join("ab"[n * n % 5 % 2] for n in range(990)),
        ),
    ],
    ids=["all words changed", "many lines", "one long word", "two words over and over"],
)
def test_no_text_takes_long(old: str, new: str) -> None:
    started = time.process_time()
    changes = compare(old, new)
    assert time.process_time() - started < 5  # a quadratic walk over any of these takes minutes
    assert "".join(change.text for change in changes if change.kind != "removed") == new


def rows_of(sign: str, blocks: int) -> str:
    """Each match of `a a` leaves a stretch before it and one behind it that are looked through again."""
    lines = (" ".join(f"a a {sign}{block}_{n}" for n in range(333)) for block in range(blocks))
    return "".join(f"{line}\nsame {block}\n" for block, line in enumerate(lines))


@pytest.mark.parametrize("blocks", [1, 5, 40])
def test_what_is_looked_through_again_and_again_is_paid_for_each_time(
    blocks: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    find, done = SequenceMatcher.find_longest_match, Counter[str]()

    def counted(matcher: Any, alo: int, ahi: int, blo: int, bhi: int) -> Match:
        done["pairs"] += sum(len(matcher.b2j.get(piece, ())) for piece in matcher.a[alo:ahi])
        assert done["pairs"] <= WORK
        return find(matcher, alo, ahi, blo, bhi)

    monkeypatch.setattr(SequenceMatcher, "find_longest_match", counted)
    old, new = rows_of("x", blocks), rows_of("y", blocks)
    changes = compare(old, new)
    assert done["pairs"] > WORK / 2  # as much as may be is compared
    assert "".join(change.text for change in changes if change.kind != "removed") == new
    assert "".join(change.text for change in changes if change.kind != "added") == old


def test_many_small_changes_are_paid_for_as_well(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each finds next to nothing, and costs a call all the same."""
    find, calls = SequenceMatcher.find_longest_match, Counter[str]()

    def counted(*given: Any) -> Match:
        calls["made"] += 1
        return find(*given)

    monkeypatch.setattr(SequenceMatcher, "find_longest_match", counted)
    old, new = (
        "".join(
            " ".join(f"{n:x}" if n % 2 else sign for n in range(980)) + f"\n{line}\n" for line in range(230)
        )
        for sign in "xy"
    )
    changes = compare(old, new)
    assert calls["made"] < 10_000
    assert "".join(change.text for change in changes if change.kind != "removed") == new
    assert "".join(change.text for change in changes if change.kind != "added") == old


@pytest.mark.parametrize("piece", ["a\n", "a ", "字", "word word\n"])
def test_very_long_texts_are_compared_as_a_whole(piece: str) -> None:
    """Piece by piece a megabyte of short ones would take 150 MB."""
    old = (piece * 500_000)[:500_000]
    new = f"{old[:200_000]} changed {old[200_000:]}"
    changes = compare(old, new)
    assert "".join(change.text for change in changes if change.kind != "removed") == new
    assert "".join(change.text for change in changes if change.kind != "added") == old
    assert sum(len(change.text) for change in changes if change.kind != "same") < 500


@pytest.mark.parametrize("piece", ["a\n", "a\v", "a\u2028", "字"])
def test_two_very_long_texts_without_anything_in_common_take_little_memory(piece: str) -> None:
    old, new = piece * 400_000, "b " * 400_000
    tracemalloc.start()
    try:
        changes = compare(old, new)
        assert tracemalloc.get_traced_memory()[1] < 20_000_000
    finally:
        tracemalloc.stop()
    assert [change.kind for change in changes] == ["removed", "added"]
