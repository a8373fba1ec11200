"""Autosave: when the editor saves, what it sends, retries and says. The tests move the clock of the page."""

import asyncio
import re
from pathlib import Path

import pytest
from playwright.async_api import Page, Route, expect

from tests.browser.conftest import OFFLINE, Windows, signed_up, write
from tests.browser.editing import (
    PAUSE,
    SAVES,
    Saves,
    asks_before_leaving,
    body,
    downloaded,
    editor,
    fail_saves,
    held_up,
    is_saved,
    lose_responses,
    pass_time,
    ready,
    requested,
    says,
    tells,
    version,
)
from tests.servers import Server, serving

pytestmark = pytest.mark.slow


async def new_entry(windows: Windows, site: Server, *foreseen: str) -> tuple[Page, Saves]:
    """Opens the editor of a new account; `foreseen` are console messages that the test provokes."""
    windows.foresee(*foreseen)
    page = await signed_up(windows, site)
    return page, await editor(page)


# When it saves


async def test_a_new_entry_is_saved_after_the_last_key_under_its_own_address(ann: Page) -> None:
    saves = await editor(ann)
    await ann.keyboard.type("The first")
    await says(ann, "Writing…")
    await pass_time(ann, PAUSE - 300)
    await ann.keyboard.type(" words")
    await pass_time(ann, PAUSE - 300)
    assert saves == []
    await pass_time(ann)
    await is_saved(ann)
    assert [(fields["body"], fields["kind"], fields["version"]) for fields in saves] == [
        ("The first words", "auto", "0")
    ]
    await expect(ann).to_have_url(re.compile(r"/entries/[0-9a-f-]{36}/edit$"))
    await ann.reload()
    await expect(body(ann)).to_have_value("The first words")
    await version(ann, 1)


async def test_each_save_has_a_mark_of_its_own_and_the_version_before_it(ann: Page) -> None:
    saves = await editor(ann)
    for number, word in enumerate(["one ", "two ", "three "], 1):
        await ann.keyboard.type(word)
        await pass_time(ann)
        await is_saved(ann)
        await version(ann, number)
    assert [fields["version"] for fields in saves] == ["0", "1", "2"]
    assert len(saves.ids) == 3


async def test_who_never_pauses_is_saved_every_eight_seconds(ann: Page) -> None:
    saves = await editor(ann)
    for _ in range(20):
        await ann.keyboard.type("x")
        await pass_time(ann, 500)
    assert [len(fields["body"]) for fields in saves] == [16]


async def test_the_caret_and_the_undo_of_the_text_survive_a_save(ann: Page) -> None:
    await editor(ann)
    await ann.keyboard.type("Hello world")
    await ann.keyboard.press("Home")
    await pass_time(ann)
    await is_saved(ann)
    await ann.keyboard.type("Oh. ")
    await expect(body(ann)).to_have_value("Oh. Hello world")
    await ann.keyboard.press("Control+z")
    await ann.keyboard.press("Control+z")
    await expect(body(ann)).not_to_have_value("Oh. Hello world")


async def test_control_s_and_the_button_save_at_once_and_stay(ann: Page) -> None:
    saves = await editor(ann)
    await ann.keyboard.type("Now")
    await ann.keyboard.press("Control+s")
    await is_saved(ann)
    await ann.keyboard.type(" and now")
    await ann.get_by_role("button", name="Save").dblclick()
    await is_saved(ann)
    await version(ann, 2)
    assert [(fields["body"], fields["kind"]) for fields in saves[:2]] == [
        ("Now", "manual"),
        ("Now and now", "manual"),
    ]
    await pass_time(ann, 100)
    await expect(ann.get_by_role("status")).to_have_text(re.compile("Saved"))  # read out, as it was asked for


async def test_nothing_is_sent_for_an_empty_entry(ann: Page) -> None:
    saves = await editor(ann)
    await ann.keyboard.type(" ")
    await ann.keyboard.press("Backspace")
    await pass_time(ann, 10_000)
    assert saves == []
    assert not await asks_before_leaving(ann)


async def test_words_typed_before_the_script_ran_are_saved(ann: Page) -> None:
    await ann.clock.install()
    async with held_up(ann, re.compile(r"/js/editor\.")):
        await ann.goto("/entries/new", wait_until="commit")
        await body(ann).fill("Quicker than the script")
    await says(ann, "Writing…")
    await pass_time(ann)
    await is_saved(ann)


