"""The wheel's build hook: puts htmx, taken from the installed django-htmx, among our static files."""

from importlib.util import find_spec
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

HTMX = "2.0.10"


class Htmx(BuildHookInterface[Any]):
    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        build_data["force_include"][str(htmx_file())] = f"journal/static/vendor/htmx-{HTMX}.min.js"


def htmx_file() -> Path:
    spec = find_spec("django_htmx")
    if spec is None or spec.origin is None:
        raise FileNotFoundError("django-htmx is not installed, and htmx comes from its wheel")
    file = Path(spec.origin).parent / "static" / "django_htmx" / "htmx-2.min.js"
    if f'version:"{HTMX}"' not in file.read_text(encoding="utf-8"):
        raise ValueError(f"django-htmx no longer brings htmx {HTMX}: {file}")
    return file
