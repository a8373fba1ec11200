"""Layout of rendered texts on the narrowest phone: deep or wide Markdown never makes the page wider."""

import pytest
from playwright.async_api import Page, expect

from tests.browser.editing import open_editor, says

WIDE = {
    "levels": "\n".join("  " * depth + "- a word" for depth in range(15)),
    "numbered levels": "\n".join("   " * depth + "1. a word" for depth in range(15)),
    "quotes": "\n".join(">" * depth + " a word\n" for depth in range(1, 16)),
    "columns": "|" + "head|" * 20 + "\n|" + "-|" * 20 + "\n|" + "cell|" * 20,
    "a table in a list": "- a\n\n  |" + "head|" * 20 + "\n  |" + "-|" * 20 + "\n  |" + "cell|" * 20,
    "a long word": "a" * 600
    + " and `"
    + "b" * 600
    + "`\n\n> # "
    + "c" * 600
    + "\n\n```\n"
    + "d" * 600
    + "\n```",
    "a long word in a list": "- " + "e" * 600 + "\n- [ ] " + "f" * 600 + "\n\n1. " + "g" * 600,
    "a long address": "https://example.org/"
    + "h" * 600
    + " [x](https://example.org) [^1]\n\n[^1]: "
    + "i" * 600,
    "a long cell": "|a|b|\n|-|-|\n|" + "j" * 600 + "|b|",
    "big numbers": "998. a\n999. b\n\n1. a\n123456789. b",
    "shown as typed": "k" * 600 + "[" * 15_000,
}
ARABIC = str.maketrans("abcdefghijk", "ابتثجحخدذرز")


async def is_narrow(page: Page) -> bool:
    return bool(await page.evaluate("document.documentElement.scrollWidth <= 320"))


async def preview(page: Page, text: str) -> None:
    await page.set_viewport_size({"width": 320, "height": 640})
    await open_editor(page, text=text)
    await page.get_by_role("button", name="Tools").click()
    await page.get_by_role("button", name="Preview").click()
    await expect(page.locator("#preview .prose > *").first).to_be_attached()


@pytest.mark.parametrize("name", WIDE)
async def test_no_text_makes_the_page_wider_than_the_narrowest_phone(ann: Page, name: str) -> None:
    for text in (WIDE[name], WIDE[name].translate(ARABIC)):
        await preview(ann, text)
        assert await is_narrow(ann)
        assert await ann.locator("#preview").evaluate("it => it.scrollWidth <= it.clientWidth")
        await ann.keyboard.press("Control+s")
        await says(ann, "Saved")
        for path in (ann.url.removesuffix("/edit"), "/"):
            await ann.goto(path)
            assert await is_narrow(ann)


async def test_the_words_of_the_deepest_item_are_still_readable(ann: Page) -> None:
    """Each level of a list narrows the next one, which must not come down to one letter a line."""
    await preview(ann, WIDE["levels"])
    deepest = "#preview" + " li" * 15
    await expect(ann.locator(deepest)).to_be_visible()
    left, right = await ann.evaluate(
        "it => { const a = document.querySelector(it).getBoundingClientRect(); return [a.left, a.right]; }",
        deepest,
    )
    assert right - left >= 60
    assert right <= 320


async def test_the_number_of_an_item_is_seen_whole(ann: Page) -> None:
    """The number is drawn in the padding of the list; print and narrow phones cut off what is wider."""
    counted = "\n".join(f"{number}. a" for number in range(1, 120))
    await preview(ann, f"100. a\n101. b\n\nwords\n\n24. a\n25. b\n\nwords\n\n{counted}")
    found = await ann.locator("#preview ol").evaluate_all(
        "lists => lists.map((list) => { const number = document.createElement('span');"
        " number.textContent = `${list.start + list.children.length - 1}. `; number.style.whiteSpace = 'pre';"
        " list.lastElementChild.append(number); return [number.getBoundingClientRect().width,"
        " parseFloat(getComputedStyle(list).paddingInlineStart)]; })"
    )
    assert len(found) == 3
    assert all(0 < width <= room for width, room in found), found


async def test_the_box_of_a_task_stands_beside_its_words_and_plain_items_have_bullets(
    ann: Page,
) -> None:
    await preview(ann, "- [ ] loose\n\n- [x] list\n\n- plain")
    box = ann.locator("#preview [type=checkbox]").first
    await expect(box).to_be_visible()
    tops = await box.evaluate(
        "box => { const words = document.createRange(); words.selectNode(box.parentNode.lastChild);"
        " return [box, words].map((it) => it.getBoundingClientRect()).map((r) => r.top + r.height / 2); }"
    )
    assert abs(tops[0] - tops[1]) < 8
    markers = await ann.locator("#preview li").evaluate_all(
        "all => all.map(i => getComputedStyle(i).listStyleType)"
    )
    assert markers == ["none", "none", "disc"]
