"""Application factory: routes, middleware in the order of a request, and background tasks."""

from collections.abc import AsyncGenerator, Callable
from typing import Any

from jinja2 import Environment
from quart import Quart

from journal import (
    background,
    clock,
    database,
    housekeeping,
    permissions,
    readiness,
    schema,
    settings,
    tcp_connections,
)
from journal import composition as composition
from journal.accounts import passwords
from journal.accounts import routes as accounts
from journal.attachments import routes as attachments
from journal.backups import catalog, scheduled
from journal.backups.create import Source
from journal.days import routes as days
from journal.entries import mood
from journal.entries import routes as entries
from journal.entries.bin import routes as bins
from journal.entries.card_cache import Cards, beginning
from journal.entries.previews import routes as previews
from journal.entries.stars import routes as stars
from journal.entries.versions import routes as versions
from journal.entry_templates import routes as entry_templates
from journal.jobs import queue
from journal.prompts import routes as prompts
from journal.search import routes as search
from journal.sessions import routes as sessions
from journal.sessions.gate import Gate
from journal.settings import Settings
from journal.statistics import routes as statistics
from journal.tags import routes as tags
from journal.text import tag_names
from journal.transfer import imports, uploads
from journal.transfer import routes as transfer
from journal.transfer.exports import routes as exports
from journal.web import (
    assets,
    body_limit,
    errors,
    headers,
    hosts,
    origin,
    page_owner,
    pages,
    request_guard,
    request_log,
    site,
)

ENTRIES = (entries, previews, stars, versions, bins, attachments)
PAGES = (tags, entry_templates, prompts, days, search, statistics, transfer, exports)
PARTS = (site, accounts, sessions, *ENTRIES, *PAGES)
UPLOADS = {"/imports": uploads.MOST}  # paths whose bodies are streamed, and the most bytes of one


def create_app(chosen: Settings | None = None) -> Quart:
    chosen = chosen or settings.load()
    passwords.use_salt(chosen.password_salt)
    app = Quart("journal", static_folder=None, template_folder=None)
    app.config.update(
        SETTINGS=chosen,
        MAX_CONTENT_LENGTH=body_limit.MAX_BODY,
        MAX_FORM_MEMORY_SIZE=body_limit.MAX_BODY,  # Quart's default of 500 kB is less than a long entry
        RESPONSE_TIMEOUT=None,
    )
    app.url_map.strict_slashes = False
    app.url_map.merge_slashes = False  # else //entries is sent on to http://…, whatever the site's scheme
    app.extensions |= _extensions(chosen)
    _teach(app.extensions["templates"], chosen)
    request_log.install(app)
    headers.install(app, chosen.secure)
    hosts.install(app, chosen)
    origin.install(app, chosen)
    Gate(chosen, site.routes.name, entries.form_owner).install(app)
    page_owner.install(app)
    errors.install(app)
    for part in PARTS:
        app.register_blueprint(part.routes)
    app.while_serving(_serving(chosen))
    _wrap(app, chosen.secure)
    return app


def _extensions(chosen: Settings) -> dict[str, Any]:
    """What routes and middleware find in `app.extensions`."""
    return {
        "assets": assets.loaded(),
        "templates": pages.environment(),
        "readiness_problem": readiness.problem,
        "readiness_details": lambda: _backup_status(chosen),
    }


def _teach(templates: Environment, chosen: Settings) -> None:
    """Adds the globals of templates."""
    templates.globals.update(
        beginning=beginning, cards=Cards(), mood_shown=mood.label, tag_path=tag_names.path
    )
    templates.globals.update(is_plain_http=chosen.is_lan, public_url=chosen.public_url)


def _wrap(app: Quart, secure: bool) -> None:
    """Wraps the application in ASGI middleware: request log, request guard and body limit."""
    sent = [(name.lower().encode(), value.encode()) for name, value in headers.every(secure).items()]
    inner: Any = app.asgi_app
    limited = body_limit.BodyLimit(inner, sent, UPLOADS)
    outer: Any = request_log.RequestLog(request_guard.RequestGuard(limited, sent))
    app.asgi_app = outer  # type: ignore[method-assign]


def _serving(chosen: Settings) -> Callable[[], AsyncGenerator[None, None]]:
    async def serving() -> AsyncGenerator[None, None]:
        tcp_connections.patch_hypercorn()  # before it listens, however it was started
        async with database.connected(chosen.database_url, is_site=True):
            if not await schema.is_current():
                raise schema.Outdated("The database is not of this version: run `journal migrate` first.")
            file = database.sqlite_file(chosen.database_url)
            permissions.make_private(
                chosen.data_dir, file if database.is_sqlite(chosen.database_url) else None
            )
            jobs = queue.running(imports.handlers(chosen.data_dir))
            backups = background.running(scheduled.forever(_source(chosen), chosen.backups))
            async with readiness.watched(), housekeeping.running(chosen.data_dir), jobs, backups:
                yield

    return serving


def _source(chosen: Settings) -> Source:
    return Source(chosen.database_url, chosen.data_dir, chosen.backup_recipient)


def _backup_status(chosen: Settings) -> str:
    return scheduled.status(catalog.read(chosen.data_dir), chosen.backups, clock.now())
