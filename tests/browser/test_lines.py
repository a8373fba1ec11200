"""Quick entry on the timeline: sends a line by Enter, keeps it if that fails."""

import re

import pytest
from playwright.async_api import Page, Route, expect

from tests.browser.conftest import Windows, signed_up
from tests.browser.editing import quick_entry
from tests.browser.input_method import InputMethod
from tests.servers import Server

pytestmark = pytest.mark.slow


async def test_a_line_is_at_the_top_at_once_and_the_next_can_follow(ann: Page) -> None:
    await ann.goto("/")
    line = quick_entry(ann)
    for words in ("A first line.", "A second line."):
        await line.fill(words)
        await line.press("Enter")
        await expect(ann.locator("article").first).to_contain_text(words)
        await expect(line).to_have_value("")
        await expect(line).to_be_focused()
    await line.fill("And more of it.")
    await ann.get_by_role("button", name="Add to today’s entry").click()
    await expect(ann.locator("article").first).to_contain_text("And more of it.")
    await expect(ann.locator("article")).to_have_count(2)
    texts = await ann.locator("article").all_inner_texts()
    await ann.reload()
    assert await ann.locator("article").all_inner_texts() == texts


async def test_the_enter_that_ends_a_composition_sends_nothing(ann: Page) -> None:
    await ann.goto("/")
    line = quick_entry(ann)
    await line.focus()
    method = await InputMethod.of(ann)
    await method.compose("きょう")
    await method.take("Enter")
    await method.commit("今日")
    # In Safari the key arrives right after compositionend and looks like any other.
    await line.evaluate(
        "field => { field.dispatchEvent(new CompositionEvent('compositionend', { bubbles: true }));"
        " const enter = { key: 'Enter', bubbles: true, cancelable: true };"
        " if (field.dispatchEvent(new KeyboardEvent('keydown', enter))) field.form.requestSubmit(); }"
    )
    await expect(line).to_have_value("今日")
    await expect(ann.locator("article")).to_have_count(0)
    await ann.wait_for_timeout(100)
    await line.press("Enter")
    await expect(ann.locator("article")).to_have_count(1)


async def test_a_line_that_is_not_sent_outlives_a_visit_to_another_page(ann: Page) -> None:
    await ann.goto("/")
    line = quick_entry(ann)
    await line.press_sequentially("Half a li")
    await ann.get_by_role("link", name="Calendar").click()
    await ann.wait_for_url("**/calendar/**")
    await ann.get_by_role("link", name="Timeline").click()
    await expect(line).to_have_value("Half a li")
    await line.press("End")
    await line.press_sequentially("ne.")
    await line.press("Enter")
    await expect(ann.locator("article")).to_contain_text("Half a line.")
    await expect(line).to_have_value("")


async def test_a_line_that_could_not_be_sent_stays_and_is_told(windows: Windows, site: Server) -> None:
    windows.foresee("ERR_FAILED", "503", "htmx:sendError", "Response Status Error")
    page = await signed_up(windows, site)
    await page.goto("/")
    line = quick_entry(page)
    answers = iter([lambda route: route.abort(), lambda route: route.fulfill(status=503, body="busy")])

    async def fail(route: Route) -> None:
        await next(answers)(route)

    await page.route("**/lines", fail, times=2)
    for _ in range(2):
        await line.fill("My line.")
        await line.press("Enter")
        await expect(page.locator("#notice")).to_contain_text(re.compile("not answering|busy|try again"))
        await expect(line).to_have_value("My line.")
    await line.press("Enter")
    await expect(page.locator("article")).to_have_count(1)
    await expect(page.locator("#notice")).to_be_empty()
