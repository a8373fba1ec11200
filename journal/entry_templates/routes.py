"""Template pages: the list of one's own templates, and the form to add or change one."""

from collections.abc import Mapping

from quart import Blueprint, Response, g, request

from journal import clock
from journal.accounts.draft_keys import copy_key
from journal.engines.row import Row
from journal.entry_templates import placeholders, store
from journal.entry_templates.forms import TemplateForm
from journal.entry_templates.store import InvalidTemplate, TemplateNotFound
from journal.sessions import gate
from journal.web.errors import error_page
from journal.web.pages import page, redirect, saved

routes = Blueprint("entry_templates", __name__)
NUMBER = "<int(max=9223372036854775807):number>"
STEPS = {"up": -1, "down": 1}


@routes.errorhandler(TemplateNotFound)
async def not_found(error: TemplateNotFound) -> Response:
    return error_page(404)


@routes.get("/templates")
async def overview() -> Response:
    return await _overview(200)


async def _overview(status: int, sentence: str = "") -> Response:
    return page(
        "entry_templates/overview.html#templates",
        status,
        templates=await store.listed(g.user.id),
        deleted=request.args.get("deleted", type=int),
        sentence=sentence,
    )


@routes.get("/templates/new")
async def begin() -> Response:
    return await _edit({"name": "", "title": "", "body": "", "is_default": False}, None)


async def _edit(
    shown: Row | Mapping[str, object], number: int | None, status: int = 200, form: TemplateForm | None = None
) -> Response:
    now = clock.local(await gate.zone())
    return page(
        "entry_templates/edit.html#form",
        status,
        template=shown,
        number=number,
        form=form,
        key=await copy_key(g.user.id),
        placeholders=placeholders.explained(await gate.today(), now.time()),
    )


@routes.post("/templates")
async def add() -> Response:
    form = TemplateForm(await request.form)
    try:
        if form.is_valid:
            await store.add(g.user.id, form.values())
            return saved("/templates")
    except InvalidTemplate as refused:
        form.wrong("name", str(refused))
    return await _edit(form.values(), None, 422, form)


@routes.get(f"/templates/{NUMBER}")
async def edit(number: int) -> Response:
    return await _edit(await store.one(g.user.id, number), number)


@routes.post(f"/templates/{NUMBER}")
async def change(number: int) -> Response:
    form = TemplateForm(await request.form)
    try:
        if form.is_valid:
            await store.change(g.user.id, number, form.values())
            return saved("/templates")
    except InvalidTemplate as refused:
        form.wrong("name", str(refused))
    await store.one(g.user.id, number)
    return await _edit(form.values(), number, 422, form)


@routes.post(f"/templates/{NUMBER}/position")
async def move(number: int) -> Response:
    step = STEPS.get((await request.form).get("to", ""))
    if step is None:
        return await _overview(422, "A template can be moved up or down.")
    await store.move(g.user.id, number, step)
    return redirect("/templates")


@routes.post(f"/templates/{NUMBER}/deletion")
async def delete(number: int) -> Response:
    await store.delete(g.user.id, number, clock.now())
    return redirect("/templates", deleted=str(number))


@routes.post(f"/templates/{NUMBER}/restoration")
async def restore(number: int) -> Response:
    try:
        await store.restore(g.user.id, number)
    except InvalidTemplate as refused:
        return await _overview(422, str(refused))
    return redirect("/templates")
