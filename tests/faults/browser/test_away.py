"""The server is unreachable, refuses a save, or is upgraded while somebody writes."""

import shutil
from pathlib import Path

import pytest
from playwright.async_api import Page, Route, expect

from tests.browser.conftest import OFFLINE, Windows, signed_up
from tests.browser.editing import (
    body,
    downloaded,
    editor,
    editor_tab,
    is_kept,
    is_saved,
    open_editor,
    pass_time,
    ready,
    says,
    uid_of,
)
from tests.faults.browser.database import arrives, day, text, versions
from tests.servers import ROOT, Server, serving

pytestmark = pytest.mark.slow
MINUTE = 60_000  # ms


async def test_ten_minutes_without_a_network_are_said_and_all_is_sent_afterwards(
    windows: Windows, site: Server
) -> None:
    windows.foresee(*OFFLINE)
    page = await signed_up(windows, site)
    saves = await editor(page)
    uid = await uid_of(page)
    await page.context.set_offline(True)
    for minute in range(10):
        await page.keyboard.type(f"{minute}. ")
        await pass_time(page, MINUTE)
        await says(page, "Offline. Kept on this device. Trying again.")
    assert text(site, uid) is None
    assert len(saves) >= 10
    assert len(saves.ids) == 1
    await page.context.set_offline(False)  # the browser fires `online` at once
    await expect(page.locator("[name=version]")).to_have_value("1")
    await pass_time(page)
    await is_saved(page)
    whole = "".join(f"{minute}. " for minute in range(10))
    await expect(body(page)).to_have_value(whole)
    assert text(site, uid) == whole
    assert [kept for _, kept in versions(site, uid)] == ["0. "]


async def test_a_save_that_counts_as_another_sites_is_kept_and_said_and_can_be_downloaded(
    windows: Windows, site: Server
) -> None:
    windows.foresee("403")
    page = await signed_up(windows, site)
    await editor(page)
    uid = await uid_of(page)

    async def from_elsewhere(route: Route) -> None:
        headers = {**route.request.headers, "sec-fetch-site": "cross-site"}
        await route.fulfill(response=await route.fetch(headers=headers))

    await page.route(f"**/entries/{uid}", from_elsewhere)
    await page.keyboard.type("From here, all the same")
    await pass_time(page)
    await says(page, "Could not be saved: This was sent from another site")
    await says(page, "Kept on this device.")
    assert (await downloaded(page)).strip() == "From here, all the same"
    await page.close()

    later = await page.context.new_page()
    await later.goto(f"/entries/new?entry={uid}")
    await arrives(site, uid, "From here, all the same")
    await expect(body(later)).to_have_value("From here, all the same")


async def test_more_than_the_site_takes_is_kept_here_until_it_is_less(windows: Windows, site: Server) -> None:
    windows.foresee("413")
    page = await signed_up(windows, site)
    uid = await open_editor(page)
    words = "é" * 750_000  # six bytes each on their way
    await body(page).fill(words)
    await page.keyboard.press("Control+s")
    await says(page, "Could not be saved: This is more than the site takes at once (4 MB).")
    await says(page, "Kept on this device.")
    await page.reload()
    await ready(page)
    await expect(body(page)).to_have_value(words)
    await says(page, "Could not be saved")
    assert (await downloaded(page)).strip() == words
    assert text(site, uid) is None
    await body(page).fill("é")
    await page.keyboard.press("Control+s")
    await is_saved(page)
    await arrives(site, uid, "é")


async def test_a_site_that_is_renewed_in_mid_write_reloads_nothing_and_loses_nothing(
    windows: Windows, tmp_path: Path
) -> None:
    """The new service worker waits until the page of the old one is closed."""
    windows.foresee("ERR_CONNECTION_REFUSED", "htmx:sendError")
    code = tmp_path / "code"
    for part in ("journal", "static", "templates"):
        shutil.copytree(ROOT / part, code / part)
    shutil.copy(ROOT / "hypercorn.toml", code)
    with serving(tmp_path / "site", PYTHONPATH=str(code)) as site:
        page = await signed_up(windows, site, service_workers="allow")
        await page.goto("/")
        await page.evaluate("navigator.serviceWorker.ready.then(() => null)")
        uid = await open_editor(page)
        assert await page.evaluate("navigator.serviceWorker.controller !== null")
        await page.evaluate("document.body.dataset.first = ''")
        await page.keyboard.type("Before")
        await is_saved(page)
        await page.keyboard.type(", during")
        site.stop()
        script = code / "static" / "js" / "page.js"
        script.write_text(f'{script.read_text()}\ndocument.body.dataset.renewed = "";\n')
        site.start()
        await page.evaluate("""async () => {
            const registration = await navigator.serviceWorker.ready;
            await registration.update();
            while (!registration.waiting) await new Promise((resolve) => { setTimeout(resolve, 50); });
        }""")
        await page.keyboard.type(", after")
        await arrives(site, uid, "Before, during, after")
        await is_saved(page)
        await expect(page.locator("body[data-first]")).to_have_count(1)
        await page.close()

        later = await editor_tab(page, f"/entries/{uid}/edit")
        await expect(body(later)).to_have_value("Before, during, after")
        await expect(later.locator("body[data-renewed]")).to_have_count(1)


async def test_without_a_network_a_page_of_the_sites_own_says_where_the_words_are(
    windows: Windows, site: Server
) -> None:
    windows.foresee("ERR_INTERNET_DISCONNECTED", "Failed to fetch", "ERR_FAILED")
    page = await signed_up(windows, site, service_workers="allow")
    await page.goto("/")
    await page.evaluate("navigator.serviceWorker.ready.then(() => null)")
    uid = await open_editor(page)
    await page.context.set_offline(True)
    await page.keyboard.type("In the tunnel")
    await is_kept(page)
    await page.reload()
    await expect(page.get_by_role("heading", name="No way to the server")).to_be_visible()
    await page.context.set_offline(False)
    await page.get_by_role("link", name="Try again").click()
    await ready(page)
    await expect(body(page)).to_have_value("In the tunnel")
    await arrives(site, uid, "In the tunnel")


async def test_words_stay_on_the_day_on_which_they_were_begun_and_the_new_one_is_offered(
    ann: Page, site: Server
) -> None:
    await editor(ann)
    uid = await uid_of(ann)
    first = await ann.locator("[name=day]").input_value()
    await ann.keyboard.type("Before midnight")
    await pass_time(ann)
    await is_saved(ann)
    banner = ann.locator("#midnight")
    await expect(banner).to_be_hidden()
    await ann.clock.fast_forward("24:00:00")
    await pass_time(ann, MINUTE)
    await expect(banner).to_contain_text("A new day has begun. These words stay on")
    await ann.keyboard.type(", and after it")
    await ann.clock.resume()
    await banner.get_by_role("link", name="Write about the new day").click()
    await expect(body(ann)).to_have_value("")
    assert await uid_of(ann) != uid
    assert text(site, uid) == "Before midnight, and after it"
    assert day(site, uid) == first
