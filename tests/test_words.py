"""A standard term leads to a module: it stands in its name, its docstring or the comment at its head."""

import ast
import re
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
TERMS = """
csrf, idempotency, autosave, pagination, keyset, retention, rate limit, authentication, middleware,
optimistic concurrency, sanitizer, tokenizer, full-text search, snippet, streak, session, refresh token,
rotation, backup, migration, import, export, attachment, timezone, health check, content security policy,
service worker, draft, conflict, audit log
"""


def plain(text: str) -> str:
    """Without case, and without the difference between time zone, time-zone, time_zone and timezone."""
    return re.sub(r"[\W_]+", "", text.lower())


@cache
def descriptions() -> dict[str, str]:
    """The name and the head of each module and script."""
    found = {}
    for file in (ROOT / "journal").rglob("*.py"):
        head = ast.get_docstring(ast.parse(file.read_text(encoding="utf-8"))) or ""
        found[f"{file.relative_to(ROOT)}"] = plain(f"{file.stem} {head}")
    for file in (ROOT / "static").rglob("*.js"):
        head = re.match(r"(//.*\n)*", file.read_text(encoding="utf-8"))
        found[f"{file.relative_to(ROOT)}"] = plain(f"{file.stem} {head[0] if head else ''}")
    return found


@pytest.mark.parametrize("term", [" ".join(term.split()) for term in TERMS.split(",")])
def test_a_standard_term_leads_to_a_module(term: str) -> None:
    assert [name for name, text in descriptions().items() if plain(term) in text]
