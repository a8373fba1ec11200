"""Page helpers: open the editor, move its clock, delay or fail its requests, read its status line."""

import asyncio
import re
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import parse_qsl

from playwright.async_api import BrowserContext, Dialog, Locator, Page, Request, Route, expect

PAUSE = 1200  # ms between the last key and the save
SAVED = re.compile(r"^\s*Saved \d\d:\d\d\s· [\d,]+ words?\s*$")
SAVES = "**/entries/*"


class Saves(list[dict[str, str]]):
    """Records the fields of each save that the page sends from now on."""

    def __init__(self, page: Page) -> None:
        super().__init__()
        page.on("request", self.note)

    def note(self, request: Request) -> None:
        if request.method == "PUT":
            self.append(dict(parse_qsl(request.post_data or "", keep_blank_values=True)))

    async def reach(self, number: int) -> None:
        """Waits for this number of saves; fails if there are more."""
        deadline = time.monotonic() + 30
        while len(self) < number and time.monotonic() < deadline:
            await asyncio.sleep(0.02)
        assert len(self) == number

    @property
    def ids(self) -> set[str]:
        return {fields["save"] for fields in self}

    @property
    def bodies(self) -> list[str]:
        return [fields["body"] for fields in self]


# The editor


async def editor(page: Page, address: str = "/entries/new") -> Saves:
    """Opens the editor with a fake clock, which pass_time() moves on."""
    await page.clock.install()
    await page.goto(address)
    await ready(page)
    await expect(body(page)).to_be_focused()
    await page.clock.pause_at(await page.evaluate("Date.now() / 1000 + 1"))
    return Saves(page)


async def open_editor(page: Page, address: str = "/entries/new", text: str = "") -> str:
    """Opens the editor with the real clock and fills in the text; returns the uid of the entry."""
    await page.goto(address)
    await ready(page)
    if text:
        await body(page).fill(text)
    return await uid_of(page)


async def editor_tab(page: Page, address: str) -> Page:
    """Opens the editor in a new tab of the same browser."""
    tab = await page.context.new_page()
    await open_editor(tab, address)
    return tab


async def ready(page: Page) -> None:
    """Waits until the editor has looked for a draft and restored it."""
    await page.locator("#editor[data-ready]").wait_for(timeout=30_000)


async def uid_of(page: Page) -> str:
    """Returns the uid of the entry in the editor."""
    action = await page.locator("#editor").get_attribute("action")
    assert action
    return action.rpartition("/")[2]


async def pass_time(page: Page, milliseconds: float = PAUSE) -> None:
    await page.clock.run_for(milliseconds)


def body(page: Page) -> Locator:
    return page.get_by_label("Text", exact=True)


def quick_entry(page: Page) -> Locator:
    """The field for one line on the timeline."""
    return page.get_by_label("A line for today")


async def says(page: Page, sentence: str) -> None:
    await expect(page.locator("#saved")).to_contain_text(sentence)


async def is_saved(page: Page) -> None:
    await expect(page.locator("#saved")).to_have_text(SAVED)


async def version(page: Page, number: int) -> None:
    await expect(page.locator("[name=version]")).to_have_value(str(number))


async def tells(page: Page, sentence: str) -> None:
    """Waits for a notice at the top of the page."""
    await expect(page.locator("#notice")).to_contain_text(sentence)


async def downloaded(page: Page) -> str:
    """Follows "Download the text" and returns what the file holds."""
    async with page.expect_download() as download:
        await page.get_by_role("link", name="Download the text").click()
    return (await (await download.value).path()).read_text(encoding="utf-8")


# Requests


async def fail_saves(page: Page | BrowserContext, status: int = 503) -> None:
    """Answers every save with this status until unroute(SAVES)."""
    await page.route(SAVES, lambda route: route.fulfill(status=status, body="no"))


async def lose_responses(page: Page, times: int | None = None) -> None:
    """Lets saves reach the server, but the page gets no response."""

    async def swallow(route: Route) -> None:
        await route.fetch()
        await route.abort()

    await page.route(SAVES, swallow, times=times)


@asynccontextmanager
async def held_up(
    page: Page, pattern: str | re.Pattern[str] = SAVES, times: int | None = None
) -> AsyncIterator[None]:
    """Holds up the matching requests until the block ends."""
    is_free = asyncio.Event()

    async def hold(route: Route) -> None:
        await is_free.wait()
        await route.continue_()

    await page.route(pattern, hold, times=times)
    yield
    is_free.set()


def requested(page: Page, part: str) -> list[str]:
    """Records the addresses with this part that the page requests from now on."""
    urls: list[str] = []
    page.on("request", lambda request: urls.append(request.url) if part in request.url else None)
    return urls


# Drafts and layout

STORED = """async () => {
  const opening = indexedDB.open("journal", 1);
  const db = await new Promise((done) => { opening.onsuccess = () => done(opening.result); });
  const reading = db.transaction("copies").objectStore("copies").getAll();
  const drafts = await new Promise((done) => { reading.onsuccess = () => done(reading.result); });
  db.close();
  return drafts.map(({ iv }) => iv.join());
}"""


async def is_kept(page: Page) -> None:
    """Waits until there is a draft in the browser and no write is under way."""
    before, now = None, await page.evaluate(STORED)
    while not now or now != before:
        await asyncio.sleep(0.15)
        before, now = now, await page.evaluate(STORED)


async def asks_before_leaving(page: Page) -> bool:
    """Tries to leave the page; returns whether the browser warned, in which case the page stays."""
    asked: list[str] = []

    async def stay(dialog: Dialog) -> None:
        asked.append(dialog.type)
        await dialog.dismiss()

    page.on("dialog", stay)
    await page.evaluate("location.assign('/bin')")
    await asyncio.sleep(0.3)
    page.remove_listener("dialog", stay)
    return asked == ["beforeunload"]


async def box(locator: Locator) -> dict[str, float]:
    """Returns the position and size of an element that is visible."""
    found = await locator.bounding_box()
    assert found
    return dict(found)
