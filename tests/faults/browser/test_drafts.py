"""Form drafts: input of forms without autosave survives crashes, closed tabs and lost sessions."""

import asyncio
import re
from pathlib import Path
from typing import NamedTuple

import pytest
from playwright.async_api import Locator, Page, Route, expect

from tests.browser.conftest import Windows, join, lose_session, sign_in, sign_out, write
from tests.browser.editing import asks_before_leaving, held_up, is_kept, quick_entry, tells
from tests.faults.browser.chromiums import chromium_at
from tests.faults.browser.test_crashes import AFTER_A_KEY, crashes
from tests.faults.browser.test_stores import on_disk
from tests.servers import Server, serving

pytestmark = pytest.mark.slow

WORDS = "Half a sentence of mine"
IS_BACK = "What you typed here before is back."


class Place(NamedTuple):
    """A form with a draft: its page, the labels of its field and button, and the page after saving."""

    path: str
    label: str
    button: str
    after: str


PLACES = {
    "line": Place("/", "A line for today", "New entry", "/"),
    "new template": Place("/templates/new", "Text", "Save", "/templates"),
    "template": Place(
        "/templates/{template}", "Title of the entry, if it is to have one", "Save", "/templates"
    ),
    "prompts": Place("/prompts", "Prompts of your own", "Add", "/prompts"),
    "prompt": Place("/prompts/{prompt}", "Its words", "Save", "/prompts"),
    "tag": Place("/tags/walks", "New name", "Rename", "/tags/"),
}


async def filled(page: Page, site: Server) -> None:
    """Signs up an account with a template, a prompt and a tag."""
    await join(page.context, site)
    await write(page.context, site, "An entry.", tags="walks")
    for path, form in (("templates", {"name": "Mine", "body": "Slept:"}), ("prompts", {"body": "And then?"})):
        assert (
            await page.context.request.post(f"{site.url}/{path}", form=form, max_redirects=0)
        ).status == 303


async def at(page: Page, site: Server, place: Place, opens: bool = True) -> Locator:
    """Opens the page of the form; returns its field."""
    path = place.path
    for kind in ("template", "prompt"):
        if f"{{{kind}}}" in path:
            listed = await (await page.context.request.get(f"{site.url}/{kind}s")).text()
            path = path.replace(f"{{{kind}}}", re.findall(rf'/{kind}s/([0-9]+)"', listed)[-1])
    await page.goto(path)
    if place.button == "Rename" and opens:
        await page.locator("details.disclosure").evaluate("details => { details.open = true; }")
    return page.get_by_label(place.label, exact=True)


async def person(windows: Windows, site: Server) -> Page:
    page = await windows.open(base_url=site.url)
    await filled(page, site)
    await page.goto("/bin")
    return page


@pytest.mark.parametrize("name", PLACES)
async def test_words_in_a_form_are_back_after_their_tab_crashed(
    windows: Windows, site: Server, name: str
) -> None:
    windows.foresee("crash")
    first = await person(windows, site)
    page = await first.context.new_page()
    field = await at(page, site, PLACES[name])
    await field.fill("")
    await field.press_sequentially(WORDS)
    await asyncio.sleep(AFTER_A_KEY)
    await crashes(page)
    await page.close()
    later = await first.context.new_page()
    field = await at(later, site, PLACES[name], opens=False)
    await tells(later, IS_BACK)
    await expect(field).to_have_value(WORDS)
    await expect(field).to_be_visible()


@pytest.mark.parametrize("name", PLACES)
async def test_a_draft_goes_when_the_server_has_its_words_and_not_before(
    windows: Windows, site: Server, name: str
) -> None:
    windows.foresee("503", "htmx:sendError", "Response Status Error", "ERR_FAILED")
    page, place = await person(windows, site), PLACES[name]
    field = await at(page, site, place)
    if name == "new template":
        await page.get_by_label("Name", exact=True).fill("Another")
    await field.fill(WORDS)
    await is_kept(page)
    answers = iter(
        [lambda route: route.abort(), lambda route: route.fulfill(status=200, body="Log in to Wi-Fi")]
    )

    async def fail(route: Route) -> None:
        await (next(answers)(route) if route.request.method == "POST" else route.continue_())

    await page.route("**/*", fail)
    for _ in range(2):
        await page.get_by_role("button", name=place.button, exact=True).click()
        await page.wait_for_timeout(300)
    await page.unroute_all()
    field = await at(page, site, place)
    await expect(field).to_have_value(WORDS)
    await tells(page, IS_BACK)
    await page.get_by_role("button", name=place.button, exact=True).click()
    await expect(page).to_have_url(re.compile(f"{re.escape(place.after)}[^/]*$"))
    if "template" not in name:  # the next page lists names only
        await expect(page.get_by_text(WORDS).first).to_be_visible()
    field = await at(page, site, place) if name != "tag" else page.locator("main")
    await page.wait_for_load_state("networkidle")
    await expect(page.locator("#notice")).not_to_contain_text(IS_BACK)
    assert not await page.evaluate("document.cookie.includes('unsent')")


