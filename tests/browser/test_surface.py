"""Toolbar, Markdown editing, preview, tag suggestions, moods, focus mode, blur and keyboard shortcuts."""

import asyncio
import re
from urllib.parse import parse_qs

import pytest
from playwright.async_api import Page, Request, Route, expect

from tests.browser.conftest import Windows, signed_up, write
from tests.browser.editing import Saves, body, box, open_editor, says, tells
from tests.servers import Server

pytestmark = pytest.mark.slow


async def select(page: Page, start: int, end: int) -> None:
    await body(page).focus()
    await body(page).evaluate("(area, [start, end]) => area.setSelectionRange(start, end)", [start, end])


async def chosen(page: Page) -> str:
    return str(await body(page).evaluate("area => area.value.slice(area.selectionStart, area.selectionEnd)"))


# Formatting


async def test_each_mark_goes_around_the_words_and_off_again_and_is_undone_by_the_browser(ann: Page) -> None:
    await open_editor(ann)
    for key, name, marked in (
        ("Control+b", "Bold", "one **two** three"),
        ("Control+i", "Italic", "one *two* three"),
        ("Control+e", "Code", "one `two` three"),
        ("Control+k", "Link", "one [two]() three"),
        ("Control+Shift+Digit7", "Heading", "# one two three"),
        ("Control+Shift+Digit8", "List", "- one two three"),
        ("Control+Shift+Digit9", "Quote", "> one two three"),
        ("", "Task", "- [ ] one two three"),
    ):
        for by_key in (True, False):
            if not key and by_key:
                continue
            await body(ann).fill("one two three")
            await select(ann, 4, 7)
            if by_key:
                await ann.keyboard.press(key)
            else:
                await ann.get_by_role("button", name=name, exact=True).click()
            await expect(body(ann)).to_have_value(marked)
            await expect(body(ann)).to_be_focused()
            if name != "Link":
                assert await chosen(ann) == "two"
                await ann.get_by_role("button", name=name, exact=True).click()
                await expect(body(ann)).to_have_value("one two three")
                await ann.keyboard.press("Control+z")
                await expect(body(ann)).to_have_value(marked)
            await ann.keyboard.press("Control+z")
            await expect(body(ann)).to_have_value("one two three")


@pytest.mark.parametrize(
    ("text", "start", "end", "key", "expected"),
    [
        ("say word now", 3, 9, "Control+b", "say **word** now"),
        ("他说「你好」了", 2, 6, "Control+b", "他说「**你好**」了"),
        ("ذهبنا إلى البحر اليوم", 10, 15, "Control+b", "ذهبنا إلى **البحر** اليوم"),
        ("a **b** c", 4, 5, "Control+i", "a ***b*** c"),
        ("a ***b*** c", 5, 6, "Control+i", "a **b** c"),
        ("one\ntwo\n\nthree", 0, 14, "Control+b", "**one**\n**two**\n\n**three**"),
        ("one\n\ntwo", 0, 8, "Control+Shift+Digit8", "- one\n\n- two"),
        ("  1. one", 5, 5, "Control+Shift+Digit8", "  - one"),
        ("- one", 3, 3, "Control+Shift+Digit9", "> - one"),
        ("see https://example.org/ there", 4, 24, "Control+k", "see [](https://example.org/) there"),
        ("a [b] c", 2, 5, "Control+k", r"a [\[b\]]() c"),
    ],
)
async def test_marks_stand_where_they_work_in_every_script(
    ann: Page, text: str, start: int, end: int, key: str, expected: str
) -> None:
    await open_editor(ann, text=text)
    await select(ann, start, end)
    await ann.keyboard.press(key)
    await expect(body(ann)).to_have_value(expected)


async def test_what_is_typed_between_two_presses_is_bold(ann: Page) -> None:
    await open_editor(ann, text="It was ")
    await ann.keyboard.press("Control+b")
    await ann.keyboard.type("very")
    await ann.keyboard.press("Control+b")
    await ann.keyboard.type(" late")
    await expect(body(ann)).to_have_value("It was **very** late")


async def test_what_a_mark_changes_is_saved_like_what_is_typed(ann: Page) -> None:
    await open_editor(ann, text="word")
    await select(ann, 0, 4)
    await ann.get_by_role("button", name="Bold").click()
    await says(ann, "Saved")
    await ann.reload()
    await expect(body(ann)).to_have_value("**word**")


# Lists


