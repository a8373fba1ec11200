"""The table of scripts says what Unicode's names say."""

import re
import unicodedata

import pytest

from journal import unicode_scripts

NAMES = {
    unicode_scripts.HAN: ("CJK UNIFIED IDEOGRAPH", "CJK COMPATIBILITY IDEOGRAPH", "IDEOGRAPHIC"),
    unicode_scripts.KANA: ("HIRAGANA", "KATAKANA", "HALFWIDTH KATAKANA", "HENTAIGANA"),
    unicode_scripts.BOPOMOFO: ("BOPOMOFO",),
    unicode_scripts.THAI: ("THAI ",),
    unicode_scripts.LAO: ("LAO ",),
    unicode_scripts.BURMESE: ("MYANMAR ",),
    unicode_scripts.KHMER: ("KHMER ",),
}
ALL = [chr(code) for code in range(0xAC00)] + [chr(code) for code in range(0xF900, 0x32000)]
VOICING = "\uff9e\uff9f"  # half-width marks that count as letters


@pytest.mark.parametrize("ranges", NAMES, ids=[names[0] for names in NAMES.values()])
def test_each_script_has_all_its_letters_and_no_others(ranges: str) -> None:
    is_one = re.compile(f"[{ranges}]")
    named = [c for c in ALL if unicodedata.name(c, "").startswith(NAMES[ranges]) and c not in VOICING]
    letters = [c for c in named if unicodedata.category(c)[0] == "L"]
    assert letters
    assert [c for c in letters if not is_one.match(c)] == []
    known = [c for c in ALL if is_one.match(c) and unicodedata.category(c)[0] in "LM"]
    assert set(known) <= set(named)


def test_marks_of_these_scripts_are_marks() -> None:
    is_one = re.compile(f"[{unicode_scripts.MARKS}]")
    names = tuple(name for few in NAMES.values() for name in few)
    marks = [
        c for c in ALL if unicodedata.name(c, "").startswith(names) and unicodedata.category(c)[0] == "M"
    ]
    assert marks
    assert [c for c in marks if not is_one.match(c)] == []
    assert [c for c in ALL if is_one.match(c) and unicodedata.category(c) not in ("Mn", "Mc", "Cn")] == []


@pytest.mark.parametrize(
    ("letters", "is_wide"), [("漢かカﾊ한ㅎㄅ「。（Ａ、ไมກខမ￦〜", True), ("aéßжא ا.(“”„«…—😀🈁☔♥हத", False)]
)
def test_letters_without_spaces_beside_them_are_known(letters: str, is_wide: bool) -> None:
    assert {letter: unicode_scripts.is_wide(letter) for letter in letters} == dict.fromkeys(letters, is_wide)
