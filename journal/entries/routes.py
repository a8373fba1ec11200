"""Routes of the timeline, the editor and its autosave, and the page of an entry."""

from dataclasses import replace
from datetime import date
from uuid import UUID, uuid4, uuid5

from quart import Blueprint, Response, abort, g, request

from journal import clock
from journal.accounts.draft_keys import copy_key
from journal.days import queries
from journal.engines.row import Row
from journal.entries import mood, reading, saving
from journal.entries.editor import editor
from journal.entries.forms import NOTHING, EditorFields, LineForm, SaveForm, parse_day, resumable, resumed
from journal.entries.merging import TooLong
from journal.entries.moments import NoSuchTime
from journal.entries.values import EntryNotFound, SaveResult
from journal.prompts import starters
from journal.sessions import gate
from journal.sessions.gate import public
from journal.web import htmx
from journal.web.interrupted_form import FormOwner, InterruptedForm
from journal.web.pages import page, redirect

routes = Blueprint("entries", __name__)


@routes.get("/")
@public
async def timeline() -> Response:
    if g.user is None:
        return await gate.sign_in_required() if htmx.wants_fragment() else page("entries/front.html")
    before = request.args.get("before", "")
    try:
        shown = await reading.timeline(g.user.id, before)
    except ValueError:
        abort(400, "This link to older entries is damaged; start again from the newest.")
    return await _timeline(shown, before)


async def _timeline(
    shown: reading.Page, before: str = "", line: LineForm | None = None, noted: Row | None = None
) -> Response:
    """`line` is what was typed on the timeline, `noted` the entry that it made or changed."""
    today = await gate.today()
    is_wrong = line is not None and not line.is_valid
    return page(
        f"entries/timeline.html#{'quick' if line else 'entries'}",
        422 if is_wrong else 200,
        page=shown,
        before=before,
        deleted=_deleted(),
        line=line if is_wrong else None,
        noted=noted,
        is_added=bool(line and line.to),
        save=line.save_id if line and is_wrong else uuid4(),
        key="" if before else await copy_key(g.user.id),
        todays=next((entry for entry in shown.entries if entry["day"] == today), None),
        **({} if before or line else await _remembered(today)),
    )


async def _remembered(day: date) -> dict[str, object]:
    """Entries of earlier years on that date."""
    return {"remembered": day, "earlier": await queries.earlier(g.user.id, day)}


def _deleted() -> UUID | None:
    """The entry that was just moved into the bin, which can be undone."""
    try:
        return UUID(request.args.get("deleted", ""))
    except ValueError:
        return None


@routes.get("/entries/new")
async def write() -> Response:
    today = await gate.today()
    try:
        day = parse_day(request.args["day"]) if "day" in request.args else today
    except ValueError:
        abort(404, "This day is not in the calendar.")
    uid = request.args.get("entry", type=UUID)  # of an entry that a page could not save yet
    if uid and await reading.one(g.user.id, uid):
        return redirect(f"/entries/{uid}/edit")
    try:
        now = clock.local(await gate.zone()).time()
        begun = await starters.begin(g.user.id, request.args, day, today, now)
    except starters.StarterNotFound:
        abort(404, "This template or prompt is not there, or no longer.")
    draft = EditorFields(
        uid or uuid4(), day.isoformat(), title=begun.title, body=begun.body, zone=await gate.zone()
    )
    remembered = await _remembered(day)
    asked = {"day_asked": "day" in request.args, "welcome": "welcome" in request.args}
    return await _edit(draft, 200, starters=begun, **asked, **remembered)


@routes.post("/entries")
async def create() -> Response:
    typed = await request.form
    form = SaveForm({**typed, "version": "0"})
    # The same request sent again leads to the entry that it has made.
    return await _saved(uuid5(form.save_id, str(g.user.id)), form)


@routes.post("/lines")
async def note() -> Response:
    """Saves a line of the timeline: as a new entry, or appended to today's."""
    form = LineForm(await request.form)
    if form.owner and form.owner != str(g.user.id):
        form.wrong("body", "Another account is signed in here now. Nothing was saved.")
    uid = form.to or uuid5(form.save_id, f"{g.user.id} {form.body}")
    if form.is_valid:
        try:
            attempt = form.save_request(await gate.today(), await gate.zone())
            await saving.save(g.user.id, uid, attempt, clock.now())
        except EntryNotFound:
            form.wrong("body", "That entry is not there any more, or in the bin; make this a new one.")
        except TooLong as error:
            form.wrong(error.field, str(error))
    if form.is_valid and not htmx.wants_fragment():
        return redirect("/")
    noted = await reading.one(g.user.id, uid) if form.is_valid else None
    answer = await _timeline(await reading.timeline(g.user.id), line=form, noted=noted)
    return _answer("saved" if form.is_valid else "refused", answer)


