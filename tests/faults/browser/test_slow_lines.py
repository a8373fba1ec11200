"""Slow and silent connections: corrections before a refusal arrives, status messages, stuck saves."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.async_api import Page

from tests.browser.conftest import Windows, signed_up
from tests.browser.editing import (
    Saves,
    body,
    downloaded,
    editor,
    is_saved,
    open_editor,
    pass_time,
    ready,
    says,
    tells,
    uid_of,
    version,
)
from tests.faults.browser.database import arrives, lost, text
from tests.faults.lines import Line, breaking
from tests.postgres import free_port
from tests.servers import Server, serving

pytestmark = pytest.mark.slow

MINUTE = 60_000  # ms
STUCK = "Server not answering. Kept on this device. Trying again every two minutes."


@pytest.fixture
def line() -> Iterator[Line]:
    with breaking(free_port()) as line:
        yield line


@pytest.fixture
def site(line: Line, tmp_path: Path) -> Iterator[Server]:
    """A server that is reached only through that connection."""
    with serving(tmp_path, port=line.to, PUBLIC_URL=f"http://localhost:{line.port}") as server:
        yield server


@pytest.fixture
async def page(windows: Windows, site: Server) -> Page:
    windows.foresee("422", "ERR_EMPTY_RESPONSE", "htmx:sendError", "Failed to fetch")
    page = await signed_up(windows, site)
    return page


async def test_a_title_that_is_corrected_before_its_refusal_arrives_is_saved_by_itself(
    page: Page, line: Line, site: Server
) -> None:
    uid = await open_editor(page)
    line.latency = 2.5
    saves = Saves(page)
    await page.get_by_label("Title").fill("x" * 301)
    await saves.reach(1)
    await page.get_by_label("Title").fill("Short")
    await is_saved(page)
    assert [fields["title"] for fields in saves] == ["x" * 301, "Short"]
    assert text(site, uid) == ""


async def test_after_five_seconds_of_silence_the_page_says_that_it_is_still_trying(
    page: Page, line: Line
) -> None:
    await open_editor(page)
    line.latency = 9
    saves = Saves(page)
    await page.keyboard.type("Slowly")
    await saves.reach(1)
    sent = time.monotonic()
    await says(page, "Saving…")
    await says(page, "Still trying. Kept on this device.")
    assert 4 < time.monotonic() - sent < 8
    await is_saved(page)
    assert len(saves) == 1


async def silenced(page: Page, line: Line, words: str) -> Saves:
    """Types a text whose save gets no response five times, which takes about half a minute."""
    saves = await editor(page)
    line.breaks = ["before"] * 100
    await body(page).fill(words)
    for number, wait in enumerate([1.2, 1.1, 2.2, 4.4, 8.8, 17.6]):
        await pass_time(page, wait * 1000)
        if number < 5:
            await saves.reach(number + 1)
            await says(page, "Server not answering" if number < 4 else STUCK)
    return saves


async def test_after_five_silences_a_save_waits_for_minutes_says_so_and_offers_the_text(
    page: Page, line: Line, site: Server
) -> None:
    saves = await silenced(page, line, "Deadly")
    uid = await uid_of(page)
    await saves.reach(5)
    await says(page, STUCK)
    assert await downloaded(page) == "\n\nDeadly"
    await pass_time(page, 85_000)
    await saves.reach(5)
    await pass_time(page, 30_000)
    await saves.reach(6)
    await says(page, STUCK)
    await page.get_by_role("button", name="Save").click()
    await saves.reach(7)
    await says(page, STUCK)
    assert len(saves.ids) == 1
    line.breaks = []
    await pass_time(page, 2.3 * MINUTE)
    await is_saved(page)
    assert text(site, uid) == "Deadly"


async def test_words_that_silence_the_server_give_way_to_others(page: Page, line: Line, site: Server) -> None:
    saves = await silenced(page, line, "Deadly")
    uid = await uid_of(page)
    await body(page).fill("Harmless")
    await page.keyboard.press("Control+s")
    await saves.reach(6)
    await says(page, STUCK)
    line.breaks = ["answer"]
    await page.keyboard.press("Control+s")
    await arrives(site, uid, "Harmless")
    await says(page, "Server not answering")
    await page.keyboard.press("Control+s")
    await version(page, 1)
    assert saves.bodies == ["Deadly"] * 5 + ["Harmless"] * 3
    assert lost(site, uid) == []


async def test_other_pages_leave_a_save_alone_that_met_silence_until_its_time(
    page: Page, line: Line, site: Server
) -> None:
    await silenced(page, line, "Deadly")
    uid = await uid_of(page)
    line.breaks = []
    saves = Saves(page)
    await page.evaluate("addEventListener('pagehide', (event) => event.stopImmediatePropagation(), true)")
    await page.goto("/")
    await page.wait_for_load_state("networkidle")
    assert saves == []
    await page.clock.fast_forward(2.3 * MINUTE)
    await page.goto("/")
    await tells(page, "Words kept on this device are saved now.")
    await arrives(site, uid, "Deadly")


async def test_who_opens_a_save_again_that_met_silence_tries_it_once(page: Page, line: Line) -> None:
    await silenced(page, line, "Deadly")
    saves = Saves(page)
    await page.reload()
    await ready(page)
    await says(page, STUCK)
    tried = len(saves)
    await pass_time(page, 85_000)
    assert len(saves) == tried
