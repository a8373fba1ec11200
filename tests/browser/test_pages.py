"""Navigation: without scripts, boosted visits, infinite scrolling, undo, keyboard only; and hostile text."""

import asyncio
import re

import pytest
from playwright.async_api import Page, Route, expect

from tests.browser.conftest import Windows, join, register, sign_in, sign_out, signed_up, write
from tests.browser.editing import body, is_saved, requested, tells
from tests.servers import PASSWORD, Server

pytestmark = pytest.mark.slow


async def mark(page: Page) -> None:
    """Sets a variable that a reload of the page would remove."""
    await page.evaluate("window.marked = true")


async def is_marked(page: Page) -> bool:
    return bool(await page.evaluate("window.marked === true"))


# Without scripts


async def test_everything_can_be_done_without_scripts(windows: Windows, site: Server) -> None:
    page = await windows.open(base_url=site.url, java_script_enabled=False)
    await page.goto("/")
    await page.get_by_role("link", name="Start a journal").click()
    await register(page, "Plain Ann", "plain@example.org")

    await expect(page.get_by_text("Welcome. Write a sentence")).to_be_visible()
    await page.get_by_label("Title").fill("By hand")
    await body(page).fill("Written without a script.")
    await page.get_by_text("Tags, mood").click()
    await page.get_by_label("Good").check()
    await page.get_by_label("Tags").fill("plain, old")
    await page.get_by_role("button", name="Save").click()
    await expect(page.get_by_role("heading", name="By hand")).to_be_visible()
    await expect(page.get_by_role("list", name="Tags").get_by_role("listitem")).to_have_text(["plain", "old"])

    await page.get_by_role("link", name="Edit").click()
    await body(page).fill("Written and changed without a script.")
    await page.get_by_role("button", name="Save").click()
    await expect(page.locator(".prose")).to_have_text("Written and changed without a script.")

    await page.get_by_role("button", name="Delete").click()
    await tells(page, "The entry is in the bin.")
    await expect(page.get_by_role("article")).to_have_count(0)
    await page.get_by_role("button", name="Undo").click()
    await expect(page.get_by_role("heading", name="By hand")).to_be_visible()

    for n in range(25):
        await write(page.context, site, f"Number {n}", day="2024-01-01")
    await page.goto("/")
    await expect(page.get_by_role("article")).to_have_count(20)
    await page.get_by_role("link", name="Older entries").click()
    await expect(page.get_by_role("article")).to_have_count(6)
    await page.get_by_role("link", name="Back to the newest").click()
    await expect(page.get_by_role("article")).to_have_count(20)

    await page.get_by_role("link", name="Settings").click()
    await page.get_by_label("Time zone").fill("Asia/Tokyo")
    await page.get_by_label("Dark").check()
    await page.get_by_role("button", name="Save", exact=True).click()
    await tells(page, "Saved.")
    await expect(page.locator("html")).to_have_attribute("data-theme", "dark")

    await sign_out(page)
    await page.get_by_role("link", name="Sign in").click()
    await sign_in(page, "plain@example.org")
    await expect(page.get_by_role("article")).to_have_count(20)


async def test_errors_without_scripts_stand_by_their_fields_and_keep_what_was_typed(
    windows: Windows, site: Server
) -> None:
    windows.foresee("422")
    page = await windows.open(base_url=site.url, java_script_enabled=False)
    await page.goto("/register")
    await register(page, "Ann@home", "ann@home.example", "password")
    await expect(page.get_by_label("Name")).to_have_accessible_description(re.compile("can't have @"))
    await expect(page.get_by_label("Name")).to_have_value("Ann@home")
    await expect(page.get_by_label("Password")).to_have_accessible_description(re.compile("would try"))

    await join(page.context, site)
    await page.goto("/entries/new")
    await page.get_by_label("Title").fill("x" * 301)
    await body(page).fill("Kept all the same")
    await page.get_by_role("button", name="Save").click()
    await expect(page.get_by_label("Title")).to_have_accessible_description(re.compile("300 characters"))
    await expect(body(page)).to_have_value("Kept all the same")


