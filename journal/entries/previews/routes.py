"""What a text will look like, while it is being written."""

from uuid import UUID, uuid4

from quart import Blueprint, Response, g, request

from journal import clock
from journal.engines.fair_queue import Priority
from journal.entries.editor import editor
from journal.entries.forms import EditorFields, EntryForm
from journal.entries.rendered import rendered
from journal.sessions import gate
from journal.web.pages import page

routes = Blueprint("previews", __name__)


@routes.post("/preview")
@routes.post("/entries/<uuid:uid>/preview")
async def preview(uid: UUID | None = None) -> Response:
    """Saves nothing; without htmx it is the whole editor with what was sent, so that no word is lost."""
    typed = {**(await request.form), **({} if uid else {"version": "0"})}
    form = EntryForm({"body": typed.get("body", "")})
    chosen, today = await gate.current_preferences(), await gate.today()
    draft = EditorFields.typed(typed, uid or uuid4(), today)
    context = await editor(g.user.id, draft, today, clock.midnight(chosen.zone, chosen.day_starts))
    if not form.is_valid:
        return page("entries/edit.html#preview", 422, **{**context, "form": form})
    shown = await rendered(g.user.id, form.body, UUID(int=0), Priority.PREVIEW)
    return page("entries/edit.html#preview", **{**context, "shown": shown.html})
