"""Of two tabs that show an entry one writes; the pen can be taken, and no word goes with it."""

import asyncio

import pytest
from playwright.async_api import Page, expect

from tests.browser.conftest import Windows, join, write
from tests.browser.editing import body, is_kept, is_saved, ready, says
from tests.faults.browser.shelf import arrives, lost, text, uid_of, versions
from tests.servers import Server

pytestmark = pytest.mark.slow
# A tab that the system has put to sleep hears nothing, and its timers stand still.
DEAF = "BroadcastChannel = class { postMessage() {} close() {} }"


async def reads(page: Page) -> None:
    await expect(page.locator("#elsewhere")).to_be_visible()
    await expect(body(page)).not_to_be_editable()


async def writes(page: Page, address: str) -> None:
    await page.goto(address)
    await ready(page)
    await expect(body(page)).to_be_editable()


async def test_a_second_tab_reads_and_takes_the_pen_with_the_last_words_of_the_first(
    ann: Page, site: Server
) -> None:
    address = f"{await write(ann.context, site, 'base')}/edit"
    await writes(ann, address)
    uid = await uid_of(ann)
    second = await ann.context.new_page()
    await second.goto(address)
    await reads(second)
    await second.keyboard.type("not here")
    await expect(body(second)).to_have_value("base")

    await ann.keyboard.type(" and words of the last moment")
    await second.get_by_role("button", name="Write here").click()
    await ready(second)
    await expect(body(second)).to_have_value("base and words of the last moment")
    await expect(body(second)).to_be_editable()
    await reads(ann)
    await body(second).press_sequentially(", then here")
    await arrives(site, uid, "base and words of the last moment, then here")

    await ann.get_by_role("button", name="Write here").click()
    await ready(ann)
    await expect(body(ann)).to_have_value("base and words of the last moment, then here")
    await reads(second)
    assert lost(site, uid) == []


async def test_the_pen_is_taken_from_a_tab_that_sleeps_and_its_words_with_it(
    windows: Windows, site: Server
) -> None:
    windows.foresee("409")  # when it wakes, it may send what is there already under a mark of its own
    ann = await windows.open(base_url=site.url)
    await join(ann.context, site)
    address = f"{await write(ann.context, site, 'base')}/edit"
    await ann.add_init_script(DEAF)
    await ann.route("**/entries/*", lambda route: asyncio.sleep(0))  # and what it sends goes nowhere
    await writes(ann, address)
    uid = await uid_of(ann)
    await ann.keyboard.type(" and words of the last moment")
    await is_kept(ann)
    second = await ann.context.new_page()
    await second.goto(address)
    await reads(second)
    await second.get_by_role("button", name="Write here").click()
    await ready(second)
    await expect(body(second)).to_have_value("base and words of the last moment")
    await reads(ann)
    await body(second).press_sequentially(", then here")
    await arrives(site, uid, "base and words of the last moment, then here")
    assert lost(site, uid) == []


async def test_a_tab_that_reads_may_write_once_the_other_is_closed(ann: Page, site: Server) -> None:
    address = f"{await write(ann.context, site, 'base')}/edit"
    await writes(ann, address)
    second, third = await ann.context.new_page(), await ann.context.new_page()
    for tab in (second, third):
        await tab.goto(address)
        await reads(tab)
    await third.get_by_role("button", name="Write here").click()
    await ready(third)  # and not the second, which has waited for longer
    await reads(ann)
    await third.keyboard.type(", changed")
    await is_saved(third)
    await third.close()
    await ann.close()
    await second.reload()
    await ready(second)
    await expect(body(second)).to_have_value("base, changed")
    third = await second.context.new_page()
    await third.goto(address)
    await reads(third)
    await second.keyboard.type(" again")
    await is_saved(second)
    await second.close()
    await ready(third)
    await expect(body(third)).to_have_value("base, changed again")


async def test_the_pen_is_taken_while_the_server_is_away_and_nothing_is_lost(
    windows: Windows, site: Server
) -> None:
    windows.foresee("503")
    ann = await windows.open(base_url=site.url)
    await join(ann.context, site)
    address = f"{await write(ann.context, site, 'base')}/edit"
    await writes(ann, address)
    uid = await uid_of(ann)
    away = "**/entries/*"
    await ann.context.route(away, lambda route: route.fulfill(status=503, body="no"))
    await ann.keyboard.type(" and more")
    await says(ann, "Server not answering. Kept on this device.")
    second = await ann.context.new_page()
    await second.goto(address)
    await reads(second)
    await second.get_by_role("button", name="Write here").click()
    await ready(second)
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
    """Both would send them; the open tab sees to it by itself."""
    await writes(ann, "/entries/new")
    uid = await uid_of(ann)
    await ann.clock.install()
    await ann.goto(f"/entries/new?entry={uid}")
    await ready(ann)
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
