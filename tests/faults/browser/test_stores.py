"""What a browser keeps on its disk: no word that anybody wrote, until and unless it is sealed."""

import asyncio
from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from tests.browser.conftest import Windows, join, write
from tests.browser.editing import body, is_kept, is_saved, ready
from tests.faults.browser.chromiums import chromium_at
from tests.servers import Server

pytestmark = pytest.mark.slow
SECRET = "xylophonegiraffe"  # one word, which no packing can spread over two places
STORES = """async () => {
  const held = [JSON.stringify(localStorage), JSON.stringify(sessionStorage)];
  for (const name of await caches.keys()) {
    const cache = await caches.open(name);
    for (const asked of await cache.keys()) held.push(asked.url, await (await cache.match(asked)).text());
  }
  for (const { name } of await indexedDB.databases()) {
    const db = await new Promise((resolve) => {
      indexedDB.open(name).onsuccess = ({ target }) => resolve(target.result);
    });
    for (const store of db.objectStoreNames) {
      const all = db.transaction(store).objectStore(store).getAll();
      await new Promise((resolve) => { all.onsuccess = resolve; });
      for (const { data } of all.result) held.push(new TextDecoder("latin1").decode(data));
    }
  }
  return held;
}"""


def on_disk(folder: Path, word: str) -> list[str]:
    """The files in which the word stands, in one of the encodings that browsers use."""
    spelled = [word.encode(code) for code in ("utf-8", "utf-16-le", "utf-16-be")]
    files = [file for file in folder.rglob("*") if file.is_file() and not file.is_symlink()]
    return [
        str(file.relative_to(folder)) for file in files if any(form in file.read_bytes() for form in spelled)
    ]


async def test_no_store_of_the_browser_holds_a_word_in_the_clear(tmp_path: Path, site: Server) -> None:
    async with chromium_at(tmp_path) as (browser, context):
        page = context.pages[0]
        await join(context, site)
        await write(context, site, f"{SECRET} in an entry that is only read")
        await page.goto(site.url)
        await page.evaluate("navigator.serviceWorker.ready.then(() => null)")
        await expect(page.get_by_role("article")).to_contain_text(SECRET)
        await page.locator("article a").first.click()  # by htmx, in place
        await expect(page.locator(".prose")).to_contain_text(SECRET)
        async with page.expect_event("load"):  # htmx keeps no page either, and loads it anew
            await page.go_back()
        await page.goto(f"{site.url}/entries/new")
        await ready(page)
        await page.keyboard.type(f"{SECRET} in an entry that is saved")
        await is_saved(page)
        await page.keyboard.type(f", {SECRET} again")
        await is_saved(page)
        await context.set_offline(True)
        await body(page).press_sequentially(f", {SECRET} that is only kept")
        await asyncio.sleep(0.5)
        held = await page.evaluate(STORES)
        assert any(f"{site.url}/static/" in text for text in held)  # so the caches were looked into
        assert len(held[-1]) > 100  # and the copy
        assert not [text[:200] for text in held if SECRET in text]
        await asyncio.sleep(2)  # for what the browser writes down when it has time
        browser.kill()
    assert on_disk(tmp_path, "localhost")  # the profile has been written
    assert on_disk(tmp_path, SECRET) == []


# What the browser throws away

ASKED = """
globalThis.asked = 0;
StorageManager.prototype.persist = async () => { globalThis.asked += 1; return %s; };
"""


@pytest.mark.parametrize(
    ("grants", "sentence"),
    [
        ("true", "Kept on this device."),
        ("false", "Stored in this browser for now, but the browser may clear it."),
        ("undefined.refused", "Stored in this browser for now, but the browser may clear it."),
    ],
)
async def test_the_first_word_asks_the_browser_to_clear_nothing_and_its_answer_is_told(
    windows: Windows, site: Server, grants: str, sentence: str
) -> None:
    windows.foresee("503")
    page = await windows.open(base_url=site.url, grants=False)
    await join(page.context, site)
    await page.add_init_script(ASKED % grants)
    await page.goto("/entries/new")
    await ready(page)
    assert await page.evaluate("asked") == 0
    await page.route("**/entries/*", lambda route: route.fulfill(status=503, body="no"))
    await page.keyboard.type("Words")
    await expect(page.locator("#saved")).to_contain_text(f"Server not answering. {sentence}")
    assert await page.evaluate("asked") == 1
    assert ("Kept" in await page.locator("#saved").inner_text()) is (grants == "true")
    await page.unroute("**/entries/*")
    await page.goto("/")
    await page.get_by_label("A line for today").press_sequentially("Words")
    await is_kept(page)
    assert await page.evaluate("asked") == 1
    await page.get_by_role("button", name="Sign out").click()
    await expect(page.locator("#notice")).to_contain_text(f"What you typed is not sent yet. {sentence}")


CLEARED = "Your browser has cleared what you had typed here and not sent yet."


@pytest.mark.parametrize("path", ["/entries/new", "/"])
async def test_words_that_the_browser_has_cleared_are_told_of_once(
    windows: Windows, site: Server, path: str
) -> None:
    windows.foresee("ERR_INTERNET_DISCONNECTED", "Failed to fetch", "htmx:sendError")
    page = await windows.open(base_url=site.url)
    await join(page.context, site)
    await page.goto(path)
    if path == "/":
        await page.get_by_label("A line for today").press_sequentially("Words")
    else:
        await ready(page)
        await page.context.set_offline(True)
        await page.keyboard.type("Words")
    await is_kept(page)
    await page.close()
    later = await page.context.new_page()
    await page.context.set_offline(False)
    session = await page.context.new_cdp_session(later)
    stores = "indexeddb,local_storage,cache_storage,service_workers,file_systems"  # as an eviction does it
    await session.send("Storage.clearDataForOrigin", {"origin": site.url, "storageTypes": stores})
    await later.goto("/bin")
    await expect(later.locator("#notice")).to_contain_text(CLEARED)
    await later.goto("/bin")
    await later.wait_for_load_state("networkidle")
    await expect(later.locator("#notice")).not_to_contain_text(CLEARED)


async def test_nothing_is_said_to_be_cleared_after_everything_was_sent(ann: Page, site: Server) -> None:
    await ann.goto("/entries/new")
    await ready(ann)
    await ann.keyboard.type("Words")
    await is_saved(ann)
    await ann.goto("/")
    line = ann.get_by_label("A line for today")
    await line.press_sequentially("More words")
    await line.press("Enter")
    await expect(ann.get_by_role("article").first).to_contain_text("More words")
    session = await ann.context.new_cdp_session(ann)
    origin = {"origin": site.url, "storageTypes": "indexeddb"}
    await session.send("Storage.clearDataForOrigin", origin)
    await ann.goto("/bin")
    await ann.wait_for_load_state("networkidle")
    await expect(ann.locator("#notice")).to_be_empty()
