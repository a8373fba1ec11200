"""The index on PostgreSQL: the newest entries are looked through, and if that is not enough, GIN is asked."""

from collections.abc import Sequence
from typing import Any

from journal.search import tsquery
from journal.search.search_request import SearchRequest
from journal.search.sort_key import day

# GIN gives the hits of a word in no order, and only once it has them all, which takes long for a common word.
# But that one is soon met on the way back from the newest entry; else GIN is asked for some years first.
NEAR = 400  # newest entries that are looked through
FAR = 5_000  # newest entries that are looked through for a beginning, or whose years GIN is asked for first,
YEARS = 100  # if they are no more than these
RARE = 500  # hits


async def hits(asked: SearchRequest, limit: int, columns: str) -> Sequence[Any]:
    """Rows newest first, of `t` and, where `columns` name it, of the entry `e`."""
    found = await _within(asked, limit, columns, NEAR)
    if len(found) == limit:
        return found
    years = await _newest_years(asked)
    if tsquery.has_beginning(asked):
        return await _beginnings(asked, limit, columns, is_small=years is None)
    if years:
        found = await _everywhere(asked, limit, columns, "ORDER BY id DESC", years)
    return found if len(found) == limit else await _everywhere(asked, limit, columns, "ORDER BY id DESC")


async def _beginnings(asked: SearchRequest, limit: int, columns: str, is_small: bool) -> Sequence[Any]:
    """GIN goes through all words that begin so, of everybody's entries, for some years as for all."""
    if not (is_small or any(asked.rows())):  # else each hit of GIN needs a look at its text
        found = await _everywhere(asked, RARE + 1, columns, "")
        if len(found) <= RARE:
            return found[:limit]
    found = await _within(asked, limit, columns, FAR)
    whole = is_small or len(found) == limit
    return found if whole else await _everywhere(asked, limit, columns, "ORDER BY id DESC")


async def _newest_years(asked: SearchRequest) -> Sequence[int] | None:
    """Of the newest entries; None where there are so few that they can be looked through."""
    if asked.query.is_binned:
        return tsquery.ALL
    limits, values = asked.limits("id")
    one = f"(SELECT id FROM search_texts WHERE user_id = ?{limits} ORDER BY id DESC OFFSET {{}} LIMIT 1)"
    sql = f"{one.format(0)} UNION ALL {one.format(FAR)}"
    ends = [day(row["id"]).year for row in await asked.answer(sql, *(asked.user_id, *values) * 2)]
    if len(ends) < 2:
        return None
    return range(ends[1], ends[0] + 1) if ends[0] - ends[1] < YEARS else tsquery.ALL


async def _within(asked: SearchRequest, limit: int, columns: str, window: int) -> Sequence[Any]:
    """Among the newest entries alone."""
    newest, values = _newest(asked, window)
    matches, rows = tsquery.matches(asked, "t")
    sql = f"SELECT {columns} FROM {newest}{_entry(columns)} WHERE {matches} ORDER BY t.id DESC LIMIT {limit}"
    return await asked.answer(sql, *values, *rows)


def _newest(asked: SearchRequest, window: int) -> tuple[str, list[Any]]:
    """So many entries, as a table `t`."""
    limits, values = asked.limits("id", is_bounded=True)
    newest = (
        f"SELECT id, entry_id, words, found_by FROM search_texts WHERE user_id = ?{limits} "
        f"ORDER BY id DESC LIMIT {window}"
    )
    return f"({newest}) t", [asked.user_id, *values]


async def _everywhere(
    asked: SearchRequest, limit: int, columns: str, order: str, years: Sequence[int] = tsquery.ALL
) -> Sequence[Any]:
    """The first ones by that order; without one, any, and the work ends when there are enough."""
    found, values = _found(asked, years)
    first = f"SELECT id FROM found {order} LIMIT {limit}"
    source = f"first JOIN search_texts t ON t.id = first.id{_entry(columns)}"
    sql = f"WITH {found}, first AS ({first}) SELECT {columns} FROM {source} ORDER BY t.id DESC"
    return await asked.answer(sql, *values)


def _entry(columns: str) -> str:
    return " JOIN entries e ON e.id = t.entry_id" if "e." in columns else ""


def _found(asked: SearchRequest, years: Sequence[int]) -> tuple[str, list[Any]]:
    """All hits, or those of some years. Materialised, as PostgreSQL, told of an order or a limit, would walk
    through the entries instead of asking GIN: for a rare word that took 128 ms instead of half of one. Nor is
    it told the bounds of the writer's places: it would look at all that lies between them as well."""
    limits, values = asked.limits("id")
    matches, rows = tsquery.matches(asked, "search_texts", years)
    found = f"SELECT id FROM search_texts WHERE user_id = ? AND {matches}{limits}"
    return f"found AS MATERIALIZED ({found})", [asked.user_id, *rows, *values]


async def newest(asked: SearchRequest, limit: int) -> list[int]:
    return [row["id"] for row in await hits(asked, limit, "t.id AS id")]


async def count(asked: SearchRequest, most: int) -> int:
    """Of all hits, or `most`."""
    years = await _newest_years(asked)
    counted = 0
    if years is None or tsquery.has_beginning(asked):
        newest, values = _newest(asked, FAR)
        matches, held = tsquery.matches(asked, "t")
        counted = await _counted(
            asked, f"SELECT 1 FROM {newest} WHERE {matches} LIMIT {most}", [*values, *held]
        )
    elif years:
        counted = await _counted_of(asked, most, years)
    return counted if years is None or counted == most else await _counted_of(asked, most, tsquery.ALL)


async def _counted_of(asked: SearchRequest, most: int, years: Sequence[int]) -> int:
    found, values = _found(asked, years)
    return await _counted(asked, f"WITH {found} SELECT 1 FROM found LIMIT {most}", values)


async def _counted(asked: SearchRequest, sql: str, values: Sequence[Any]) -> int:
    return int((await asked.answer(f"SELECT count(*) AS n FROM ({sql}) AS first", *values))[0]["n"])
