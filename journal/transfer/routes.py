"""Import and export pages: upload, preview, progress, report and undo of imports; downloads of exports."""

from collections.abc import Awaitable
from contextlib import suppress
from pathlib import Path
from uuid import UUID, uuid4

from quart import Blueprint, Response, abort, current_app, g, request

from journal.accounts import users
from journal.engines.row import Row
from journal.sessions import gate
from journal.transfer import import_status, imports, report_text, uploads
from journal.transfer.formats import readers
from journal.transfer.forms import ImportForm
from journal.transfer.imports import ImportNotFound, NotNow
from journal.transfer.uploads import TooManyUploads, Upload
from journal.web import body_stream, multipart
from journal.web.errors import error_page
from journal.web.pages import page, redirect

routes = Blueprint("transfer", __name__)
ONE = "/imports/<uuid:uid>"


@routes.errorhandler(ImportNotFound)
async def not_found(error: ImportNotFound) -> Response:
    return error_page(404)


def _data_dir() -> Path:
    found: Path = current_app.config["SETTINGS"].data_dir
    return found


# Imports


@routes.get("/imports")
async def overview() -> Response:
    return await _overview(200)


async def _overview(status: int, form: ImportForm | None = None, sentence: str = "") -> Response:
    return page(
        "transfer/imports.html",
        status,
        imports=await import_status.listed(g.user.id),
        form=form,
        sentence=sentence,
        save=uuid4(),
        room=uploads.room(_data_dir()),
        **await _choices(),
    )


async def _choices() -> dict[str, object]:
    """What the fields of the forms offer."""
    return {"readers": readers.READERS, "zone": await gate.zone(), "zones": sorted(users.zones())}


@routes.post("/imports")
async def upload() -> Response:
    """The body is read here and nowhere before: whoever is refused by the gate has sent it in vain."""
    body = body_stream.current()
    if body is None:
        return await _kept(Upload(_data_dir(), 0), ImportForm(await request.form))
    try:
        with uploads.counted(g.user.id), Upload(_data_dir(), body.length) as arriving:
            return await _kept(arriving, ImportForm(await multipart.receive(body, arriving.open)))
    except TooManyUploads as why:
        return await _overview(429, sentence=str(why))


async def _kept(arrived: Upload, form: ImportForm) -> Response:
    if not arrived.name:
        form.wrong("file", "Choose the file that you want to bring.")
    if form.text("owner") not in ("", str(g.user.id)):
        form.wrong("file", "Another account is signed in here now, so nothing was uploaded.")
    if not form.is_valid:
        return await _overview(422, form)
    return redirect(f"/imports/{await arrived.keep(g.user.id, form)}")


@routes.get(ONE)
async def one(uid: UUID) -> Response:
    return await _one(uid, 200)


async def _one(uid: UUID, status: int, form: ImportForm | None = None) -> Response:
    shown = await import_status.status(g.user.id, uid, _data_dir())
    return page(
        "transfer/import.html#state",
        status,
        status=shown,
        found=shown.row,
        label=_label(shown.row),
        form=form,
        **await _choices(),
    )


def _label(found: Row) -> str:
    """The name of the program that the file comes from, if it is known."""
    return next((reader.LABEL for reader in readers.READERS if found["format"] == reader.NAME), "")


@routes.post(f"{ONE}/start")
async def start(uid: UUID) -> Response:
    return await _moved(uid, imports.start(g.user.id, uid))


@routes.post(f"{ONE}/reading")
async def read_again(uid: UUID) -> Response:
    """Makes the preview anew, with another zone or date format."""
    form = ImportForm(await request.form)
    if not form.is_valid:
        return await _one(uid, 422, form)
    return await _moved(uid, imports.read_again(g.user.id, uid, form.format, form.zone, form.date_format))


@routes.delete(ONE)
@routes.post(f"{ONE}/undo")
async def undo(uid: UUID) -> Response:
    return await _moved(uid, imports.take_back(g.user.id, uid))


@routes.post(f"{ONE}/deletion")
async def discard(uid: UUID) -> Response:
    await _moved(uid, import_status.discard(g.user.id, uid, _data_dir()))
    return redirect("/imports")


async def _moved(uid: UUID, moving: Awaitable[None]) -> Response:
    """A second click finds the import in its next state, and shows that."""
    with suppress(NotNow):
        await moving
    return redirect(f"/imports/{uid}")


@routes.get(f"{ONE}/report")
async def report(uid: UUID) -> Response:
    found = await imports.one(g.user.id, uid)
    told = found["report"] if found["state"] in ("done", "undone") else found["preview"]
    if "missing" not in told:
        abort(404, "This import has no report yet.")
    text = "\n".join([found["file_name"], *report_text.lines(told, is_done=told is not found["preview"])])
    answer = Response(text + "\n", content_type="text/plain; charset=utf-8")
    answer.headers["Content-Disposition"] = 'attachment; filename="import-report.txt"'
    return answer
