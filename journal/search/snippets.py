"""Search snippets: the text around a hit, in the writer's own spelling, with the hits marked. Pure."""

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from journal.search.query import Query, Term
from journal.search.search_request import phrase_of
from journal.text import tokenizer

LENGTH = 260  # characters that are shown
BEFORE = 70  # of them in front of the first hit
STEP = 500  # characters that are searched at once
READ = 200_000  # characters of a text that are searched for a hit,
FURTHER = 5_000  # and so many behind the first hit, for a part with more of the terms
# Marks of Markdown, which are left out of a snippet.
MARKUP = re.compile(
    r"(?<!\w)[*_~`]+(?=\w)|(?<=\w)[*_~`]+(?!\w)|[*`]{2,}"  # emphasis
    r"|^[ \t]*(?:#+|>+|[-+*]|\|)[ \t]+"  # headings, quotations, lists
    r"|!?\[(?=[^\]\n]*\]\()|\]\([^)\s]*\)",  # links
    re.MULTILINE,
)


class Piece(NamedTuple):
    text: str
    is_hit: bool


def snippet(query: Query, body: str) -> list[Piece]:
    """Returns the text around the first hit, or the beginning if all hits are in the title or the tags."""
    around = _around(query.wanted, body) if query.wanted else None
    if around is None:
        return _stretch(query, body, 0)
    begin, near, end = around
    pieces = _stretch(query, body, near)
    if any(piece.is_hit for piece in pieces):
        return pieces
    spans = _spans(query.wanted, list(tokenizer.located(tokenizer.whole_syllables(body[begin:end]))))
    return _stretch(query, body, next((begin + first for first, _ in spans), 0))


def _stretch(query: Query, body: str, place: int) -> list[Piece]:
    start = _after_space(body, max(0, place - BEFORE))
    end = start + LENGTH * 3 // 2
    shown = " ".join(MARKUP.sub("", tokenizer.whole_syllables(body[start:end])).split())
    cut = len(shown) > LENGTH or end < len(body)
    pieces = marked(query, _cut(shown))
    front = [Piece("… ", False)] if start else []
    return [*front, *pieces, *([Piece(" …", False)] if cut and pieces else [])]


def marked(query: Query, text: str) -> list[Piece]:
    """Splits the whole text into hits and the parts between them."""
    pieces, done = [], 0
    for start, end in _spans(query.wanted, list(tokenizer.located(text))):
        if start > done:
            pieces.append(Piece(text[done:start], False))
        if end > done:
            pieces.append(Piece(text[max(start, done) : end], True))
            done = end
    return [*pieces, Piece(text[done:], False)] if done < len(text) else pieces


def _spans(terms: Sequence[Term], found: list[tokenizer.Token]) -> Iterator[tuple[int, int]]:
    """Start and end of each term in the text, in order."""
    beginnings = tuple({term.phrase[0] for term in terms})
    for place, token in enumerate(found):
        if token.word.startswith(beginnings):
            ends = [end for term in terms if (end := _stands(term, found, place))]
            if ends:
                yield token.start, max(ends)


def _stands(term: Term, found: list[tokenizer.Token], place: int) -> int | None:
    """The end of the term, if it begins at that token."""
    stood = found[place : place + len(term.phrase)]
    *front, wanted = term.phrase
    if len(stood) < len(term.phrase) or [token.word for token in stood[:-1]] != front:
        return None
    last = stood[-1]
    is_hit = last.word.startswith(wanted) if term.is_prefix else last.word == wanted
    return last.end if is_hit else None


def _around(terms: Sequence[Term], body: str) -> tuple[int, int, int] | None:
    """The part with most of the terms: where it begins, about where one of them is, and where it ends."""
    needles = {phrase_of(term) for term in terms}
    best, most, last = None, 0, READ
    for start in range(0, min(len(body), READ), STEP):
        if start > last or most == len(needles):
            break
        begin, end = _after_space(body, max(0, start - 100)), min(len(body), start + STEP)
        text = f" {' '.join(tokenizer.words(body[begin:end]))} "
        places = [place for needle in needles if (place := text.find(needle)) >= 0]
        if len(places) > most:
            best, most = (begin, begin + min(places) * (end - begin) // len(text), end), len(places)
            last = min(last, start + FURTHER)
    return best


def _after_space(body: str, place: int) -> int:
    """The start of the next word, if one is near."""
    if place == 0:
        return 0
    space = re.compile(r"\s").search(body, place, place + 30)
    return space.end() if space else place


def _cut(text: str) -> str:
    if len(text) <= LENGTH:
        return text
    border = text.rfind(" ", LENGTH - 40, LENGTH)
    return text[: border if border > 0 else LENGTH].rstrip(" ,;:")
