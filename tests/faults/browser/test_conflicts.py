"""Conflicts: two saves of one entry meet, and neither text is overwritten, whatever the writer chooses."""

import re

import pytest
from playwright.async_api import Page, expect

from tests.browser.conftest import OFFLINE, Windows, join
from tests.browser.editing import (
    body,
    editor,
    is_kept,
    is_saved,
    lose_responses,
    open_editor,
    pass_time,
    ready,
    says,
    tells,
    version,
)
from tests.faults.browser.database import arrives, devices, enter, lost, silence, text, versions
from tests.servers import Server

pytestmark = pytest.mark.slow


async def both_write(windows: Windows, site: Server) -> tuple[Page, Page, str]:
    """Two devices open an entry; the first saves "A: base", so "B: base" of the second is a conflict."""
    windows.foresee("409")
    one, other, address, uid = await devices(windows, site)
    await editor(one, f"{address}/edit")
    await editor(other, f"{address}/edit")
    await body(one).fill("A: base")
    await pass_time(one)
    await is_saved(one)
    await body(other).fill("B: base")
    await pass_time(other)
    await says(other, "Two versions. Nothing was overwritten.")
    return one, other, uid


async def test_of_two_devices_that_save_the_second_is_asked_and_the_server_has_both(
    windows: Windows, site: Server
) -> None:
    _, other, uid = await both_write(windows, site)
    panel = other.get_by_role("region", name="Two versions")
    await expect(panel).to_be_visible()
    await expect(body(other)).to_have_value("B: base")
    await body(other).press_sequentially(", and on")
    await pass_time(other, 60_000)
    await says(other, "Two versions")  # nothing is sent before the writer chooses
    assert (text(site, uid), lost(site, uid)) == ("A: base", ["B: base"])

    await panel.get_by_role("button", name="Continue with mine").click()
    await is_saved(other)
    await expect(panel).to_have_count(0)
    assert text(site, uid) == "B: base, and on"
    assert "A: base" in [kept for _, kept in versions(site, uid)]


async def test_keep_both_makes_one_text_of_them_that_can_be_undone(windows: Windows, site: Server) -> None:
    _, other, uid = await both_write(windows, site)
    count = len(versions(site, uid))
    await other.get_by_role("button", name="Keep both").click()
    await is_saved(other)
    both = "B: base\n\n* * *\n\nA: base"
    await expect(body(other)).to_have_value(both)
    await arrives(site, uid, both)
    assert len(versions(site, uid)) > count
    await body(other).press("Control+z")
    await expect(body(other)).to_have_value("B: base")


async def test_who_uses_the_other_text_still_has_what_was_typed_in_the_meantime(
    windows: Windows, site: Server
) -> None:
    _, other, uid = await both_write(windows, site)
    await body(other).press_sequentially(", later")
    await other.get_by_role("button", name="Use the other").click()
    await expect(body(other)).to_have_value("A: base")
    assert (text(site, uid), lost(site, uid)) == ("A: base", ["B: base", "B: base, later"])


async def test_a_panel_that_is_reloaded_without_a_choice_comes_back_and_doubles_nothing(
    windows: Windows, site: Server
) -> None:
    _, other, uid = await both_write(windows, site)
    await other.clock.resume()
    for _ in range(3):
        await other.reload()
        await ready(other)
        await expect(other.get_by_role("region", name="Two versions")).to_be_visible()
        await expect(body(other)).to_have_value("B: base")
    assert (text(site, uid), lost(site, uid)) == ("A: base", ["B: base"])
    await other.get_by_role("button", name="Continue with mine").click()
    await arrives(site, uid, "B: base")


async def test_a_text_that_came_to_another_version_after_its_tab_was_closed_is_kept_once(
    windows: Windows, site: Server
) -> None:
    """Both by the page that is opened next and by the editor."""
    windows.foresee("409", *OFFLINE)
    one, other, address, uid = await devices(windows, site)
    await open_editor(other, f"{address}/edit")
    await other.context.set_offline(True)
    await silence(other)
    await body(other).fill("B: base")
    await is_kept(other)
    await other.close()
    await open_editor(one, f"{address}/edit")
    await body(one).fill("A: base")
    await is_saved(one)

    await other.context.set_offline(False)
    later = await other.context.new_page()
    for _ in range(2):
        await later.goto("/")
        await tells(later, "Words kept on this device need you.")
    await later.get_by_role("link", name="Open them").click()
    await ready(later)
    await expect(later.get_by_role("region", name="Two versions")).to_be_visible()
    await expect(body(later)).to_have_value("B: base")
    assert (text(site, uid), lost(site, uid)) == ("A: base", ["B: base"])


