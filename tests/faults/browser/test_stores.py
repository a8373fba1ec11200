"""What a browser keeps on its disk: no word that anybody wrote, until and unless it is sealed."""

import asyncio
from pathlib import Path

import pytest
from playwright.async_api import expect

from tests.browser.conftest import join, write
from tests.browser.editing import body, is_saved, ready
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
