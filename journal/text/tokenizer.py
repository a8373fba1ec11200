"""Tokenizer of full-text search: splits a text into the folded words that are indexed and searched. Pure."""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from journal import unicode_scripts
from journal.text.folding import BREAK, LETTERS, fold

VERSION = 3  # raised when the same text gives other tokens; entries are then indexed again
LENGTH = 64  # letters of a word that are indexed
BUDGET = 800_000  # bytes of different words of one text, of which PostgreSQL can store a megabyte

# Scripts without spaces (Chinese, Japanese, Thai …) and Korean: each letter with its marks is a token, and a
# word is searched as a phrase of them.
UNSPACED = unicode_scripts.LETTERS + unicode_scripts.HANGUL
LETTER = re.compile(f"[{UNSPACED}][{unicode_scripts.MARKS}]*")
TOKEN = re.compile(f"{LETTER.pattern}|[^\\s{UNSPACED}]+")
CHUNK = re.compile(r"[\0-\x7f]+(?=\s|\Z)|\S+")  # a run of ASCII, or one word
PLAIN = re.compile("[0-9A-Za-z]+")
HAS_UNSPACED = re.compile(f"[{UNSPACED}]")
# Korean syllables in parts, with one whole syllable before them: more of them would take quadratic time.
JAMO = re.compile("[\uac00-\ud7a3]?[\u1100-\u11ff]+")


class Token(NamedTuple):
    word: str
    start: int  # in the original text
    end: int


def words(text: str) -> list[str]:
    """The tokens in order, with BREAK where a sentence of a script without spaces ends."""
    folded = fold(text if text.isascii() else whole_syllables(text))
    if not folded.isascii() and HAS_UNSPACED.search(folded):
        folded = LETTER.sub(r" \g<0> ", folded)
    return [word[:LENGTH] for word in folded.split()]


def whole_syllables(text: str) -> str:
    """Composes Korean syllables, whose letters some systems store one by one."""
    return JAMO.sub(lambda found: unicodedata.normalize("NFC", found[0]), text)


def located(text: str) -> Iterator[Token]:
    """The same tokens of a text with whole syllables, with their positions; slower, for snippets."""
    for chunk in CHUNK.finditer(text):
        if chunk[0].isascii():
            for found in PLAIN.finditer(text, chunk.start(), chunk.end()):
                yield Token(found[0].lower()[:LENGTH], found.start(), found.end())
        else:
            yield from _located(chunk[0], chunk.start())


def _located(text: str, offset: int) -> Iterator[Token]:
    """Folds letter by letter, because one may become several or none."""
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
    """The tokens of several texts with BREAK after each, as far as the budget goes."""
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
    """A token for a tag or a mood, which no text has: `_t` and the name without spaces and marks."""
    folded = " ".join(words(name)) or name.casefold()
    return f"_{kind}" + "".join(c if c.isalnum() or ord(c) > 127 else f"_{ord(c):02x}" for c in folded[:200])
