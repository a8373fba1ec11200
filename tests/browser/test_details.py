"""Details of pages that were wrong once: columns, separators, forced colours, print, announcements."""

import re

import pytest
from playwright.async_api import Page, expect

from journal import clock
from journal.web.assets import folder
from tests.browser.conftest import Windows, signed_up, write
from tests.browser.editing import body, box, quick_entry, ready
from tests.servers import Server

pytestmark = pytest.mark.slow


async def test_the_title_has_room_for_what_hangs_below_the_line(ann: Page) -> None:
    """Serif fonts need up to 1.36 times their size, and a field cuts off what exceeds its line."""
    await ann.goto("/entries/new")
    ratio = "parseFloat(getComputedStyle(field).lineHeight) / parseFloat(getComputedStyle(field).fontSize)"
    assert await ann.get_by_label("Title").evaluate(f"field => {ratio}") >= 1.37


@pytest.mark.parametrize(("width", "are_beside"), [(1280, True), (1024, True), (360, False)])
@pytest.mark.parametrize("page", ["two versions", "versions"])
async def test_two_texts_stand_beside_each_other_where_there_is_room(
    windows: Windows, site: Server, page: str, width: int, are_beside: bool
) -> None:
    windows.foresee("409")
    tab = await signed_up(windows, site, java_script_enabled=False, viewport={"width": width, "height": 800})
    address = await write(tab.context, site, "Base")
    await tab.goto(f"{address}/edit")
    other = {"body": "Elsewhere", "version": "1"}
    await tab.context.request.post(address, form=other, max_redirects=0)
    if page == "versions":
        await tab.goto(f"{address}/revisions")
        parts = tab.locator(".versions > *")
    else:
        await body(tab).fill("Here")
        await tab.get_by_role("button", name="Save").click()
        parts = tab.locator(".side-by-side > *")
    await expect(parts).to_have_count(2)
    left, right = await box(parts.first), await box(parts.last)
    assert (left["x"] + left["width"] <= right["x"]) is are_beside
    assert (left["y"] == right["y"]) is are_beside
    if width == 1280 and page == "two versions":
        assert min(left["width"], right["width"]) >= 440  # also with a narrow font


async def test_the_list_of_keys_opens_at_its_beginning(windows: Windows, site: Server) -> None:
    page = await signed_up(windows, site, viewport={"width": 320, "height": 480})
    await page.goto("/bin")
    await page.keyboard.press("?")
    dialog = page.get_by_role("dialog", name="Keys")
    await expect(dialog).to_be_visible()
    assert await dialog.evaluate("dialog => dialog.scrollTop") == 0
    await expect(dialog.get_by_role("heading", name="Where you write")).to_be_in_viewport()
    await page.keyboard.press("Tab")
    await expect(dialog.get_by_role("button", name="Close")).to_be_focused()


LINES = """cell => {
  const range = document.createRange();
  range.selectNodeContents(cell);
  return new Set([...range.getClientRects()].map(({ top }) => Math.round(top))).size;
}"""


@pytest.mark.parametrize("rests", [False, True])
async def test_a_sentence_of_the_statistics_is_not_glued_to_its_button(
    windows: Windows, site: Server, rests: bool
) -> None:
    page = await signed_up(windows, site, viewport={"width": 320, "height": 568})
    await write(page.context, site, "Words.", day="2024-11-30", mood="awful")
    await page.goto("/statistics?year=2024")
    if rests:
        await page.get_by_role("button", name="Allow a day off").click()
    button = page.locator(".rest-days button")
    await expect(button).to_have_text("Count every day" if rests else "Allow a day off each week")
    sentence, pressed = await box(page.locator(".rest-days span")), await box(button)
    below = pressed["y"] >= sentence["y"] + sentence["height"]
    assert below or pressed["x"] >= sentence["x"] + sentence["width"] + 12
    for cell in await page.locator(".counts thead th, .counts tbody th").all():
        assert await cell.evaluate(LINES) <= 1, await cell.inner_text()


def test_no_line_begins_with_the_dot_that_parts_it_from_the_line_before() -> None:
    """The space before a separating dot is a no-break space."""
    templates = {path: path.read_text(encoding="utf-8") for path in folder("templates").rglob("*.html")}
    lines = [(path.name, line) for path, text in templates.items() for line in text.splitlines()]
    assert not [found for found in lines if re.search(r"\s·", found[1]) and "block title" not in found[1]]


async def test_of_what_is_wrapped_under_a_heading_no_line_begins_with_a_dot(
    windows: Windows, site: Server
) -> None:
    page = await signed_up(windows, site, viewport={"width": 320, "height": 568})
    address = await write(page.context, site, "Words.", title="Titled", mood="great", day="2024-09-30")
    for path in (address, "/", "/days/2024-09-30", "/search?q=words"):
        await page.goto(path)
        await expect(page.locator(".meta")).to_be_visible()
        before = "item => getComputedStyle(item, '::before').content"
        for item in await page.locator(".meta > *").all():
            assert await item.evaluate(before) == "none"


async def test_today_is_marked_where_the_system_chooses_the_colours(windows: Windows, site: Server) -> None:
    page = await signed_up(windows, site, forced_colors="active")
    today = clock.today("UTC")
    for path in ("/calendar", f"/calendar/{today.year}"):
        await page.goto(path)
        mark = page.locator("[data-days] [aria-current=date]")
        style = await mark.evaluate("day => getComputedStyle(day).outlineStyle")
        assert style == "solid"


async def test_the_editor_prints_the_whole_text_and_begins_on_the_first_page(ann: Page, site: Server) -> None:
    """A printed textarea moves to the second page if it is long, and loses what is scrolled out of sight."""
    text = "\n\n".join(["Words that go on for a while, and then for another while. " * 5] * 60)
    path = await write(ann.context, site, text, title="Printed")
    pages = []
    for page in (path, f"{path}/edit"):
        await ann.goto(page)
        await ann.wait_for_load_state("networkidle")
        pages.append(len(re.findall(rb"/Type\s*/Page\b", await ann.pdf())))
    assert pages[0] >= 4
    assert pages[1] <= pages[0] + 1
    await ready(ann)
    assert await ann.locator(".writing > pre").count() == 0
    await ann.emulate_media(media="print")
    await ann.evaluate("dispatchEvent(new Event('beforeprint'))")
    await expect(body(ann)).to_be_hidden()
    first, title = await box(ann.locator(".writing > pre")), await box(ann.get_by_label("Title"))
    assert first["y"] < title["y"] + 200
    assert await ann.locator(".writing > pre").text_content() == text
    await ann.emulate_media(media="screen")
    await expect(ann.locator(".writing > pre")).to_be_hidden()


async def test_what_a_line_and_a_star_have_done_is_read_out(ann: Page) -> None:
    said = ann.locator("#said")
    await ann.goto("/")
    line = quick_entry(ann)
    await line.fill("A line.")
    await line.press("Enter")
    await expect(said).to_have_text("Saved as a new entry.")
    await line.fill("And more.")
    await ann.get_by_role("button", name="Add to today’s entry").click()
    await expect(said).to_have_text("Added to today’s entry.")
    await ann.locator("article h2 a").click()
    for sentence in ("Starred.", "Star removed."):
        await ann.get_by_role("button", name="Star").click()
        await expect(said).to_have_text(sentence)
