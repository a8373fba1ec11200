"""How well an entry answers a search: how often the words stand in it, for its length. Pure."""

from journal.search.query import Query, Term
from journal.text.folding import BREAK

USUAL = 1_400  # characters of an entry
TITLE = 3.0  # a word there counts for so many


def worth(query: Query, words: str) -> float:
    """BM25's shape without the rarity of words: all hits have all of them."""
    title = words.partition(f" {BREAK} ")[0] + " "
    fullness = 1.2 * (0.25 + 0.75 * len(words) / USUAL)
    score = 0.0
    for term in query.wanted:
        times = _times(term, words) + (TITLE - 1) * _times(term, title)
        score += len(term.row) * times / (times + fullness)
    return score


def _times(term: Term, words: str) -> int:
    # Two words share the space between them, so the same word twice in a row is counted once.
    return words.count(f" {' '.join(term.row)}{'' if term.is_prefix else ' '}")
