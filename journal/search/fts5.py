"""The index on SQLite: FTS5 walks the hits from the newest back and stops when there are enough."""

import random
from collections.abc import Iterable, Sequence
from typing import Any

from journal.search.query import Term
from journal.search.search_request import SearchRequest

INDEXED = 3  # letters of a beginning that has hits of its own in the index
BEGINNINGS = 200  # words that a longer one is taken apart into; beyond, SQLite sorts all the hits of it.
SPREAD = 40  # About so many more or less, by chance, each time

# From one word to the next in the index, without going through its hits.
WORDS = """
WITH RECURSIVE w (word) AS (
    SELECT (SELECT term FROM search_words WHERE term >= ? LIMIT 1)
    UNION ALL SELECT (SELECT term FROM search_words WHERE term >= w.word || char(1) LIMIT 1) FROM w
    WHERE w.word < ? LIMIT ?
) SELECT word FROM w WHERE word < ?
"""


async def hits(asked: SearchRequest, limit: int, columns: str) -> Sequence[Any]:
    """Rows newest first, of `i` and, where `columns` name them, of `t` and of the entry `e`."""
    limits, values = asked.limits("i.rowid", is_bounded=True)
    held = "".join(f" AND {'' if is_wanted else 'NOT '}holds(t.words, ?)" for _, is_wanted in asked.rows())
    # The order of the joins is told: from the index to the text that it points to.
    text = (
        " CROSS JOIN search_texts t ON t.id = i.rowid" if held or "t." in columns or "e." in columns else ""
    )
    entry = " CROSS JOIN entries e ON e.id = t.entry_id" if "e." in columns else ""
    return await asked.answer(
        f"SELECT {columns} FROM search_index i{text}{entry} WHERE search_index MATCH ?{limits}{held} "
        "ORDER BY i.rowid DESC LIMIT ?",
        *(await _expression(asked), *values, *(words for words, _ in asked.rows()), limit),
    )


async def newest(asked: SearchRequest, limit: int) -> list[int]:
    return [row["id"] for row in await hits(asked, limit, "i.rowid AS id")]


async def count(asked: SearchRequest, most: int) -> int:
    """Of all hits, or `most`."""
    return len(await newest(asked, most))


async def _expression(asked: SearchRequest) -> str:
    wanted = [_one(word) for word in asked.facets]
    for term in asked.query.wanted:
        wanted += [_one(word) for word in term.row[:-1]] + [await _last(asked, term)]
    alone = [term for term in asked.query.unwanted if len(term.row) == 1]
    unwanted = [_one(word) for word in asked.query.unwanted_facets] + [
        await _last(asked, term) for term in alone
    ]
    found = " AND ".join(dict.fromkeys(wanted))
    return f"({found}) NOT ({' OR '.join(unwanted)})" if unwanted else found


def _one(word: str) -> str:
    return '"' + word.replace('"', '""') + '"'


async def _last(asked: SearchRequest, term: Term) -> str:
    """The last word of a row, which may be the beginning of several."""
    word = term.row[-1]
    if not term.is_prefix:
        return _one(word)
    if len(word) > INDEXED:
        most = _most()
        words = await _beginning_with(asked, word, most + 1)
        if len(words) <= most:
            return _any(words or [word])
    return f"{_one(word)} *"


def _any(words: Iterable[str]) -> str:
    return f"({' OR '.join(map(_one, words))})"


def _most() -> int:
    """The words are everybody's, and the two ways differ in time: a fixed border would tell a writer who has
    200 of them whether another has one. By Laplace's noise, one word changes no chance by more than 1 in 40.
    """
    noise = random.expovariate(1 / SPREAD) - random.expovariate(1 / SPREAD)
    return max(1, round(BEGINNINGS + noise))


async def _beginning_with(asked: SearchRequest, start: str, limit: int) -> list[str]:
    """Of the whole index, so of other accounts as well: they only go into a question about one's own."""
    end = f"{start}\U0010ffff"
    return [row["word"] for row in await asked.answer(WORDS, start, end, limit, end)]