@pytest.mark.parametrize(
    ("text", "keys", "expected"),
    [
        ("- one", ["Enter", "two"], "- one\n- two"),
        ("- one", ["Enter", "Enter", "end"], "- one\nend"),
        ("  * one", ["Enter", "two"], "  * one\n  * two"),
        ("8. zero\n9. one", ["Enter", "two"], "8. zero\n9. one\n10. two"),
        ("1. a\n\n2. b", ["Enter", "c"], "1. a\n\n2. b\n3. c"),
        ("1. a\n4. b", ["Enter", "c"], "1. a\n4. b\n5. c"),
        ("24. Dezember", ["Enter", "x"], "24. Dezember\nx"),
        (
            "1. a\n\nText\n\n24. Dezember\n26. Dezember",
            ["Enter", "x"],
            "1. a\n\nText\n\n24. Dezember\n26. Dezember\nx",
        ),
        ("1986. Ein Jahr", ["Enter", "x"], "1986. Ein Jahr\nx"),
        ("1. 5. 2024", ["Enter", "x"], "1. 5. 2024\nx"),
        ("- [x] one", ["Enter", "two"], "- [x] one\n- [ ] two"),
        ("> one", ["Enter", "two"], "> one\n> two"),
        ("> - one", ["Enter", "two", "Enter", "Enter", "end"], "> - one\n> - two\nend"),
        ("- 買い物", ["Enter", "本"], "- 買い物\n- 本"),
        ("- أولا", ["Enter", "ثانيا"], "- أولا\n- ثانيا"),
        ("- one", ["Shift+Enter", "two"], "- one\ntwo"),
        ("- one", ["Home", "Enter"], "\n- one"),
        ("2024 was a year", ["Enter", "x"], "2024 was a year\nx"),
        ("-one", ["Enter", "x"], "-one\nx"),
        ("* * *", ["Enter", "x"], "* * *\nx"),
        ("- - -", ["Enter", "x"], "- - -\nx"),
        ("```\n- one", ["Enter", "x"], "```\n- one\nx"),  # code
        ("```\n- a\n```\n- one", ["Enter", "two"], "```\n- a\n```\n- one\n- two"),
    ],
)
async def test_a_list_goes_on_at_enter_and_ends_in_an_empty_item(
    ann: Page, text: str, keys: list[str], expected: str
) -> None:
    await open_editor(ann, text=text)
    await body(ann).press("Control+End")
    for key in keys:
        if key in ("Enter", "Shift+Enter", "Home"):
            await ann.keyboard.press(key)
        else:
            await ann.keyboard.insert_text(key)
    await expect(body(ann)).to_have_value(expected)


async def test_a_list_that_goes_on_is_undone_step_by_step_and_stays_in_sight(ann: Page) -> None:
    await open_editor(ann, text="\n".join(f"- line {n}" for n in range(60)))
    await body(ann).press("Control+End")
    await ann.keyboard.press("Enter")
    await expect(body(ann)).to_have_value(re.compile(r"line 59\n- $"))
    assert await body(ann).evaluate("area => area.scrollTop + area.clientHeight >= area.scrollHeight - 40")
    await ann.keyboard.press("Control+z")
    await ann.keyboard.press("Control+z")
    await expect(body(ann)).to_have_value(re.compile(r"line 59$"))


async def test_tab_leads_out_of_the_text_and_back(ann: Page) -> None:
    await open_editor(ann, text="- one")
    await body(ann).press("Tab")
    await expect(body(ann)).not_to_be_focused()
    await ann.keyboard.press("Shift+Tab")
    await expect(body(ann)).to_be_focused()
    await expect(body(ann)).to_have_value("- one")


# Pasting


async def paste(page: Page, text: str) -> None:
    await page.evaluate("text => navigator.clipboard.writeText(text)", text)
    await page.keyboard.press("Control+v")


async def test_an_address_pasted_over_words_makes_them_a_link(ann: Page) -> None:
    await ann.context.grant_permissions(["clipboard-read", "clipboard-write"])
    await open_editor(ann, text="the old mill")
    await select(ann, 4, 12)
    await paste(ann, "https://example.org/a(b) ")
    await expect(body(ann)).to_have_value("the [old mill](https://example.org/a%28b%29)")
    await ann.keyboard.press("Control+z")
    await expect(body(ann)).to_have_value("the old mill")
    await select(ann, 12, 12)
    await paste(ann, "https://example.org/")
    await expect(body(ann)).to_have_value("the old millhttps://example.org/")
    await select(ann, 12, 32)
    await paste(ann, "https://example.com/")
    await expect(body(ann)).to_have_value("the old millhttps://example.com/")
    await select(ann, 4, 12)
    await paste(ann, "no address")
    await expect(body(ann)).to_have_value("the no addresshttps://example.com/")


