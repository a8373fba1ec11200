"""Writing a line on the timeline in a real Chromium: Enter and done, on the page that stays where it is."""

import re

import pytest
from playwright.async_api import Page, Route, expect

from tests.browser.conftest import Windows, join
from tests.servers import Server

pytestmark = pytest.mark.slow


async def test_a_line_is_at_the_top_at_once_and_the_next_can_follow(ann: Page) -> None:
    await ann.goto("/")
    line = ann.get_by_label("A line for today")
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
    line = ann.get_by_label("A line for today")
    await line.focus()
    session = await ann.context.new_cdp_session(ann)
    await session.send("Input.imeSetComposition", {"text": "きょう", "selectionStart": 3, "selectionEnd": 3})
    key = {"type": "rawKeyDown", "key": "Enter", "code": "Enter", "windowsVirtualKeyCode": 229}
    await session.send("Input.dispatchKeyEvent", key)
    await session.send("Input.insertText", {"text": "今日"})
    # As Safari has it: the key comes right after the end of the composition, without a mark of it.
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
    line = ann.get_by_label("A line for today")
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
    page = await windows.open(base_url=site.url)
    await join(page.context, site)
    await page.goto("/")
    line = page.get_by_label("A line for today")
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