@pytest.mark.parametrize(
    ("name", "wrong", "right", "sentence"),
    [
        ("title", "x" * 301, "Short", "A title may have 300 characters at most; this one has 301."),
        ("tags", "x" * 78, "short", "A tag may have 60 characters at most."),
        ("time", "02:30", "03:30", "On 2024-03-31 the clocks in Europe/Berlin never showed 02:30"),
        ("zone", "Middle/Earth", "Europe/Paris", "There is no time zone of that name"),
    ],
    ids=["title", "tags", "time", "zone"],
)
async def test_a_field_that_cannot_be_saved_says_why_and_does_not_hold_back_the_text(
    ann: Page, site: Server, name: str, wrong: str, right: str, sentence: str
) -> None:
    path = await write(ann.context, site, "Before", day="2024-03-31", time="12:00", zone="Europe/Berlin")
    saves = await editor(ann, f"{path}/edit")
    if name != "title":
        await ann.get_by_text("Tags, mood").click()
    field, reason = ann.locator(f"#{name}"), ann.locator(f"#{name}-error")
    await field.fill(wrong)
    await body(ann).fill("After")
    await pass_time(ann)
    await expect(reason).to_contain_text(sentence)
    await says(ann, "Saved")
    await says(ann, "Not saved:")
    await says(ann, "Kept on this device.")
    await expect(field).to_have_attribute("aria-invalid", "true")
    await version(ann, 2)
    await pass_time(ann, 60_000)
    assert len(saves) == 1  # the same value would be refused again
    await body(ann).fill("After that")
    await pass_time(ann)
    await version(ann, 3)
    await expect(reason).to_contain_text(sentence)

    await ann.reload()
    await ready(ann)
    await expect(field).to_have_value(wrong)
    await expect(body(ann)).to_have_value("After that")
    await expect(reason).to_be_visible()
    await expect(reason).to_contain_text(sentence)
    await field.fill(right)
    await expect(reason).to_be_hidden()
    await pass_time(ann)
    await is_saved(ann)
    await expect(field).not_to_have_attribute("aria-invalid", "true")
    await ann.goto(f"{path}/edit")
    await expect(field).to_have_value(right)


async def test_a_field_that_cannot_be_saved_keeps_its_words_when_the_page_is_left(
    ann: Page, site: Server
) -> None:
    path = await write(ann.context, site, "Before")
    saves = await editor(ann, f"{path}/edit")
    await ann.get_by_label("Title").fill("x" * 301)
    await body(ann).fill("After")
    await pass_time(ann)
    await version(ann, 2)
    await ann.get_by_role("link", name="Journal").click()
    await tells(ann, "Words kept on this device need you.")
    await expect(ann.get_by_role("article")).to_contain_text("After")
    assert [fields["kind"] for fields in saves[:2]] == ["auto", "leave"]
    await ann.get_by_role("link", name="Open them").click()
    await expect(ann.get_by_label("Title")).to_have_value("x" * 301)
    await expect(ann.locator("#title-error")).to_contain_text("this one has 301.")


async def test_a_field_that_is_put_back_as_it_was_is_saved(ann: Page, site: Server) -> None:
    path = await write(ann.context, site, "Words", title="Short")
    await editor(ann, f"{path}/edit")
    for title, reason in [("x" * 301, "this one has 301."), ("Short", "")]:
        await ann.get_by_label("Title").fill(title)
        await pass_time(ann)
        await expect(ann.locator("#title-error")).to_contain_text(reason)
    await is_saved(ann)


async def test_signing_out_asks_where_a_field_could_not_be_saved(ann: Page, site: Server) -> None:
    path = await write(ann.context, site, "Words")
    await editor(ann, f"{path}/edit")
    await ann.get_by_label("Title").fill("x" * 301)
    await ann.get_by_role("button", name="Sign out").click()
    await says(ann, "Not sent yet. Kept on this device. To go all the same, sign out once more.")


async def test_what_leaves_nothing_to_be_saved_says_why_and_is_saved_once_it_can(
    windows: Windows, site: Server
) -> None:
    page, saves = await new_entry(windows, site, "422")
    await page.get_by_label("Title").fill("x" * 301)
    await pass_time(page)
    sentence = "A title may have 300 characters at most; this one has 301."
    await says(page, f"Could not be saved: {sentence} Kept on this device.")
    await expect(page.locator("#title-error")).to_have_text(sentence)
    await pass_time(page, 60_000)
    assert len(saves) == 1  # the same words would be refused again
    await page.get_by_label("Title").fill("Short")
    await pass_time(page)
    await is_saved(page)
    assert len(saves.ids) == 2


