"""A page is left right after a key: the text is there on return, whether or not a last request arrived."""

import asyncio
from contextlib import suppress

import pytest
from playwright.async_api import Error, Page, Route, expect

from tests.browser.conftest import OFFLINE, Windows, signed_up
from tests.browser.editing import (
    SAVES,
    asks_before_leaving,
    body,
    editor,
    editor_tab,
    fail_saves,
    is_kept,
    open_editor,
    pass_time,
    ready,
    says,
    tells,
    uid_of,
)
from tests.browser.input_method import InputMethod
from tests.faults.browser.database import arrives, lost, text
from tests.faults.browser.leaving import WAYS, leaves_and_returns
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
    later = await editor_tab(ann, f"/entries/new?entry={uid}")
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
    with suppress(Error):  # the page may be reloading itself at this moment
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
    windows.foresee(*OFFLINE)
    page = await signed_up(windows, site)
    uid = await open_editor(page)
    await page.context.set_offline(True)
    await page.keyboard.type("Never sent")
    await says(page, "Offline. Kept on this device.")  # the failed save does not hold the rest
    await page.keyboard.type(", and some more")
    await is_kept(page)
    await page.close()
    await page.context.set_offline(False)
    later = await page.context.new_page()
    await later.goto("/")
    await tells(later, "Words kept on this device are saved now.")
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
    method = await InputMethod.of(ann)
    await method.commit("日本")
    await method.compose("ごが")
    await is_kept(ann)
    await ann.close()
    later = await editor_tab(ann, f"/entries/new?entry={uid}")
    await expect(body(later)).to_have_value("日本ごが")
    await arrives(site, uid, "日本ごが")


async def test_a_full_or_forbidden_store_is_said_and_the_browser_asks_before_the_page_goes(
    windows: Windows, site: Server
) -> None:
    """As in a private window: IndexedDB can be opened, but not written to."""
    windows.foresee("503")
    page = await signed_up(windows, site)
    await page.add_init_script(
        "IDBObjectStore.prototype.put = () => { throw new DOMException('', 'QuotaExceededError'); }"
    )
    await editor(page)
    uid = await uid_of(page)
    await fail_saves(page)
    await page.keyboard.type("Words")
    await pass_time(page)
    await says(page, "This browser keeps no copy of it: please leave the page open.")
    assert await asks_before_leaving(page)
    await page.unroute(SAVES)
    await pass_time(page, 40_000)
    await arrives(site, uid, "Words")
    assert not await asks_before_leaving(page)
