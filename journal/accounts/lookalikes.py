"""Unicode confusables: detects names with invisible or mixed-script letters, and names that look like another
name (docs/decisions/0016)."""

import re
from functools import cache
from unicodedata import category, name, normalize

from confusable_homoglyphs import utils

# Invisible characters (Default_Ignorable_Code_Point and others) outside of the categories HIDDEN.
BLANKS = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2065\u2800\u3164\ufe00-\ufe0f\uffa0\ufff0-\ufffc"
    "\U00013441-\U00013446\U00016fe4\U0001bca0-\U0001bca3\U0001d159\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)
HIDDEN = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
# Scripts that may be mixed in one name: the "highly restrictive" level of UTS 39.
TOGETHER = (
    {"LATIN", "CJK", "HIRAGANA", "KATAKANA"},
    {"LATIN", "CJK", "BOPOMOFO"},
    {"LATIN", "CJK", "HANGUL"},
)
NO_SCRIPT = {"MODIFIER", "IDEOGRAPHIC", "KATAKANA-HIRAGANA", "VERTICAL"}  # letters of more than one script
ACCENTED = ("LATIN", "GREEK", "CYRILLIC", "ARMENIAN")  # scripts whose combining marks are accents
SMALL_CAPITAL = re.compile("LATIN LETTER SMALL CAPITAL ([A-Z])")
LENGTH = 200  # of the column


def is_hidden(text: str) -> bool:
    """Whether the text has an invisible character. The variation selector after a symbol (the red of a heart)
    is allowed."""
    text = re.sub(r"(\W)\ufe0f", _without_selector, text)
    wide = normalize("NFKC", text)
    return any(
        category(c) in HIDDEN or BLANKS.match(c) or (category(c) == "Zs" and c != " ") for c in wide
    ) or bool(BLANKS.search(text))


def _without_selector(found: "re.Match[str]") -> str:
    return found[1] if category(found[1]) == "So" and not BLANKS.match(found[1]) else found[0]


def is_mixed(text: str) -> bool:
    """Whether the text mixes letters of scripts, or digits of systems, that are not written together."""
    wide = normalize("NFKC", text)
    scripts = {script(c) for c in wide if category(c)[0] == "L"} - NO_SCRIPT
    zeros = {ord(c) - int(c) for c in wide if category(c) == "Nd"}
    return len(zeros) > 1 or not (len(scripts) < 2 or any(scripts <= allowed for allowed in TOGETHER))


def script(letter: str) -> str:
    """The first word of the letter's Unicode name, like LATIN in LATIN SMALL LETTER A."""
    return name(letter, "").partition(" ")[0]


def skeleton(text: str) -> str:
    """Returns the same text for two names that look alike in lower or upper case: the skeleton of UTS 39,
    taken of the name and again of its folded form, because I looks like l and l like 1."""
    once = _prototypes(normalize("NFC", normalize("NFKC", text)))
    twice = _prototypes(once.casefold())
    return re.sub(r"\s+", " ", twice.casefold().replace("i", "l")).strip()[:LENGTH]


def _prototypes(text: str) -> str:
    result, table = "", prototypes()
    for c in text:
        if BLANKS.match(c) or (category(c) in ("Mn", "Me") and result and script(result[-1]) in ACCENTED):
            continue
        capital = SMALL_CAPITAL.fullmatch(name(c, ""))
        result += capital[1] if capital else table.get(c, c)
    return result


@cache
def prototypes() -> dict[str, str]:
    """Maps each letter to the one that stands for its lookalikes, by Unicode's table of confusables."""
    alike = {
        key.strip("\u200e"): [other["c"].strip("\u200e") for other in others]
        for key, others in utils.load("confusables.json").items()
    }
    return {
        letter: others[0]
        for letter, others in alike.items()
        if len(letter) == 1 and len(others) == 1 and (len(alike.get(others[0], "")) > 1 or others[0] < letter)
    }
