"""Ways to leave a page right after a key and to come back; counts how often its last request arrives."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from playwright.async_api import Page, expect

from tests.browser.conftest import Windows, signed_up
from tests.browser.editing import body, open_editor
from tests.faults.browser.database import arrives, lost, text, until
from tests.servers import Server

WAYS = ("link", "back", "reload", "close", "other site")
KEY = 0.03  # seconds between the last key and leaving
SOON = 0.7  # seconds for the last request to arrive
# Delays the next page by a second, so that its own request can't be taken for that last one.
SLOWLY = """
const given = crypto.subtle?.importKey.bind(crypto.subtle);
if (given) crypto.subtle.importKey = async (...all) => {
  if (sessionStorage.isLeft) await new Promise((resolve) => { setTimeout(resolve, 1000); });
  return given(...all);
};
"""
HOME = re.compile("^http://[^/]+/$")
ANSWER = (
    b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 9\r\nConnection: close\r\n\r\nelsewhere"
)


@asynccontextmanager
async def another_site() -> AsyncIterator[str]:
    """Serves another site; yields its address."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError, asyncio.IncompleteReadError):
            await reader.readuntil(b"\r\n\r\n")
            writer.write(ANSWER)
            await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
    server.close()


async def leaves_and_returns(windows: Windows, site: Server, way: str, times: int) -> tuple[int, int]:
    """Returns how often the text was there on return, and how often the last request had arrived."""
    first = await signed_up(windows, site)
    await first.context.add_init_script(SLOWLY)
    kept = arrived = 0
    async with another_site() as elsewhere:
        for number in range(times):
            words = f"What I had to say the {number}th time."
            page = await first.context.new_page()
            uid = await begun(page, words)
            await leave(page, way, elsewhere)
            arrived += await until(lambda uid=uid, words=words: text(site, uid) == words, SOON)
            page = await returned(page, way, elsewhere, uid, words)
            await arrives(site, uid, words)
            assert lost(site, uid) == []  # no conflict with itself
            kept += 1
            await page.goto("about:blank")  # Playwright would hang if it closed a page that is reloading
            await page.close()
    await first.close()
    return kept, arrived


async def begun(page: Page, words: str) -> str:
    """Types a new entry and returns its uid 30 ms after the last key."""
    await page.goto("/")
    uid = await open_editor(page)
    await page.evaluate("sessionStorage.isLeft = 'yes'")
    await page.keyboard.type(words)
    await asyncio.sleep(KEY)
    return uid


# Delayed, because a page that goes into the back/forward cache never returns from evaluate().
LEAVING = {
    "link": "setTimeout(() => document.querySelector('a.brand').click())",
    "back": "setTimeout(() => history.back())",
    "reload": "setTimeout(() => location.reload())",
    "other site": "setTimeout(() => location.assign('{elsewhere}'))",
}


async def leave(page: Page, way: str, elsewhere: str) -> None:
    if way == "close":
        await page.close()
    else:
        await page.evaluate(LEAVING[way].replace("{elsewhere}", elsewhere))


async def returned(page: Page, way: str, elsewhere: str, uid: str, words: str) -> Page:
    """Comes back; returns a page that restores or sends the draft, if there is one."""
    if way == "close":
        page = await page.context.new_page()
        await page.goto("/")
    elif way in ("reload", "other site"):
        if way == "other site":
            await page.wait_for_url(elsewhere)
            await open_editor(page, f"/entries/new?entry={uid}")
        await expect(body(page)).to_have_value(words)
    else:
        await page.wait_for_url(HOME)  # Playwright would hang if it closed the page during the navigation
        await page.wait_for_load_state()
    return page
