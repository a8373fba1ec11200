"""Case and accent folding for search, letter by letter and in every script. Pure."""

import unicodedata

BREAK = "。"  # token of the end of a sentence in a script without spaces

# Accents that are dropped. Marks of Indic scripts, Thai or kana make another word and stay.
ACCENTS = (
    (0x0300, 0x036F),  # Latin, Greek, Cyrillic
    (0x0483, 0x0489),  # Cyrillic
    (0x0591, 0x05C7),  # Hebrew
    (0x0610, 0x061A),  # Arabic, until 08FF
    (0x064B, 0x065F),
    (0x0670, 0x0670),
    (0x06D6, 0x06ED),
    (0x08CA, 0x08FF),
    (0x1AB0, 0x1AFF),
    (0x1DC0, 0x1DFF),
    (0x20D0, 0x20FF),  # of symbols
    (0x2DE0, 0x2DFF),
    (0xA66F, 0xA67D),
    (0xA69E, 0xA69F),
    (0xFE00, 0xFE0F),  # emoji variation
    (0xFE20, 0xFE2F),
    (0xFB1E, 0xFB1E),
    (0x1F3FB, 0x1F3FF),  # skin tones
    (0xE0000, 0xE01EF),
)
# Letters that Unicode does not decompose.
BY_HAND = dict(zip("đðøłħıŧŋĸƀɓɖɗǥɠɨɉƙɫɲɵɍʂƭʉƴƶȥə", "ddolhitnkbbddggijklnorstuyzze", strict=True))
BY_HAND |= {"æ": "ae", "œ": "oe", "ß": "ss", "þ": "th"}
BY_HAND |= {
    "\u0640": "",  # stretches an Arabic word
    "\u0649": "\u064a",  # one letter on Arabic, Persian and Egyptian keyboards
    "\u06cc": "\u064a",
    "\u06a9": "\u0643",
    "\u309b": "\u3099",  # voicing marks that stand alone
    "\u309c": "\u309a",
}
BY_HAND |= dict.fromkeys("\u02b9\u02bb\u02bc\u02bd\u02be\u02bf", " ")  # apostrophes, by Unicode letters
INVISIBLE = ("Cf", "Cs", "Cn", "Co")  # joiners, for example
# Ends of sentences in scripts without spaces; no word goes across them.
ENDINGS = "。、，．！？：；「」『』（）【】《》〈〉…・｡､｢｣･"


CACHED = 60_000  # letters; all letters would take 100 MB


class Letters(dict[int, str]):
    """Table for str.translate, which caches the folded form of each character."""

    def __missing__(self, code: int) -> str:
        folded = fold_letter(chr(code))
        if len(self) < CACHED:
            self[code] = folded
        return folded


LETTERS = Letters()
ASCII = {code: chr(code).lower() if chr(code).isalnum() else " " for code in range(128)}


def fold(text: str) -> str:
    """Folds letters, digits and emoji; everything else becomes a space."""
    return text.translate(ASCII if text.isascii() else LETTERS)


def fold_letter(letter: str) -> str:
    if letter in ENDINGS:
        return f" {BREAK} "
    if "\uac00" <= letter <= "\ud7a3":  # a Korean syllable, which would be decomposed
        return letter
    folded = letter
    for _ in range(2):  # the first round may give a capital letter
        folded = unicodedata.normalize("NFKD", BY_HAND.get(folded, folded).casefold())
    return "".join(_kept(part) for part in folded)


def _kept(part: str) -> str:
    if part in BY_HAND:
        return BY_HAND[part]
    category = unicodedata.category(part)
    if category == "Nd":
        return str(unicodedata.digit(part))  # of any script
    if any(first <= ord(part) <= last for first, last in ACCENTS):
        return "" if category != "Po" and category != "Pd" else " "
    if category[0] in "LMN":
        return part
    if category == "So":
        return f" {part} "
    return "" if category in INVISIBLE else " "
