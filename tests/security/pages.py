"""Every page that the site has, found by walking its routes, so that a new one is attacked as well."""

import re
import uuid
from collections.abc import Iterator
from typing import Any

from quart import Quart
from werkzeug.routing import Rule

from tests.security.asking import Browser

STANDARD = ("GET", "HEAD", "POST", "PUT", "DELETE", "PATCH")
LEFT_ALONE = "site"  # the blueprint of static files and probes


def is_public(app: Quart, rule: Rule) -> bool:
    return bool(getattr(app.view_functions[rule.endpoint], "is_public", False))


def rules(app: Quart) -> Iterator[Rule]:
    """Those of the pages: without static files and probes."""
    for rule in app.url_map.iter_rules():
        if not str(rule.endpoint).startswith(f"{LEFT_ALONE}."):
            yield rule


def path_of(rule: Rule, uid: str, day: str) -> str:
    """The address by this rule of what belongs to the entry."""
    values: dict[str, Any] = {}
    for name in rule.arguments:
        kind = type(rule._converters[name]).__name__
        if kind == "UUIDConverter":
            values[name] = uuid.UUID(uid)
        elif kind == "IntegerConverter":
            values[name] = 1
        elif name in ("day", "date", "year", "month"):
            values[name] = {"day": day, "date": day[5:], "year": day[:4], "month": day[5:7]}[name]
        elif name == "tag":
            values[name] = "a tag"
        else:
            values[name] = uid
    built = rule.build(values)
    assert built is not None, rule
    return built[1]


async def private_paths(browser: Browser) -> list[str]:
    """Every page of this person's that shows something, with an entry of theirs in it."""
    uid = (await browser.writes("Some words", title="A title", day="2024-05-31")).rpartition("/")[2]
    paths = {path_of(rule, uid, "2024-05-31") for rule in rules(browser.app) if "GET" in (rule.methods or ())}
    paths -= {"/login", "/register", "/templates/1", "/prompts/1", f"/attachments/{uid}"}
    paths -= {f"/imports/{uid}", f"/imports/{uid}/report", f"/exports/{uid}"}
    brought = (await browser.brings()).location
    return sorted(paths | await starters(browser) | {brought, "/exports/json"})


async def starters(browser: Browser) -> set[str]:
    """The pages of a template and of a prompt of theirs."""
    await browser.post("/templates", {"name": str(uuid.uuid4()), "body": "Slept:"})
    await browser.post("/prompts", {"body": str(uuid.uuid4())})
    listed = (await browser.get("/templates")).text + (await browser.get("/prompts")).text
    return set(re.findall(r'class="name" href="(/(?:templates|prompts)/[0-9]+)"', listed))


def renewing(browser: Browser, **jar: str) -> Browser:
    """The same with its access token lost, so that every page renews it."""
    kept = {name: value for name, value in browser.jar.items() if not name.endswith("access_token")}
    return browser.copied(jar={**kept, **jar})
