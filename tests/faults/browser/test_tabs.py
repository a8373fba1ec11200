"""Tab lock: of all tabs with an entry one writes; another can take the lock, and no text is lost by it."""

import asyncio

import pytest
from playwright.async_api import Page, expect

from tests.browser.conftest import Windows, signed_up, write
from tests.browser.editing import body, is_kept, is_saved, open_editor, ready, says, uid_of
from tests.faults.browser.database import arrives, lost, text, versions
from tests.servers import Server

pytestmark = pytest.mark.slow
# A suspended tab receives no message, and its timers stand still.
DEAF = "BroadcastChannel = class { postMessage() {} close() {} }"


async def reads(page: Page) -> None:
    """Waits until the tab is read-only."""
    await expect(page.locator("#elsewhere")).to_be_visible()
    await expect(body(page)).not_to_be_editable()


async def read_only_tab(page: Page, address: str) -> Page:
    """Opens the entry in a second tab, which is read-only."""
    tab = await page.context.new_page()
    await tab.goto(address)
    await reads(tab)
    return tab


async def take_over(tab: Page) -> None:
    await tab.get_by_role("button", name="Write here").click()
    await ready(tab)


async def writes(page: Page, address: str) -> str:
    """Opens the editor, which gets the lock; returns the uid of the entry."""
    uid = await open_editor(page, address)
    await expect(body(page)).to_be_editable()
    return uid


async def test_a_second_tab_reads_and_takes_the_pen_with_the_last_words_of_the_first(
    ann: Page, site: Server
) -> None:
    address = f"{await write(ann.context, site, 'base')}/edit"
    uid = await writes(ann, address)
    second = await read_only_tab(ann, address)
    await second.keyboard.type("not here")
    await expect(body(second)).to_have_value("base")

    await ann.keyboard.type(" and words of the last moment")
    await take_over(second)
    await expect(body(second)).to_have_value("base and words of the last moment")
    await expect(body(second)).to_be_editable()
    await reads(ann)
    await body(second).press_sequentially(", then here")
    await arrives(site, uid, "base and words of the last moment, then here")

    await take_over(ann)
    await expect(body(ann)).to_have_value("base and words of the last moment, then here")
    await reads(second)
    assert lost(site, uid) == []


async def test_the_pen_is_taken_from_a_tab_that_sleeps_and_its_words_with_it(
    windows: Windows, site: Server
) -> None:
    windows.foresee("409")  # after it wakes, it may send saved text again under an id of its own
    ann = await signed_up(windows, site)
    address = f"{await write(ann.context, site, 'base')}/edit"
    await ann.add_init_script(DEAF)
    await ann.route("**/entries/*", lambda route: asyncio.sleep(0))  # its requests get no response
    uid = await writes(ann, address)
    await ann.keyboard.type(" and words of the last moment")
    await is_kept(ann)
    second = await read_only_tab(ann, address)
    await take_over(second)
    await expect(body(second)).to_have_value("base and words of the last moment")
    await reads(ann)
    await body(second).press_sequentially(", then here")
    await arrives(site, uid, "base and words of the last moment, then here")
    assert lost(site, uid) == []


async def test_a_tab_that_reads_may_write_once_the_other_is_closed(ann: Page, site: Server) -> None:
    address = f"{await write(ann.context, site, 'base')}/edit"
    await writes(ann, address)
    second, third = await read_only_tab(ann, address), await read_only_tab(ann, address)
    await take_over(third)  # and not the second, which has waited for longer
    await reads(ann)
    await third.keyboard.type(", changed")
    await is_saved(third)
    await third.close()
    await ann.close()
    await second.reload()
    await ready(second)
    await expect(body(second)).to_have_value("base, changed")
    third = await read_only_tab(second, address)
    await second.keyboard.type(" again")
    await is_saved(second)
    await second.close()
    await ready(third)
    await expect(body(third)).to_have_value("base, changed again")


async def test_the_pen_is_taken_while_the_server_is_away_and_nothing_is_lost(
    windows: Windows, site: Server
) -> None:
    windows.foresee("503")
    ann = await signed_up(windows, site)
    address = f"{await write(ann.context, site, 'base')}/edit"
    uid = await writes(ann, address)
    away = "**/entries/*"
    await ann.context.route(away, lambda route: route.fulfill(status=503, body="no"))
    await ann.keyboard.type(" and more")
    await says(ann, "Server not answering. Kept on this device.")
    second = await read_only_tab(ann, address)
    await take_over(second)
    await expect(body(second)).to_have_value("base and more")
    await ann.close()
    await ann.context.unroute(away)
    await arrives(site, uid, "base and more")
    assert lost(site, uid) == []


async def test_two_tabs_of_different_entries_write_side_by_side(ann: Page, site: Server) -> None:
    second = await ann.context.new_page()
    await writes(ann, "/entries/new")
    await writes(second, "/entries/new")
    for page, words in ((ann, "one"), (second, "another")):
        await body(page).press_sequentially(words)
    for page, words in ((ann, "one"), (second, "another")):
        await is_saved(page)
        assert text(site, await uid_of(page)) == words
        assert len(versions(site, await uid_of(page))) == 1


async def test_a_tab_that_opens_brings_no_words_home_that_another_is_about_to_save(
    ann: Page, site: Server
) -> None:
    """Otherwise both would send the text."""
    uid = await writes(ann, "/entries/new")
    await ann.clock.install()
    await open_editor(ann, f"/entries/new?entry={uid}")
    await ann.clock.pause_at(await ann.evaluate("Date.now() / 1000 + 1"))
    await ann.keyboard.type("mine")
    await is_kept(ann)
    second = await ann.context.new_page()
    await second.goto("/")
    await asyncio.sleep(4)  # longer than it would wait for a page that is just closing
    await expect(second.locator("#notice")).to_be_empty()
    assert text(site, uid) is None
    await ann.clock.run_for(2_000)
    await arrives(site, uid, "mine")
