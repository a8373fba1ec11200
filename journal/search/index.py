"""What can be found of each entry, kept in step with it, and how it is found: the same on both databases."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Protocol
from uuid import UUID

from journal.database import Connection, connection, is_postgres, numbered
from journal.derived.change import Change
from journal.engines.fair_queue import Priority, in_turn
from journal.search import fts5, gin, ranking
from journal.search.query import Query
from journal.search.search_request import SearchRequest, owner, year_of
from journal.search.sort_key import entry_id, place
from journal.text import tokenizer
from journal.text.analysis import Analysis

MANY = 1_000  # hits are counted up to here,
FEW = 100  # or here where each takes a look at the text
RANKED = 300  # of the newest hits, or FEW, are put in the order of their worth,
HEAD = 20_000  # by so many characters of each


PUT = (
    "INSERT INTO search_texts (id, entry_id, user_id, folding, words) VALUES (?, ?, ?, ?, ?) "
    "ON CONFLICT (entry_id) DO UPDATE "
    "SET id = excluded.id, folding = excluded.folding, words = excluded.words "
    "WHERE search_texts.id <> excluded.id OR search_texts.words <> excluded.words "
    "OR search_texts.folding <> excluded.folding"
)


class Place(Protocol):
    """The columns of an entry that the index holds beside its text."""

    @property
    def id(self) -> int: ...
    @property
    def user_id(self) -> int: ...
    @property
    def day(self) -> date: ...
    @property
    def mood(self) -> str: ...
    @property
    def deleted_at(self) -> datetime | None: ...


async def apply(db: Connection, changes: Iterable[Change]) -> None:
    """What is deleted for good takes its row along by itself, by a foreign key."""
    await put(db, [(change.after, change.analysis) for change in changes if change.after and change.analysis])


async def put(db: Connection, entries: Sequence[tuple[Place, Analysis]]) -> None:
    """Inserts or updates the rows of these entries."""
    if entries:
        written = [_row(entry, analysis) for entry, analysis in entries]
        await db.execute_many(numbered(PUT) if is_postgres(db) else PUT, written)


def _row(entry: Place, analysis: Analysis) -> list[object]:
    at = place(entry.user_id, entry.day, entry.id)
    return [at, entry.id, entry.user_id, tokenizer.VERSION, text_of(entry, analysis)]


def text_of(entry: Place, analysis: Analysis) -> str:
    """The facets owner, year, tags and mood, then the tokens of the text, each between spaces."""
    facets = [owner(entry.user_id, entry.deleted_at is not None)]
    facets += [] if entry.deleted_at else [year_of(entry.user_id, entry.day.year)]
    facets += [analysis.facets] if analysis.facets else []
    facets += [f"_m{entry.mood}"] if entry.mood else []  # the token that tokenizer.facet makes of a mood
    return f" {' '.join([*facets, analysis.tokens])} "


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
