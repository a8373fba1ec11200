"""Crashes of the browser or of a tab right after a key: the text is restored from its draft."""

import asyncio
from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from tests.browser.conftest import Windows, join, sign_in, signed_up
from tests.browser.editing import body, editor_tab, is_saved, open_editor, ready, tells
from tests.faults.browser.chromiums import chromium_at
from tests.faults.browser.database import arrives, text
from tests.figures import Counted
from tests.servers import Server, serving

pytestmark = pytest.mark.slow

AFTER_A_KEY = 0.2  # seconds
WORDS = "The battery has the last word"


async def writes_and_is_killed(
    folder: Path, site: Server, are_ready: asyncio.Barrier, is_down: asyncio.Event
) -> tuple[str, str]:
    """Types and kills the browser; returns the name of the account and the uid of the entry."""
    async with chromium_at(folder) as (browser, context):
        page = context.pages[0]
        name = await join(context, site)
        uid = await open_editor(page, f"{site.url}/entries/new")
        await are_ready.wait()
        await is_down.wait()
        await page.keyboard.type(WORDS)
        await asyncio.sleep(AFTER_A_KEY)
        browser.kill()
    return name, uid


async def comes_back(folder: Path, site: Server, name: str, uid: str) -> None:
    """Starts the browser again and finds the text; signs in if the cookies were not on the disk yet."""
    async with chromium_at(folder) as (_, context):
        page = context.pages[0]
        await page.goto(f"{site.url}/entries/new?entry={uid}")
        if await page.locator("#login").count():
            await page.goto(f"{site.url}/login?next=/entries/new%3Fentry%3D{uid}")
            await sign_in(page, name)
        await ready(page)
        await expect(body(page)).to_have_value(WORDS)
        await tells(page, "Words that were kept on this device are back.")
        await is_saved(page)
        await arrives(site, uid, WORDS)


async def browsers_are_killed_while_the_server_is_down(folder: Path, count: int) -> None:
    with serving(folder / "site") as site:
        are_ready, is_down = asyncio.Barrier(count + 1), asyncio.Event()
        profiles = [folder / f"profile {number}" for number in range(count)]
        writers = [
            asyncio.create_task(writes_and_is_killed(profile, site, are_ready, is_down))
            for profile in profiles
        ]
        await are_ready.wait()
        site.kill()
        is_down.set()
        written = await asyncio.gather(*writers)
        site.start()
        assert [text(site, uid) for _, uid in written] == [None] * count
        await asyncio.gather(
            *[comes_back(profile, site, *one) for profile, one in zip(profiles, written, strict=True)]
        )


async def test_words_are_back_after_the_browser_was_killed_while_the_server_was_down(tmp_path: Path) -> None:
    await browsers_are_killed_while_the_server_is_down(tmp_path, 1)


@pytest.mark.soak
async def test_words_are_back_25_times_of_25_after_the_browser_was_killed(
    tmp_path: Path, counted: Counted
) -> None:
    for number in range(5):
        await browsers_are_killed_while_the_server_is_down(tmp_path / str(number), 5)
    counted("25 kill -9 of a browser while the server is down", "the words were back 25 times")


async def crashes(page: Page) -> None:
    """Crashes the renderer of the page alone, like a tab that needs too much memory."""
    gone = asyncio.Event()
    page.once("crash", lambda _: gone.set())
    inspector = await page.context.new_cdp_session(page)
    crash = asyncio.create_task(inspector.send("Page.crash"))
    await asyncio.wait_for(gone.wait(), 30)
    crash.cancel()


async def tabs_crash(windows: Windows, site: Server, times: int) -> int:
    """Returns how often the text was restored; the tab crashes before the autosave."""
    first = await signed_up(windows, site)
    back = 0
    for number in range(times):
        page = await first.context.new_page()
        uid = await open_editor(page)
        await page.keyboard.type(f"Before the {number}th crash")
        await asyncio.sleep(AFTER_A_KEY)
        await crashes(page)
        assert text(site, uid) is None
        await page.close()
        later = await editor_tab(first, f"/entries/new?entry={uid}")
        await expect(body(later)).to_have_value(f"Before the {number}th crash")
        await arrives(site, uid, f"Before the {number}th crash")
        back += 1
        await later.close()
    return back


async def test_words_are_back_after_their_tab_crashed(windows: Windows, site: Server) -> None:
    windows.foresee("crash")
    assert await tabs_crash(windows, site, 1) == 1


@pytest.mark.soak
async def test_words_are_back_25_times_of_25_after_their_tab_crashed(
    windows: Windows, site: Server, counted: Counted
) -> None:
    windows.foresee("crash")
    assert sum(await asyncio.gather(*[tabs_crash(windows, site, 5) for _ in range(5)])) == 25
    counted("25 crashes of a tab", "the words were back 25 times")
