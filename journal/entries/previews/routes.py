"""Route of the preview: renders a text while it is written, and saves nothing."""

from uuid import UUID, uuid4

from quart import Blueprint, Response, g, request

from journal import clock
from journal.entries.editor import editor
from journal.entries.forms import EditorFields, EntryForm
from journal.sessions import gate
from journal.text import analysis
from journal.web.pages import page

routes = Blueprint("previews", __name__)


@routes.post("/preview")
@routes.post("/entries/<uuid:uid>/preview")
async def preview(uid: UUID | None = None) -> Response:
    """Without htmx the answer is the whole editor with what was sent, so that no text is lost."""
    typed = {**(await request.form), **({} if uid else {"version": "0"})}
    form = EntryForm({"body": typed.get("body", "")})
    chosen, today = await gate.current_preferences(), await gate.today()
    draft = EditorFields.typed(typed, uid or uuid4(), today)
    context = await editor(g.user.id, draft, today, clock.midnight(chosen.zone, chosen.day_starts))
    if not form.is_valid:
        return page("entries/edit.html#preview", 422, **{**context, "form": form})
    html = await analysis.preview(g.user.id, form.body or "", str(UUID(int=0)))
    return page("entries/edit.html#preview", **{**context, "shown": html})
