"""What is typed, understood; and what can't be understood, explained."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from journal.entries import mood
from journal.search import query as queries
from journal.search.query import LAST, LENGTH, MOODS, PARTS, ROW, Query, Term, parse


def day(text: str) -> int:
    return date.fromisoformat(text).toordinal()


@pytest.mark.parametrize(
    ("typed", "wanted"),
    [
        ("great fir", [Term(("great",)), Term(("fir",), True)]),
        ("great fir ", [Term(("great",)), Term(("fir",))]),
        ("gr* fire ", [Term(("gr",), True), Term(("fire",))]),
        ('"great fire"', [Term(("great", "fire"))]),
        ('"great fi', [Term(("great", "fi"), True)]),
        ("“great fire” again", [Term(("great", "fire")), Term(("again",), True)]),
        ("don't", [Term(("don", "t"))]),  # a single letter would begin too much
        ("a", [Term(("a",))]),
        ("地图", [Term(("地", "图"))]),
        ("天地。图书", [Term(("天", "地")), Term(("图", "书"))]),
        ("note:this", [Term(("note", "this"), True)]),
        ("tag : x", [Term(("tag",)), Term(("x",))]),
    ],
)
def test_words_phrases_and_beginnings(typed: str, wanted: list[Term]) -> None:
    assert parse(typed) == Query(wanted=tuple(wanted), is_typed=True)


def test_what_must_not_be_there() -> None:
    query = parse('-rain -"red door" -tag:old -mood:bad garden')
    assert query.unwanted == (Term(("rain",)), Term(("red", "door")))
    assert query.unwanted_facets == ("_told", "_mbad")
    assert query.wanted == (Term(("garden",), True),)
    assert parse("-rain").unwanted == (Term(("rain",)),)  # the last word, but it does not go on
    assert parse("-rain").is_searchable


def test_tags_and_moods() -> None:
    query = parse('TAG:Été tag:"my trip" tag:#work mood:Good')
    assert query.facets == ("_tete", "_tmy_20trip", "_twork", "_mgood")
    assert query.problems == ()


def test_the_moods_are_those_of_entries() -> None:
    assert list(MOODS) == [key for key, _ in mood.MOODS]


@pytest.mark.parametrize(
    ("typed", "first", "end"),
    [
        ("after:2013 before:2014", day("2013-01-01"), day("2014-01-01")),
        ("after:2024-02 before:2024-03-01", day("2024-02-01"), day("2024-03-01")),
        ("after:2024-05-31", day("2024-05-31"), LAST),
        ("before:2024-05-31", 0, day("2024-05-31")),
        ("on:2024-05-31", day("2024-05-31"), day("2024-06-01")),
        ("on:2024-02", day("2024-02-01"), day("2024-03-01")),
        ("on:2024-12", day("2024-12-01"), day("2025-01-01")),
        ("on:1660", day("1660-01-01"), day("1661-01-01")),
        ("on:9999", day("9999-01-01"), LAST),
        ("on:9999-12", day("9999-12-01"), LAST),
        ("on:9999-12-31", day("9999-12-31"), LAST),
        ("on:0001", 1, day("0002-01-01")),
        ("after:2010 after:2012 before:2020 before:2014", day("2012-01-01"), day("2014-01-01")),
        ("-after:2014", 0, day("2014-01-01")),
        ("-before:2014", day("2014-01-01"), LAST),
        ("on:2024-5-1", day("2024-05-01"), day("2024-05-02")),
    ],
)
def test_times_are_stretches_of_whole_days(typed: str, first: int, end: int) -> None:
    assert parse(typed) == Query(first=first, end=end, is_typed=True)


@pytest.mark.parametrize(
    ("typed", "part"),
    [
        ("on:2023-02-30", "on: takes a year"),
        ("after:0000", "after: takes a year"),
        ("before:10000", "before: takes a year"),
        ("on:2024-13", "on: takes a year"),
        ("on:yesterday", "on: takes a year"),
        ("on:٢٠٢٤", "on: takes a year"),
        ("-on:2024", "on: can't be turned round"),
        ("after:2015 before:2014", "No day lies within"),
        ("mood:happy", "A mood is one of"),
        ("mood:", "A mood is one of"),
        ("tag:", "Write the tag right after"),
        ('tag:""', "Write the tag right after"),
        ("in:attic", "in: knows one place"),
        ("-in:bin", "in: knows one place"),
        ("has:photo", "has: is kept for photos"),
        ('"', "There is no word"),
        ('"""""""', "There is no word"),
        ("- -- ---", "There is no word"),
        ("!!! ??? ...", "There is no word"),
        ("\0", "There is no word"),
        ("\u200f\u200e", "There is no word"),
        ("_", "There is no word"),
    ],
)
def test_what_can_not_be_understood_explains_itself_in_one_sentence(typed: str, part: str) -> None:
    query = parse(typed)
    assert not query.is_searchable
    assert [part in sentence for sentence in query.problems] == [True]
    assert query.problems[0].endswith(".")


def test_the_rest_of_a_query_is_looked_for_all_the_same() -> None:
    query = parse("garden mood:happy rain")
    assert query.wanted == (Term(("garden",)), Term(("rain",), True))
    assert len(query.problems) == 1


@pytest.mark.parametrize("typed", ["", " ", "\n\t"])
def test_an_empty_field_is_no_mistake(typed: str) -> None:
    assert parse(typed) == Query()


def test_marks_of_direction_and_characters_that_nobody_types_are_left_out() -> None:
    assert parse("\u200ftag:\u202bx\u202c\u200f").facets == ("_tx",)
    assert parse("gar\0den").wanted == (Term(("garden",), True),)


@pytest.mark.parametrize(
    "typed",
    ["a" * 10_000, "x " * 5_000, '"' * 10_000, "tag:x " * 2_000, "图" * 10_000, "-" * 10_000, "- " * 5000],
)
def test_ten_kilobytes_are_read_in_part_and_it_says_so(typed: str) -> None:
    query = parse(typed)
    assert len(query.wanted) + len(query.facets) <= PARTS
    assert sum(len(term.phrase) for term in query.wanted) <= PARTS * ROW
    assert "long for a search" in query.problems[0]


OPERATORS = [
    "tag:",
    "mood:",
    "after:",
    "before:",
    "on:",
    "in:",
    "has:",
    "-",
    '"',
    "*",
    "2024",
    "-05",
    "bin",
    "good",
]
PIECES = st.sampled_from(
    [*OPERATORS, " ", "“", "\0", "\u200f", "図", "が", "a", "É", "👍", ":", "(", ")", "'"]
)


@given(st.lists(PIECES, max_size=40).map("".join) | st.text(st.characters(codec="utf-8"), max_size=300))
def test_no_query_fails_and_each_is_looked_for_or_explained(typed: str) -> None:
    query = parse(typed)
    unseen = queries.UNSEEN.sub("", typed).strip()
    assert query.is_searchable or query.problems or not unseen
    assert len(typed) <= LENGTH
    assert query.first <= LAST