# Preview


async def test_the_preview_follows_the_text_and_is_remembered(ann: Page) -> None:
    await ann.set_viewport_size({"width": 1280, "height": 800})
    await open_editor(ann)
    preview = ann.get_by_role("region", name="Preview")
    await expect(preview).to_be_hidden()
    await ann.keyboard.type("# Hello")
    await ann.get_by_role("button", name="Preview").click()
    await expect(preview.get_by_role("heading", name="Hello")).to_be_visible()
    await expect(body(ann)).to_be_focused()
    await ann.keyboard.type(" there")
    await expect(preview.get_by_role("heading", name="Hello there")).to_be_visible()
    await says(ann, "Saved")
    await ann.reload()
    await expect(preview.get_by_role("heading", name="Hello there")).to_be_visible()
    await ann.get_by_role("button", name="Preview").click()
    await ann.reload()
    await expect(body(ann)).to_be_focused()
    await expect(preview).to_be_hidden()


async def test_a_slow_preview_never_shows_over_a_newer_one(ann: Page) -> None:
    first = asyncio.Event()
    asked: list[str] = []

    async def slow(route: Route) -> None:
        text = parse_qs(route.request.post_data or "")["body"][0]
        asked.append(text)
        if text == "one":
            await first.wait()
        await route.continue_()

    await ann.route("**/preview", slow)
    await open_editor(ann, text="one")
    await ann.get_by_role("button", name="Preview").click()
    while not asked:
        await asyncio.sleep(0.02)
    for more in (" two", " three"):
        await ann.keyboard.type(more)
        await ann.wait_for_timeout(700)
    assert asked == ["one"]
    first.set()
    await expect(ann.locator("#preview .prose")).to_have_text(re.compile(r"^\s*one two three\s*$"))
    assert asked == ["one", "one two three"]


async def test_a_preview_that_fails_disturbs_nobody(windows: Windows, site: Server) -> None:
    windows.foresee("ERR_", "401", "503", "htmx:")
    page = await signed_up(windows, site)
    await open_editor(page, text="one")
    await page.get_by_role("button", name="Preview").click()
    await expect(page.locator("#preview .prose")).to_have_text(re.compile("one"))
    for answer in ("abort", 401, 503):

        async def fail(route: Route, request: Request, answer: str | int = answer) -> None:
            if isinstance(answer, str):
                await route.abort()
            else:
                await route.fulfill(status=answer, body="<p>Trouble</p>", headers={"HX-Retarget": "#sign-in"})

        await page.route("**/preview", fail)
        async with page.expect_request("**/preview"):
            await body(page).press("End")
            await page.keyboard.type(" more")
        await page.wait_for_timeout(300)
        await expect(body(page)).to_be_focused()
        await expect(page.get_by_role("dialog")).to_be_hidden()
        await expect(page.get_by_role("alert")).to_have_count(0)
        await expect(page.locator("#preview .prose")).to_have_text(re.compile(r"^\s*one\s*$"))
        await page.unroute("**/preview")


async def test_on_a_phone_the_preview_takes_the_place_of_the_text_until_it_is_left(
    windows: Windows, site: Server
) -> None:
    page = await signed_up(windows, site, viewport={"width": 320, "height": 568})
    await open_editor(page, text="# Hello")
    await expect(page.get_by_role("button", name="Bold")).to_be_hidden()
    await page.get_by_role("button", name="Tools").click()
    for button in await page.locator("#tools button").all():
        size = await box(button)
        assert min(size["height"], size["width"]) >= 43.5
        assert size["x"] + size["width"] <= 320
    await page.get_by_text("Tags, mood").click()
    bar, last = await box(page.locator(".editor-footer")), await box(page.get_by_role("button", name="Blur"))
    assert last["y"] + last["height"] <= bar["y"] + 0.5  # however little room is left
    await page.get_by_role("button", name="Preview").click()
    await expect(page.get_by_role("heading", name="Hello")).to_be_visible()
    await expect(body(page)).to_be_hidden()
    await page.get_by_role("button", name="Preview").click()
    await expect(body(page)).to_be_visible()
    await page.get_by_role("button", name="Preview").click()
    await page.reload()
    await expect(body(page)).to_be_visible()  # a page that is opened on a phone begins with the text


# Words, tags, mood


