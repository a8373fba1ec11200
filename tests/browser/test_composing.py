"""Input methods: composed words are saved and searched like others, and a composition is never disturbed."""

import pytest
from playwright.async_api import Locator, Page, expect

from tests.browser.conftest import write
from tests.browser.editing import body, editor, is_saved, pass_time, quick_entry, requested, version
from tests.browser.input_method import CHOSEN, UNDERLINED, InputMethod
from tests.servers import Server

pytestmark = pytest.mark.slow

ALL = UNDERLINED | CHOSEN
CONTROL = 2
PLACES = {"body": "#body", "title": "#title", "tags": "#tags"}

underlined = pytest.mark.parametrize(("composed", "word"), UNDERLINED.values(), ids=UNDERLINED)
chosen = pytest.mark.parametrize(("composed", "word"), CHOSEN.values(), ids=CHOSEN)
all_of_them = pytest.mark.parametrize(("composed", "word"), ALL.values(), ids=ALL)


async def open_field(page: Page, name: str) -> Locator:
    """Focuses a field of the editor."""
    field = page.locator(PLACES[name])
    if name == "tags":
        await page.get_by_text("Tags, mood").click()
    await field.focus()
    return field


# Saving


@all_of_them
async def test_a_word_that_stays_composed_is_saved_after_three_seconds_and_left_alone(
    ann: Page, composed: str, word: str
) -> None:
    saves = await editor(ann)
    await ann.evaluate("ends = 0; addEventListener('compositionend', () => { ends += 1; })")
    method = await InputMethod.of(ann)
    for number, place in enumerate(PLACES):
        field = await open_field(ann, place)
        await method.spell(composed)
        await pass_time(ann, 3000)
        await saves.reach(2 * number + 1)
        await version(ann, 2 * number + 1)
        assert saves[-1][place] == composed
        assert await ann.evaluate("ends") == number
        await method.commit(word)
        await ann.keyboard.type("!")
        await expect(field).to_have_value(f"{word}!")
        await pass_time(ann)
        await saves.reach(2 * number + 2)
        await version(ann, 2 * number + 2)
        assert saves[-1][place] == f"{word}!"


@all_of_them
async def test_who_composes_without_a_pause_is_saved_every_eight_seconds(
    ann: Page, composed: str, word: str
) -> None:
    saves = await editor(ann)
    method = await InputMethod.of(ann)
    for number in (1, 2):
        for _ in range(20):
            await method.compose(composed)
            await pass_time(ann, 200)
            await method.commit(word)
            await method.commit(" ")
            await method.compose(composed[0])
            await pass_time(ann, 200)
        await version(ann, number)
    assert [fields["body"].count(word) for fields in saves] == [20, 40]


@all_of_them
async def test_hiding_the_page_saves_what_is_composed(ann: Page, composed: str, word: str) -> None:
    saves = await editor(ann)
    method = await InputMethod.of(ann)
    await method.spell(composed)
    await ann.evaluate(
        "Object.defineProperty(document, 'hidden', { get: () => true, configurable: true });"
        "document.dispatchEvent(new Event('visibilitychange'))"
    )
    await is_saved(ann)
    assert saves.bodies == [composed]


@all_of_them
@pytest.mark.parametrize("way", ["button", "key"])
async def test_every_press_of_save_saves_what_is_composed(
    ann: Page, way: str, composed: str, word: str
) -> None:
    saves = await editor(ann)
    method = await InputMethod.of(ann)
    await method.spell(composed)
    if way == "button":
        await ann.get_by_role("button", name="Save").click()
    else:
        await ann.keyboard.press("Control+s")
    await is_saved(ann)
    assert [(fields["body"], fields["kind"]) for fields in saves] == [(composed, "manual")]


# Keys that change the text or lead to another field


@underlined
@pytest.mark.parametrize("is_open", [True, False], ids=["open", "just ended"])
async def test_a_list_goes_on_behind_a_word_that_is_only_underlined(
    ann: Page, is_open: bool, composed: str, word: str
) -> None:
    await editor(ann)
    method = await InputMethod.of(ann)
    await ann.keyboard.type("- ")
    await method.spell(composed)
    if not is_open:
        await method.commit(word)
    await ann.keyboard.press("Enter")
    await expect(body(ann)).to_have_value(f"- {word}\n- ")
    await method.commit("more")
    await ann.keyboard.press("Enter")
    await ann.keyboard.press("Enter")
    await expect(body(ann)).to_have_value(f"- {word}\n- more\n")


@underlined
async def test_marks_by_key_and_by_button_leave_a_word_that_is_underlined_whole(
    ann: Page, composed: str, word: str
) -> None:
    await editor(ann)
    method = await InputMethod.of(ann)
    await method.spell(composed)
    await ann.keyboard.press("Control+b")
    await expect(body(ann)).to_have_value(f"{word}****")
    await method.spell(composed)
    await expect(body(ann)).to_have_value(f"{word}**{word}**")
    await ann.get_by_role("button", name="Code").click()
    await expect(body(ann)).to_have_value(f"{word}**{word}``**")
    await method.commit("x")
    await expect(body(ann)).to_have_value(f"{word}**{word}`x`**")


