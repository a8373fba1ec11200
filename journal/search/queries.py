"""Full-text search: the ids of the entries that match a query, newest or best first, on both engines."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from journal.database import connection, is_postgres
from journal.engines.fair_queue import Priority, in_turn
from journal.engines.row import Row
from journal.search import fts5, gin
from journal.search.query import Query, Term
from journal.search.search_request import SearchRequest, phrase_of
from journal.search.sort_key import entry_id
from journal.text.folding import BREAK

MANY = 1_000  # hits are counted up to this number,
FEW = 100  # or this, where the text of each has to be read for a phrase
RANKED = 300  # of the newest hits, or FEW, are ranked,
HEAD = 20_000  # by so many characters of each
USUAL = 1_400  # characters of an entry
TITLE = 3.0  # a word in the title counts for so many


@dataclass(frozen=True)
class Found:
    ids: list[int]  # of entries, in the order that was asked for
    has_more: bool
    count: int | None = None  # of all hits, if they were counted to the end
    more_than: int | None = None  # otherwise the number at which counting stopped


async def newest(user_id: int, query: Query, after: tuple[date, UUID] | None, limit: int) -> Found:
    """Pagination by keyset: goes on behind the entry `after`. The first page counts hits. Raises TooSlow."""
    request = SearchRequest(user_id, query, after)
    engine = gin if is_postgres(connection()) else fts5
    found = await engine.newest(request, limit + 1)
    count = more_than = None
    if after is None:
        many = FEW if any(request.phrases()) else MANY
        count = len(found) if len(found) <= limit else await engine.count(request, many + 1)
        count, more_than = (None, many) if count > many else (count, None)
    return Found([entry_id(n) for n in found[:limit]], len(found) > limit, count, more_than)


async def best(user_id: int, query: Query, after: tuple[date, UUID] | None, limit: int) -> Found:
    """Ranks the newest hits; `more_than` says how many. A query without words keeps them in order of time.
    Raises TooSlow."""
    engine = gin if is_postgres(connection()) else fts5
    request = SearchRequest(user_id, query)
    most = FEW if any(request.phrases()) else RANKED
    rows = await engine.hits(request, most, f"t.id AS id, substr(t.words, 1, {HEAD}) AS words, e.uid AS uid")
    scores = await in_turn(user_id, Priority.READ, _scores, query, rows)
    ordered = sorted(rows, key=lambda row: (-scores[row["id"]], -row["id"]))
    uids = [str(row["uid"]) for row in ordered]
    seen = uids.index(str(after[1])) + 1 if after and str(after[1]) in uids else 0
    shown = ordered[seen : seen + limit]
    is_whole = len(rows) < most
    count = len(rows) if is_whole and not after else None
    has_more = seen + limit < len(ordered)
    return Found([entry_id(row["id"]) for row in shown], has_more, count, None if is_whole else most)


# Ranking


def _scores(query: Query, rows: Sequence[Row]) -> dict[int, float]:
    return {row["id"]: score(query, row["words"]) for row in rows}


def score(query: Query, tokens: str) -> float:
    """BM25 without the rarity of words, because all hits have all words."""
    title = tokens.partition(f" {BREAK} ")[0] + " "
    fullness = 1.2 * (0.25 + 0.75 * len(tokens) / USUAL)
    total = 0.0
    for term in query.wanted:
        times = _times(term, tokens) + (TITLE - 1) * _times(term, title)
        total += len(term.phrase) * times / (times + fullness)
    return total


def _times(term: Term, tokens: str) -> int:
    # Two words share the space between them, so the same word twice in a row counts once.
    return tokens.count(phrase_of(term))
