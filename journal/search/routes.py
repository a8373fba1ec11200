"""The search page."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from quart import Blueprint, Response, abort, g, request

from journal.engines.fair_queue import Priority, in_turn
from journal.engines.row import Row
from journal.engines.slow_reads import TooSlow
from journal.entries import reading
from journal.search import queries, snippets
from journal.search.query import Query, parse
from journal.web.pages import page

routes = Blueprint("search", __name__)

PAGE = 20
LONG = 200_000  # characters of the entries of a page, above which they are marked in a thread


@routes.get("/search")
async def search() -> Response:
    typed, sort = request.args.get("q", ""), request.args.get("sort", "newest")
    before = request.args.get("before", "")
    query = parse(typed)
    try:
        after = reading.read_cursor(before) if before else None
    except ValueError:
        abort(400, "This link to more of the search is damaged; start the search again.")
    context: dict[str, object] = {"hits": [], "found": None, "is_slow": False, "cursor": ""}
    if query.is_searchable:
        context |= await _found(query, sort, after)
    return page("search/search.html#results", q=typed, sort=sort, query=query, before=before, **context)


async def _found(query: Query, sort: str, after: tuple[date, UUID] | None) -> dict[str, object]:
    find = queries.best if sort == "best" else queries.newest
    try:
        found = await find(g.user.id, query, after, PAGE)
    except TooSlow:
        return {"is_slow": True}
    entries = await reading.chosen(g.user.id, found.ids)
    cursor = reading.cursor(entries[-1]) if found.has_more and entries else ""
    return {"hits": await _marked(query, entries), "found": found, "cursor": cursor}


async def _marked(query: Query, entries: Sequence[Row]) -> list[dict[str, object]]:
    """Each entry as a snippet with its hits marked."""

    def mark() -> list[dict[str, object]]:
        return [
            {
                "entry": entry,
                "title": snippets.marked(query, entry["title"]),
                "text": snippets.snippet(query, entry["body"]),
                "tags": [snippets.marked(query, tag) for tag in entry["tags"]],
            }
            for entry in entries
        ]

    is_long = sum(len(entry["body"]) for entry in entries) > LONG
    return await in_turn(g.user.id, Priority.READ, mark) if is_long else mark()
