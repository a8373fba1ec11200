"""Calendar: arrow and page keys, and all of it without scripts."""

import re

import pytest
from playwright.async_api import Page, expect

from tests.browser.conftest import Windows, signed_up, write
from tests.servers import Server

pytestmark = pytest.mark.slow


async def focused(page: Page) -> str | None:
    return await page.evaluate("document.activeElement.getAttribute('href')")


async def test_arrow_keys_walk_from_month_to_month_and_from_year_to_year(ann: Page, site: Server) -> None:
    await ann.goto("/calendar/2024/01")
    await ann.keyboard.press("ArrowLeft")
    await expect(ann.get_by_role("heading", name="December 2023")).to_be_visible()
    await expect(ann).to_have_url(f"{site.url}/calendar/2023/12")
    for name in ("January 2024", "February 2024", "March 2024"):
        await ann.keyboard.press("ArrowRight")
        await expect(ann.get_by_role("heading", name=name)).to_be_visible()
    await ann.go_back()
    await expect(ann.get_by_role("heading", name="February 2024")).to_be_visible()
    await ann.goto("/calendar/2024")
    await ann.keyboard.press("ArrowRight")
    await expect(ann.get_by_role("heading", name="2025")).to_be_visible()


async def test_arrow_keys_walk_from_day_to_day_also_into_the_next_month(ann: Page) -> None:
    await ann.goto("/calendar/2024/05")
    await ann.locator('[href="/days/2024-05-21"]').focus()
    for key, day in (
        ("ArrowRight", "2024-05-22"),
        ("ArrowDown", "2024-05-29"),
        ("ArrowUp", "2024-05-22"),
        ("ArrowLeft", "2024-05-21"),
    ):
        await ann.keyboard.press(key)
        assert await focused(ann) == f"/days/{day}"
    for _ in range(2):
        await ann.keyboard.press("ArrowDown")
    await expect(ann.get_by_role("heading", name="June 2024")).to_be_visible()
    await expect(ann.locator('[href="/days/2024-06-04"]')).to_be_focused()
    for _ in range(4):
        await ann.keyboard.press("ArrowLeft")
    await expect(ann.locator('[href="/days/2024-05-31"]')).to_be_focused()
    await ann.keyboard.press("Enter")
    await expect(ann.get_by_role("heading", name="Friday, 31 May 2024")).to_be_visible()
    await ann.keyboard.press("ArrowRight")
    await expect(ann.get_by_role("heading", name="Saturday, 1 June 2024")).to_be_visible()


async def test_page_keys_turn_the_page_and_keep_the_day(ann: Page) -> None:
    for page, day, presses in (
        ("2024/05", "2024-05-31", [("PageUp", "2024-04-30"), ("PageDown", "2024-05-30")]),
        ("2024/01", "2024-01-07", [("PageUp", "2023-12-07"), ("PageDown", "2024-01-07")]),
        ("2024", "2024-02-29", [("PageDown", "2025-02-28"), ("PageUp", "2024-02-28")]),
    ):
        await ann.goto(f"/calendar/{page}")
        await ann.locator(f'[href="/days/{day}"]').focus()
        for key, there in presses:
            await ann.keyboard.press(key)
            await expect(ann.locator(f'[href="/days/{there}"]')).to_be_focused()


async def test_arrow_keys_stop_at_the_ends_of_the_calendar(ann: Page, site: Server) -> None:
    await ann.goto("/calendar/0001/01")
    await ann.locator('[href="/days/0001-01-01"]').focus()
    await ann.keyboard.press("ArrowLeft")
    await ann.keyboard.press("ArrowUp")
    assert await focused(ann) == "/days/0001-01-01"
    await ann.keyboard.press("ArrowRight")
    assert await focused(ann) == "/days/0001-01-02"
    await ann.goto("/calendar/9999/12")
    await ann.locator('[href="/days/9999-12-31"]').focus()
    await ann.keyboard.press("ArrowDown")
    await ann.keyboard.press("ArrowRight")
    assert await focused(ann) == "/days/9999-12-31"
    await expect(ann).to_have_url(f"{site.url}/calendar/9999/12")


async def test_arrow_keys_in_a_field_or_with_a_modifier_are_left_alone(ann: Page, site: Server) -> None:
    await ann.goto("/calendar/2024/05")
    await ann.get_by_label("Go to a day").focus()
    await ann.keyboard.press("ArrowRight")
    await ann.keyboard.press("ArrowUp")
    await ann.locator("main").focus()
    await ann.keyboard.press("Shift+ArrowRight")
    await ann.keyboard.press("Control+ArrowLeft")
    await ann.wait_for_timeout(200)
    await expect(ann).to_have_url(f"{site.url}/calendar/2024/05")
    await ann.goto("/settings")
    await ann.locator("main").focus()
    await ann.keyboard.press("ArrowRight")
    await expect(ann).to_have_url(f"{site.url}/settings")


async def test_without_scripts_the_calendar_can_be_walked_and_looked_up(
    windows: Windows, site: Server
) -> None:
    page = await signed_up(windows, site, java_script_enabled=False)
    await write(page.context, site, "Some words.", day="1660-01-01", title="A great fire")
    await page.goto("/calendar/2024/01")
    await page.get_by_role("link", name="December").click()
    await page.get_by_role("link", name="2023").click()
    await page.get_by_role("link", name="May").click()
    await expect(page.get_by_role("heading", name="May 2023")).to_be_visible()
    await page.get_by_label("Go to a day").fill("1660-01-01")
    await page.get_by_role("button", name="Go").click()
    await expect(page.get_by_role("heading", name="Thursday, 1 January 1660")).to_be_visible()
    await page.get_by_role("link", name="January 1660", exact=True).click()
    await page.get_by_role("link", name="A great fire").click()
    await page.get_by_role("link", name="1 January in other years").click()
    await expect(page.get_by_role("heading", name="A great fire")).to_be_visible()
    await page.get_by_role("link", name="Any entry").click()
    await expect(page).to_have_url(re.compile("/entries/[0-9a-f-]{36}$"))


async def test_the_block_in_the_editor_gives_way_to_the_first_letter(ann: Page, site: Server) -> None:
    await write(ann.context, site, "Some words.", day="2020-05-31", title="Then")
    await ann.goto("/entries/new?day=2024-05-31")
    block = ann.get_by_role("complementary", name="On this day")
    await expect(block.get_by_role("link", name="2020")).to_be_visible()
    await ann.keyboard.type("A")
    await expect(block).to_be_hidden()
    await expect(ann.get_by_label("Text", exact=True)).to_have_value("A")


async def test_the_calendar_is_a_table_to_those_who_hear_it(ann: Page, site: Server) -> None:
    await write(ann.context, site, "Two words", day="2024-05-31", title="A title", mood="good")
    await ann.goto("/calendar/2024/05")
    table = ann.get_by_role("table", name="1 day written on, 1 entry, 2 words")
    await expect(table.get_by_role("columnheader")).to_have_count(7)
    await expect(table.get_by_role("link", name="31 A title 2 words mood good")).to_be_visible()
    await ann.goto("/calendar/2024")
    await expect(ann.get_by_role("table")).to_have_count(12)
    await expect(ann.get_by_role("table", name="May").get_by_role("link", name="31")).to_be_visible()
