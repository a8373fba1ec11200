"""Words as they are compared, in every script."""

import re
import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from journal.search.query import Query, parse
from journal.search.search_request import phrase_of
from journal.text import tokenizer
from journal.text.folding import BREAK, CACHED, Letters
from tests.search.pairs import LANGUAGES, PAIRS


def holds(query: Query, text: str) -> bool:
    """By the plain rule: each row of words stands in the text, where the last one may go on."""
    found = f" {' '.join(tokenizer.words(text))} "
    return all(phrase_of(term) in found for term in query.wanted)


@pytest.mark.parametrize(
    ("typed", "text", "meets"), [pair[1:] for pair in PAIRS], ids=[f"{p[0]}: {p[1]} | {p[2]}" for p in PAIRS]
)
def test_what_must_meet_meets_and_nothing_else_does(typed: str, text: str, meets: bool) -> None:
    query = parse(typed)
    assert query.wanted
    assert holds(query, text) is meets


def test_the_pairs_are_of_twenty_languages_and_more() -> None:
    assert len(LANGUAGES) >= 20
    assert sum(not meets for *_, meets in PAIRS) >= 30


ANY = st.text(st.characters(codec="utf-8"), max_size=200)
MIXED = st.text(
    "aéÉß'’ -._がかｶﾞ图地。หข่\u0301\u3099\u200d\u00ad👩🏽🚀한\u1112\u1161\u11abİıI1٣\0\n\u3000ʻ½م\u0640ﷺ"
)


@given(ANY | MIXED)
def test_a_word_is_letters_digits_and_signs_alone(text: str) -> None:
    for word in tokenizer.words(text):
        assert 0 < len(word) <= tokenizer.LENGTH
        assert not re.search(r"[\s_\"'*\\?]", word)
        assert not any(unicodedata.category(letter) in ("Zs", "Cc", "Cf", "Lu", "Pd") for letter in word)


@given(ANY | MIXED)
def test_the_place_of_each_word_is_where_it_was_written(text: str) -> None:
    text = tokenizer.whole_syllables(text)
    found = list(tokenizer.located(text))
    assert [token.word for token in found] == tokenizer.words(text)
    for token in found:
        assert 0 <= token.start < token.end <= len(text)
        if token.word != BREAK and len(token.word) < tokenizer.LENGTH:
            assert token.word in " ".join(tokenizer.words(text[token.start : token.end]))


@given(ANY | MIXED)
@example("ŉ")
@example("\u1e9b\u0323")
def test_words_that_are_cut_again_stay_the_same(text: str) -> None:
    found = tokenizer.words(text)
    assert tokenizer.words(" ".join(found)) == found


@given(MIXED)
def test_composed_and_decomposed_texts_have_the_same_words(text: str) -> None:
    if "\u1112" not in text and "\u1161" not in text and "\u11ab" not in text:
        forms = {tuple(tokenizer.words(unicodedata.normalize(form, text))) for form in ("NFC", "NFD")}
        assert len(forms) == 1


def test_texts_of_one_entry_do_not_run_into_each_other() -> None:
    assert tokenizer.document(["The end", "begins"]) == ["the", "end", BREAK, "begins", BREAK]
    assert tokenizer.document(["", "begins"])[0] == BREAK


def test_a_text_of_more_different_words_than_the_database_takes_is_cut_off() -> None:
    endless = " ".join(f"{n}x{n:040}" for n in range(40_000))
    found = tokenizer.document(["Title", endless])
    assert found[:2] == ["title", BREAK]
    assert sum(len(word) + 1 for word in set(found)) <= tokenizer.BUDGET
    common = tokenizer.document(["", "word " * 200_000])
    assert len(common) == 200_002


def test_letters_are_remembered_up_to_a_bound() -> None:
    letters = Letters()
    for code in range(0x20000, 0x20000 + CACHED + 100):
        assert letters[code] in (chr(code), "")
    assert len(letters) == CACHED


@pytest.mark.parametrize(
    ("one", "other"), [("My trip", "MY  TRIP"), ("Été", "ete"), ("+++", "+++"), ("日本", "日本"), ("#a", "a")]
)
def test_spellings_of_one_tag_are_one_word(one: str, other: str) -> None:
    assert tokenizer.facet("t", one) == tokenizer.facet("t", other)


def test_different_tags_are_different_words_that_no_text_holds() -> None:
    names = ["my trip", "mytrip", "+++", "---", "a", "a_b", "日本", "日", "c", "🎉", "_", "__"]
    facets = [tokenizer.facet("t", name) for name in names]
    assert len(set(facets)) == len(names)
    for facet in facets:
        assert re.fullmatch(r"_t[^\s\"'\\?*]+", facet)
        assert facet not in tokenizer.words(facet)
