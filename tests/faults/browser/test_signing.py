"""Sessions that expire, are renewed by several tabs at once or end by a sign-out while somebody writes."""

import asyncio

import pytest
from playwright.async_api import Page, expect

from tests.browser.conftest import Windows, join, lose_session, sign_in, sign_out, signed_up, write
from tests.browser.editing import body, is_saved, open_editor, says, tells
from tests.faults.browser.database import arrives, text
from tests.servers import Server

pytestmark = pytest.mark.slow


async def test_two_tabs_that_renew_the_session_at_once_both_stay_signed_in(
    windows: Windows, brief: Server
) -> None:
    page = await signed_up(windows, brief)
    tabs = [page, *[await page.context.new_page() for _ in range(3)]]
    uids = [await open_editor(tab) for tab in tabs]
    for round in range(3):
        await asyncio.sleep(2.2)  # the access cookie has expired
        for tab in tabs:
            await body(tab).press_sequentially(f"{round} ")
        await asyncio.gather(*[tab.keyboard.press("Control+s") for tab in tabs])
        for tab, uid in zip(tabs, uids, strict=True):
            await arrives(brief, uid, "".join(f"{n} " for n in range(round + 1)))
            await is_saved(tab)
            await expect(tab.get_by_role("dialog")).to_have_count(0)


async def test_whoever_signs_out_while_the_server_is_away_is_asked_once_and_finds_the_words_again(
    windows: Windows, site: Server
) -> None:
    windows.foresee("503")
    page = await windows.open(base_url=site.url)
    name = await join(page.context, site)
    uid = await open_editor(page)
    away = "**/entries/*"
    await page.context.route(away, lambda route: route.fulfill(status=503, body="no"))
    await page.keyboard.type("Not yet sent")
    await page.get_by_role("button", name="Sign out").click()
    await says(page, "sign out once more")
    async with page.expect_response(away):  # the next try fails as well
        pass
    await page.wait_for_timeout(300)
    await says(page, "sign out once more")
    await expect(body(page)).to_have_value("Not yet sent")
    await sign_out(page)
    assert text(site, uid) is None
    await page.context.unroute(away)
    await page.goto("/login")
    await sign_in(page, name)
    await tells(page, "Words kept on this device are saved now.")
    await arrives(site, uid, "Not yet sent")


async def test_a_link_does_not_lead_away_from_the_sign_in_that_its_save_has_brought(
    windows: Windows, site: Server
) -> None:
    """A link waits two seconds for the save; a sign-in takes longer."""
    windows.foresee("401")
    page = await windows.open(base_url=site.url)
    name = await join(page.context, site)
    uid = await open_editor(page)
    await page.keyboard.type("Before the link")
    await lose_session(page)
    await page.get_by_role("link", name="Journal").click()
    dialog = page.get_by_role("dialog")
    await expect(dialog).to_be_visible()
    await asyncio.sleep(2.5)
    await expect(dialog).to_be_visible()
    await sign_in(page, name)
    await is_saved(page)
    await arrives(site, uid, "Before the link")


async def test_an_editor_that_was_put_aside_shows_no_words_after_the_sign_out(
    ann: Page, site: Server
) -> None:
    """Goes back twice, which also uses the back/forward cache."""
    address = await write(ann.context, site, "Nobody else's business")
    await ann.goto("/")
    await open_editor(ann, f"{address}/edit")
    await ann.get_by_role("link", name="Journal").click()
    await expect(ann.get_by_role("article")).to_be_visible()
    await sign_out(ann)
    for heading in ("A journal that keeps", "Sign in", "A journal that keeps"):
        await ann.go_back()
        await expect(ann.get_by_role("heading", name=heading)).to_be_visible()
        assert "Nobody else" not in await ann.content()


async def test_without_scripts_a_save_whose_page_is_stale_shows_both_texts(
    windows: Windows, site: Server
) -> None:
    windows.foresee("409")
    page = await signed_up(windows, site, java_script_enabled=False)
    address = await write(page.context, site, "base")
    await page.goto(f"{address}/edit")
    answer = await page.context.request.put(
        address, form={"body": "A: base", "version": "1"}, max_redirects=0
    )
    assert answer.headers["x-save"] == "saved"
    await body(page).fill("B: base")
    await page.get_by_role("button", name="Save").click()
    await expect(page.get_by_role("heading", name="Two versions")).to_be_visible()
    await expect(body(page)).to_have_value("B: base")
    await expect(page.locator(".prose")).to_have_text("A: base")
    await page.get_by_role("button", name="Continue with mine").click()
    await expect(page.locator(".prose")).to_have_text("B: base")
