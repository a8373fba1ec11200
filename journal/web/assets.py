"""Static files: read once at the start and served under names that contain a hash of the content, so that
browsers can cache them for ever."""

import re
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from importlib.util import find_spec
from mimetypes import guess_type
from pathlib import Path, PurePosixPath

from rjsmin import jsmin

from journal.web import bundles

PACKAGE = Path(__file__).resolve().parent.parent
HTMX = "vendor/htmx.js"
WORKER = "service-worker.js"
# The scripts that pages load, and the bundles that each contains, in running order.
PAGES = {
    "editor.js": ["editor.js", "page.js", "toolbar.js"],
    "journal.js": ["page.js", "journal.js"],
}
# A reference to another file: import … from "./x.js" in scripts, url(x.svg) in styles.
REFERENCE = re.compile(rb"""(?<=["(])(\.{0,2}/?[\w./-]+\.(?:js|css|svg|png))(?=[")])""")


def folder(name: str) -> Path:
    """The folder `templates` or `static`, which is inside the package in a wheel and beside it in a
    checkout."""
    inside = PACKAGE / name
    return inside if inside.is_dir() else PACKAGE.parent / name


def htmx_file() -> Path:
    """The htmx script, from our own wheel or else from the installed package django-htmx."""
    packed = next(iter(sorted((PACKAGE / "static" / "vendor").glob("htmx*.js"))), None)
    if packed:
        return packed
    spec = find_spec("django_htmx")
    if spec is None or spec.origin is None:
        raise FileNotFoundError("htmx is missing: install the packages of requirements.lock")
    return Path(spec.origin).parent / "static" / "django_htmx" / "htmx-2.min.js"


@dataclass(frozen=True)
class Asset:
    body: bytes
    content_type: str


class Assets:
    def __init__(self) -> None:
        root = folder("static")
        self._sources = {
            path.relative_to(root).as_posix(): path.read_bytes()
            for path in sorted(root.rglob("*"))
            if path.is_file() and not path.match("vendor/*")
        }
        self._bundle("js/")
        self._sources[HTMX] = htmx_file().read_bytes()
        self._names: dict[str, str] = {}
        self.files: dict[str, Asset] = {}
        for name in self._sources:
            self._name(name)

    def _bundle(self, folder: str) -> None:
        names = [name for name in self._sources if name.startswith(folder)]
        modules = {name.removeprefix(folder): self._sources.pop(name).decode() for name in names}
        made = bundles.bundles(modules)
        pages = {page: bundles.concatenate(made[part] for part in parts) for page, parts in PAGES.items()}
        for parts in PAGES.values():
            for part in parts:
                made.pop(part, None)  # served only as a part of a page's script
        self._sources |= {folder + name: script.encode() for name, script in (made | pages).items()}

    def url(self, name: str) -> str:
        """Returns /static/css/base.1a2b3c4d5e.css for css/base.css. Raises KeyError for an unknown file."""
        return f"/static/{self._names[name]}"

    def service_worker(self) -> str:
        """The service worker, with the list of files it caches and a version that changes with any of
        them."""
        urls = sorted(self.url(name) for name in self._sources if name != WORKER)
        script = jsmin(self._sources[WORKER].decode())
        version = sha256("".join([*urls, script]).encode()).hexdigest()[:10]
        return f"const FILES = {urls};\nconst VERSION = '{version}';\n{script}"

    def _name(self, name: str) -> str:
        """The hashed name. A file's hash covers the hashed names of the files that it refers to."""
        if name not in self._names:
            body = self._sources[name] if name == HTMX else self._linked(name)
            path = PurePosixPath(name)
            hashed = str(path.with_suffix(f".{sha256(body).hexdigest()[:10]}{path.suffix}"))
            self._names[name] = hashed
            self.files[hashed] = Asset(body, _content_type(name))
        return self._names[name]

    def _linked(self, name: str) -> bytes:
        def replace(match: re.Match[bytes]) -> bytes:
            target = _resolved(name, match[1].decode())
            return f"/static/{self._name(target)}".encode() if target in self._sources else match[1]

        return REFERENCE.sub(replace, self._sources[name])


def _resolved(name: str, reference: str) -> str:
    parts: list[str] = []
    for part in (PurePosixPath(name).parent / reference).parts:
        if part == "..":
            parts = parts[:-1]
        else:
            parts.append(part)
    return "/".join(parts)


def _content_type(name: str) -> str:
    kind = "text/javascript" if name.endswith(".js") else guess_type(name)[0] or "application/octet-stream"
    return f"{kind}; charset=utf-8" if kind.startswith("text/") else kind


@cache
def loaded() -> Assets:
    return Assets()