async def test_a_line_is_back_after_the_browser_was_killed_and_lies_sealed_on_its_disk(
    tmp_path: Path,
) -> None:
    with serving(tmp_path / "site") as site:
        async with chromium_at(tmp_path / "profile") as (browser, context):
            page = context.pages[0]
            name = await join(context, site)
            await page.goto(site.url)
            await quick_entry(page).press_sequentially("xylophonegiraffe")
            await asyncio.sleep(AFTER_A_KEY)
            browser.kill()
        assert on_disk(tmp_path / "profile", "xylophonegiraffe") == []
        async with chromium_at(tmp_path / "profile") as (_, context):
            page = context.pages[0]
            await page.goto(f"{site.url}/login")
            if await page.locator("#login").count():
                await sign_in(page, name)
            await expect(quick_entry(page)).to_have_value("xylophonegiraffe")


async def test_a_line_outlives_the_session_and_comes_back_to_its_writer_only(
    windows: Windows, site: Server
) -> None:
    windows.foresee("401")
    page = await windows.open(base_url=site.url)
    ann = await join(page.context, site)
    await page.goto("/")
    line = quick_entry(page)
    await line.fill(WORDS)
    await is_kept(page)
    await lose_session(page)
    await page.goto("/")
    await join(page.context, site, "Bob")
    await page.goto("/")
    await page.wait_for_load_state("networkidle")
    await expect(line).to_have_value("")
    await lose_session(page)
    await page.goto("/login")
    await sign_in(page, ann)
    await expect(line).to_have_value(WORDS)


@pytest.mark.parametrize("name", ["line", "new template", "tag"])
async def test_words_are_neither_saved_for_nor_shown_to_whoever_else_signs_in(
    windows: Windows, site: Server, name: str
) -> None:
    windows.foresee("409")
    page = await person(windows, site)
    field = await at(page, site, PLACES[name])
    await field.fill(WORDS)
    if name == "new template":
        await page.get_by_label("Name", exact=True).fill("Another")
    await join(page.context, site, "Bob")  # as in another tab
    await page.get_by_role("button", name=PLACES[name].button, exact=True).click()
    await tells(page, "Another account is signed in here now.")
    assert WORDS not in await page.content()
    await expect(field).to_have_count(0)
    for path in ("/", "/templates"):
        assert WORDS not in await (await page.context.request.get(f"{site.url}{path}")).text()


async def test_whoever_signs_out_with_a_line_begun_is_asked_once(windows: Windows, site: Server) -> None:
    page = await windows.open(base_url=site.url)
    name = await join(page.context, site)
    await page.goto("/")
    line = quick_entry(page)
    await line.press_sequentially(WORDS)
    await page.get_by_role("button", name="Sign out").click()
    await tells(page, "What you typed is not sent yet. Kept on this device.")
    await expect(line).to_have_value(WORDS)
    await sign_out(page)
    await page.goto("/login")
    await sign_in(page, name)
    await expect(line).to_have_value(WORDS)
    await page.get_by_role("button", name="Discard it").click()
    await expect(line).to_have_value("")
    await page.reload()
    await page.wait_for_load_state("networkidle")
    await expect(line).to_have_value("")
    await sign_out(page)


async def test_each_of_two_tabs_keeps_its_own_line(ann: Page) -> None:
    tabs = [ann, await ann.context.new_page()]
    for tab, words in zip(tabs, ("One.", "Other."), strict=True):
        await tab.goto("/")
        await quick_entry(tab).press_sequentially(words)
        await is_kept(tab)
    await asyncio.sleep(1.5)  # the second tab has waited for the lock of the first
    for tab in tabs:
        await tab.goto("about:blank")
    found = []
    for _ in tabs:
        await ann.goto("/")
        line = quick_entry(ann)
        await tells(ann, IS_BACK)
        found.append(await line.input_value())
        await line.press("Enter")
        await expect(ann.locator("article").first).to_contain_text(found[-1])
    assert sorted(found) == ["One.", "Other."]


async def test_what_is_typed_while_a_line_is_on_its_way_is_the_next(ann: Page) -> None:
    await ann.goto("/")
    line = quick_entry(ann)
    async with held_up(ann, "**/lines"):
        await line.press_sequentially("First.")
        await line.press("Enter")
        await line.press_sequentially(" Second")
    await expect(ann.locator("article").first).to_contain_text("First.")
    await expect(line).to_have_value("Second")
    await ann.goto("about:blank")
    await ann.goto("/")
    await expect(line).to_have_value("Second")
    await expect(ann.locator("article")).to_have_count(1)


async def test_a_draft_of_something_that_was_changed_elsewhere_says_so(
    windows: Windows, site: Server
) -> None:
    page = await person(windows, site)
    field = await at(page, site, PLACES["prompt"])
    await field.fill(WORDS)
    await is_kept(page)
    form = {"body": "Changed on another device?"}
    await page.context.request.post(page.url, form=form, max_redirects=0)
    await page.reload()
    await tells(page, "It was changed elsewhere in the meantime")
    await expect(field).to_have_value(WORDS)
    await page.get_by_role("button", name="Discard it").click()
    await expect(field).to_have_value("Changed on another device?")


async def test_where_nothing_can_be_kept_the_browser_asks_before_a_line_is_lost(ann: Page) -> None:
    await ann.add_init_script(
        "IDBFactory.prototype.open = () => { throw new DOMException('', 'SecurityError'); }"
    )
    await ann.goto("/")
    line = quick_entry(ann)
    await line.press_sequentially(WORDS)
    assert await asks_before_leaving(ann)
    await line.press("Enter")
    await expect(ann.locator("article")).to_have_count(1)
    assert not await asks_before_leaving(ann)