@routes.route("/entries/<uuid:uid>", methods=["PUT", "POST"])
async def save(uid: UUID) -> Response:
    return await _saved(uid, SaveForm(await request.form))


async def _saved(uid: UUID, form: SaveForm) -> Response:
    zone, today = await gate.zone(), await gate.today()
    draft = EditorFields.typed(form.typed, uid, today)
    if form.owner and form.owner != str(g.user.id):
        return _answer("other-owner", await _edit(draft, 409, other_owner=True))
    outcome = await _save(uid, form, today, zone)
    if outcome is None:
        return await _edit(draft, 422, form=form)
    if outcome.answer == "conflict":
        return await _conflict(draft, uid, outcome)
    if form.is_valid and not htmx.is_request():
        return _answer(outcome.answer, redirect(f"/entries/{uid}"), outcome.version)
    # Without scripts the page has to come back with the refused fields.
    status = 200 if htmx.is_request() else 422
    draft = replace(draft, version=outcome.version)
    shown = await _edit(draft, status, form=form, outcome=outcome, now=clock.now(), zone=zone)
    if form.errors:
        shown.headers["X-Refused"] = ", ".join(form.errors)
    return _answer(outcome.answer, shown, outcome.version)


async def _save(uid: UUID, form: SaveForm, today: date, zone: str) -> SaveResult | None:
    """Saves all valid fields. Returns None if there are none; the form has the errors."""
    while form.can_save:
        try:
            return await saving.save(g.user.id, uid, form.save_request(today, zone), clock.now())
        except EntryNotFound:
            abort(404)
        except NoSuchTime as error:
            form.refuse(error.field, str(error))
        except TooLong as error:
            form.wrong(error.field, str(error))
            return None
    if form.is_valid:
        form.wrong("body", NOTHING)
    return None


async def _conflict(draft: EditorFields, uid: UUID, outcome: SaveResult) -> Response:
    other = await reading.one(g.user.id, uid)
    answer = page("entries/conflict.html#panel", 409, entry=draft, other=other)
    if htmx.wants_fragment():
        htmx.retarget(answer, "#conflict")
    return _answer("conflict", answer, outcome.version)


async def _edit(draft: EditorFields, status: int, **context: object) -> Response:
    """The editor with what was typed, or its status line alone for htmx, which needs no queries."""
    if htmx.wants_fragment():
        return page("entries/edit.html#saved", status, **{"other_owner": False, "outcome": None, **context})
    chosen, today = await gate.current_preferences(), await gate.today()
    shown = await editor(g.user.id, draft, today, clock.midnight(chosen.zone, chosen.day_starts))
    return page("entries/edit.html#saved", status, **{**shown, **context})


def _answer(answer: str, response: Response, version: int | None = None) -> Response:
    response.headers["X-Save"] = answer
    if version is not None:
        response.headers["X-Version"] = str(version)
    return response


@routes.get("/entries/<uuid:uid>")
async def read(uid: UUID) -> Response:
    entry = await _one(uid)
    beside = await reading.neighbours(g.user.id, entry)
    replaced = request.args.get("replaced", type=int)
    return page(
        "entries/read.html",
        entry=entry,
        beside=beside,
        moods=dict(mood.MOODS),
        replaced=replaced,
        is_kept="kept" in request.args,
        zone=await gate.zone(),
    )


@routes.get("/copies/key")
async def key() -> Response:
    """The key of drafts, for a page that finds unsent drafts in its browser."""
    return Response(await copy_key(g.user.id), content_type="text/plain; charset=utf-8")


@routes.get("/entries/<uuid:uid>/version")
async def version(uid: UUID) -> Response:
    """The present version, for a page that comes back from the browser's cache."""
    found = await reading.version(g.user.id, uid) or abort(404)
    headers = {"X-Version": str(found["version"]), "X-Binned": "yes" if found["deleted_at"] else "no"}
    return Response("", headers=headers, content_type="text/plain; charset=utf-8")


@routes.get("/entries/<uuid:uid>/edit")
async def edit(uid: UUID) -> Response:
    return await _edit(EditorFields.of(await _one(uid)), 200)


async def _resume(form: InterruptedForm) -> Response:
    """The editor with the fields that were sent while nobody was signed in."""
    chosen, today = await gate.current_preferences(), await gate.today()
    draft = resumed(form.path, form.fields, today)
    shown = await editor(g.user.id, draft, today, clock.midnight(chosen.zone, chosen.day_starts))
    answer = page("entries/edit.html", 409 if shown["other_owner"] else 200, **shown)
    return _answer("other-owner", answer) if shown["other_owner"] else answer


form_owner = FormOwner("body", resumable, _resume)


async def _one(uid: UUID) -> Row:
    return await reading.one(g.user.id, uid) or abort(404)
