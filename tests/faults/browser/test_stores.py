"""Storage of the browser: holds no text unless it is encrypted, and the page tells about its eviction."""

import asyncio
from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from tests.browser.conftest import OFFLINE, Windows, join, signed_up, write
from tests.browser.editing import (
    SAVES,
    body,
    fail_saves,
    is_kept,
    is_saved,
    open_editor,
    quick_entry,
    ready,
    says,
    tells,
)
from tests.faults.browser.chromiums import chromium_at
from tests.servers import Server

pytestmark = pytest.mark.slow
SECRET = "xylophonegiraffe"  # one rare word, which compression can't split
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
    """Returns the files that hold the word in one of the encodings that browsers use."""
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
        await page.locator("article a").first.click()  # a boosted visit
        await expect(page.locator(".prose")).to_contain_text(SECRET)
        async with page.expect_event("load"):  # htmx caches no pages, so it reloads
            await page.go_back()
        await open_editor(page, f"{site.url}/entries/new")
        await page.keyboard.type(f"{SECRET} in an entry that is saved")
        await is_saved(page)
        await page.keyboard.type(f", {SECRET} again")
        await is_saved(page)
        await context.set_offline(True)
        await body(page).press_sequentially(f", {SECRET} that is only kept")
        await asyncio.sleep(0.5)
        held = await page.evaluate(STORES)
        assert any(f"{site.url}/static/" in text for text in held)  # the caches were read
        assert len(held[-1]) > 100  # the draft was read as well
        assert not [text[:200] for text in held if SECRET in text]
        await asyncio.sleep(2)  # for delayed writes of the browser
        browser.kill()
    assert on_disk(tmp_path, "localhost")  # the profile was written
    assert on_disk(tmp_path, SECRET) == []


# Eviction

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
    page = await signed_up(windows, site, grants=False)
    await page.add_init_script(ASKED % grants)
    await open_editor(page)
    assert await page.evaluate("asked") == 0
    await fail_saves(page)
    await page.keyboard.type("Words")
    await says(page, f"Server not answering. {sentence}")
    assert await page.evaluate("asked") == 1
    assert ("Kept" in await page.locator("#saved").inner_text()) is (grants == "true")
    await page.unroute(SAVES)
    await page.goto("/")
    await quick_entry(page).press_sequentially("Words")
    await is_kept(page)
    assert await page.evaluate("asked") == 1
    await page.get_by_role("button", name="Sign out").click()
    await tells(page, f"What you typed is not sent yet. {sentence}")


CLEARED = "Your browser has cleared what you had typed here and not sent yet."


@pytest.mark.parametrize("path", ["/entries/new", "/"])
async def test_words_that_the_browser_has_cleared_are_told_of_once(
    windows: Windows, site: Server, path: str
) -> None:
    windows.foresee(*OFFLINE)
    page = await signed_up(windows, site)
    await page.goto(path)
    if path == "/":
        await quick_entry(page).press_sequentially("Words")
    else:
        await ready(page)
        await page.context.set_offline(True)
        await page.keyboard.type("Words")
    await is_kept(page)
    await page.close()
    later = await page.context.new_page()
    await page.context.set_offline(False)
    session = await page.context.new_cdp_session(later)
    stores = "indexeddb,local_storage,cache_storage,service_workers,file_systems"  # what an eviction clears
    await session.send("Storage.clearDataForOrigin", {"origin": site.url, "storageTypes": stores})
    await later.goto("/bin")
    await tells(later, CLEARED)
    await later.goto("/bin")
    await later.wait_for_load_state("networkidle")
    await expect(later.locator("#notice")).not_to_contain_text(CLEARED)


async def test_nothing_is_said_to_be_cleared_after_everything_was_sent(ann: Page, site: Server) -> None:
    await open_editor(ann)
    await ann.keyboard.type("Words")
    await is_saved(ann)
    await ann.goto("/")
    line = quick_entry(ann)
    await line.press_sequentially("More words")
    await line.press("Enter")
    await expect(ann.get_by_role("article").first).to_contain_text("More words")
    # The page deletes the draft a moment after the response.
    await ann.wait_for_function("!document.cookie.includes('unsent')")
    session = await ann.context.new_cdp_session(ann)
    origin = {"origin": site.url, "storageTypes": "indexeddb"}
    await session.send("Storage.clearDataForOrigin", origin)
    await ann.goto("/bin")
    await ann.wait_for_load_state("networkidle")
    await expect(ann.locator("#notice")).to_be_empty()
