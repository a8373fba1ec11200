"""A page is left in the middle of a word: what was typed is there on return, whatever else got through."""

import asyncio
from contextlib import suppress

import pytest
from playwright.async_api import Error, Page, Route, expect

from tests.browser.conftest import Windows, join
from tests.browser.editing import asks_before_leaving, body, editor, is_kept, pass_time, ready, says
from tests.faults.browser.leaving import WAYS, leaves_and_returns
from tests.faults.browser.shelf import arrives, lost, text, uid_of
from tests.figures import Counted
from tests.servers import Server

pytestmark = pytest.mark.slow

GONE = ("ERR_ABORTED", "Failed to fetch")


@pytest.mark.parametrize("way", WAYS)
async def test_words_are_there_on_return_after_leaving_30_ms_after_a_key(
    windows: Windows, site: Server, way: str
) -> None:
    windows.foresee(*GONE)
    assert (await asyncio.wait_for(leaves_and_returns(windows, site, way, 1), 60))[0] == 1


@pytest.mark.soak
async def test_words_are_there_on_return_25_times_of_25_however_the_page_was_left(
    windows: Windows, site: Server, counted: Counted
) -> None:
    windows.foresee(*GONE)
    found = await asyncio.gather(*[leaves_and_returns(windows, site, way, 25) for way in WAYS])
    for way, (kept, arrived) in zip(WAYS, found, strict=True):
        outcome = f"words on return {kept} times; the last request of the page arrived {arrived} times"
        counted(f"25 leavings 30 ms after a key, by {way}", outcome)
    assert [kept for kept, _ in found] == [25] * len(WAYS)


async def test_more_than_a_leaving_page_can_send_comes_back_from_this_device(ann: Page, site: Server) -> None:
    await editor(ann)
    uid = await uid_of(ann)
    words = "Three hundred thousand. " * 12_500
    await body(ann).fill(words)
    await is_kept(ann)
    await ann.close()
    assert text(site, uid) is None
    later = await ann.context.new_page()
    await later.goto(f"/entries/new?entry={uid}")
    await ready(later)
    await expect(body(later)).to_have_value(words)
    await arrives(site, uid, words)


LAGS = """
const { put } = IDBObjectStore.prototype;
IDBObjectStore.prototype.put = function (copy, ...key) {
  globalThis.first ??= copy;
  return put.call(this, globalThis.first, ...key);
};
null
"""


@pytest.mark.parametrize("way", ["/", "/entries/new?entry={uid}"])
async def test_a_copy_that_lags_behind_what_the_leaving_page_has_sent_takes_nothing_away(
    ann: Page, site: Server, way: str
) -> None:
    await editor(ann)
    uid = await uid_of(ann)
    await ann.evaluate(LAGS)
    await ann.keyboard.type("F")
    await is_kept(ann)
    await ann.keyboard.type("ine words")
    async with ann.expect_response(f"**/entries/{uid}") as leaving:
        await ann.goto(way.format(uid=uid))
    assert (await leaving.value).status == 200
    await expect(ann.get_by_text("are saved now").or_(body(ann))).to_be_attached()
    with suppress(Error):  # the page may be loading itself anew at this moment
        await ann.goto(f"/entries/{uid}/edit")
    await ready(ann)
    await expect(body(ann)).to_have_value("Fine words")
    await expect(ann.get_by_text("need you")).to_have_count(0)
    await arrives(site, uid, "Fine words")


async def test_a_copy_that_lags_while_a_save_is_under_way_takes_nothing_away(ann: Page, site: Server) -> None:
    await editor(ann)
    uid = await uid_of(ann)

    async def unanswered(route: Route) -> None:
        await route.fetch()

    await ann.route(f"**/entries/{uid}", unanswered)
    await ann.keyboard.type("Fine words")
    await pass_time(ann)
    await arrives(site, uid, "Fine words")
    await ann.evaluate(LAGS)
    await ann.keyboard.type(" of")
    await is_kept(ann)
    await ann.keyboard.type(" the last moment")
    await ann.unroute_all(behavior="ignoreErrors")
    await ann.clock.resume()
    async with ann.expect_response(f"**/entries/{uid}") as leaving:
        await ann.goto(f"/entries/new?entry={uid}")
    assert (await leaving.value).status == 200
    await arrives(site, uid, "Fine words of the last moment")
    await expect(body(ann)).to_have_value("Fine words of the last moment")
    await ann.goto("/")
    await arrives(site, uid, "Fine words of the last moment")
    assert lost(site, uid) == []


async def test_words_of_a_new_entry_whose_tab_was_closed_come_home_from_the_timeline(
    windows: Windows, site: Server
) -> None:
    windows.foresee("ERR_INTERNET_DISCONNECTED", "Failed to fetch", "htmx:sendError", "htmx:afterRequest")
    page = await windows.open(base_url=site.url)
    await join(page.context, site)
    await page.goto("/entries/new")
    await ready(page)
    uid = await uid_of(page)
    await page.context.set_offline(True)
    await page.keyboard.type("Never sent")
    await says(page, "Offline. Kept on this device.")  # one save has failed, and there is more than it held
    await page.keyboard.type(", and some more")
    await is_kept(page)
    await page.close()
    await page.context.set_offline(False)
    later = await page.context.new_page()
    await later.goto("/")
    await expect(later.locator("#notice")).to_contain_text("Words kept on this device are saved now.")
    assert text(site, uid) == "Never sent, and some more"
    await later.get_by_role("link", name="Read them").click()
    await expect(later.locator(".prose")).to_have_text("Never sent, and some more")
    await later.reload()
    await later.wait_for_load_state("networkidle")
    await expect(later.locator("#notice")).to_be_empty()


async def test_what_was_committed_of_a_composition_is_kept_when_the_page_is_left(
    ann: Page, site: Server
) -> None:
    await editor(ann)
    uid = await uid_of(ann)
    input_method = await ann.context.new_cdp_session(ann)
    await input_method.send("Input.insertText", {"text": "日本"})
    await input_method.send(
        "Input.imeSetComposition", {"text": "ごが", "selectionStart": 2, "selectionEnd": 2}
    )
    await is_kept(ann)
    await ann.close()
    later = await ann.context.new_page()
    await later.goto(f"/entries/new?entry={uid}")
    await ready(later)
    await expect(body(later)).to_have_value("日本ごが")
    await arrives(site, uid, "日本ごが")


async def test_a_full_or_forbidden_store_is_said_and_the_browser_asks_before_the_page_goes(
    windows: Windows, site: Server
) -> None:
    """As in a private window: opening it works, or it does not; writing to it fails."""
    windows.foresee("503")
    page = await windows.open(base_url=site.url)
    await join(page.context, site)
    await page.add_init_script(
        "IDBObjectStore.prototype.put = () => { throw new DOMException('', 'QuotaExceededError'); }"
    )
    await editor(page)
    uid = await uid_of(page)
    await page.route("**/entries/*", lambda route: route.fulfill(status=503, body="no"))
    await page.keyboard.type("Words")
    await pass_time(page)
    await says(page, "This browser keeps no copy of it: please leave the page open.")
    assert await asks_before_leaving(page)
    await page.unroute("**/entries/*")
    await pass_time(page, 40_000)
    await arrives(site, uid, "Words")
    assert not await asks_before_leaving(page)
