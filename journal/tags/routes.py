"""Routes of tags: the overview, autocompletion, the entries of a tag, and renaming."""

from quart import Blueprint, Response, abort, g, request

from journal import clock
from journal.accounts.draft_keys import copy_key
from journal.entries import lists, tag_renaming
from journal.tags import queries
from journal.tags.forms import RenameForm, Renaming
from journal.text import tag_names
from journal.web.pages import page, saved

routes = Blueprint("tags", __name__)


@routes.get("/tags")
async def overview() -> Response:
    part, by_name = request.args.get("q", ""), request.args.get("sort") == "name"
    found = list(await queries.most_used(g.user.id, queries.SHOWN + 1, part))
    shown = found[: queries.SHOWN]
    if by_name:
        shown.sort(key=lambda tag: tag["key"])
    more = len(found) > len(shown)
    return page("tags/overview.html#list", tags=shown, part=part, by_name=by_name, more=more)


@routes.get("/tags/known")
async def known() -> Response:
    """Autoqueries."""
    taken, begun = queries.split_typed(request.args.get("tags", ""))
    found = await queries.most_used(g.user.id, queries.QUERIED, begun)
    return page("tags/known.html", tags=queries.offered(found, taken, begun))


@routes.get("/tags/<path:tag>")
async def tag(tag: str) -> Response:
    return await _tag(tag_names.tidy(tag), 200)


async def _tag(name: str, status: int, form: RenameForm | None = None) -> Response:
    known = await queries.one(g.user.id, name)
    before = request.args.get("before", "")
    try:
        shown = await lists.with_tag(g.user.id, tag_names.index_key(name), before)
    except ValueError:
        abort(400, "This link to older entries is damaged; start again from the newest.")
    context = {"name": known["name"] if known else name, "known": known, "page": shown, "before": before}
    context["key"] = await copy_key(g.user.id) if known else ""
    renaming = Renaming.of(request.args)
    is_other = renaming and tag_names.key(renaming.old) != tag_names.key(name)
    left = await queries.one(g.user.id, renaming.old) if renaming and is_other else None
    return page("tags/tag.html#entries", status, form=form, renaming=renaming, left=left, **context)


@routes.post("/tags/<path:tag>")
async def rename(tag: str) -> Response:
    """Renames the tag in a number of entries; if there are more, the next page goes on."""
    old, form = tag_names.tidy(tag), RenameForm(await request.form)
    if not form.is_valid:
        return await _tag(old, 422, form)
    try:
        done = await tag_renaming.rename(g.user.id, old, form.name, form.after, clock.now())
    except ValueError:
        abort(400, "This page is damaged; start again from the tag.")
    renaming = Renaming(form.changed + done.changed, old, done.after)
    return saved(tag_names.path(form.name), **renaming.query())
