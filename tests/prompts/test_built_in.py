"""Built-in prompts: their number, their length, their tone."""

import re

from journal.prompts import built_in


def plain(text: str) -> str:
    return " ".join(re.findall(r"\w+", text.casefold()))


def test_there_are_enough_of_them_for_most_of_a_year() -> None:
    assert len(built_in.TEXTS) >= 220


def test_no_two_are_alike_and_no_two_share_a_key() -> None:
    assert len({plain(text) for text in built_in.TEXTS}) == len(built_in.TEXTS)
    assert len(built_in.BY_KEY) == len(built_in.TEXTS)
    # Two prompts that begin with the same six words count as alike.
    beginnings = [" ".join(plain(text).split()[:6]) for text in built_in.TEXTS]
    assert [words for words in beginnings if beginnings.count(words) > 1] == []


def test_each_is_one_short_plain_sentence_or_two() -> None:
    for text in built_in.TEXTS:
        assert 15 <= len(text) <= 100, text
        assert text == text.strip()
        assert text[-1] in ".?", text
        assert text[0].isupper(), text
        assert "!" not in text


def test_none_of_them_pushes_or_treats_its_reader() -> None:
    pushing = r"\b(should|must|have to|gratitude|grateful|mindful|heal|healing|trauma|self-care|journey of)\b"
    exceptions = {"What should not change in the year to come?"}
    assert [text for text in built_in.TEXTS if re.search(pushing, text, re.I)] == sorted(exceptions)
