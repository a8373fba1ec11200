"""Routes of the bin: deletion of an entry, restoring it, and emptying the bin."""

from uuid import UUID

from quart import Blueprint, Response, abort, g, request

from journal import clock
from journal.entries import reading
from journal.entries.bin import moving
from journal.entries.bin.moving import Stale
from journal.entries.values import EntryNotFound
from journal.web import htmx
from journal.web.pages import page, redirect

routes = Blueprint("bin", __name__)


@routes.get("/bin")
async def binned() -> Response:
    try:
        shown = await reading.in_bin(g.user.id, request.args.get("before", ""))
    except ValueError:
        abort(400, "This link to older entries is damaged; start again from the newest.")
    return page("entries/bin.html#entries", page=shown, before=request.args.get("before"))


@routes.delete("/entries/<uuid:uid>")
async def delete(uid: UUID) -> Response:
    await _delete(uid)
    return page("_undo.html", deleted=uid)


@routes.post("/entries/<uuid:uid>/deletion")
async def delete_by_form(uid: UUID) -> Response:
    try:
        await _delete(uid, (await request.form).get("version", type=int))
    except Stale:
        return redirect(f"/entries/{uid}", kept="yes")
    return redirect("/", deleted=str(uid))


async def _delete(uid: UUID, version: int | None = None) -> None:
    try:
        await moving.delete(g.user.id, uid, clock.now(), version)
    except EntryNotFound:
        abort(404)


@routes.post("/entries/<uuid:uid>/restoration")
async def restore(uid: UUID) -> Response:
    try:
        await moving.restore(g.user.id, uid)
    except EntryNotFound:
        abort(404)
    return htmx.redirect(f"/entries/{uid}") if htmx.is_request() else redirect(f"/entries/{uid}")


@routes.get("/bin/deletion")
async def confirm_emptying() -> Response:
    return page("entries/emptying.html", entry=None)


@routes.post("/bin/deletion")
async def empty() -> Response:
    await moving.empty(g.user.id)
    return redirect("/bin")


@routes.get("/bin/<uuid:uid>/deletion")
async def confirm_purging(uid: UUID) -> Response:
    entry = await reading.one(g.user.id, uid) or abort(404)
    if not entry["deleted_at"]:
        return redirect(f"/entries/{uid}")
    return page("entries/emptying.html", entry=entry)


@routes.post("/bin/<uuid:uid>/deletion")
async def purge(uid: UUID) -> Response:
    try:
        await moving.purge(g.user.id, uid)
    except EntryNotFound:
        abort(404)
    return redirect("/bin")