@underlined
async def test_enter_in_the_title_leads_to_the_text(ann: Page, composed: str, word: str) -> None:
    await editor(ann)
    title = await open_field(ann, "title")
    method = await InputMethod.of(ann)
    await method.spell(composed)
    await ann.keyboard.press("Enter")
    await expect(body(ann)).to_be_focused()
    await expect(title).to_have_value(word)
    await expect(body(ann)).to_have_value("")


@chosen
async def test_keys_that_choose_do_nothing_else_in_the_editor(ann: Page, composed: str, word: str) -> None:
    await editor(ann)
    method = await InputMethod.of(ann)
    title = await open_field(ann, "title")
    await method.spell(composed)
    await method.take("Enter")
    await expect(title).to_be_focused()
    await method.commit(word)
    await body(ann).focus()
    await ann.keyboard.type("- ")
    await method.spell(composed)
    for key, modifiers in [("Enter", 0), ("b", CONTROL), ("Escape", 0), ("1", 0)]:
        await method.take(key, modifiers)
        await expect(body(ann)).to_have_value(f"- {composed}")
    await method.commit(word)
    await expect(title).to_have_value(word)
    await expect(body(ann)).to_have_value(f"- {word}")
    await expect(body(ann)).to_be_focused()
    await pass_time(ann, 60)
    await ann.keyboard.press("Enter")
    await expect(body(ann)).to_have_value(f"- {word}\n- ")


# Quick entry and search


@underlined
@pytest.mark.parametrize("is_open", [True, False], ids=["open", "just ended"])
async def test_enter_sends_a_line_whose_last_word_is_only_underlined(
    ann: Page, is_open: bool, composed: str, word: str
) -> None:
    await ann.goto("/")
    line = quick_entry(ann)
    await line.press_sequentially("All is ")
    method = await InputMethod.of(ann)
    await method.spell(composed)
    if not is_open:
        await method.commit(word)
    await ann.keyboard.press("Enter")
    await expect(ann.locator("article")).to_contain_text(f"All is {word}")
    await expect(line).to_have_value("")


@chosen
async def test_the_enter_that_chooses_sends_no_line(ann: Page, composed: str, word: str) -> None:
    await ann.goto("/")
    line = quick_entry(ann)
    await line.focus()
    method = await InputMethod.of(ann)
    await method.spell(composed)
    await method.take("Enter")
    await method.commit(word)
    await expect(line).to_have_value(word)
    await expect(ann.locator("article")).to_have_count(0)
    await ann.wait_for_timeout(60)
    await ann.keyboard.press("Enter")
    await expect(ann.locator("article")).to_contain_text(word)


@underlined
async def test_a_word_that_is_only_underlined_is_looked_for(
    ann: Page, site: Server, composed: str, word: str
) -> None:
    await write(ann.context, site, f"All is {word}.", title="Found")
    await ann.goto("/search")
    await ann.get_by_role("searchbox").focus()
    method = await InputMethod.of(ann)
    await method.spell(composed)
    await expect(ann.locator("#results h2")).to_have_text(["Found"])
    await expect(ann.get_by_role("searchbox")).to_have_value(word)


@chosen
async def test_a_word_that_waits_for_a_choice_is_looked_for_once_it_is_chosen(
    ann: Page, site: Server, composed: str, word: str
) -> None:
    await write(ann.context, site, f"{word}。", title="Found")
    await ann.goto("/search")
    await ann.get_by_role("searchbox").focus()
    asked = requested(ann, "/search?")
    method = await InputMethod.of(ann)
    for length in range(1, len(composed) + 1):
        await method.compose(composed[:length])
        await ann.wait_for_timeout(250)
    assert asked == []
    await method.commit(word)
    await expect(ann.locator("#results h2")).to_have_text(["Found"])
    assert len(asked) == 1


# Forms without scripts of their own


@all_of_them
async def test_templates_prompts_and_new_names_of_tags_take_what_is_composed(
    ann: Page, site: Server, composed: str, word: str
) -> None:
    await write(ann.context, site, "Words.", tags="old")
    method = await InputMethod.of(ann)
    for path, field, button in [
        ("/templates/new", "#template-body", "Save"),
        ("/prompts", "#prompt-body", "Add"),
    ]:
        await ann.goto(path)
        if path.endswith("new"):
            await ann.get_by_label("Name", exact=True).fill(word)
        await ann.locator(field).focus()
        await method.spell(composed)
        await method.take("Enter")
        await expect(ann.locator(field)).to_have_value(composed)
        await ann.get_by_role("button", name=button).click()
        if path.endswith("new"):
            await expect(ann.locator(field)).to_have_count(0)
        else:
            await expect(ann.locator(field)).to_have_value("")
        await expect(ann.locator("#main")).to_contain_text(word if path.endswith("new") else composed)
    await ann.goto("/tags/old")
    await ann.get_by_text("Rename this tag").click()
    name = ann.get_by_label("New name")
    await name.fill("")
    await name.focus()
    await method.spell(composed)
    await method.take("Enter")
    await expect(name).to_have_value(composed)
    await method.commit(word)
    await ann.wait_for_timeout(60)
    await ann.keyboard.press("Enter")
    await expect(ann.get_by_role("heading", level=1)).to_have_text(word)
