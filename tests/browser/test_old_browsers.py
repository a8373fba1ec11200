"""Browsers that lack an API: only the module that needs it fails, the rest of the page works."""

import pytest
from playwright.async_api import Page, expect

from journal.web import bundles
from tests.browser.conftest import OFFLINE, Windows, signed_up
from tests.browser.editing import body, is_saved, open_editor, quick_entry, says, tells
from tests.servers import Server

pytestmark = pytest.mark.slow

LACKING = "Not in this browser"
NO_DATABASES = "delete IDBFactory.prototype.databases;"


def throwing(name: str) -> str:
    getter = f"get() {{ throw new TypeError('{LACKING}'); }}"
    return f"Object.defineProperty(globalThis, '{name}', {{ {getter} }});"


async def opened(windows: Windows, site: Server, script: str) -> Page:
    windows.foresee(LACKING, "is not a constructor", "Cannot destructure")
    page = await signed_up(windows, site)
    await page.context.add_init_script(script)
    return page


async def test_a_module_that_throws_takes_only_what_imports_it_along(windows: Windows) -> None:
    windows.foresee(LACKING, "Cannot destructure")
    modules = {
        "page.js": 'import "./broken.js";\nimport "./needs.js";\nimport "./works.js";\ndone("page");\n',
        "broken.js": f'throw new TypeError("{LACKING}");\nexport const half = 1;\n',
        "needs.js": 'import { half } from "./broken.js";\ndone("needs", half);\n',
        "works.js": 'done("works");\n',
    }
    scripts = [f'throw new TypeError("{LACKING}");', bundles.bundles(modules)["page.js"], 'done("after");']
    page = await windows.open()
    await page.evaluate("globalThis.all = []; globalThis.done = (name) => { all.push(name); }; null")
    await page.add_script_tag(content=bundles.concatenate(scripts))
    assert await page.evaluate("all") == ["works", "page", "after"]


async def test_where_the_browser_can_not_list_its_databases_words_come_home_all_the_same(
    windows: Windows, site: Server
) -> None:
    windows.foresee(*OFFLINE)
    page = await opened(windows, site, NO_DATABASES)
    await open_editor(page)
    await page.context.set_offline(True)
    await page.keyboard.type("Never sent")
    await says(page, "Offline.")
    await page.close()
    await page.context.set_offline(False)
    later = await page.context.new_page()
    await later.goto("/")
    await tells(later, "are saved now.")


@pytest.mark.parametrize("lacked", ["Intl", "ResizeObserver", "requestIdleCallback"])
async def test_an_entry_is_saved_and_found_where_the_browser_lacks(
    windows: Windows, site: Server, lacked: str
) -> None:
    page = await opened(windows, site, throwing(lacked))
    await open_editor(page)
    await page.keyboard.type("Words")
    await page.keyboard.press("Control+s")
    await is_saved(page)
    await expect(body(page)).to_have_value("Words")
    await page.goto("/")
    line = quick_entry(page)
    await line.fill("A line.")
    await line.press("Enter")
    await expect(page.locator("article").first).to_contain_text("A line.")
    await page.locator("article h2 a").first.click()  # a boosted visit
    await expect(page.get_by_role("link", name="Edit")).to_be_visible()
    await expect(page.locator("#said")).to_contain_text("Journal")  # so the script of lists runs as well
