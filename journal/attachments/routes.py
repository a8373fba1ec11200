"""Routes of attachments: the original file, for its owner only."""

import logging
from uuid import UUID

from quart import Blueprint, Response, abort, current_app, g

from journal.attachments import content_types, queries, store
from journal.web import files, headers

log = logging.getLogger(__name__)
routes = Blueprint("attachments", __name__)

MISSING = (
    "The file of this attachment is missing or damaged. The host of this site can copy it back from a backup."
)
# Nothing in the file may run or load anything. It stays the same for ever, but because of Vary, a browser
# asks for it again when its cookies have changed, as the next person there may be somebody else.
HEADERS = {
    "Content-Security-Policy": "sandbox; default-src 'none'",
    "Cache-Control": "private, max-age=31536000, immutable",
    "Vary": headers.VARY,
}


@routes.get("/attachments/<uuid:uid>")
async def original(uid: UUID) -> Response:
    found = await queries.find(g.user.id, uid) or abort(404)
    file = store.path(store.folder_in(current_app.config["SETTINGS"].data_dir), found["sha256"])
    try:
        store.check_size(file, found["size"])
        response = files.send(file, found["sha256"], found["content_type"])
    except OSError as error:
        log.error("the file of an attachment can't be read: %s", error)
        abort(404, MISSING)
    kind = "inline" if content_types.is_inline(found["content_type"]) else "attachment"
    response.headers["Content-Disposition"] = files.disposition(kind, found["name"])
    response.headers.update(HEADERS)
    return response
