"""The hands of somebody who writes: the editor with a clock to move on, and what it sends."""

import asyncio
import re
import time
from urllib.parse import parse_qsl

from playwright.async_api import Dialog, Locator, Page, Request, expect

PAUSE = 1200  # ms after the last key, then it saves
SAVED = re.compile(r"^\s*Saved \d\d:\d\d\s· [\d,]+ words?\s*$")


class Saves(list[dict[str, str]]):
    """The fields of each save that leaves the browser, in order, from now on."""

    def __init__(self, page: Page) -> None:
        super().__init__()
        page.on("request", self.note)

    def note(self, request: Request) -> None:
        if request.method == "PUT":
            self.append(dict(parse_qsl(request.post_data or "", keep_blank_values=True)))

    async def reach(self, number: int) -> None:
        """Waits until so many have left; fails if there are more."""
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


async def editor(page: Page, address: str = "/entries/new") -> Saves:
    """Opens it, with timers that wait for pass_time() until the clock is resumed."""
    await page.clock.install()
    await page.goto(address)
    await ready(page)
    await expect(body(page)).to_be_focused()
    await page.clock.pause_at(await page.evaluate("Date.now() / 1000 + 1"))
    return Saves(page)


async def ready(page: Page) -> None:
    """What this device had kept, if anything, is back."""
    await page.locator("#editor[data-ready]").wait_for(timeout=30_000)


async def pass_time(page: Page, milliseconds: float = PAUSE) -> None:
    await page.clock.run_for(milliseconds)


def body(page: Page) -> Locator:
    return page.get_by_label("Text", exact=True)


async def says(page: Page, sentence: str) -> None:
    await expect(page.locator("#saved")).to_contain_text(sentence)


async def is_saved(page: Page) -> None:
    await expect(page.locator("#saved")).to_have_text(SAVED)


async def version(page: Page, number: int) -> None:
    await expect(page.locator("[name=version]")).to_have_value(str(number))


KEPT = """async () => {
  const opening = indexedDB.open("journal", 1);
  const db = await new Promise((done) => { opening.onsuccess = () => done(opening.result); });
  const reading = db.transaction("copies").objectStore("copies").getAll();
  const copies = await new Promise((done) => { reading.onsuccess = () => done(reading.result); });
  db.close();
  return copies.map(({ iv }) => iv.join());
}"""


async def is_kept(page: Page) -> None:
    """Waits until there are copies on this device and none is being written any more."""
    before, now = None, await page.evaluate(KEPT)
    while not now or now != before:
        await asyncio.sleep(0.15)
        before, now = now, await page.evaluate(KEPT)


async def asks_before_leaving(page: Page) -> bool:
    """Whether the browser warns; if it does, the page stays."""
    asked: list[str] = []

    async def stay(dialog: Dialog) -> None:
        asked.append(dialog.type)
        await dialog.dismiss()

    page.on("dialog", stay)
    await page.evaluate("location.assign('/bin')")
    await asyncio.sleep(0.3)
    page.remove_listener("dialog", stay)
    return asked == ["beforeunload"]