async def test_a_device_that_was_offline_for_a_day_meets_the_other_text_and_loses_nothing(
    windows: Windows, site: Server
) -> None:
    windows.foresee("409", *OFFLINE)
    one, other, address, uid = await devices(windows, site)
    await editor(other, f"{address}/edit")
    await other.context.set_offline(True)
    await body(other).fill("B: all day long")
    await pass_time(other)
    await says(other, "Offline. Kept on this device.")
    await other.clock.fast_forward("24:00:00")
    await editor(one, f"{address}/edit")
    await body(one).fill("A: in the evening")
    await pass_time(one)
    await is_saved(one)
    await other.context.set_offline(False)
    await says(other, "Two versions. Nothing was overwritten.")
    assert (text(site, uid), lost(site, uid)) == ("A: in the evening", ["B: all day long"])


async def test_words_that_arrived_unheard_do_not_meet_what_was_written_since(
    windows: Windows, site: Server
) -> None:
    """The page was closed before the response of its save arrived; another device has continued the text."""
    windows.foresee("ERR_FAILED", "htmx:sendError")
    one, other, address, uid = await devices(windows, site)
    await open_editor(other, f"{address}/edit")
    await lose_responses(other)
    await body(other).fill("base, B")
    await says(other, "Server not answering. Kept on this device.")
    await other.close()
    await open_editor(one, f"{address}/edit")
    await expect(body(one)).to_have_value("base, B")
    await body(one).fill("base, B, A")
    await is_saved(one)
    later = await other.context.new_page()
    await later.goto(f"{address}/edit")
    await expect(body(later)).to_have_value("base, B, A")
    await version(later, 3)
    await expect(later.get_by_role("region", name="Two versions")).to_have_count(0)
    assert lost(site, uid) == []


async def test_the_same_text_from_two_devices_is_no_conflict(windows: Windows, site: Server) -> None:
    one, other, address, _ = await devices(windows, site)
    await editor(one, f"{address}/edit")
    await editor(other, f"{address}/edit")
    for page in (one, other):
        await body(page).fill("the same")
        await pass_time(page)
        await is_saved(page)
        await version(page, 2)


async def test_an_entry_that_is_deleted_while_it_is_written_is_back(windows: Windows, site: Server) -> None:
    one, other, address, uid = await devices(windows, site)
    await editor(other, f"{address}/edit")
    await body(other).press_sequentially(" and more")
    assert (await one.context.request.post(f"{address}/deletion")).ok
    assert text(site, uid) is None
    await pass_time(other)
    await is_saved(other)
    assert text(site, uid) == "base and more"


async def test_back_to_an_editor_that_is_stale_shows_the_present_text(windows: Windows, site: Server) -> None:
    one, other, address, _ = await devices(windows, site)
    await open_editor(other, f"{address}/edit")
    await body(other).fill("base, B")
    await is_saved(other)
    await other.get_by_role("link", name="Journal").click()
    await expect(other).to_have_url(re.compile("/$"))
    await open_editor(one, f"{address}/edit")
    await body(one).fill("base, B, A")
    await is_saved(one)
    await other.go_back()
    await expect(body(other)).to_have_value("base, B, A")
    await version(other, 3)


async def test_of_two_people_in_one_browser_each_keeps_their_own_words(
    windows: Windows, site: Server
) -> None:
    """The second neither sees nor removes the draft of the first."""
    windows.foresee(*OFFLINE, "Failed to fetch", "ERR_FAILED")
    page = await windows.open(base_url=site.url)
    name = await join(page.context, site)
    await open_editor(page)
    await page.context.set_offline(True)
    await silence(page)
    await page.keyboard.type("Ann's alone")
    await is_kept(page)
    await page.close()
    await page.context.clear_cookies()
    await page.context.set_offline(False)

    second = await page.context.new_page()
    await join(page.context, site, "Bob")
    await open_editor(second)
    await expect(body(second)).to_have_value("")
    await second.keyboard.type("Bob's own")
    await is_saved(second)
    await second.goto("/")
    await expect(second.get_by_role("article")).to_have_count(1)
    assert await second.evaluate(KEPT) == 1
    await expect(second.locator("#notice")).to_be_empty()

    await page.context.clear_cookies()
    await enter(page.context, site, name)
    await second.goto("/")
    await tells(second, "Words kept on this device are saved now.")
    await second.get_by_role("link", name="Read them").click()
    await expect(second.locator(".prose")).to_have_text("Ann's alone")
    assert await second.evaluate(KEPT) == 0


KEPT = """() => new Promise((resolve) => {
  indexedDB.open("journal", 1).onsuccess = ({ target }) => {
    const count = target.result.transaction("copies").objectStore("copies").count();
    count.onsuccess = () => resolve(count.result);
  };
})"""
