"""Page rendering by Jinja: whole pages, or the block of one that htmx swaps in."""

import re
from functools import cache

from jinja2 import DictLoader, Environment, StrictUndefined, select_autoescape
from jinja2.ext import Extension
from jinja2_fragments import render_block
from quart import Response, current_app, g, url_for

from journal.web import assets, filters, htmx


class StripIndentation(Extension):
    """Strips the indentation of templates; texts of users are inserted later and stay as they are."""

    def preprocess(self, source: str, name: str | None, filename: str | None = None) -> str:
        return re.sub("^[ \t]+", "", source, flags=re.MULTILINE)


@cache
def _sources() -> dict[str, str]:
    """All templates, read at the start, so that an error page needs no file descriptor."""
    root = assets.folder("templates")
    return {file.relative_to(root).as_posix(): file.read_text("utf-8") for file in root.rglob("*.html")}


def environment() -> Environment:
    """The Jinja environment. It is synchronous: async mode doubles the time of a page that awaits nothing."""
    made = Environment(
        loader=DictLoader(_sources()),
        autoescape=select_autoescape(default=True, default_for_string=True),
        undefined=StrictUndefined,
        extensions=[StripIndentation],
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    made.globals.update(url_for=url_for, asset=_asset)
    made.filters.update(filters.ALL)
    return made


def _asset(name: str) -> str:
    files: assets.Assets = current_app.extensions["assets"]
    return files.url(name)


def page(name: str, status: int = 200, /, **context: object) -> Response:
    """Renders a template; `entries/timeline.html#entries` is that block for htmx, else the whole page."""
    return Response(render(name, **context), status=status, content_type="text/html; charset=utf-8")


def render(name: str, /, **context: object) -> str:
    template, _, block = name.partition("#")
    env: Environment = current_app.extensions["templates"]
    fragment = bool(block) and htmx.wants_fragment()
    context = {
        "fragment": fragment,
        "user": g.get("user"),
        "preferences": g.get("preferences"),
        "kept": None,
        "form": None,
        "is_cookieless": False,
        **context,
    }
    if fragment:
        return render_block(env, template, block, **context)
    return env.get_template(template).render(context)


def redirect(path: str, **query: str) -> Response:
    return Response("", status=303, headers={"Location": htmx.local_url(path, query)})


def saved(path: str, **query: str) -> Response:
    """Redirects after a save, and tells the page's script that its local draft is saved."""
    response = htmx.redirect(path, **query) if htmx.is_request() else redirect(path, **query)
    response.headers["X-Save"] = "saved"
    return response
