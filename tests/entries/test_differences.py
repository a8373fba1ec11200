"""What changed between two texts."""

import time

import pytest

from journal.entries.differences import compare

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
