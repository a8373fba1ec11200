"""Reads entries and versions from the database of the server under test, and signs in a second device."""

import asyncio
import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from typing import Any

from playwright.async_api import BrowserContext, Page

from tests.browser.conftest import Windows, join, write
from tests.servers import PASSWORD, Server

SECONDS = 30


def _rows(site: Server, query: str, *values: Any) -> list[tuple[Any, ...]]:
    file = site.folder / "data" / "journal.sqlite3"
    with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True, timeout=10)) as db:
        return db.execute(query, values).fetchall()


def text(site: Server, uid: str) -> str | None:
    """Returns the current text of an entry; None if there is no such entry."""
    found = _rows(site, "SELECT body FROM entries WHERE uid = ? AND deleted_at IS NULL", uid)
    return found[0][0] if found else None


def day(site: Server, uid: str) -> str:
    return str(_rows(site, "SELECT day FROM entries WHERE uid = ?", uid)[0][0])


def versions(site: Server, uid: str) -> list[tuple[str, str]]:
    """Returns kind and text of each version, oldest first."""
    query = "SELECT r.kind, r.body FROM revisions r JOIN entries e ON e.id = r.entry_id WHERE e.uid = ?"
    return _rows(site, f"{query} ORDER BY r.number", uid)


def lost(site: Server, uid: str) -> list[str]:
    """Returns the texts that have lost a conflict."""
    return [body for kind, body in versions(site, uid) if kind == "conflict"]


async def until(holds: Callable[[], Any], seconds: float = SECONDS) -> bool:
    """Polls a condition; returns whether it became true in time."""
    deadline = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > deadline:
            return False
        await asyncio.sleep(0.05)
    return True


async def arrives(site: Server, uid: str, body: str) -> None:
    await until(lambda: text(site, uid) == body)
    assert text(site, uid) == body


async def enter(context: BrowserContext, site: Server, name: str) -> None:
    """Signs in to an existing account."""
    form = {"username": name, "password": PASSWORD}
    answer = await context.request.post(f"{site.url}/login", form=form, max_redirects=0)
    assert answer.status == 303, await answer.text()


async def devices(windows: Windows, site: Server) -> tuple[Page, Page, str, str]:
    """Opens two browsers of one account that has an entry "base"; returns also its address and its uid."""
    one, other = await windows.open(base_url=site.url), await windows.open(base_url=site.url)
    await enter(other.context, site, await join(one.context, site))
    address = await write(one.context, site, "base")
    return one, other, address, address.rpartition("/")[2]


async def silence(page: Page) -> None:
    """Blocks all further requests of a page: offline, its last one could still arrive after it is closed."""
    await page.evaluate("fetch = () => new Promise(() => {}); XMLHttpRequest.prototype.send = () => {}; null")