# Boosted visits


async def test_a_visit_changes_the_page_in_place_and_lands_at_its_top(ann: Page, site: Server) -> None:
    for n in range(12):
        await write(ann.context, site, "Long. " * 200, title=f"Entry {n}")
    await ann.goto("/")
    await mark(ann)
    last = ann.get_by_role("link", name="Entry 0", exact=True)
    await last.scroll_into_view_if_needed()
    await last.click()
    await expect(ann.get_by_role("heading", name="Entry 0")).to_be_visible()
    await expect(ann.locator("#main")).to_be_focused()
    await expect(ann.get_by_role("status")).to_have_text(re.compile("Entry 0"))
    assert await ann.evaluate("scrollY") == 0
    assert await ann.title() == "Entry 0 · Journal"
    assert await is_marked(ann)

    await ann.go_back()
    await expect(ann.get_by_role("link", name="Entry 11", exact=True)).to_be_visible()
    await ann.go_forward()
    await expect(ann.get_by_role("heading", name="Entry 0")).to_be_visible()


async def test_going_back_leads_to_where_one_was_in_a_list_that_had_grown(ann: Page, site: Server) -> None:
    for n in range(45):
        await write(ann.context, site, "A long walk.", title=f"Walk {n}")
    for path in ("/", "/search?q=walk"):
        await ann.goto(path)
        link = ann.get_by_role("link", name="Walk 2", exact=True)
        for shown in ("Walk 25", "Walk 5"):
            await ann.get_by_role("link", name=shown, exact=True).scroll_into_view_if_needed()
            await ann.evaluate("scrollBy(0, 9000)")
        await link.scroll_into_view_if_needed()
        top = await link.evaluate("link => link.getBoundingClientRect().top")
        await link.click()
        await expect(ann.get_by_role("button", name="Delete")).to_be_visible()
        await ann.go_back()
        await expect(link).to_be_focused()
        assert abs(await link.evaluate("link => link.getBoundingClientRect().top") - top) < 2
    await ann.reload()
    await expect(ann.get_by_role("heading", name="Walk 44")).to_be_visible()
    await expect(link).to_have_count(0)


async def test_from_a_very_long_entry_one_comes_back_to_where_its_beginning_ended(
    ann: Page, site: Server
) -> None:
    for words in ("Before.", "A long walk. " * 10_000 + "The end of it.", "After."):
        await write(ann.context, site, words, title=words[:6])
    await ann.goto("/")
    await expect(ann.get_by_text("The end of it.")).to_have_count(0)
    link = ann.get_by_role("link", name="Read on")
    await link.scroll_into_view_if_needed()
    top = await link.evaluate("link => link.getBoundingClientRect().top")
    await link.click()
    await expect(ann.get_by_text("The end of it.")).to_have_count(1)
    await ann.go_back()
    await expect(link).to_be_focused()
    assert abs(await link.evaluate("link => link.getBoundingClientRect().top") - top) < 2


async def test_the_editor_is_always_a_page_of_its_own(ann: Page, site: Server) -> None:
    await write(ann.context, site, "Words", title="An entry")
    await ann.goto("/settings")
    await ann.get_by_role("link", name="Timeline").click()
    await ann.get_by_role("link", name="An entry").click()
    await mark(ann)
    await ann.get_by_role("link", name="Edit").click()
    await expect(body(ann)).to_be_focused()
    assert not await is_marked(ann)
    await expect(body(ann)).to_have_js_property("selectionStart", len("Words"))
    await ann.keyboard.type(" and more")
    await ann.keyboard.press("Control+s")
    await is_saved(ann)
    await expect(body(ann)).to_have_value("Words and more")


async def test_a_visit_to_a_site_that_was_renewed_meanwhile_reloads_it(ann: Page) -> None:
    await ann.goto("/")
    await mark(ann)

    async def renewed(route: Route) -> None:
        answer = await route.fetch()
        text = (await answer.text()).replace("/static/js/journal.", "/static/js/journal.new")
        await route.fulfill(response=answer, body=text)

    await ann.route("**/bin", renewed, times=1)
    await ann.get_by_role("link", name="Bin").click()
    await expect(ann.get_by_role("heading", name="Bin")).to_be_visible()
    assert not await is_marked(ann)


