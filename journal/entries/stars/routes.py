"""Routes of starred entries: the list, and the star of an entry."""

from uuid import UUID

from quart import Blueprint, Response, abort, g, request

from journal.entries import lists, saving
from journal.entries.values import EntryNotFound
from journal.web import htmx
from journal.web.pages import page, redirect

routes = Blueprint("stars", __name__)


@routes.get("/starred")
async def listed() -> Response:
    before = request.args.get("before", "")
    try:
        shown = await lists.starred(g.user.id, before)
    except ValueError:
        abort(400, "This link to older entries is damaged; start again from the newest.")
    return page("entries/starred.html#entries", page=shown, before=before)


@routes.post("/entries/<uuid:uid>/star")
async def put(uid: UUID) -> Response:
    given = (await request.form).get("starred", "1")
    if given not in ("0", "1"):
        abort(422, "An entry has a star or has none: starred is 1 or 0.")
    return await _set(uid, given == "1")


@routes.delete("/entries/<uuid:uid>/star")
async def remove(uid: UUID) -> Response:
    return await _set(uid, False)


async def _set(uid: UUID, starred: bool) -> Response:
    try:
        await saving.star(g.user.id, uid, starred)
    except EntryNotFound:
        abort(404)
    shown = {"uid": uid, "starred": starred}
    return page("entries/_star.html", entry=shown) if htmx.is_request() else redirect(f"/entries/{uid}")
