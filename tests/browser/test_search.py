"""Live search: the results are those of the text in the field, in whatever order the responses arrive."""

import asyncio
import re

import pytest
from playwright.async_api import Error, Page, Route, expect

from tests.browser.conftest import Windows, signed_up, write
from tests.servers import Server

pytestmark = pytest.mark.slow

GIVEN_UP = ("htmx:afterRequest", "htmx:sendAbort")  # htmx logs a request that it aborts


@pytest.fixture
async def searching(ann: Page, site: Server) -> Page:
    """The search page of somebody who has written about doors and gardens."""
    await write(ann.context, site, "A red door.", title="Doors")
    await write(ann.context, site, "Reading in the garden.", title="Gardens")
    await ann.goto("/search")
    return ann


async def shows(page: Page, *titles: str) -> None:
    await expect(page.locator("#results h2")).to_have_text(list(titles))


async def test_results_appear_while_typing_and_the_address_can_be_kept(searching: Page) -> None:
    field = searching.get_by_role("searchbox")
    await expect(field).to_be_focused()
    await field.press_sequentially("re", delay=30)
    await shows(searching, "Gardens", "Doors")
    await field.press_sequentially("d", delay=30)
    await shows(searching, "Doors")
    await expect(searching.locator("#results mark")).to_have_text("red")
    await expect(searching).to_have_url(re.compile(r"/search\?q=red&"))
    await expect(field).to_be_focused()
    await expect(searching.locator("#said")).to_have_text("1 entry")
    await expect(searching).to_have_title("red · Search · Journal")
    await searching.reload()
    await shows(searching, "Doors")
    await expect(field).to_have_value("red")
    await field.fill("$& · Search · ")
    await expect(searching).to_have_title("$& · Search ·  · Search · Journal")
    await field.fill("")
    await expect(searching).to_have_title("Search · Journal")
    await field.fill("mood:happy")
    await expect(searching.locator("#results .notice")).to_contain_text("A mood is one of")


async def test_an_old_answer_never_overtakes_a_new_one(windows: Windows, searching: Page) -> None:
    """The first response is held up until long after the second one."""
    windows.foresee(*GIVEN_UP)
    held, release = asyncio.Event(), asyncio.Event()

    async def answer(route: Route) -> None:
        if re.search(r"q=re&", route.request.url):
            held.set()
            await release.wait()
        try:
            await route.continue_()
        except Error:  # the page has aborted it in the meantime
            if "q=re&" not in route.request.url:
                raise

    await searching.route(re.compile(r"/search\?q="), answer)
    field = searching.get_by_role("searchbox")
    await field.press_sequentially("re")
    await held.wait()
    await field.press_sequentially("d")
    await shows(searching, "Doors")
    release.set()
    await searching.wait_for_timeout(500)
    await shows(searching, "Doors")
    await searching.unroute_all(behavior="ignoreErrors")


async def test_answers_in_any_order_end_with_what_the_field_holds(windows: Windows, searching: Page) -> None:
    """Each response is delayed less than the one before it."""
    windows.foresee(*GIVEN_UP)
    late = iter([0.9, 0.6, 0.3, 0.0])

    async def answer(route: Route) -> None:
        await asyncio.sleep(next(late, 0))
        try:
            await route.continue_()
        except Error:
            if "q=garden&" in route.request.url:
                raise

    await searching.route(re.compile(r"/search\?q="), answer)
    field = searching.get_by_role("searchbox")
    for letters in ("r", "re", "red", "garden"):
        await field.fill(letters)
        await searching.wait_for_timeout(260)
    await shows(searching, "Gardens")
    await searching.wait_for_timeout(900)
    await shows(searching, "Gardens")
    await searching.unroute_all(behavior="ignoreErrors")


async def test_all_of_it_works_without_scripts(windows: Windows, site: Server) -> None:
    page = await signed_up(windows, site, java_script_enabled=False)
    await write(page.context, site, "A red door.", title="Doors")
    for n in range(25):
        await write(page.context, site, f"A blue gate {n}.", title=f"Gate {n}")
    await page.goto("/")
    await page.get_by_role("link", name="Search").click()
    await page.get_by_role("searchbox").fill("red")
    await page.get_by_label("Order").select_option("best")
    await page.get_by_role("button", name="Search").click()
    await shows(page, "Doors")
    await expect(page.get_by_label("Order")).to_have_value("best")
    await page.get_by_role("searchbox").fill("gate")
    await page.get_by_role("searchbox").press("Enter")
    await expect(page.locator("#results h2")).to_have_count(20)
    await page.get_by_role("link", name="More").click()
    await expect(page.locator("#results h2")).to_have_count(5)
    await page.get_by_text("What can be typed here").click()
    await expect(page.get_by_text("these words side by side")).to_be_visible()