async def test_a_visit_that_fails_says_so_and_leaves_the_page(windows: Windows, site: Server) -> None:
    windows.foresee("ERR_FAILED", "htmx:sendError", "404", "Response Status Error")
    page = await signed_up(windows, site)
    await page.goto("/")
    await page.route("**/bin", lambda route: route.abort(), times=1)
    await page.get_by_role("link", name="Bin").click()
    await expect(page.get_by_role("alert")).to_contain_text("The server is not answering.")
    await page.get_by_role("link", name="Bin").click()
    await expect(page.get_by_text("The bin is empty.")).to_be_visible()
    await expect(page.get_by_role("alert")).to_have_count(0)

    await page.route("**/settings", lambda route: route.continue_(url=f"{site.url}/nowhere"), times=1)
    await page.get_by_role("link", name="Settings").click()
    await expect(page.get_by_role("heading", name="Not found")).to_be_visible()
    await expect(page).to_have_title("404 · Journal")


async def test_an_error_in_a_part_of_the_page_is_told_above_it(windows: Windows, site: Server) -> None:
    windows.foresee("400", "Response Status Error")
    page = await signed_up(windows, site)
    for n in range(21):
        await write(page.context, site, f"Number {n}")
    await page.goto("/")
    await page.route("**/?before=*", lambda route: route.continue_(url=f"{site.url}/?before=damaged"))
    await page.keyboard.press("End")
    await expect(page.get_by_role("alert")).to_contain_text("This link to older entries is damaged")
    await expect(page.get_by_role("article")).to_have_count(20)
    await expect(page.get_by_role("link", name="Older entries")).to_be_visible()


async def test_the_menu_of_a_phone_opens_shows_where_one_is_and_closes(
    windows: Windows, site: Server
) -> None:
    page = await signed_up(windows, site, viewport={"width": 390, "height": 844})
    await page.goto("/bin")
    bin_link = page.get_by_role("link", name="Bin")
    await expect(bin_link).to_be_hidden()
    await page.get_by_role("button", name="Menu").click()
    await expect(bin_link).to_have_attribute("aria-current", "page")
    await page.keyboard.press("Escape")
    await expect(bin_link).to_be_hidden()
    await page.get_by_role("button", name="Menu").click()
    await page.get_by_role("link", name="Settings").click()
    await expect(page.get_by_role("heading", name="Settings")).to_be_visible()
    await expect(page.get_by_role("link", name="Settings")).to_be_hidden()


# The timeline


async def test_scrolling_the_timeline_loads_each_of_65_entries_once(ann: Page, site: Server) -> None:
    for n in range(65):
        await write(ann.context, site, f"Number {n}", day=f"2024-{n % 12 + 1:02}-{n % 28 + 1:02}")
    asked = requested(ann, "before=")
    await ann.goto("/")
    end = ann.get_by_text("This is where it begins.")
    for _ in range(100):
        await ann.keyboard.press("End")
        if await end.count():
            break
        await asyncio.sleep(0.1)
    await expect(end).to_be_visible()
    texts = await ann.get_by_role("article").locator(".prose").all_text_contents()
    assert sorted(text.strip() for text in texts) == sorted(f"Number {n}" for n in range(65))
    days = await ann.get_by_role("article").locator("time").evaluate_all("all => all.map(t => t.dateTime)")
    assert days == sorted(days, reverse=True)
    assert len(asked) == len(set(asked)) == 3


async def test_a_deleted_entry_is_put_back_by_undo(ann: Page, site: Server) -> None:
    entry = await write(ann.context, site, "Do not lose me", title="Precious")
    await ann.goto(entry)
    await mark(ann)
    await ann.get_by_role("button", name="Delete").click()
    await tells(ann, "The entry is in the bin.")
    await expect(ann.get_by_role("article")).to_have_count(0)
    await expect(ann.get_by_role("status")).to_have_text(re.compile("The entry is in the bin."))
    assert await is_marked(ann)
    await ann.get_by_role("button", name="Undo").click()
    await expect(ann.get_by_role("heading", name="Precious")).to_be_visible()
    await ann.get_by_role("link", name="Timeline").click()
    await expect(ann.get_by_role("article")).to_have_count(1)


