"""Sessions: a renewal is never noticed, and a sign-in, in the dialog or on its page, loses no text."""

import asyncio
import re
import time

from playwright.async_api import BrowserContext, Page, Response, expect

from tests.browser.conftest import Windows, join, lose_session, register, sign_in, sign_out, signed_up, write
from tests.browser.editing import Saves, body, editor, is_saved, pass_time, ready, says, tells, version
from tests.servers import Server
from tests.visiting import plain

TOKENS = ("access_token", "refresh_token")


async def tokens(context: BrowserContext) -> dict[str, str]:
    """Returns the session cookies by name, without the digest of the site."""
    found = {plain(cookie["name"]): cookie["value"] for cookie in await context.cookies()}
    return {name: value for name, value in found.items() if name in TOKENS}


async def expired(context: BrowserContext) -> None:
    """Waits until the access cookie has expired; the refresh cookie is still there."""
    deadline = time.monotonic() + 10
    while set(await tokens(context)) != {"refresh_token"}:
        assert time.monotonic() < deadline, await tokens(context)
        await asyncio.sleep(0.05)


async def test_the_journal_opens_and_saves_without_a_sign_in_long_after_the_access_cookie_expired(
    windows: Windows, brief: Server
) -> None:
    page = await windows.open(base_url=brief.url)
    answers: list[Response] = []
    await page.goto("/register")
    await register(page, "Ann", "ann@example.org")
    await page.get_by_role("link", name="Write", exact=True).click()
    await body(page).fill("Closed the laptop after this.")
    await page.keyboard.press("Control+s")
    await is_saved(page)
    await page.goto("/")
    before = await tokens(page.context)

    await expired(page.context)
    page.on("response", lambda answer: answers.append(answer))
    await page.reload()
    await expect(page.get_by_role("article")).to_have_text(re.compile("Closed the laptop after this."))
    assert page.url == f"{brief.url}/"
    after = await tokens(page.context)
    assert set(after) == set(TOKENS)
    assert after["refresh_token"] != before["refresh_token"]
    assert after["access_token"] != before["access_token"]

    await page.get_by_role("link", name="Write", exact=True).click()
    before = await tokens(page.context)
    await expired(page.context)
    saves = Saves(page)
    await body(page).fill("Opened it again.")
    await page.keyboard.press("Control+s")
    await is_saved(page)
    after = await tokens(page.context)
    assert set(after) == set(TOKENS)
    assert after["refresh_token"] != before["refresh_token"]
    assert len(saves) == 1

    await page.goto("/")
    await expect(page.get_by_role("article")).to_have_count(2)
    assert [answer.status for answer in answers if answer.status >= 300] == []


async def test_the_zone_is_taken_from_the_browser_at_registration(windows: Windows, site: Server) -> None:
    page = await windows.open(base_url=site.url, timezone_id="Pacific/Kiritimati")
    await page.goto("/")
    await page.get_by_role("link", name="Start a journal").click()  # a boosted visit loads no scripts
    await register(page, "Kiri", "kiri@example.org")
    await expect(page.get_by_text("Welcome. Write a sentence")).to_be_visible()
    await page.goto("/settings")
    await expect(page.get_by_label("Time zone")).to_have_value("Pacific/Kiritimati")


async def test_the_settings_offer_the_zone_of_the_browser(windows: Windows, site: Server) -> None:
    page = await signed_up(windows, site, timezone_id="America/Sao_Paulo")
    await page.goto("/settings")
    await expect(page.get_by_label("Time zone")).to_have_value("UTC")
    await page.get_by_role("button", name="America/Sao_Paulo").click()
    await page.get_by_role("button", name="Save", exact=True).click()
    await tells(page, "Saved.")
    await expect(page.get_by_label("Time zone")).to_have_value("America/Sao_Paulo")


async def test_the_dialog_takes_the_sign_in_and_the_text_is_saved_once_and_never_touched(
    windows: Windows, site: Server
) -> None:
    windows.foresee("401", "422")
    page = await windows.open(base_url=site.url)
    name = await join(page.context, site)
    saves = await editor(page)
    text = await body(page).element_handle()
    assert text
    await page.keyboard.type("Before the cookies went, after it too.")
    for _ in "it too.":
        await page.keyboard.press("ArrowLeft")
    await lose_session(page)
    await pass_time(page)
    await page.clock.resume()

    dialog = page.get_by_role("dialog")
    await expect(dialog.get_by_label("Name or e-mail")).to_be_focused()
    await sign_in(page, name, "not the password")
    await expect(dialog.get_by_role("alert")).to_contain_text("don't belong together")
    await expect(dialog.get_by_label("Password")).to_be_focused()
    await sign_in(page, name)
    await expect(dialog).to_be_hidden()
    await is_saved(page)
    assert len(saves) == 2
    assert saves[0] == saves[1]  # the same request with the same id
    assert await text.evaluate("area => area.isConnected")
    await page.evaluate("htmx.trigger('#editor', 'save')")  # there is nothing to send
    await expect(body(page)).to_be_focused()
    await page.keyboard.type("all of ")  # where the caret was
    await pass_time(page)
    await is_saved(page)
    await saves.reach(3)

    await page.goto("/")
    await expect(page.get_by_role("article")).to_have_count(1)
    await expect(page.get_by_role("article")).to_contain_text("Before the cookies went, after all of it too.")


