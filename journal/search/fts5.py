"""Full-text search on SQLite: FTS5 returns hits from the newest back and stops when there are enough."""

import random
from collections.abc import Iterable, Sequence

from journal.engines.row import Row
from journal.search.query import Term
from journal.search.search_request import SearchRequest

INDEXED = 3  # letters of a prefix that FTS5 indexes
BEGINNINGS = 200  # words that a longer prefix is expanded into; for more, SQLite would sort all hits
SPREAD = 40  # the limit varies by about so many at random

# Goes from one word of the index to the next, without reading the hits of each.
WORDS = """
WITH RECURSIVE w (word) AS (
    SELECT (SELECT term FROM search_words WHERE term >= ? LIMIT 1)
    UNION ALL SELECT (SELECT term FROM search_words WHERE term >= w.word || char(1) LIMIT 1) FROM w
    WHERE w.word < ? LIMIT ?
) SELECT word FROM w WHERE word < ?
"""


async def hits(request: SearchRequest, limit: int, columns: str) -> Sequence[Row]:
    """Rows, newest first, of the index `i` and, if `columns` name them, the text `t` and the entry `e`."""
    limits, values = request.limits("i.rowid", is_bounded=True)
    phrases = list(request.phrases())
    held = "".join(f" AND {'' if is_wanted else 'NOT '}holds(t.words, ?)" for _, is_wanted in phrases)
    # CROSS JOIN keeps the order of the tables: from the index to the text.
    text = (
        " CROSS JOIN search_texts t ON t.id = i.rowid" if held or "t." in columns or "e." in columns else ""
    )
    entry = " CROSS JOIN entries e ON e.id = t.entry_id" if "e." in columns else ""
    return await request.fetch(
        f"SELECT {columns} FROM search_index i{text}{entry} WHERE search_index MATCH ?{limits}{held} "
        "ORDER BY i.rowid DESC LIMIT ?",
        *(await _expression(request), *values, *(words for words, _ in phrases), limit),
    )


async def newest(request: SearchRequest, limit: int) -> list[int]:
    return [row["id"] for row in await hits(request, limit, "i.rowid AS id")]


async def count(request: SearchRequest, most: int) -> int:
    """The number of all hits, up to `most`."""
    return len(await newest(request, most))


async def _expression(request: SearchRequest) -> str:
    wanted = [_one(word) for word in request.facets]
    for term in request.query.wanted:
        wanted += [_one(word) for word in term.phrase[:-1]] + [await _last(request, term)]
    alone = [term for term in request.query.unwanted if len(term.phrase) == 1]
    unwanted = [_one(word) for word in request.query.unwanted_facets] + [
        await _last(request, term) for term in alone
    ]
    found = " AND ".join(dict.fromkeys(wanted))
    return f"({found}) NOT ({' OR '.join(unwanted)})" if unwanted else found


def _one(word: str) -> str:
    return '"' + word.replace('"', '""') + '"'


async def _last(request: SearchRequest, term: Term) -> str:
    """The last word of a phrase, which may be a prefix."""
    word = term.phrase[-1]
    if not term.is_prefix:
        return _one(word)
    if len(word) > INDEXED:
        most = _most()
        words = await _beginning_with(request, word, most + 1)
        if len(words) <= most:
            return _any(words or [word])
    return f"{_one(word)} *"


def _any(words: Iterable[str]) -> str:
    return f"({' OR '.join(map(_one, words))})"


def _most() -> int:
    """The limit of an expanded prefix, with Laplace noise. The index has the words of all accounts, and the
    two ways to search differ in time: by a fixed limit somebody who has 200 such words could find out whether
    another account has one. One word more changes the chance of either way by about 2.5 %."""
    noise = random.expovariate(1 / SPREAD) - random.expovariate(1 / SPREAD)
    return max(1, round(BEGINNINGS + noise))


async def _beginning_with(request: SearchRequest, start: str, limit: int) -> list[str]:
    """Words of all accounts. They are used only in a query limited to the requester's entries."""
    end = f"{start}\U0010ffff"
    return [row["word"] for row in await request.fetch(WORDS, start, end, limit, end)]
