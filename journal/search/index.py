"""What can be found of each entry, kept in step with it, and how it is found: the same on both databases."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Protocol
from uuid import UUID

from journal.database import Connection, connection, is_postgres, numbered
from journal.engines.fair_queue import Priority, in_turn
from journal.search import fts5, gin, ranking
from journal.search.query import Query
from journal.search.search_request import SearchRequest, owner, year_of
from journal.search.sort_key import entry_id, place
from journal.text import analysis, hashtags, tokenizer

MANY = 1_000  # hits are counted up to here,
FEW = 100  # or here where each takes a look at the text
RANKED = 300  # of the newest hits, or FEW, are put in the order of their worth,
HEAD = 20_000  # by so many characters of each


class Findable(Protocol):
    """What has to be known of an entry."""

    @property
    def id(self) -> int: ...
    @property
    def user_id(self) -> int: ...
    @property
    def day(self) -> date: ...
    @property
    def title(self) -> str: ...
    @property
    def body(self) -> str: ...
    @property
    def tags(self) -> Sequence[str]: ...
    @property
    def mood(self) -> str: ...
    @property
    def deleted_at(self) -> datetime | None: ...


PUT = (
    "INSERT INTO search_texts (id, entry_id, user_id, folding, words) VALUES (?, ?, ?, ?, ?) "
    "ON CONFLICT (entry_id) DO UPDATE "
    "SET id = excluded.id, folding = excluded.folding, words = excluded.words "
    "WHERE search_texts.id <> excluded.id OR search_texts.words <> excluded.words "
    "OR search_texts.folding <> excluded.folding"
)


async def put(db: Connection, entries: Iterable[Findable]) -> None:
    """In the transaction of whoever writes the entries, who has long texts cut ahead of it; those that are
    there are brought up to date.

    One that leaves its table takes its words along by itself.
    """
    written = [_row(entry) for entry in entries]
    if written:
        await db.execute_many(numbered(PUT) if is_postgres(db) else PUT, written)


def _row(entry: Findable) -> list[object]:
    at = place(entry.user_id, entry.day, entry.id)
    return [at, entry.id, entry.user_id, tokenizer.VERSION, text_of(entry)]


def text_of(entry: Findable) -> str:
    """Owner, year, tags and mood, then all words in a row, each between spaces."""
    facets = [owner(entry.user_id, entry.deleted_at is not None)]
    facets += [] if entry.deleted_at else [year_of(entry.user_id, entry.day.year)]
    tags = hashtags.united([*entry.tags, *analysis.tags(entry.body)], "")
    facets += dict.fromkeys(tokenizer.facet("t", tag) for tag in tags)
    facets += [tokenizer.facet("m", entry.mood)] if entry.mood else []
    words = tokenizer.document([entry.title, entry.body, *entry.tags], analysis.words)
    return f" {' '.join([*facets, *words])} "


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
