"""Templates and prompts: on desktop, on a phone and without JavaScript."""

from typing import Any

import pytest
from playwright.async_api import Page, expect

from tests.browser.conftest import Windows, signed_up
from tests.browser.editing import (
    Saves,
    asks_before_leaving,
    body,
    editor,
    is_saved,
    open_editor,
    pass_time,
    tells,
)
from tests.servers import Server

pytestmark = pytest.mark.slow

WINDOWS: dict[str, dict[str, Any]] = {
    "desk": {"viewport": {"width": 1280, "height": 800}},
    "phone": {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True},
    "without JavaScript": {"java_script_enabled": False},
}
SCREENS = {name: WINDOWS[name] for name in ("desk", "phone")}


@pytest.fixture(params=WINDOWS.values(), ids=WINDOWS)
async def page(windows: Windows, site: Server, request: pytest.FixtureRequest) -> Page:
    """A page of a new account, in each kind of window."""
    page = await signed_up(windows, site, **request.param)
    return page


async def make(page: Page, name: str, text: str, *, default: bool = False) -> None:
    """Creates a template by its pages."""
    await page.goto("/templates")
    await page.get_by_role("link", name="New template").click()
    await page.get_by_label("Name").fill(name)
    await page.get_by_label("Text", exact=True).fill(text)
    if default:
        await page.get_by_label("Begin every new entry with it").check()
    await page.get_by_role("button", name="Save", exact=True).click()
    await expect(page.get_by_role("link", name=name, exact=True)).to_be_visible()


def prompt(page: Page) -> Any:
    return page.locator("#prompt p")


async def entries(page: Page) -> int:
    await page.goto("/")
    return await page.locator("article").count()


async def test_a_template_is_made_chosen_written_with_and_kept(page: Page) -> None:
    await make(page, "Morning pages", "Slept:\n\nToday:")
    await page.goto("/entries/new")
    await page.get_by_text("Templates", exact=True).click()
    await page.get_by_role("link", name="Morning pages").click()
    await expect(body(page)).to_have_value("Slept:\n\nToday:")
    await body(page).fill("Slept: well\n\nToday: nothing")
    await page.get_by_role("button", name="Save").click()
    if await page.evaluate("Boolean(document.querySelector('#saved'))"):
        await is_saved(page)
    assert await entries(page) == 1
    await expect(page.locator("article")).to_contain_text("Slept: well")


async def test_a_deleted_template_comes_back_by_undo(page: Page) -> None:
    await make(page, "Morning pages", "Slept:")
    await page.get_by_role("link", name="Morning pages", exact=True).click()
    await page.get_by_role("button", name="Delete the template").click()
    await expect(page.get_by_text("There are no templates yet.")).to_be_visible()
    await page.get_by_role("button", name="Undo").click()
    await expect(page.get_by_role("link", name="Morning pages", exact=True)).to_be_visible()
    await expect(page.get_by_role("button", name="Undo")).to_have_count(0)


async def test_templates_are_put_in_order_by_buttons(page: Page) -> None:
    for name in ("One", "Two"):
        await make(page, name, "x")
    await page.get_by_role("button", name="Move Two up").click()
    await expect(page.locator(".item-list .name")).to_have_text(["Two", "One"])
    await expect(page.get_by_role("button", name="Move Two up")).to_be_disabled()


async def test_another_prompt_and_none_for_today_take_a_click_each(page: Page) -> None:
    await page.goto("/entries/new")
    first = await prompt(page).inner_text()
    await page.get_by_role("button", name="Another").click()
    await expect(prompt(page)).not_to_have_text(first)
    second = await prompt(page).inner_text()
    await page.reload()
    await expect(prompt(page)).to_have_text(second)
    await page.get_by_role("button", name="Not today").click()
    await expect(page.get_by_role("button", name="Another")).to_have_count(0)
    await page.goto("/entries/new")
    await expect(page.locator("#prompt")).to_have_count(0)


async def test_a_prompt_is_used_as_a_quotation_to_write_below(page: Page) -> None:
    await page.goto("/entries/new")
    asked = await prompt(page).inner_text()
    await page.get_by_role("link", name="Use it").click()
    await expect(body(page)).to_have_value(f"> {asked}\n\n")
    await expect(page.locator("#prompt")).to_have_count(0)


