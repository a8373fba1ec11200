"""The ways in which a page is left right after a key, and back again; how often its last request arrives."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from playwright.async_api import Page, expect

from tests.browser.conftest import Windows, join
from tests.browser.editing import body, ready
from tests.faults.browser.shelf import arrives, lost, text, uid_of, until
from tests.servers import Server

WAYS = ("link", "back", "reload", "close", "other site")
KEY = 0.03  # seconds between the last key and the leaving
SOON = 0.7  # seconds in which a last request arrives or doesn't, before
# the page that comes next looks for copies: what arrived is then told apart from what was brought home.
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
    """The address of a site that has nothing to do with ours."""

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
    """How often the words were there on return, and how often the request of the page that went arrived."""
    first = await windows.open(base_url=site.url)
    await join(first.context, site)
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
            assert lost(site, uid) == []  # it is not taken for another's text
            kept += 1
            await page.goto("about:blank")  # closed while it loads itself anew, it would hang the driver
            await page.close()
    await first.close()
    return kept, arrived


async def begun(page: Page, words: str) -> str:
    """A new entry with these words, the last key 30 ms old; its uid."""
    await page.goto("/")
    await page.goto("/entries/new")
    await ready(page)
    uid = await uid_of(page)
    await page.evaluate("sessionStorage.isLeft = 'yes'")
    await page.keyboard.type(words)
    await asyncio.sleep(KEY)
    return uid


# Not at once: a page that is put aside in the middle of an answer never answers.
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
    """A page from which the words come home, if they are not there yet."""
    if way == "close":
        page = await page.context.new_page()
        await page.goto("/")
    elif way in ("reload", "other site"):
        if way == "other site":
            await page.wait_for_url(elsewhere)
            await page.goto(f"/entries/new?entry={uid}")
        await ready(page)
        await expect(body(page)).to_have_value(words)
    else:
        await page.wait_for_url(
            HOME
        )  # to close a page in the middle of its way would hang the browser's driver
        await page.wait_for_load_state()
    return page