async def test_escape_closes_the_dialog_over_the_text_and_saving_asks_again(
    windows: Windows, site: Server
) -> None:
    windows.foresee("401")
    page = await windows.open(base_url=site.url)
    name = await join(page.context, site)
    saves = await editor(page)
    await page.keyboard.type("One")
    await lose_session(page)
    await pass_time(page)
    await page.clock.resume()
    dialog = page.get_by_role("dialog")
    await expect(dialog).to_be_visible()
    await page.keyboard.press("Escape")
    await expect(dialog).to_be_hidden()
    await says(page, "Signed out. Kept on this device.")
    await expect(body(page)).to_be_focused()
    await page.keyboard.type(" and two")
    await page.evaluate("dispatchEvent(new Event('online'))")
    await pass_time(page, 60_000)
    await expect(dialog).to_be_hidden()  # the dialog does not interrupt typing
    assert len(saves) == 1

    await page.keyboard.press("Control+s")
    await expect(dialog).to_be_visible()
    await sign_in(page, name)
    await version(page, 1)
    await pass_time(page)
    await version(page, 2)
    await is_saved(page)
    await expect(body(page)).to_have_value("One and two")
    assert saves.bodies == ["One", "One", "One", "One and two"]


async def test_another_person_who_signs_in_over_the_editor_gets_none_of_the_words(
    windows: Windows, site: Server
) -> None:
    windows.foresee("401", "409")
    page = await windows.open(base_url=site.url)
    bob = await join(page.context, site, "Bob")
    ann = await join(page.context, site)
    await editor(page)
    await page.keyboard.type("For me alone")
    await lose_session(page)
    await pass_time(page)
    await expect(page.get_by_role("dialog")).to_be_visible()
    await sign_in(page, bob)  # the clock stands, so no timer of htmx has run
    await tells(page, "Another account is signed in here now")
    assert "For me alone" not in await page.content()
    await page.clock.resume()
    await page.goto("/")
    await expect(page.get_by_text("Nothing is written yet.")).to_be_visible()

    await page.get_by_role("button", name="Sign out").click()
    await page.get_by_role("link", name="Sign in").click()
    await sign_in(page, ann)
    await tells(page, "Words kept on this device are saved now.")
    await page.get_by_role("link", name="Read them").click()
    await expect(page.locator(".prose")).to_have_text("For me alone")


async def test_a_timeline_that_is_refused_starts_anew_for_whoever_signs_in(
    windows: Windows, site: Server
) -> None:
    windows.foresee("401")
    page = await windows.open(base_url=site.url)
    name = await join(page.context, site)
    for n in range(25):
        await write(page.context, site, f"Number {n}")
    await page.goto("/")
    await lose_session(page)
    await page.keyboard.press("End")
    await expect(page.get_by_role("dialog")).to_be_visible()
    async with page.expect_navigation():
        await sign_in(page, name)
    await expect(page.get_by_role("article").first).to_contain_text("Number 24")


async def test_a_visit_that_is_refused_goes_on_after_the_sign_in(windows: Windows, site: Server) -> None:
    windows.foresee("401")
    page = await windows.open(base_url=site.url)
    name = await join(page.context, site)
    await page.goto("/")
    await lose_session(page)
    await page.get_by_role("link", name="Bin").click()
    await expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    await sign_in(page, name)
    await expect(page.get_by_role("heading", name="Bin")).to_be_visible()


async def test_without_scripts_the_words_travel_through_the_sign_in(windows: Windows, site: Server) -> None:
    windows.foresee("401", "422")
    page = await windows.open(base_url=site.url, java_script_enabled=False)
    name = await join(page.context, site)
    await page.goto("/entries/new")
    await page.get_by_label("Title").fill("A title")
    await body(page).fill("First line.\n\nSecond <line> & more.")
    await lose_session(page)
    await page.get_by_role("button", name="Save").click()
    await expect(page.get_by_label("Your words")).to_have_value("First line.\n\nSecond <line> & more.")
    await sign_in(page, name, "not the password")
    await expect(page.get_by_role("alert")).to_contain_text("don't belong together")
    await sign_in(page, name)
    await expect(page.get_by_label("Title")).to_have_value("A title")
    await expect(body(page)).to_have_value("First line.\n\nSecond <line> & more.")
    await page.get_by_role("button", name="Save").click()
    await expect(page.get_by_role("heading", name="A title")).to_be_visible()
    await expect(page.locator(".prose")).to_contain_text("Second <line> & more.")


async def test_words_that_came_back_through_the_sign_in_are_saved_by_themselves(
    windows: Windows, site: Server
) -> None:
    windows.foresee("401")
    page = await windows.open(base_url=site.url)
    name = await join(page.context, site)
    await editor(page)
    await lose_session(page)
    async with page.expect_navigation():
        await page.locator("#editor").evaluate(
            "form => { form.elements.body.value = 'Sent plainly'; form.submit() }"
        )
    async with page.expect_navigation():
        await sign_in(page, name)
    await ready(page)
    await pass_time(page)
    await is_saved(page)
    await page.goto("/")
    await expect(page.get_by_role("article")).to_contain_text("Sent plainly")


async def test_back_after_signing_out_shows_the_sign_in_and_not_the_words(ann: Page, site: Server) -> None:
    entry = await write(ann.context, site, "Nobody else's business", title="Private")
    await ann.goto("/")
    await ann.goto(entry)
    await sign_out(ann)
    await ann.go_back()
    await expect(ann.get_by_role("heading", name="Sign in")).to_be_visible()
    await expect(ann.get_by_text("Nobody else's business")).to_have_count(0)
    await ann.go_back()
    await expect(ann.get_by_text("Nobody else's business")).to_have_count(0)


async def test_signing_out_of_the_editor_saves_the_words_first(ann: Page, site: Server) -> None:
    await ann.goto("/entries/new")
    await expect(ann.locator("#body")).to_be_focused()
    await ann.keyboard.type("Just before I go")
    saves = Saves(ann)
    await sign_out(ann)
    assert [(fields["body"], fields["kind"]) for fields in saves] == [("Just before I go", "leave")]
