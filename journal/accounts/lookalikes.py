"""Unicode confusables: names with invisible or mixed-script letters, and names that look like another's
(docs/decisions/0016)."""

import re
from functools import cache
from unicodedata import category, name, normalize

from confusable_homoglyphs import utils

# Default_Ignorable_Code_Point and others that are drawn as nothing, beyond the categories in HIDDEN.
BLANKS = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2065\u2800\u3164\ufe00-\ufe0f\uffa0\ufff0-\ufffc"
    "\U00013441-\U00013446\U00016fe4\U0001bca0-\U0001bca3\U0001d159\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)
HIDDEN = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
# Scripts that are written together; UTS 39 calls this "highly restrictive".
TOGETHER = (
    {"LATIN", "CJK", "HIRAGANA", "KATAKANA"},
    {"LATIN", "CJK", "BOPOMOFO"},
    {"LATIN", "CJK", "HANGUL"},
)
COMMON = {"MODIFIER", "IDEOGRAPHIC", "KATAKANA-HIRAGANA", "VERTICAL"}  # letters of no script of their own
MARKED = ("LATIN", "GREEK", "CYRILLIC", "ARMENIAN")  # scripts in which a combining mark makes no other letter
SMALL_CAPITAL = re.compile("LATIN LETTER SMALL CAPITAL ([A-Z])")
LENGTH = 200  # of the column


def is_hidden(text: str) -> bool:
    """Whether it has an invisible character. The variation selector behind a symbol, which makes a heart red,
    is allowed."""
    text = re.sub(r"(\W)\ufe0f", _selected, text)
    wide = normalize("NFKC", text)
    return any(
        category(c) in HIDDEN or BLANKS.match(c) or (category(c) == "Zs" and c != " ") for c in wide
    ) or bool(BLANKS.search(text))


def _selected(found: "re.Match[str]") -> str:
    return found[1] if category(found[1]) == "So" and not BLANKS.match(found[1]) else found[0]


def is_mixed(text: str) -> bool:
    """Whether its letters are of scripts, or its digits of systems, that nobody writes together."""
    wide = normalize("NFKC", text)
    scripts = {script(c) for c in wide if category(c)[0] == "L"} - COMMON
    zeros = {ord(c) - int(c) for c in wide if category(c) == "Nd"}
    return len(zeros) > 1 or not (len(scripts) < 2 or any(scripts <= allowed for allowed in TOGETHER))


def script(letter: str) -> str:
    """By the first word of its name, LATIN SMALL LETTER A."""
    return name(letter, "").partition(" ")[0]


def skeleton(text: str) -> str:
    """Equal for two names that look alike, in small letters or in capitals: UTS 39's skeleton of what is
    typed, folded, and folded once more, as I looks like l and l like 1."""
    once = _prototypes(normalize("NFC", normalize("NFKC", text)))
    twice = _prototypes(once.casefold())
    return re.sub(r"\s+", " ", twice.casefold().replace("i", "l")).strip()[:LENGTH]


def _prototypes(text: str) -> str:
    shown, table = "", prototypes()
    for c in text:
        if BLANKS.match(c) or (category(c) in ("Mn", "Me") and shown and script(shown[-1]) in MARKED):
            continue
        capital = SMALL_CAPITAL.fullmatch(name(c, ""))
        shown += capital[1] if capital else table.get(c, c)
    return shown


@cache
def prototypes() -> dict[str, str]:
    """Maps each letter to the one that stands for all letters that look like it, by Unicode's table."""
    alike = {
        key.strip("\u200e"): [other["c"].strip("\u200e") for other in others]
        for key, others in utils.load("confusables.json").items()
    }
    return {
        letter: others[0]
        for letter, others in alike.items()
        if len(letter) == 1 and len(others) == 1 and (len(alike.get(others[0], "")) > 1 or others[0] < letter)
    }
