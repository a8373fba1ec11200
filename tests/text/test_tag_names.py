"""How tags are typed, written and compared."""

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from journal.text.tag_names import COUNT, LENGTH, join, key, split

EXAMPLES = settings(max_examples=100, derandomize=True, database=None)


@pytest.mark.parametrize(
    ("typed", "tags"),
    [
        ("office, church,theatre", ["office", "church", "theatre"]),
        ("日本、雨，傘､夜", ["日本", "雨", "傘", "夜"]),
        ("قهوة، مطر", ["قهوة", "مطر"]),
        (" #walk, ##rain, # # sun, C#", ["walk", "rain", "sun", "C#"]),
        ("on   the\troad,\u3000new\xa0year\n", ["on the road", "new year"]),
        ("", []),
        (" , ,,#,\u200b,\0", []),
        ("a/b, ../c, d?e=f&g, 100%, \\", ["a/b", "../c", "d?e=f&g", "100%", "\\"]),
        ("<script>alert(1)</script>", ["<script>alert(1)</script>"]),
    ],
)
def test_tags_are_parted_by_commas_and_tidied(typed: str, tags: list[str]) -> None:
    assert split(typed) == tags


@pytest.mark.parametrize(
    ("typed", "tags"),
    [
        ("Rain, rain, RAIN", ["Rain"]),
        ("b, a, B", ["b", "a"]),
        ("Straße, STRASSE, strasse", ["Straße"]),
        ("e\u0301te\u0301, été", ["été"]),
        ("ｃａｆｅ, cafe", ["ｃａｆｅ"]),
        ("\u200bcafe, ca\u00adfe, caf\u2060e", ["cafe"]),
        ("İstanbul, istanbul", ["İstanbul", "istanbul"]),  # İ folds to an i with a dot of its own
    ],
)
def test_the_first_spelling_of_a_tag_stays(typed: str, tags: list[str]) -> None:
    assert split(typed) == tags


@pytest.mark.parametrize(
    "typed", ["\u202egnp.exe", "\u2066a\u2069", "\u061ca\u200f", "\ufeffa", "a\x1b[31m", "a\0", "a\x85b"]
)
def test_a_tag_has_nothing_invisible(typed: str) -> None:
    (tag,) = split(typed)
    assert tag.replace(" ", "").isprintable()


@pytest.mark.parametrize(
    "typed", ["می\u200cخواهم", "👩\u200d👩\u200d👧", "🏴\U000e0067\U000e0062\U000e007f", "क्\u200dष"]
)
def test_joiners_within_words_and_emoji_stay(typed: str) -> None:
    assert split(typed) == [typed]


def test_a_tag_is_kept_in_one_form_of_unicode() -> None:
    assert split("Ame\u0301lie") == ["Amélie"]
    assert unicodedata.is_normalized("NFC", split("q\u0323\u0307, ề, 각, \u212b")[0])


def test_a_tag_has_a_limit() -> None:
    assert split("x" * LENGTH + ", #" + "😀" * LENGTH) == ["x" * LENGTH, "😀" * LENGTH]
    with pytest.raises(ValueError, match=r"^A tag may have 60 characters at most\.$"):
        split("short, " + "x" * (LENGTH + 1))


def test_the_limit_counts_what_is_kept() -> None:
    assert split("#\u200b  " + "e\u0301" * LENGTH + "\u202c ") == ["é" * LENGTH]


def test_an_entry_has_a_limit_of_tags() -> None:
    assert len(split(",".join(map(str, range(COUNT))) + ",0,1,2")) == COUNT
    with pytest.raises(ValueError, match=r"^An entry may have 50 tags at most\.$"):
        split(",".join(map(str, range(COUNT + 1))))


def test_a_megabyte_of_commas_is_soon_read() -> None:
    assert split("," * 1_000_000) == []
    assert split("#" * 1_000_000) == []
    assert split("a\u200b" * 10 + "\u202e" * 1_000_000) == ["a" * 10]


def test_tags_are_written_as_they_are_typed() -> None:
    assert join(["on the road", "rain"]) == "on the road, rain"
    assert join([]) == ""


@pytest.mark.parametrize(
    ("one", "other"), [("ÉTÉ", "été"), ("ﬁn", "FIN"), ("ΣΊΣΥΦΟΣ", "σίσυφος"), ("Ⅷ", "viii"), ("ǅ", "ǆ")]
)
def test_two_spellings_of_a_tag_have_one_key(one: str, other: str) -> None:
    assert key(one) == key(other)


def test_different_tags_have_different_keys() -> None:
    assert len({key(tag) for tag in ["resume", "résumé", "ı", "i", "a b", "ab", "か", "が"]}) == 8


@EXAMPLES
@given(st.text(max_size=40))
def test_what_was_read_once_is_read_the_same_again(typed: str) -> None:
    tags = split(typed)
    assert split(join(tags)) == tags


@EXAMPLES
@given(st.text(max_size=40))
def test_a_key_is_its_own_key(name: str) -> None:
    assert key(key(name)) == key(name)


@EXAMPLES
@given(st.text(max_size=40))
def test_no_two_tags_of_an_entry_have_one_key(typed: str) -> None:
    tags = split(typed)
    assert len({key(tag) for tag in tags}) == len(tags)
    assert all(tag == tag.strip() and 0 < len(tag) <= LENGTH for tag in tags)
