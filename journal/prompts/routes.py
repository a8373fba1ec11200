"""Prompt pages: today's prompt, the list of one's own prompts, and the setting for prompts."""

from quart import Blueprint, Response, g, request

from journal import clock
from journal.accounts.draft_keys import copy_key
from journal.prompts import built_in, daily, store
from journal.prompts.forms import PromptForm, PromptsForm
from journal.prompts.starters import BLANK
from journal.prompts.store import InvalidPrompt, PromptNotFound
from journal.sessions import gate
from journal.web import htmx
from journal.web.errors import error_page
from journal.web.pages import page, redirect, saved

routes = Blueprint("prompts", __name__)
NUMBER = "<int(max=9223372036854775807):number>"


@routes.errorhandler(PromptNotFound)
async def not_found(error: PromptNotFound) -> Response:
    return error_page(404)


# Today's prompt


@routes.post("/prompts/today/replacement")
async def replace() -> Response:
    key = (await request.form).get("key", "")
    prompt = await daily.replace(g.user.id, key, await gate.today())
    return page("prompts/_prompt.html", prompt=prompt) if htmx.wants_fragment() else _blank()


@routes.post("/prompts/today/dismissal")
async def dismiss() -> Response:
    await daily.dismiss(g.user.id, await gate.today())
    return page("prompts/_prompt.html", prompt=None) if htmx.wants_fragment() else _blank()


def _blank() -> Response:
    return redirect("/entries/new", template=BLANK)


@routes.post("/settings/prompts")
async def switch() -> Response:
    await daily.switch(g.user.id, on=bool((await request.form).get("on")))
    return redirect("/settings", saved="prompts")


# The list of one's own prompts


@routes.get("/prompts")
async def overview() -> Response:
    return await _overview(200)


async def _overview(status: int, form: PromptsForm | None = None, sentence: str = "") -> Response:
    return page(
        "prompts/overview.html#prompts",
        status,
        own=await store.listed(g.user.id),
        shipped=built_in.BY_KEY,
        form=form,
        key=await copy_key(g.user.id),
        removed=request.args.get("removed", type=int),
        sentence=sentence,
    )


@routes.post("/prompts")
async def add() -> Response:
    form = PromptsForm(await request.form)
    try:
        if form.is_valid:
            await store.add(g.user.id, form.texts, await gate.today())
            return saved("/prompts")
    except InvalidPrompt as refused:
        form.wrong("body", str(refused))
    return await _overview(422, form)


@routes.get(f"/prompts/{NUMBER}")
async def edit(number: int) -> Response:
    return await _edit(200, number)


@routes.post(f"/prompts/{NUMBER}")
async def change(number: int) -> Response:
    form = PromptForm(await request.form)
    try:
        if form.is_valid:
            await store.change(g.user.id, number, form.texts[0])
            return saved("/prompts")
    except InvalidPrompt as refused:
        form.wrong("body", str(refused))
    return await _edit(422, number, form)


async def _edit(status: int, number: int, form: PromptForm | None = None) -> Response:
    prompt, key = await store.one(g.user.id, number), await copy_key(g.user.id)
    return page("prompts/edit.html#form", status, prompt=prompt, form=form, key=key)


@routes.post(f"/prompts/{NUMBER}/deletion")
async def remove(number: int) -> Response:
    await store.remove(g.user.id, number, clock.now(), await gate.today())
    return redirect("/prompts", removed=str(number))


@routes.post(f"/prompts/{NUMBER}/restoration")
async def restore(number: int) -> Response:
    try:
        await store.restore(g.user.id, number, await gate.today())
    except InvalidPrompt as refused:
        return await _overview(422, sentence=str(refused))
    return redirect("/prompts")
