"""Ranking of search hits: how often the words occur in an entry, in relation to its length. Pure."""

from journal.search.query import Query, Term
from journal.text.folding import BREAK

USUAL = 1_400  # characters of an entry
TITLE = 3.0  # a word in the title counts for so many


def worth(query: Query, words: str) -> float:
    """BM25 without the rarity of words, because all hits have all words."""
    title = words.partition(f" {BREAK} ")[0] + " "
    fullness = 1.2 * (0.25 + 0.75 * len(words) / USUAL)
    score = 0.0
    for term in query.wanted:
        times = _times(term, words) + (TITLE - 1) * _times(term, title)
        score += len(term.phrase) * times / (times + fullness)
    return score


def _times(term: Term, words: str) -> int:
    # Two words share the space between them, so the same word twice in a row counts once.
    return words.count(f" {' '.join(term.phrase)}{'' if term.is_prefix else ' '}")