@pytest.mark.parametrize(
    "text",
    [
        "One two, three: don't stop at 3.14 or well-known https://example.org/a/b.",
        "今天下雨，我们没有出门。 And 2 words",
        "日本語の文章もあります。コーヒー",
        "สวัสดี ครับ",
        "Éléonore était là — हिन्दी में लिखा",
        "وصلتني اليوم رسالة من جدتي",
        "오늘은 비가 왔다",
    ],
)
async def test_words_are_counted_as_the_server_counts_them(ann: Page, text: str) -> None:
    await open_editor(ann, text=text)
    await expect(ann.locator("#count")).to_have_text(re.compile(r"\d"))
    live = await ann.locator("#count").text_content()
    await ann.keyboard.press("Control+s")
    await says(ann, f"· {live}")
    await expect(ann.locator("#count")).to_be_hidden()


async def test_a_tag_is_completed_from_those_used_before(ann: Page, site: Server) -> None:
    await write(ann.context, site, "x", tags="home, walks, work")
    await write(ann.context, site, "y", tags="walks")
    await open_editor(ann)
    await ann.get_by_text("Tags, mood").click()
    tags = ann.get_by_label("Tags, with commas")
    offered = ann.get_by_role("group", name="Used before").get_by_role("button")
    await tags.focus()
    await expect(offered).to_have_text(["walks", "home", "work"])
    await ann.keyboard.type("home, WO")
    await expect(offered).to_have_text(["work"])
    await ann.keyboard.press("Tab")
    await ann.keyboard.press("Enter")
    await expect(tags).to_have_value("home, work, ")
    await expect(tags).to_be_focused()
    await ann.keyboard.press("Control+z")
    await expect(tags).to_have_value("home, WO")


async def test_a_letter_typed_by_its_number_is_no_mood(ann: Page) -> None:
    await open_editor(ann, text="Well ")
    for number in "0151":
        key = {"key": number, "code": f"Numpad{number}", "altKey": True, "bubbles": True, "cancelable": True}
        press = "(area, key) => area.dispatchEvent(new KeyboardEvent('keydown', key))"
        assert await body(ann).evaluate(press, key)
    await ann.get_by_text("Tags, mood").click()
    await expect(ann.get_by_label("None")).to_be_checked()


async def test_nothing_is_said_to_be_kept_where_nothing_is_written(ann: Page) -> None:
    await open_editor(ann)
    await ann.get_by_role("button", name="Save").click()
    await expect(ann.locator("#saved")).to_have_text("Write something first.")


async def test_where_the_browser_lends_no_storage_keys_and_buttons_work_all_the_same(ann: Page) -> None:
    refused = "{ get() { throw new DOMException('', 'SecurityError'); } }"
    await ann.add_init_script(f"Object.defineProperty(window, 'localStorage', {refused})")
    await open_editor(ann)
    await ann.get_by_text("Tags, mood").click()
    await body(ann).press("Alt+4")
    await expect(ann.get_by_label("Good")).to_be_checked()
    await body(ann).press("F2")
    await expect(ann.locator("html")).to_have_attribute("data-calm", "")


async def test_a_mood_alone_is_kept(ann: Page, site: Server) -> None:
    await open_editor(ann)
    await ann.get_by_text("Tags, mood").click()
    await body(ann).press("Alt+4")
    await expect(ann.locator("#saved")).to_have_text(re.compile("Saved"))
    await ann.goto("/")
    await expect(ann.get_by_role("article").get_by_role("link", name="Good")).to_be_visible()


async def test_enter_in_the_title_leads_to_the_text(ann: Page) -> None:
    saves = Saves(ann)
    await open_editor(ann)
    await ann.get_by_label("Title").fill("A walk")
    await ann.get_by_label("Title").press("Enter")
    await expect(body(ann)).to_be_focused()
    await ann.keyboard.type("Rain.")
    await expect(body(ann)).to_have_value("Rain.")
    assert len(saves) <= 1  # the autosave after the pause, at most


async def test_tags_that_are_offered_are_seen_beside_the_field(windows: Windows, site: Server) -> None:
    page = await signed_up(
        windows, site, viewport={"width": 1280, "height": 720}, timezone_id="Europe/Berlin"
    )
    await write(page.context, site, "x", tags="home")
    await open_editor(page)
    await page.get_by_text("Tags, mood").click()
    await page.get_by_label("Tags, with commas").focus()
    await expect(page.get_by_role("button", name="home")).to_be_in_viewport(ratio=1)
    await expect(page.get_by_role("button", name="Save")).to_be_in_viewport(ratio=1)


