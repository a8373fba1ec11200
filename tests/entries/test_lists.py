"""Lists however long their entries are: each page is of a size that can be borne, and nothing is left out."""

import re
from html import unescape
from typing import Any

import pytest

from journal.accounts import users
from journal.entries import card_cache
from journal.entries.card_cache import Cards
from journal.entries.models import Entry
from journal.text import plain
from tests.conftest import Person

pytestmark = pytest.mark.slow

HTMX = {"HX-Request": "true"}
DAY = "2024-05-31"
MOST = 2_000_000  # bytes of a page
LISTS = ["/", f"/days/{DAY}", "/on-this-day/05-31", "/tags/all", "/starred", "/bin"]


async def page(person: Person, path: str, status: int = 200, **headers: str) -> str:
    answer = await person.get(path, headers={**HTMX, **headers} if headers else {})
    assert answer.status_code == status
    shown: str = await answer.get_data(as_text=True)
    assert len(shown.encode()) < MOST
    return shown


def titles(shown: str) -> list[str]:
    return re.findall(r'<h2[^>]*><a href="/entries/[^"]+">\s*([^<]*?)\s*</a></h2>', shown)


def onward(shown: str) -> str:
    """The address of the next page."""
    link = re.search(r'<p class="pager"[^>]*><a href="([^"]*)" rel="next"', shown)
    return unescape(link[1]) if link else ""


async def walked(person: Person, path: str, **headers: str) -> list[list[str]]:
    pages = []
    while path:
        assert len(pages) < 100
        shown = await page(person, path, **headers)
        pages.append(titles(shown))
        path = onward(shown)
    return pages


async def written(person: Person, path: str, body: str, title: str = "One", tags: str = "all") -> str:
    """An entry that this list shows; its own address."""
    own = await person.writes(body, title=title, day=DAY, tags=tags)
    if path == "/starred":
        await person.post(f"{own}/star")
    if path == "/bin":
        await person.post(f"{own}/deletion")
    return own


# Pages


@pytest.mark.parametrize("path", LISTS)
async def test_following_the_links_each_of_many_large_entries_comes_once(ann: Person, path: str) -> None:
    """Some of them shown whole, 90 kB of HTML each, and some by their beginning, of 300 kB."""
    names = [f"number {n}" for n in range(12)]
    for n, name in enumerate(names):
        await written(ann, path, "a " * (150_000 if n % 2 == 0 else 45_000), name)
    expected = names if path.startswith("/days") else names[::-1]
    for headers in ({}, HTMX):
        pages = await walked(ann, path, **headers)
        assert [name for names in pages for name in names] == expected
        assert [len(names) for names in pages] in ([5, 6, 1], [6, 6])


@pytest.mark.parametrize("path", LISTS)
async def test_the_longest_entries_come_one_by_one(ann: Person, path: str) -> None:
    for n in range(3):
        await written(ann, path, "a " * 500_000, f"number {n}")
    assert sorted(map(tuple, await walked(ann, path))) == [("number 0",), ("number 1",), ("number 2",)]


@pytest.mark.parametrize("path", ["/", f"/days/{DAY}"])
async def test_entries_of_many_long_tags_fill_a_page_as_well(ann: Person, path: str) -> None:
    for n in range(22):
        tags = ["all", *(chr(0x1F400 + k) * 60 for k in range(49))]
        await written(
            ann, path, " ".join(f"#{chr(0x20000 + k) * 60}" for k in range(45)), f"{n}", ",".join(tags)
        )
    pages = await walked(ann, path)
    assert sorted((name for names in pages for name in names), key=int) == [f"{n}" for n in range(22)]
    assert max(map(len, pages)) < 20


async def test_a_day_of_120_entries_is_walked_without_a_script(ann: Person) -> None:
    names = [f"number {n}" for n in range(120)]
    for name in names:
        await written(ann, "/", "words", name)
    path = f"/days/{DAY}"
    pages = await walked(ann, path)
    assert [len(names) for names in pages] == [50, 50, 20]
    assert [name for names in pages for name in names] == names
    first = await page(ann, path)
    assert ">More entries</a>" in first
    assert "Back to the first" not in first
    second = await page(ann, onward(first))
    assert f'<a href="{path}">Back to the first</a>' in second
    last = await page(ann, onward(second))
    assert "These were all." in last
    assert "Nothing is written" not in last
    fragment = await page(ann, onward(first), **HTMX)
    assert "<html" not in fragment
    assert "Write about this day" not in fragment
    assert (titles(fragment), onward(fragment)) == (titles(second), onward(second))


