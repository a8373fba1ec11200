"""Unicode scripts without spaces between words (Chinese, Japanese, Thai and others), as ranges for regular
expressions: of these the tokenizer of search makes a token for each letter. Python has no table of scripts; a
test compares the ranges with the names of characters."""

import unicodedata
from functools import lru_cache

HAN = "\u3005-\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
KANA = "\u3041-\u3096\u309d-\u309f\u30a1-\u30fa\u30fc-\u30ff\u31f0-\u31ff\uff66-\uff9d\U0001aff0-\U0001b167"
BOPOMOFO = "\u3105-\u312f\u31a0-\u31bf"
THAI = "\u0e01-\u0e30\u0e32\u0e33\u0e40-\u0e46"
LAO = "\u0e81-\u0eb0\u0eb2\u0eb3\u0ebd-\u0ec6\u0edc-\u0edf"
BURMESE = (
    "\u1000-\u102a\u103f\u1050-\u1055\u105a-\u105d\u1061\u1065\u1066\u106e-\u1070\u1075-\u1081\u108e"
    "\ua9e0-\ua9e4\ua9e6-\ua9ef\ua9fa-\ua9fe\uaa60-\uaa76\uaa7a\uaa7e\uaa7f"
)
KHMER = "\u1780-\u17b3\u17d7\u17dc"
LETTERS = HAN + KANA + BOPOMOFO + THAI + LAO + BURMESE + KHMER
# Combining vowels and tones, which belong to the letter before them.
MARKS = (
    "\u302a-\u302d\u3099\u309a\u0e31\u0e34-\u0e3a\u0e47-\u0e4e\u0eb1\u0eb4-\u0ebc\u0ec8-\u0ece"
    "\u102b-\u103e\u1056-\u1059\u105e-\u1060\u1062-\u1064\u1067-\u106d\u1071-\u1074\u1082-\u108d\u108f"
    "\u109a-\u109d\ua9e5\uaa7b-\uaa7d\u17b4-\u17d3\u17dd"
)
# Korean has spaces between its words, which get longer by endings.
HANGUL = "\uac00-\ud7af"
# East Asian letters and punctuation, which end a URL without a space.
EAST_ASIAN = "\u3000-\u9fff\uac00-\ud7af\uff00-\uffef"

EMOJI = ((0x2190, 0x2BFF), (0x1F000, 0x1FAFF))  # wide too, but not letters


@lru_cache(10_000)
def is_wide(letter: str) -> bool:
    """Whether words have no space beside this character: East Asian letters and punctuation, as in
    CommonMark's pull request 839, and letters of South East Asian scripts."""
    code = ord(letter)
    if code < 0x0E00:
        return False
    if any(first <= code <= last for first, last in EMOJI):
        return False
    if unicodedata.east_asian_width(letter) in "WFH":
        return True
    return unicodedata.name(letter, "").startswith(("HANGUL", "THAI ", "LAO ", "MYANMAR ", "KHMER "))