async def test_on_a_phone_a_trouble_has_room_to_be_read(windows: Windows, site: Server) -> None:
    windows.foresee("409")
    page = await signed_up(windows, site, viewport={"width": 390, "height": 844})
    entry = await write(page.context, site, "one")
    await open_editor(page, f"{entry}/edit")
    await page.context.request.put(entry, form={"body": "two", "version": "1"})
    await body(page).fill("three")
    await expect(page.locator("#saved")).to_have_text("Two versions. Nothing was overwritten.")
    assert (await box(page.locator("#saved")))["width"] >= 112


async def test_beside_a_keyboard_a_phone_has_room_for_some_lines(ann: Page) -> None:
    await ann.set_viewport_size({"width": 390, "height": 440})
    await open_editor(ann)
    await expect(ann.locator(".starters")).to_be_hidden()
    assert (await box(body(ann)))["height"] >= 240


async def test_a_mood_is_one_key_from_the_text_and_from_its_group(ann: Page, site: Server) -> None:
    await open_editor(ann, f"{await write(ann.context, site, 'x')}/edit", "Well.")
    await ann.get_by_text("Tags, mood").click()
    await body(ann).press("Alt+4")
    await expect(ann.get_by_label("Good")).to_be_checked()
    await expect(body(ann)).to_have_value("Well.")
    await ann.get_by_label("Good").focus()
    await ann.keyboard.press("1")
    await expect(ann.get_by_label("Awful")).to_be_checked()
    await ann.keyboard.press("0")
    await expect(ann.get_by_label("None")).to_be_checked()
    await ann.keyboard.press("5")
    await body(ann).press("4")
    await expect(body(ann)).to_have_value(re.compile("4"))
    await says(ann, "Saved")
    await ann.reload()
    await ann.get_by_text("Tags, mood").click()
    await expect(ann.get_by_label("Great")).to_be_checked()


async def test_a_key_sets_no_mood_that_is_not_in_sight(ann: Page) -> None:
    """Alt+digit also switches browser tabs on Linux, so the page leaves the key to the browser then."""
    heard = "addEventListener('keydown', (event) => { window.isTaken = event.defaultPrevented; })"
    await open_editor(ann, text="Well.")
    await ann.evaluate(f"() => {{ {heard} }}")
    moods = ann.get_by_role("radio", include_hidden=True)
    for field in (body(ann), ann.get_by_label("Title")):
        await field.press("Alt+1")
        assert not await ann.evaluate("window.isTaken")
        assert await moods.first.is_checked()
    await ann.get_by_text("Tags, mood").click()
    await body(ann).press("F2")  # hides the field though it is open
    await body(ann).press("Alt+1")
    await body(ann).press("F2")
    await expect(ann.get_by_label("None")).to_be_checked()
    await body(ann).press("Alt+1")
    assert await ann.evaluate("window.isTaken")
    await expect(ann.get_by_label("Awful")).to_be_checked()


# Focus and blur


async def test_in_focus_there_is_nothing_but_the_text_and_its_state(ann: Page) -> None:
    await open_editor(ann, text="Words")
    await ann.keyboard.press("Control+s")
    await says(ann, "Saved")
    away = ann.get_by_role("navigation", name="Main")
    for leave in ("F2", "Escape", "button"):
        await body(ann).press("F2")
        for part in (
            away,
            ann.get_by_label("Title"),
            ann.get_by_role("button", name="Save"),
            ann.get_by_text("Tags, mood"),
        ):
            await expect(part).to_be_hidden()
        await expect(ann.locator(".editor-footer")).to_be_visible()
        await ann.reload()
        await expect(away).to_be_hidden()  # it is remembered
        if leave == "button":
            await ann.get_by_role("button", name="Focus").click()
        else:
            await body(ann).press(leave)
        await expect(away).to_be_visible()
        await expect(body(ann)).to_be_focused()


async def test_one_key_or_button_blurs_the_text_on_every_page(ann: Page, site: Server) -> None:
    path = await write(ann.context, site, "A secret.")
    for page in ("/", path, f"{path}/edit"):
        await ann.goto(page)
        await ann.keyboard.press("F8")
        await expect(ann.locator("main")).to_have_css("filter", re.compile("blur"))
        await ann.get_by_role("button", name="Show the text").click()
        await expect(ann.locator("main")).to_have_css("filter", "none")
    await ann.get_by_role("button", name="Blur").click()
    await expect(ann.locator("main")).to_have_css("filter", re.compile("blur"))


