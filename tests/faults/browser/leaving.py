"""The ways in which a page is left right after a key, and back again; how often its last request arrives."""

import asyncio

from playwright.async_api import Page, expect

from tests.browser.conftest import Windows, join
from tests.browser.editing import body, ready
from tests.faults.browser.shelf import arrives, text, uid_of, until
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
ELSEWHERE = "http://elsewhere.test/"


async def leaves_and_returns(windows: Windows, site: Server, way: str, times: int) -> tuple[int, int]:
    """How often the words were there on return, and how often the request of the page that went arrived."""
    first = await windows.open(base_url=site.url)
    await join(first.context, site)
    await first.context.add_init_script(SLOWLY)
    kept = arrived = 0
    for number in range(times):
        page = await first.context.new_page()
        words = f"What I had to say the {number}th time."
        await page.goto("/")
        await page.goto("/entries/new")
        await ready(page)
        uid = await uid_of(page)
        await page.evaluate("sessionStorage.isLeft = 'yes'")
        await page.keyboard.type(words)
        await asyncio.sleep(KEY)
        await leave(page, way)
        arrived += await until(lambda uid=uid, words=words: text(site, uid) == words, SOON)
        page = await returned(page, way, uid, words)
        await arrives(site, uid, words)
        kept += 1
        await page.close()
    await first.close()
    return kept, arrived


# Not at once: a page that is put aside in the middle of an answer never answers.
LEAVING = {
    "link": "setTimeout(() => document.querySelector('a.brand').click())",
    "back": "setTimeout(() => history.back())",
    "reload": "setTimeout(() => location.reload())",
    "other site": f"setTimeout(() => location.assign('{ELSEWHERE}'))",
}


async def leave(page: Page, way: str) -> None:
    if way == "close":
        await page.close()
    else:
        await page.evaluate(LEAVING[way])


async def returned(page: Page, way: str, uid: str, words: str) -> Page:
    """A page from which the words come home, if they are not there yet."""
    if way == "close":
        page = await page.context.new_page()
        await page.goto("/")
    elif way in ("reload", "other site"):
        if way == "other site":
            await page.goto(f"/entries/new?entry={uid}")
        await ready(page)
        await expect(body(page)).to_have_value(words)
    return page