@pytest.mark.parametrize("status", [400, 403, 404, 413, 422])
async def test_what_was_typed_while_a_refused_save_was_under_way_is_sent(
    windows: Windows, site: Server, status: int
) -> None:
    page, saves = await new_entry(windows, site, str(status))
    corrected = asyncio.Event()

    async def refuse(route: Route) -> None:
        await corrected.wait()
        await route.fulfill(status=status, body="Not like this.")

    await page.route(SAVES, refuse, times=1)
    await body(page).fill("Wrong")
    await pass_time(page)
    await saves.reach(1)
    await body(page).fill("Right")
    corrected.set()
    await says(page, "Writing…")
    await pass_time(page)
    await is_saved(page)
    assert saves.bodies == ["Wrong", "Right"]
    assert len(saves.ids) == 2


async def test_the_day_the_mood_and_the_tags_are_saved_too(ann: Page) -> None:
    await editor(ann)
    await ann.keyboard.type("A day at the sea")
    await ann.get_by_text("Tags, mood").click()
    await ann.get_by_label("Day", exact=True).fill("2024-02-29")
    await ann.get_by_label("Great").check()
    await ann.get_by_label("Tags").fill("sea, family")
    await expect(ann.locator("#when")).to_have_text(re.compile("^Thursday,? 29 February 2024$"))
    await pass_time(ann)
    await is_saved(ann)
    await ann.get_by_role("link", name="Read").click()
    await expect(ann.get_by_text("Thursday, 29 February 2024").first).to_be_visible()
    await expect(ann.get_by_text("great")).to_be_visible()
    await expect(ann.get_by_role("list", name="Tags").get_by_role("listitem")).to_have_text(["sea", "family"])


# Leaving


async def test_a_link_out_of_the_editor_saves_first(ann: Page) -> None:
    saves = await editor(ann)
    await ann.keyboard.type("On my way out")
    await ann.get_by_role("link", name="Journal").click()
    await expect(ann.get_by_role("article")).to_contain_text("On my way out")
    assert [fields["kind"] for fields in saves] == ["leave"]


async def test_a_link_waits_for_the_save_under_way_and_for_the_words_after_it(ann: Page) -> None:
    saves = await editor(ann)
    async with held_up(ann, times=1):
        await ann.keyboard.type("Half")
        await pass_time(ann)
        await saves.reach(1)
        await ann.keyboard.type(" and half")
        await ann.get_by_role("link", name="Journal").click(no_wait_after=True)
    await version(ann, 1)
    await pass_time(ann, 1)
    await expect(ann.get_by_role("article")).to_contain_text("Half and half")
    assert [(fields["body"], fields["kind"]) for fields in saves] == [
        ("Half", "auto"),
        ("Half and half", "leave"),
    ]


async def test_the_browser_warns_only_while_something_is_kept_nowhere_else(ann: Page) -> None:
    await editor(ann)
    await ann.keyboard.type("Words")
    assert not await asks_before_leaving(ann)

    await ann.add_init_script("indexedDB.open = () => { throw new Error('none here'); }")
    await editor(ann)
    await ann.keyboard.type("Words")
    assert await asks_before_leaving(ann)
    await ann.keyboard.press("Control+s")
    await is_saved(ann)
    assert not await asks_before_leaving(ann)


# Failures


async def test_a_failed_save_is_repeated_as_it_was_after_1_2_4_seconds_and_the_rest_follows(
    windows: Windows, site: Server
) -> None:
    page, saves = await new_entry(windows, site, "503")
    await fail_saves(page)
    await page.evaluate("answers = 0; addEventListener('htmx:afterRequest', () => { answers += 1; })")
    await page.keyboard.type("First")
    await pass_time(page)
    await says(page, "Server not answering. Kept on this device. Trying again.")
    await page.keyboard.type(", then more")
    for seconds, sent in [(0.8, 1), (0.4, 2), (1.5, 2), (0.8, 3), (3.2, 3), (1.3, 4)]:
        await pass_time(page, seconds * 1000)
        await says(page, "Server not answering")
        await saves.reach(sent)
        await page.wait_for_function("sent => answers === sent", arg=sent)
    await page.unroute(SAVES)
    await pass_time(page, 9_000)
    await version(page, 1)
    await pass_time(page)
    await is_saved(page)
    await version(page, 2)
    assert saves[0] == saves[1] == saves[2] == saves[3] == saves[4]
    assert saves.bodies[4:] == ["First", "First, then more"]


async def test_the_longest_wait_between_two_tries_is_thirty_seconds(windows: Windows, site: Server) -> None:
    page, saves = await new_entry(windows, site, "500")
    await fail_saves(page, 500)
    await page.keyboard.type("Patience")
    for _ in range(8):
        await pass_time(page, 35_000)
        await says(page, "Server not answering")
    assert len(saves) >= 8
    assert len(saves.ids) == 1


