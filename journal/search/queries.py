"""Full-text search: the ids of the entries that answer a query, the same on both engines."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from journal.database import connection, is_postgres
from journal.engines.fair_queue import Priority, in_turn
from journal.search import fts5, gin, ranking
from journal.search.query import Query
from journal.search.search_request import SearchRequest
from journal.search.sort_key import entry_id

MANY = 1_000  # hits are counted up to here,
FEW = 100  # or here where each takes a look at the text
RANKED = 300  # of the newest hits, or FEW, are put in the order of their worth,
HEAD = 20_000  # by so many characters of each


@dataclass(frozen=True)
class Found:
    ids: list[int]  # of entries, in the order asked for
    has_more: bool
    count: int | None = None  # of all hits, where they were counted to the end
    more_than: int | None = None  # else so many were counted


async def newest(user_id: int, query: Query, after: tuple[date, UUID] | None, limit: int) -> Found:
    """From behind the entry that `after` names, else from the start and counted. Raises TooSlow."""
    asked = SearchRequest(user_id, query, after)
    engine = gin if is_postgres(connection()) else fts5
    found = await engine.newest(asked, limit + 1)
    count = more_than = None
    if after is None:
        many = FEW if any(asked.rows()) else MANY
        count = len(found) if len(found) <= limit else await engine.count(asked, many + 1)
        count, more_than = (None, many) if count > many else (count, None)
    return Found([entry_id(n) for n in found[:limit]], len(found) > limit, count, more_than)


def _worth(query: Query, rows: Sequence[Any]) -> dict[int, float]:
    return {row["id"]: ranking.worth(query, row["words"]) for row in rows}


async def best(user_id: int, query: Query, after: tuple[date, UUID] | None, limit: int) -> Found:
    """The best of the newest hits, `more_than` says of how many. Raises TooSlow.

    Where there are no words to weigh, they are the newest.
    """
    engine = gin if is_postgres(connection()) else fts5
    asked = SearchRequest(user_id, query)
    most = FEW if any(asked.rows()) else RANKED
    rows = await engine.hits(asked, most, f"t.id AS id, substr(t.words, 1, {HEAD}) AS words, e.uid AS uid")
    worth = await in_turn(user_id, Priority.READ, _worth, query, rows)
    ordered = sorted(rows, key=lambda row: (-worth[row["id"]], -row["id"]))
    uids = [str(row["uid"]) for row in ordered]
    seen = uids.index(str(after[1])) + 1 if after and str(after[1]) in uids else 0
    shown = ordered[seen : seen + limit]
    is_whole = len(rows) < most
    count = len(rows) if is_whole and not after else None
    has_more = seen + limit < len(ordered)
    return Found([entry_id(row["id"]) for row in shown], has_more, count, None if is_whole else most)
