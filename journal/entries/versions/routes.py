"""Routes of revisions: the list, the differences from the present text, and restoring a revision."""

from typing import NamedTuple
from uuid import UUID

from quart import Blueprint, Response, abort, g, request

from journal import clock
from journal.engines.row import Row
from journal.entries import mood, reading
from journal.entries.values import EntryNotFound
from journal.entries.versions import queries
from journal.entries.versions.restore import put_back
from journal.sessions import gate
from journal.web import htmx
from journal.web.filters import local_time, long_day
from journal.web.pages import page, redirect

routes = Blueprint("versions", __name__)


@routes.get("/entries/<uuid:uid>/revisions")
async def revisions(uid: UUID) -> Response:
    """A page of revisions, and one of them compared with the present text."""
    entry = await reading.one(g.user.id, uid) or abort(404)
    before = _number("before", queries.NEWEST)
    listed = None if "show" in request.args and htmx.wants_fragment() else await _listed(uid, before)
    if listed and not listed.revisions:  # an entry that was imported and never changed
        return page("entries/revisions.html", entry=entry, shown=None)
    newest = listed.revisions[0]["number"] if listed else 0
    shown = await queries.one(g.user.id, uid, _number("show", newest)) or abort(404)
    changes = await queries.compared(g.user.id, shown["body"], entry["body"])
    return page(
        "entries/revisions.html#revision",
        entry=entry,
        listed=listed,
        before=before if before < queries.NEWEST else None,
        shown=shown,
        changes=changes,
        fields=_fields_changed(shown, entry),
        zone=await gate.zone(),
        moods=dict(mood.MOODS),
    )


def _number(name: str, default: int) -> int:
    number = request.args.get(name, default=default, type=int)
    return number if 0 <= number <= queries.NEWEST else abort(404)


async def _listed(uid: UUID, before: int) -> queries.Page:
    listed = await queries.page(g.user.id, uid, before)
    return listed if listed.revisions or not request.args else abort(404)


class FieldChange(NamedTuple):
    label: str
    removed: str
    added: str


def _fields_changed(old: Row, new: Row) -> list[FieldChange]:
    """Other fields that changed; fields that an old revision lacks are left out."""
    both = zip(_fields(old), _fields(new), strict=True)
    return [FieldChange(label, was, now or "") for (label, was), (_, now) in both if was not in (None, now)]


def _fields(row: Row) -> list[tuple[str, str | None]]:
    written = row["written_at"]
    return [
        ("Title", row["title"]),
        ("Day", long_day(row["day"])),
        ("Time", f"{local_time(written, row['zone'])}, {row['zone']}" if written else None),
        ("Mood", dict(mood.MOODS).get(row["mood"], "")),
        ("Tags", ", ".join(row["tags"])),
    ]


@routes.post("/entries/<uuid:uid>/revisions/<int(max=2147483647):number>/restoration")
async def restore(uid: UUID, number: int) -> Response:
    try:
        replaced = await put_back(g.user.id, uid, number, clock.now())
    except EntryNotFound:
        abort(404)
    return redirect(f"/entries/{uid}", replaced=str(replaced))