async def test_a_save_is_sent_again_as_soon_as_the_network_is_back(windows: Windows, site: Server) -> None:
    page, saves = await new_entry(windows, site, *OFFLINE)
    await page.context.set_offline(True)
    await page.keyboard.type("In a tunnel")
    await pass_time(page)
    await says(page, "Offline. Kept on this device. Trying again.")
    await page.context.set_offline(False)
    await is_saved(page)  # the clock of the page has not moved
    assert len(saves) == 2
    assert len(saves.ids) == 1


async def test_an_answer_that_is_not_the_journals_is_not_taken_as_saved(
    windows: Windows, site: Server
) -> None:
    page, saves = await new_entry(windows, site)
    portal = "<h1>Welcome to the airport</h1><img src='/airport.png'>"
    asked = requested(page, "airport.png")
    await page.route(SAVES, lambda route: route.fulfill(status=200, content_type="text/html", body=portal))
    await page.keyboard.type("At the gate")
    await pass_time(page)
    await says(page, "Server not answering")
    await expect(page.get_by_text("Welcome to the airport")).to_have_count(0)
    assert asked == []
    await version(page, 0)
    await page.unroute(SAVES)
    await pass_time(page)
    await is_saved(page)
    assert len(saves.ids) == 1


async def test_a_save_whose_answer_was_lost_is_one_version(windows: Windows, site: Server) -> None:
    page, saves = await new_entry(windows, site, "ERR_FAILED", "htmx:sendError")
    await lose_responses(page, times=1)
    await page.keyboard.type("Committed")
    await pass_time(page)
    await says(page, "Server not answering")
    await page.keyboard.type(" and more")
    await pass_time(page, 1500)
    await version(page, 1)
    await pass_time(page)
    await is_saved(page)
    await version(page, 2)
    assert saves.bodies == ["Committed", "Committed", "Committed and more"]
    assert len(saves.ids) == 2


async def test_a_save_waits_fifteen_seconds_for_its_answer_and_longer_for_a_long_text(ann: Page) -> None:
    await editor(ann)
    await ann.evaluate(
        "addEventListener('htmx:beforeSend', event => { window.limit = event.detail.xhr.timeout })"
    )
    for text, least, most in [("short", 15_000, 16_000), ("long " * 100_000, 60_000, 90_000)]:
        await body(ann).fill(text)
        await ann.keyboard.press("Control+s")
        await is_saved(ann)
        assert least <= await ann.evaluate("window.limit") <= most


async def test_saving_is_worth_a_word_after_400_ms(ann: Page) -> None:
    saves = await editor(ann)
    async with held_up(ann):
        await ann.keyboard.type("Slowly")
        await pass_time(ann)
        await saves.reach(1)
        await pass_time(ann, 300)
        await says(ann, "Writing…")
        await pass_time(ann, 200)
        await says(ann, "Saving…")
    await is_saved(ann)


async def test_words_typed_while_the_server_is_killed_and_started_again_are_saved_once(
    windows: Windows, tmp_path: Path
) -> None:
    windows.foresee("ERR_CONNECTION_REFUSED", "htmx:sendError")
    with serving(tmp_path) as server:
        page = await signed_up(windows, server)
        saves = await editor(page)
        await page.keyboard.type("Before")
        await pass_time(page)
        await is_saved(page)
        await page.keyboard.type(", during")
        server.kill()
        await pass_time(page)
        await says(page, "Server not answering")
        await page.keyboard.type(", after")
        await pass_time(page, 2_000)
        await says(page, "Server not answering")
        server.start()
        await pass_time(page, 30_000)
        await version(page, 2)
        await pass_time(page)
        await is_saved(page)
        await version(page, 3)
        await expect(body(page)).to_have_value("Before, during, after")
    assert saves.bodies[0] == "Before"
    assert set(saves.bodies[1:-1]) == {"Before, during"}
    assert saves.bodies[-1] == "Before, during, after"
    assert len(saves.ids) == 3


@pytest.mark.parametrize("status", [403, 404, 413])
async def test_a_save_that_can_never_succeed_says_so_and_keeps_the_words(
    windows: Windows, site: Server, status: int
) -> None:
    page, saves = await new_entry(windows, site, str(status))
    answer = '<p class="notice" role="alert">This is not for you.</p>'
    await page.route(
        SAVES,
        lambda route: route.fulfill(status=status, headers={"HX-Retarget": "#notice"}, body=answer),
    )
    await page.keyboard.type("My words")
    await pass_time(page)
    await says(page, "Could not be saved: This is not for you. Kept on this device.")
    await pass_time(page, 60_000)
    assert len(saves) == 1  # the same words would be refused again
    await page.keyboard.type(", others")
    await pass_time(page)
    await saves.reach(2)
    assert saves.bodies == ["My words", "My words, others"]
    assert len(saves.ids) == 2
    await expect(body(page)).to_have_value("My words, others")
    assert await downloaded(page) == "\n\nMy words, others"