async def test_text_left_alone_blurs_after_five_minutes_where_that_is_set(ann: Page) -> None:
    for is_set in (False, True):
        await ann.goto("/settings")
        await (
            ann.get_by_role("group", name=re.compile("five minutes"))
            .get_by_label("On" if is_set else "Off")
            .check()
        )
        await ann.get_by_role("button", name="Save", exact=True).click()
        await tells(ann, "Saved.")
        await ann.clock.install()
        await ann.goto("/entries/new")
        await expect(body(ann)).to_be_focused()
        await ann.keyboard.type("x")
        await ann.clock.fast_forward(200_000)
        await ann.keyboard.type("y")
        await ann.clock.fast_forward(200_000)
        await expect(ann.locator("main")).to_have_css("filter", "none")
        await ann.clock.fast_forward(120_000)
        await expect(ann.locator("main")).to_have_css("filter", re.compile("blur") if is_set else "none")


# Keyboard shortcuts


async def test_single_letters_lead_about_where_nothing_is_typed(ann: Page, site: Server) -> None:
    for n in range(3):
        await write(ann.context, site, f"Text {n}", title=f"Entry {n}", day=f"2024-05-0{n + 1}")
    await ann.goto("/")
    await ann.keyboard.press("j")
    await expect(ann.get_by_role("link", name="Entry 2")).to_be_focused()
    await ann.keyboard.press("j")
    await expect(ann.get_by_role("link", name="Entry 1")).to_be_focused()
    await ann.keyboard.press("k")
    await expect(ann.get_by_role("link", name="Entry 2")).to_be_focused()
    await ann.keyboard.press("Enter")
    await expect(ann).to_have_title(re.compile("^Entry 2"))
    await ann.keyboard.press("k")
    await expect(ann).to_have_title(re.compile("^Entry 1"))
    await ann.keyboard.press("e")
    await expect(body(ann)).to_be_focused()
    await ann.keyboard.type("t g s j")
    await expect(body(ann)).to_have_value(re.compile("t g s j"))
    await ann.keyboard.press("Escape")
    await expect(body(ann)).not_to_be_focused()
    await ann.keyboard.press("g")
    await ann.keyboard.press("s")
    await expect(ann).to_have_url(re.compile("/settings$"))
    await ann.keyboard.press("g")
    await ann.keyboard.press("t")
    await expect(ann).to_have_url(f"{site.url}/")
    await ann.keyboard.press("j")
    await ann.keyboard.press("e")
    await expect(ann).to_have_url(re.compile("/edit$"))
    await ann.goto("/")
    await ann.keyboard.press("Control+j")
    await ann.keyboard.press("t")
    await expect(body(ann)).to_be_focused()


async def test_the_keys_are_listed_in_a_dialog_that_gives_the_focus_back(ann: Page, site: Server) -> None:
    await write(ann.context, site, "x", title="Entry")
    await ann.goto("/")
    await ann.keyboard.press("j")
    await ann.keyboard.press("?")
    dialog = ann.get_by_role("dialog", name="Keys")
    await expect(dialog).to_contain_text("next entry")
    await ann.keyboard.press("t")
    await expect(dialog).to_be_visible()
    await dialog.get_by_role("button", name="Close").click()
    await expect(dialog).to_be_hidden()
    await expect(ann.get_by_role("link", name="Entry")).to_be_focused()


async def test_keys_of_one_letter_can_be_turned_off_and_the_others_stay(ann: Page, site: Server) -> None:
    await ann.goto("/settings")
    await ann.get_by_role("group", name="Keys of one letter").get_by_label("Off").check()
    await ann.get_by_role("button", name="Save", exact=True).click()
    await tells(ann, "Saved.")
    for key in ("t", "?", "g", "t", "j"):
        await ann.keyboard.press(key)
    await expect(ann).to_have_url(re.compile("/settings"))
    await expect(ann.get_by_role("dialog")).to_be_hidden()
    await ann.keyboard.press("F8")
    await expect(ann.get_by_role("button", name="Show the text")).to_be_visible()


async def test_the_font_for_reading_and_writing_can_be_chosen(ann: Page) -> None:
    for label, font in (("Each letter", "mono"), ("Without", "system-ui"), ("With serifs", "serif")):
        await ann.goto("/settings")
        await ann.get_by_label(re.compile(label)).check()
        await ann.get_by_role("button", name="Save", exact=True).click()
        await ann.goto("/entries/new")
        await expect(body(ann)).to_have_css("font-family", re.compile(font))
