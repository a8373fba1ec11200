"""Export pages: the list of formats, and the download of everything in one of them."""

from quart import Blueprint, Response, abort, current_app, g, request

from journal import clock
from journal.accounts import users
from journal.entries.export_rows import Narrowing
from journal.text import tag_names
from journal.transfer.exporting import Export
from journal.transfer.exports.stream import Busy, Stream
from journal.transfer.forms import ExportForm
from journal.transfer.writers.writers import BY_NAME, WRITERS
from journal.web.errors import error_page, retry_after
from journal.web.pages import page

routes = Blueprint("exports", __name__)


@routes.get("/settings/export")
async def overview() -> Response:
    return _overview(200, ExportForm(request.args))


def _overview(status: int, form: ExportForm) -> Response:
    return page("transfer/export.html", status, form=form, writers=WRITERS)


@routes.get("/exports/<format>")
async def download(format: str) -> Response:
    writer = BY_NAME.get(format) or abort(404, "There is no such format.")
    form = ExportForm(request.args)
    if not form.is_valid:
        return _overview(422, form)
    narrowing = Narrowing(form.first, form.last, tag_names.index_key(form.tag) if form.tag else "")
    data_dir = current_app.config["SETTINGS"].data_dir
    return _streamed(Export(await users.by_id(g.user.id), writer, narrowing, clock.now(), data_dir))


def _streamed(export: Export) -> Response:
    try:
        body = b"" if request.method == "HEAD" else Stream(export)
    except Busy as why:
        return retry_after(error_page(429, str(why)), 60)
    answer = Response(body, content_type=export.writer.CONTENT_TYPE)
    answer.headers["Content-Disposition"] = f'attachment; filename="{export.file_name}"'
    return answer
