"""Full-text search on PostgreSQL: scans the newest entries, and asks GIN if they have too few hits."""

from collections.abc import Sequence

from journal.engines.row import Row
from journal.search import tsquery
from journal.search.search_request import SearchRequest
from journal.search.sort_key import day

# GIN returns the hits of a word unordered and all together, which takes long for a common word. A scan from
# the newest entry back soon finds a common word. For other words GIN is asked for the newest years first.
NEAR = 400  # newest entries that are scanned
FAR = 5_000  # newest entries that are scanned for a prefix, or whose years GIN is asked for first,
YEARS = 100  # if they are no more than these
RARE = 500  # hits


async def hits(request: SearchRequest, limit: int, columns: str) -> Sequence[Row]:
    """Rows, newest first, of the text `t` and, if `columns` name it, the entry `e`."""
    found = await _within(request, limit, columns, NEAR)
    if len(found) == limit:
        return found
    years = await _newest_years(request)
    if tsquery.has_beginning(request):
        return await _beginnings(request, limit, columns, is_small=years is None)
    if years:
        found = await _everywhere(request, limit, columns, "ORDER BY id DESC", years)
    return found if len(found) == limit else await _everywhere(request, limit, columns, "ORDER BY id DESC")


async def _beginnings(request: SearchRequest, limit: int, columns: str, is_small: bool) -> Sequence[Row]:
    """Prefixes: GIN reads all words with the prefix, of all accounts, whether for some years or for all."""
    if not (is_small or any(request.phrases())):  # for a phrase the text of each hit has to be read
        found = await _everywhere(request, RARE + 1, columns, "")
        if len(found) <= RARE:
            return found[:limit]
    found = await _within(request, limit, columns, FAR)
    whole = is_small or len(found) == limit
    return found if whole else await _everywhere(request, limit, columns, "ORDER BY id DESC")


async def _newest_years(request: SearchRequest) -> Sequence[int] | None:
    """The years of the newest entries; None if there are so few entries that all can be scanned."""
    if request.query.is_binned:
        return tsquery.ALL
    limits, values = request.limits("id")
    one = f"(SELECT id FROM search_texts WHERE user_id = ?{limits} ORDER BY id DESC OFFSET {{}} LIMIT 1)"
    sql = f"{one.format(0)} UNION ALL {one.format(FAR)}"
    ends = [day(row["id"]).year for row in await request.fetch(sql, *(request.user_id, *values) * 2)]
    if len(ends) < 2:
        return None
    return range(ends[1], ends[0] + 1) if ends[0] - ends[1] < YEARS else tsquery.ALL


async def _within(request: SearchRequest, limit: int, columns: str, window: int) -> Sequence[Row]:
    """Scans the newest entries alone."""
    newest, values = _newest(request, window)
    matches, rows = tsquery.matches(request, "t")
    sql = f"SELECT {columns} FROM {newest}{_entry(columns)} WHERE {matches} ORDER BY t.id DESC LIMIT {limit}"
    return await request.fetch(sql, *values, *rows)


def _newest(request: SearchRequest, window: int) -> tuple[str, list[object]]:
    """The newest entries as a table `t`."""
    limits, values = request.limits("id", is_bounded=True)
    newest = (
        f"SELECT id, entry_id, words, found_by FROM search_texts WHERE user_id = ?{limits} "
        f"ORDER BY id DESC LIMIT {window}"
    )
    return f"({newest}) t", [request.user_id, *values]


async def _everywhere(
    request: SearchRequest, limit: int, columns: str, order: str, years: Sequence[int] = tsquery.ALL
) -> Sequence[Row]:
    """Asks GIN. Without an order any hits are returned, and the query ends when there are enough."""
    found, values = _found(request, years)
    first = f"SELECT id FROM found {order} LIMIT {limit}"
    source = f"first JOIN search_texts t ON t.id = first.id{_entry(columns)}"
    sql = f"WITH {found}, first AS ({first}) SELECT {columns} FROM {source} ORDER BY t.id DESC"
    return await request.fetch(sql, *values)


def _entry(columns: str) -> str:
    return " JOIN entries e ON e.id = t.entry_id" if "e." in columns else ""


def _found(request: SearchRequest, years: Sequence[int]) -> tuple[str, list[object]]:
    """All hits, or those of some years. MATERIALIZED, because PostgreSQL would scan the entries instead of
    asking GIN if it saw an order or a limit: 128 ms instead of 0.5 ms for a rare word. The bounds of the
    account's sort keys are left out for the same reason."""
    limits, values = request.limits("id")
    matches, rows = tsquery.matches(request, "search_texts", years)
    found = f"SELECT id FROM search_texts WHERE user_id = ? AND {matches}{limits}"
    return f"found AS MATERIALIZED ({found})", [request.user_id, *rows, *values]


async def newest(request: SearchRequest, limit: int) -> list[int]:
    return [row["id"] for row in await hits(request, limit, "t.id AS id")]


async def count(request: SearchRequest, most: int) -> int:
    """The number of all hits, up to `most`."""
    years = await _newest_years(request)
    counted = 0
    if years is None or tsquery.has_beginning(request):
        newest, values = _newest(request, FAR)
        matches, held = tsquery.matches(request, "t")
        counted = await _counted(
            request, f"SELECT 1 FROM {newest} WHERE {matches} LIMIT {most}", [*values, *held]
        )
    elif years:
        counted = await _counted_of(request, most, years)
    return counted if years is None or counted == most else await _counted_of(request, most, tsquery.ALL)


async def _counted_of(request: SearchRequest, most: int, years: Sequence[int]) -> int:
    found, values = _found(request, years)
    return await _counted(request, f"WITH {found} SELECT 1 FROM found LIMIT {most}", values)


async def _counted(request: SearchRequest, sql: str, values: Sequence[object]) -> int:
    return int((await request.fetch(f"SELECT count(*) AS n FROM ({sql}) AS first", *values))[0]["n"])