async def test_a_page_that_the_browser_had_put_aside_is_asked_for_anew(ann: Page, site: Server) -> None:
    entry = await write(ann.context, site, "As it was")
    await ann.goto(entry)
    await ann.goto("/login")
    await ann.context.request.post(entry, form={"body": "As it is now", "version": "1"}, max_redirects=0)
    await ann.go_back()
    await expect(ann.locator(".prose")).to_have_text("As it is now")


# Keyboard only


async def test_keys_alone_sign_in_and_save_a_text(windows: Windows, site: Server) -> None:
    page = await windows.open(base_url=site.url)
    name = await join(page.context, site)
    await page.context.clear_cookies()
    await page.goto("/login")
    await page.keyboard.type(name)
    await page.keyboard.press("Tab")
    await page.keyboard.type(PASSWORD)
    await page.keyboard.press("Enter")
    await expect(page.get_by_text("Nothing is written yet.")).to_be_visible()
    await page.keyboard.press("Tab")
    await page.keyboard.press("Enter")  # follows the skip link
    pressed = 2
    line = page.get_by_role("textbox", name="A line for today")
    while not await line.evaluate("field => field === document.activeElement"):
        await page.keyboard.press("Tab")
        pressed += 1
        assert pressed < 8
    await page.keyboard.type("No mouse was here")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("article")).to_contain_text("No mouse was here")

    await page.goto("/settings")
    await page.keyboard.press("t")  # shortcut of every page
    await expect(body(page)).to_be_focused()
    await page.keyboard.type("Nor here")
    await page.keyboard.press("Control+s")
    await is_saved(page)


async def test_the_first_key_leads_past_the_navigation(ann: Page) -> None:
    await ann.goto("/bin")
    await ann.keyboard.press("Tab")
    await expect(ann.get_by_role("link", name="Skip to the text")).to_be_in_viewport()
    await ann.keyboard.press("Enter")
    await expect(ann.locator("#main")).to_be_focused()


# Hostile text

ATTACKS = [
    "<script>window.pwned = 1</script>",
    "<img src=x onerror='window.pwned = 1'>",
    "[click](javascript:window.pwned=1)",
    "![x](https://evil.example/x.png)",
    "<svg onload='window.pwned = 1'>",
    "\"'></textarea><script>window.pwned = 1</script>",
    "<div hx-get='/bin' hx-trigger='load' data-hx-get='/bin' data-hx-trigger='load'>",
    "</title><script>window.pwned = 1</script>",
    "{{ 7 * 7 }} <!-- --!> <style>body{display:none}</style><base href='https://evil.example/'>",
]


async def test_hostile_text_runs_nothing_and_asks_nobody(ann: Page, site: Server) -> None:
    entry = await write(
        ann.context,
        site,
        "\n\n".join(ATTACKS),
        title=" ".join(ATTACKS)[:300],
        tags=",".join(ATTACKS[:5]),
        day="2024-05-31",
    )
    asked = requested(ann, "")
    questions: list[str] = []
    ann.on("dialog", lambda dialog: questions.append(dialog.message))
    places = [f"{site.url}/", entry, f"{entry}/edit", f"{entry}/revisions", f"{site.url}/days/2024-05-31"]
    for place in [*places, f"{site.url}/bin"]:
        if place.endswith("/bin"):
            await ann.context.request.post(f"{entry}/deletion", max_redirects=0)
        asked.clear()
        await ann.goto(place)
        await expect(ann.get_by_text("window.pwned").or_(body(ann)).first).to_be_visible()
        await ann.wait_for_timeout(100)
        assert await ann.evaluate("window.pwned") is None, place
        assert questions == [], place
        assert [url for url in asked if "/static/" not in url] == [place]
