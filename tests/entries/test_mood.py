"""The five moods."""

import pytest

from journal.entries.mood import MOODS, SYMBOLS, parse


def test_there_are_five_moods_from_the_worst_to_the_best() -> None:
    assert [key for key, _ in MOODS] == ["awful", "bad", "okay", "good", "great"]


def test_each_mood_has_a_word_and_a_symbol_of_its_own() -> None:
    assert all(label.isalpha() for _, label in MOODS)
    assert list(SYMBOLS) == [key for key, _ in MOODS]
    assert len(set(SYMBOLS.values())) == 5


@pytest.mark.parametrize("typed", ["good", " Good ", "GOOD\n"])
def test_a_mood_is_known_however_it_is_typed(typed: str) -> None:
    assert parse(typed) == "good"


@pytest.mark.parametrize("typed", ["", " ", "\t\n"])
def test_no_mood_is_fine(typed: str) -> None:
    assert parse(typed) == ""


@pytest.mark.parametrize(
    "typed", ["merry", "goodgreat", "good great", "0", "😀", "g\0od", "ｇｏｏｄ", "good,"]
)
def test_another_mood_is_refused_with_a_sentence(typed: str) -> None:
    with pytest.raises(ValueError, match=r"^A mood is one of .*\.$"):
        parse(typed)
