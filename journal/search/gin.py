"""The index on PostgreSQL: the newest entries are looked through, and if that is not enough, GIN is asked."""

from collections.abc import Sequence
from typing import Any

from journal.database import slow_rows
from journal.search.asking import SECONDS, Asked
from journal.search.query import Term

# GIN gives all hits of a word at once and in no order, which takes long for a common word. But that one is
# soon met on the way back from the newest entry, so only rare ones are left to GIN.
WINDOWS = (400, 6_000)  # entries


async def hits(asked: Asked, limit: int, columns: str) -> Sequence[Any]:
    """Rows newest first, of `t` and, where `columns` name it, of the entry `e`."""
    entry = " JOIN entries e ON e.id = t.entry_id" if "e." in columns else ""
    for window in WINDOWS:
        found = await _within(asked, limit, columns, entry, window)
        if len(found) == limit:
            return found
    return await _everywhere(asked, limit, columns, entry)


async def _within(asked: Asked, limit: int, columns: str, entry: str, window: int) -> Sequence[Any]:
    limits, values = asked.limits("id")
    matches, rows = _matches(asked, "t")
    newest = (
        f"SELECT id, entry_id, words, found_by FROM search_texts WHERE user_id = ?{limits} "
        f"ORDER BY id DESC LIMIT {window}"
    )
    sql = f"SELECT {columns} FROM ({newest}) t{entry} WHERE {matches} ORDER BY t.id DESC LIMIT {limit}"
    return await slow_rows(SECONDS, sql, asked.user_id, *values, *rows)


async def _everywhere(asked: Asked, limit: int, columns: str, entry: str) -> Sequence[Any]:
    limits, values = asked.limits("id")
    matches, rows = _matches(asked, "search_texts")
    # Materialised, as PostgreSQL would else walk back through all entries for the sake of the order.
    found = f"SELECT id FROM search_texts WHERE user_id = ? AND {matches}{limits}"
    newest = f"SELECT id FROM found ORDER BY id DESC LIMIT {limit}"
    sql = (
        f"WITH found AS MATERIALIZED ({found}), newest AS ({newest}) "
        f"SELECT {columns} FROM newest JOIN search_texts t ON t.id = newest.id{entry} ORDER BY t.id DESC"
    )
    return await slow_rows(SECONDS, sql, asked.user_id, *rows, *values)


def _matches(asked: Asked, table: str) -> tuple[str, list[str]]:
    """As SQL, with the values for rows of words."""
    held = [
        (f" AND strpos({table}.words, ?) {'>' if wanted else '='} 0", words) for words, wanted in asked.rows()
    ]
    # The words stand in the statement itself: a plan made without them would be a poor one.
    return f"{table}.found_by @@ {_expression(asked)}" + "".join(sql for sql, _ in held), [w for _, w in held]


def _expression(asked: Asked) -> str:
    parts = [_one(word) for word in asked.facets]
    for term in asked.query.wanted:
        parts += [*map(_one, term.row[:-1]), _last(term)]
    parts += [f"!{_one(word)}" for word in asked.query.unwanted_facets]
    parts += [f"!{_last(term)}" for term in asked.query.unwanted if len(term.row) == 1]
    return "'" + " & ".join(dict.fromkeys(parts)).replace("'", "''") + "'::tsquery"


def _one(word: str) -> str:
    assert not set(word) & set("'\\?"), "tokens are letters, digits and signs"
    return f"'{word}'"


def _last(term: Term) -> str:
    return _one(term.row[-1]) + (":*" if term.is_prefix else "")


async def newest(asked: Asked, limit: int) -> list[int]:
    return [row["id"] for row in await hits(asked, limit, "t.id AS id")]


async def count(asked: Asked, most: int) -> int:
    """Of all hits, or `most`."""
    limits, values = asked.limits("id")
    matches, rows = _matches(asked, "search_texts")
    found = f"SELECT 1 FROM search_texts WHERE user_id = ? AND {matches}{limits} LIMIT {most}"
    counted = await slow_rows(
        SECONDS, f"SELECT count(*) AS n FROM ({found}) t", asked.user_id, *rows, *values
    )
    return int(counted[0]["n"])