async def test_a_day_goes_on_where_entries_were_purged_or_are_anothers(ann: Person, bob: Person) -> None:
    for n in range(60):
        await written(ann, "/", "words", f"number {n}")
    after = onward(await page(ann, f"/days/{DAY}"))
    await written(bob, "/", "words", "of Bob")
    assert titles(await page(bob, after)) == ["of Bob"]
    await Entry.filter(uid=after.rpartition("=")[2]).delete()
    assert titles(await page(ann, after))[:2] == ["number 0", "number 1"]  # again, and none is left out


@pytest.mark.parametrize("damaged", ["x", "%00", "2024-05-31", "' OR 1=1 --", "x" * 5000, f"{DAY}.1"])
async def test_a_damaged_link_to_more_of_a_day_says_so(ann: Person, damaged: str) -> None:
    await written(ann, "/", "words")
    for headers in ({}, HTMX):
        shown = await page(ann, f"/days/{DAY}?after={damaged}", 400, **headers)
        assert "damaged" in shown
        assert not titles(shown)


# Entries


@pytest.mark.parametrize("path", LISTS)
async def test_a_normal_entry_is_shown_whole(ann: Person, path: str) -> None:
    body = "A paragraph of some words.\n\n" * 2000 + "The **last** words."
    await written(ann, path, body)
    shown = await page(ann, path)
    assert shown.count("A paragraph of some words.</p>") == 2000
    assert "The <strong>last</strong> words." in shown
    assert "Read on" not in shown


@pytest.mark.parametrize("path", LISTS)
async def test_of_a_very_long_entry_lists_show_the_beginning_and_its_own_page_all(
    ann: Person, path: str
) -> None:
    body = "Beginning &amp; <b>ends</b>,\nin two **lines**.\n\n- One paragraph more.\n\n" + "Words. " * 20_000
    own = await written(ann, path, body + "\n\nThe last words.")
    shown, whole = await page(ann, path), await page(ann, own)
    assert "The last words." in whole
    assert "Read on" not in whole
    assert "The last words." not in shown
    assert f'<p class="read-on"><a href="{own}">Read on</a></p>' in shown
    assert (
        '<p dir="auto">Beginning &amp; &lt;b&gt;ends&lt;/b&gt;,\nin two lines.</p>'
        '<p dir="auto">One paragraph more.</p><p dir="auto">Words.'
    ) in shown
    assert 2000 < len(shown) < 20_000
    assert 'href="/tags/all"' in shown or path == "/tags/all"


async def test_the_length_of_a_text_is_that_of_its_bytes(ann: Person) -> None:
    await ann.writes("語" * 40_000)
    shown = await page(ann, "/")
    assert "Read on" in shown
    assert '<div class="prose excerpt" lang="zh"><p dir="auto">語' in shown


async def test_a_line_more_of_a_very_long_entry_brings_its_beginning(ann: Person) -> None:
    own = await ann.writes("Words. " * 20_000)
    user = await users.find("Ann")
    assert user
    form = {"body": "A line.", "to": own.rpartition("/")[2], "save": own.rpartition("/")[2], "owner": user.id}
    answer = await ann.post("/lines", form, headers=HTMX)
    shown = await answer.get_data(as_text=True)
    assert answer.headers["X-Save"] == "saved"
    assert "Read on" in shown
    assert len(shown) < 10_000
    assert "A line." in await page(ann, own)


@pytest.mark.parametrize(
    ("html", "paragraphs"),
    [
        ("<p>One</p>\n<p>two<br>\nthree</p>", ["One", "two\nthree…"]),
        ("<h3>One</h3><ul><li>two</li>\n<li>three</li></ul>x", ["One", "two\nthree", "x…"]),
        ("<p>&amp;lt; &#x27;a&am", ["&lt; 'a…"]),
        ("<p>One <a href='http", ["One…"]),
        ("<hr><hr>", ["…"]),
        ("<p>" + "wo rd" * 1000, ["wo rd" * 400 + "…"]),
        ("\n" * 16_000, ["…"]),
    ],
)
def test_the_beginning_is_plain_text_in_paragraphs(html: str, paragraphs: list[str]) -> None:
    found = plain.beginning(html)
    assert found[:-1] == paragraphs[:-1]
    assert found[-1].removesuffix("…").strip() in paragraphs[-1]
    assert found[-1].endswith("…")


# Memory


def test_cards_that_are_remembered_take_no_more_than_they_may(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(card_cache, "MEMORY", 100_000)
    remembered, asked = Cards(), []

    def render(entry: Any) -> str:
        asked.append(entry["id"])
        return "🐦" * 5000  # of four bytes each

    entries = [{"id": n, "version": 1, "starred": False} for n in range(10)]
    remembered(render, entries)
    assert asked == list(range(10))
    remembered(render, entries[6:])  # the last of them are still there
    assert asked == list(range(10))
    remembered(render, entries[:1])
    assert asked == [*range(10), 0]