async def test_prompts_are_turned_off_for_good_in_the_settings(page: Page) -> None:
    await page.goto("/settings")
    await page.get_by_label("A prompt on the empty page of today").uncheck()
    await page.get_by_role("button", name="Save the choice").click()
    await tells(page, "Saved")
    await page.goto("/entries/new")
    await expect(page.locator("#prompt")).to_have_count(0)


async def test_what_would_lead_away_goes_as_soon_as_something_is_typed(page: Page) -> None:
    await make(page, "Morning pages", "Slept:")
    await page.goto("/entries/new")
    asked = prompt(page)
    height = (await body(page).bounding_box() or {})["y"]
    for field in (page.get_by_label("Title"), body(page)):
        await expect(page.get_by_role("link", name="Use it")).to_be_visible()
        await field.fill("A")
        await expect(page.get_by_role("link", name="Use it")).to_be_hidden()
        await expect(page.get_by_role("button", name="Not today")).to_be_hidden()
        await expect(page.get_by_text("Templates", exact=True)).to_be_hidden()
        await expect(asked).to_be_visible()  # it stays readable
        await field.fill("")
    assert (await body(page).bounding_box() or {})["y"] == height  # nothing has moved


@pytest.mark.parametrize("options", SCREENS.values(), ids=SCREENS)
async def test_an_entry_of_nothing_but_its_template_is_not_saved(
    windows: Windows, site: Server, options: dict[str, Any]
) -> None:
    page = await signed_up(windows, site, **options)
    await make(page, "Usual", "{weekday}\n\nSlept: ", default=True)
    saves = await editor(page)
    await pass_time(page, 60_000)
    assert not await asks_before_leaving(page)
    assert saves == []
    assert await entries(page) == 0


async def test_the_first_word_below_a_template_is_saved_with_it(ann: Page) -> None:
    await make(ann, "Usual", "Slept: ", default=True)
    saves = await editor(ann)
    await ann.keyboard.type("well")  # the caret is after the template
    await pass_time(ann)
    await saves.reach(1)
    assert saves.bodies == ["Slept: well"]


async def test_a_prompt_that_was_used_and_not_answered_leaves_nothing(ann: Page) -> None:
    await ann.goto("/entries/new")
    address = await ann.get_by_role("link", name="Use it").get_attribute("href")
    assert address
    saves = await editor(ann, address)
    await pass_time(ann, 60_000)
    assert not await asks_before_leaving(ann)
    assert saves == []


async def test_the_empty_page_of_somebody_with_a_default_is_one_click_away(ann: Page) -> None:
    await make(ann, "Usual", "Slept: ", default=True)
    await ann.goto("/entries/new")
    await expect(ann.locator("#prompt")).to_have_count(0)
    await ann.get_by_text("Templates", exact=True).click()
    await ann.get_by_role("link", name="Empty page").click()
    await expect(body(ann)).to_have_value("")
    await expect(prompt(ann)).to_be_visible()


async def test_changing_the_prompt_keeps_the_hand_where_it_is_and_the_page_as_it_is(ann: Page) -> None:
    await open_editor(ann)
    saves = Saves(ann)
    uid = await ann.locator("#editor").get_attribute("action")
    for _ in range(3):
        before = await prompt(ann).inner_text()
        await ann.get_by_role("button", name="Another").focus()
        await ann.keyboard.press("Enter")
        await expect(prompt(ann)).not_to_have_text(before)
        await expect(ann.get_by_role("button", name="Another")).to_be_focused()
    assert await ann.locator("#editor").get_attribute("action") == uid
    await ann.get_by_role("button", name="Not today").click()
    await expect(ann.get_by_text("No prompt until tomorrow.")).to_be_focused()
    await ann.get_by_role("link", name="Turn them off for good").click()
    await expect(ann.get_by_label("A prompt on the empty page of today")).to_be_visible()
    assert saves == []


async def test_on_a_screen_with_a_keyboard_over_it_the_text_has_the_room(
    windows: Windows, site: Server
) -> None:
    page = await signed_up(windows, site, viewport={"width": 320, "height": 340})
    await page.goto("/entries/new")
    await expect(prompt(page)).to_be_hidden()
    assert (await body(page).bounding_box() or {})["height"] >= 96
