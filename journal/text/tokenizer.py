"""How a text is cut into the words that an index holds and a search looks for. Pure."""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from journal import unicode_scripts
from journal.text.folding import BREAK, LETTERS, fold

VERSION = 3  # of what follows: a text that was cut by another one is cut again
LENGTH = 64  # letters of a word that count
BUDGET = (
    800_000  # bytes of different words of one text; PostgreSQL takes a megabyte, no real text has so many
)

# Each letter with its marks is a word of its own here, and a word is searched as several of them in a row.
UNSPACED = unicode_scripts.LETTERS + unicode_scripts.HANGUL
LETTER = re.compile(f"[{UNSPACED}][{unicode_scripts.MARKS}]*")
TOKEN = re.compile(f"{LETTER.pattern}|[^\\s{UNSPACED}]+")
CHUNK = re.compile(r"[\0-\x7f]+(?=\s|\Z)|\S+")  # as much as there is without a letter beyond ASCII
PLAIN = re.compile("[0-9A-Za-z]+")
HAS_UNSPACED = re.compile(f"[{UNSPACED}]")
# Korean syllables that came in parts, and one whole syllable before them: to look for more of those would
# take the square of a text's length.
JAMO = re.compile("[\uac00-\ud7a3]?[\u1100-\u11ff]+")


class Token(NamedTuple):
    word: str
    start: int  # in the text as it was written
    end: int


def words(text: str) -> list[str]:
    """In order, with BREAK where a sentence of an unspaced script ends."""
    folded = fold(text if text.isascii() else whole_syllables(text))
    if not folded.isascii() and HAS_UNSPACED.search(folded):
        folded = LETTER.sub(r" \g<0> ", folded)
    return [word[:LENGTH] for word in folded.split()]


def whole_syllables(text: str) -> str:
    """Korean as most people store it; some systems take each letter of a syllable apart."""
    return JAMO.sub(lambda found: unicodedata.normalize("NFC", found[0]), text)


def located(text: str) -> Iterator[Token]:
    """The same words of a text with whole syllables, and where each stands; slower, for what is shown."""
    for chunk in CHUNK.finditer(text):
        if chunk[0].isascii():
            for found in PLAIN.finditer(text, chunk.start(), chunk.end()):
                yield Token(found[0].lower()[:LENGTH], found.start(), found.end())
        else:
            yield from _located(chunk[0], chunk.start())


def _located(text: str, offset: int) -> Iterator[Token]:
    """Letter by letter, as one may become several or none."""
    pieces = [LETTERS[ord(letter)] for letter in text]
    origins = [place for place, piece in enumerate(pieces) for _ in piece]
    for found in TOKEN.finditer("".join(pieces)):
        end = origins[found.end() - 1] + 1
        while end < len(text) and not pieces[end]:  # marks belong to the letter before them
            end += 1
        yield Token(found[0][:LENGTH], offset + origins[found.start()], offset + end)


def is_unspaced(word: str) -> bool:
    return HAS_UNSPACED.match(word) is not None


def document(texts: Iterable[str]) -> list[str]:
    """The words of several texts, with BREAK between them; within the budget."""
    together: list[str] = []
    for text in texts:
        together += [*words(text), BREAK]
    return _within_budget(together) if len(together) > BUDGET // (4 * LENGTH) else together


def _within_budget(found: list[str]) -> list[str]:
    different = set(found)
    if len("".join(different).encode()) + len(different) <= BUDGET:
        return found
    known: set[str] = set()
    spent = 0
    for place, word in enumerate(found):
        if word not in known:
            known.add(word)
            spent += len(word.encode()) + 1
            if spent > BUDGET:
                return found[:place]
    return found


def facet(kind: str, name: str) -> str:
    """One word for a tag or an owner, which no text holds: `_t` and the name without a space or a mark."""
    folded = " ".join(words(name)) or name.casefold()
    return f"_{kind}" + "".join(c if c.isalnum() or ord(c) > 127 else f"_{ord(c):02x}" for c in folded[:200])
