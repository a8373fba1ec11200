"""What a hit looks like: the writer's own spelling, and no more of a long text than one can take in."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from journal.search.query import parse
from journal.search.snippets import LENGTH, READ, Piece, marked, snippet
from tests.search.pairs import PAIRS


def hits(pieces: list[Piece]) -> list[str]:
    return [piece.text for piece in pieces if piece.is_hit]


def shown(pieces: list[Piece]) -> str:
    return "".join(piece.text for piece in pieces)


@pytest.mark.parametrize(
    ("typed", "text", "expected"),
    [
        ("ecole", "Devant l’École.", ["École"]),
        ("ecole", "e\u0301cole", ["e\u0301cole"]),
        ("strasse", "In der STRAẞE", ["STRAẞE"]),
        ("地图", "我在地图上", ["地图"]),
        ("gar", "Gardens, garden and guard", ["Gardens", "garden"]),
        ('"red door"', "A red door; red, red. Door.", ["red door", "red. Door"]),
        ("red door ", "A red door, a door", ["red", "door", "door"]),
        ('red "red door"', "red door", ["red door"]),
        ("ガ", "ｶﾞ", ["ｶﾞ"]),
        ("istanbul", "İSTANBUL", ["İSTANBUL"]),
        ("👍", "Well 👍🏽 done", ["👍🏽"]),
        ("شلام", "nothing", []),
        ("-red door", "red door", ["door"]),
        ("tag:red", "red", []),
    ],
)
def test_hits_are_marked_as_they_were_written(typed: str, text: str, expected: list[str]) -> None:
    pieces = marked(parse(typed), text)
    assert hits(pieces) == expected
    assert shown(pieces) == text


@pytest.mark.parametrize(
    ("typed", "text", "meets"), [pair[1:] for pair in PAIRS], ids=[f"{p[0]}: {p[1]} | {p[2]}" for p in PAIRS]
)
def test_whatever_is_found_is_marked(typed: str, text: str, meets: bool) -> None:
    query = parse(typed)
    found = hits(snippet(query, text))
    if meets:
        assert found
    elif len(query.wanted) == 1:
        assert not found


def test_the_stretch_lies_around_the_first_hit_wherever_it_is() -> None:
    for before in (0, 3, 400, 490, 500, 510, 5_000, 150_000):
        text = "word " * (before // 5) + "Jane told us of a great fire " + "more " * 500
        pieces = snippet(parse('"great fire"'), text)
        assert hits(pieces) == ["great fire"], before
        assert len(shown(pieces)) <= LENGTH + 4
        assert (pieces[0].text == "… ") is (before > 70)
        assert pieces[-1].text.endswith(" …")


def test_a_row_of_words_is_found_across_the_borders_of_what_is_read_at_once() -> None:
    for shift in range(460, 520):
        assert hits(snippet(parse('"great fire"'), "x" * shift + " the great fire " + "y " * 300)) == [
            "great fire"
        ]


def test_of_several_places_the_one_with_most_of_the_words_is_shown() -> None:
    text = "A red house. " + "Nothing. " * 100 + "A red door. " + "Nothing. " * 2_000 + "A red door."
    assert hits(snippet(parse("red door"), text)) == ["red", "door"]
    far = "A red house. " + "Nothing. " * 1_000 + "A red door."
    assert hits(snippet(parse("red door"), far)) == ["red"]  # it is not looked for so far behind


def test_a_hit_in_the_title_alone_shows_how_the_text_begins() -> None:
    assert snippet(parse("garden"), "Rain all day.\n\nAnd more.") == [Piece("Rain all day. And more.", False)]
    assert snippet(parse("garden"), "") == []


def test_marks_of_markdown_do_not_stand_in_the_way() -> None:
    text = (
        "# A **garden**\n\n> said [the *gardener*](https://example.org/garden)\n\n- a\n- `b` 2 * 3 snake_case"
    )
    pieces = snippet(parse("garden"), text)
    assert shown(pieces) == "A garden said the gardener a b 2 * 3 snake_case"
    assert hits(pieces) == ["garden", "gardener"]


def test_a_text_is_looked_through_to_a_bound_alone() -> None:
    assert hits(snippet(parse("needle"), "hay " * (READ // 4 - 200) + "needle")) == ["needle"]
    assert hits(snippet(parse("needle"), "hay " * (READ // 4 + 200) + "needle")) == []


@given(st.text(st.characters(codec="utf-8"), max_size=600), st.text('aé地 "-*がか', max_size=10))
def test_no_letter_of_the_text_is_lost_or_made_up(text: str, typed: str) -> None:
    assert shown(marked(parse(typed), text)) == text
    assert len(shown(snippet(parse(typed), text))) <= LENGTH + 4
