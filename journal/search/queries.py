"""Full-text search: the ids of the entries that answer a query, the same on both engines."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from journal.database import connection, is_postgres
from journal.engines.fair_queue import Priority, in_turn
from journal.engines.row import Row
from journal.search import fts5, gin, ranking
from journal.search.query import Query
from journal.search.search_request import SearchRequest
from journal.search.sort_key import entry_id

MANY = 1_000  # hits are counted up to this number,
FEW = 100  # or this, where the text of each has to be read for a phrase
RANKED = 300  # of the newest hits, or FEW, are ranked,
HEAD = 20_000  # by so many characters of each


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


def _worth(query: Query, rows: Sequence[Row]) -> dict[int, float]:
    return {row["id"]: ranking.worth(query, row["words"]) for row in rows}


async def best(user_id: int, query: Query, after: tuple[date, UUID] | None, limit: int) -> Found:
    """Ranks the newest hits; `more_than` says how many. A query without words keeps them in order of time.
    Raises TooSlow."""
    engine = gin if is_postgres(connection()) else fts5
    request = SearchRequest(user_id, query)
    most = FEW if any(request.phrases()) else RANKED
    rows = await engine.hits(request, most, f"t.id AS id, substr(t.words, 1, {HEAD}) AS words, e.uid AS uid")
    worth = await in_turn(user_id, Priority.READ, _worth, query, rows)
    ordered = sorted(rows, key=lambda row: (-worth[row["id"]], -row["id"]))
    uids = [str(row["uid"]) for row in ordered]
    seen = uids.index(str(after[1])) + 1 if after and str(after[1]) in uids else 0
    shown = ordered[seen : seen + limit]
    is_whole = len(rows) < most
    count = len(rows) if is_whole and not after else None
    has_more = seen + limit < len(ordered)
    return Found([entry_id(row["id"]) for row in shown], has_more, count, None if is_whole else most)
