"""All tags on one page, a page for each, and their names."""

import re
from typing import Any
from urllib.parse import unquote

import pytest
from quart import Quart
from quart.typing import TestClientProtocol as Client

from journal.entries import tag_renaming
from journal.tags import queries
from journal.text import tag_names
from tests.conftest import Person
from tests.tags.listing import held, owed

HTMX = {"HX-Request": "true"}


async def text(person: Person, path: str, status: int = 200, **headers: str) -> str:
    answer = await person.get(
        path, headers={name.replace("_", "-"): value for name, value in headers.items()}
    )
    page: str = await answer.get_data(as_text=True)
    assert answer.status_code == status, page
    return page


def listed(page: str) -> list[tuple[str, int]]:
    """Tags and their numbers, in order."""
    found = re.findall(r"<bdi[^>]*>([^<]*)</bdi> <span class=\"number\">([\d,]+)", page)
    return [(name, int(number.replace(",", ""))) for name, number in found]


def bodies(page: str) -> list[str]:
    return re.findall(r"<p dir=\"auto\">([^<]*)</p>", page)


# All of them


async def test_tags_stand_most_used_first_or_by_name(ann: Person) -> None:
    for body in ("#rain #walk", "#walk", "#walk #été", "#rain", "#apple"):
        await ann.writes(body)
    assert listed(await text(ann, "/tags")) == [("walk", 3), ("rain", 2), ("été", 1), ("apple", 1)]
    by_name = listed(await text(ann, "/tags?sort=name"))
    assert [name for name, _ in by_name] == ["apple", "rain", "walk", "été"]


async def test_the_filter_finds_a_part_of_a_name_in_any_case(ann: Person) -> None:
    await ann.writes("#Straße #Strand #anders", tags="100%, under_score")
    assert listed(await text(ann, "/tags?q=STRASSE")) == [("Straße", 1)]
    assert {name for name, _ in listed(await text(ann, "/tags?q=%23ra"))} == {"Straße", "Strand"}
    assert listed(await text(ann, "/tags?q=%25")) == [("100%", 1)]
    assert listed(await text(ann, "/tags?q=_")) == [("under_score", 1)]
    assert "No tag has this in its name." in await text(ann, "/tags?q=nothing")
    fragment = await text(ann, "/tags?q=str", **HTMX)
    assert fragment.startswith('<section id="list">')


async def test_without_tags_the_page_says_how_to_make_one(ann: Person) -> None:
    assert "There are no tags yet." in await text(ann, "/tags")


async def test_of_very_many_tags_the_most_used_are_shown(
    ann: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queries, "SHOWN", 3)
    await ann.writes("#a #b #c #d")
    await ann.writes("#d")
    page = await text(ann, "/tags")
    assert len(listed(page)) == 3
    assert listed(page)[0] == ("d", 2)
    assert "These are the 3 most used." in page


@pytest.mark.parametrize(
    "query", ["q=%00", "q=%ED%A0%80", "q=" + "%25" * 3000, "q='\"--", "sort=x", "q=%E2%80%AE"]
)
async def test_no_filter_is_an_error(ann: Person, query: str) -> None:
    await ann.writes("#walk")
    await text(ann, f"/tags?{query}")


# One of them


async def test_the_page_of_a_tag_has_its_entries_newest_first(ann: Person) -> None:
    await ann.writes("first #walk", day="2024-01-02")
    await ann.writes("second", tags="Walk", day="2024-01-03")
    await ann.writes("other", day="2024-01-04")
    page = await text(ann, "/tags/WALK")
    assert bodies(page) == ["second", "first #walk"]
    assert "2 entries" in page


async def test_a_long_page_goes_on_behind_its_last_entry(ann: Person) -> None:
    for number in range(45):
        await ann.writes(f"entry {number} #walk", day=f"2024-01-{number % 5 + 1:02}")
    seen: list[str] = []
    path = "/tags/walk"
    for _ in range(3):
        page = await text(ann, path, **(HTMX if seen else {}))
        assert ("<html" in page) is not bool(seen)
        seen += bodies(page)
        link = re.search(r'href="(/tags/walk\?before=[^"]+)" rel="next"', page)
        path = link[1] if link else ""
    assert path == ""
    expected = sorted(range(45), key=lambda number: (number % 5, number), reverse=True)
    assert seen == [f"entry {number} #walk" for number in expected]


@pytest.mark.parametrize("before", ["x", "2024-13-01.0", "2024-01-01.x", "."])
async def test_a_damaged_link_to_older_entries_is_refused_with_a_sentence(ann: Person, before: str) -> None:
    assert "damaged" in await text(ann, f"/tags/walk?before={before}", 400)


async def test_an_unknown_tag_and_a_strangers_tag_are_the_same_empty_page(ann: Person, bob: Person) -> None:
    await bob.writes("#secret")
    unknown, strangers = await text(ann, "/tags/nothing"), await text(ann, "/tags/secret")
    assert "No entry has this tag." in unknown
    assert unknown.replace("nothing", "secret") == strangers
    assert listed(await text(ann, "/tags")) == []


@pytest.mark.parametrize(
    "name",
    [
        "a/b",
        "../c",
        "..",
        ".",
        "/x",
        "a//b",
        "d?e=f&g",
        "100%",
        "\\",
        "two words",
        "日本語",
        "<b>",
        "'\"",
        "C#",
        "é/",
        "known",
    ],
)
async def test_a_tag_of_any_name_has_a_page_that_its_entries_link_to(ann: Person, name: str) -> None:
    path = await ann.writes("words", tags=name)
    page = await text(ann, path)
    link = re.search(r'<ul class="tags".*?href="([^"]*)"', page)
    assert link
    assert unquote(link[1]) == tag_names.path(name) or link[1] == tag_names.path(name)
    assert not re.search(r"/\.{0,2}(/|$)", link[1]), "a browser would take it for a folder"
    assert bodies(await text(ann, link[1].replace("&#39;", "'"))) == ["words"]


async def test_pages_of_tags_take_a_constant_number_of_queries(
    ann: Person, caplog: pytest.LogCaptureFixture
) -> None:
    async def queries(path: str) -> int:
        caplog.clear()
        await text(ann, path)
        return int(re.search(r" (\d+)q ", caplog.records[-1].getMessage())[1])  # type: ignore[index]

    await ann.get("/")  # which makes a key, once
    for number in range(25):
        await ann.writes(f"#walk #tag{number}")
        if number in (0, 24):
            assert await queries("/tags") == 1
            assert await queries("/tags/walk") == 3


# Names


async def renamed(person: Person, old: str, **form: str) -> tuple[int, str, str]:
    """Status, the address of the answer, and what the page there says."""
    answer = await person.post(tag_names.path(old), form)
    if answer.status_code != 303:
        return answer.status_code, "", await answer.get_data(as_text=True)
    return 303, answer.headers["Location"], await text(person, answer.headers["Location"])


async def test_renaming_changes_fields_and_texts_and_keeps_what_was(ann: Person) -> None:
    paths = [await ann.writes("with #Old and `#old`"), await ann.writes("words", tags="old, other")]
    status, address, page = await renamed(ann, "old", name="new")
    assert (status, address.partition("?")[0]) == (303, "/tags/new")
    assert "2 entries renamed" in page
    assert dict(listed(await text(ann, "/tags"))) == {"new": 2, "other": 1}
    assert "with #new and <code" in await text(ann, paths[0])
    for path in paths:
        assert "old" in (await text(ann, f"{path}/revisions?show=1")).lower()
    assert await held() == await owed()


async def test_renaming_back_is_the_state_before(ann: Person) -> None:
    await ann.writes("with #old", tags="old")
    before = await held()
    await renamed(ann, "old", name="new")
    await renamed(ann, "new", name="old")
    assert await held() == before


async def test_a_name_that_is_in_use_takes_the_entries_in(ann: Person) -> None:
    await ann.writes("#cat")
    await ann.writes("words", tags="dog")
    await ann.writes("both #cat", tags="cat, dog")
    await renamed(ann, "cat", name="Dog")
    assert listed(await text(ann, "/tags")) == [("Dog", 3)] or listed(await text(ann, "/tags")) == [
        ("dog", 3)
    ]
    assert await held() == await owed()


async def test_a_name_that_can_not_stand_in_a_text_changes_the_fields_alone(ann: Person) -> None:
    path = await ann.writes("with #old", tags="old")
    await renamed(ann, "old", name="two words")
    assert dict(listed(await text(ann, "/tags"))) == {"two words": 1, "old": 1}
    assert "with #old" in await text(ann, path)
    assert await held() == await owed()


async def test_what_a_renaming_left_in_the_texts_is_told_with_a_way_to_it(ann: Person) -> None:
    await ann.writes("with #old alone")
    _, _, page = await renamed(ann, "old", name="two words")
    assert "0 entries renamed" in page
    assert "earlier text" not in page.partition("<h1")[0]
    assert '1 entry still has <a href="/tags/old">' in page
    assert "still ha" not in (await renamed(ann, "old", name="new"))[2]
    assert "still ha" not in (await renamed(ann, "new", name="New"))[2]


async def test_another_spelling_is_a_new_name_as_well(ann: Person) -> None:
    await ann.writes("#ann", tags="ann")
    assert "1 entry renamed" in (await renamed(ann, "ann", name="Ann"))[2]
    assert listed(await text(ann, "/tags")) == [("Ann", 1)]


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("", "Give the tag a name."),
        (" # ", "Give the tag a name."),
        ("a, b", "without a comma"),
        ("x" * 61, "60 characters at most"),
        ("," * 100_000, "Give the tag a name."),
    ],
)
async def test_a_name_that_is_none_is_refused_with_a_sentence(ann: Person, name: str, sentence: str) -> None:
    await ann.writes("#old")
    status, _, page = await renamed(ann, "old", name=name)
    assert status == 422
    assert sentence in page
    assert listed(await text(ann, "/tags")) == [("old", 1)]


async def test_nobody_renames_anothers_tags(ann: Person, bob: Person) -> None:
    await bob.writes("#theirs", tags="theirs")
    before = await held()
    await renamed(ann, "theirs", name="mine")
    assert await held() == before


async def test_what_is_in_the_bin_stays_as_it_is(ann: Person) -> None:
    path = await ann.writes("#old")
    await ann.post(f"{path}/deletion")
    await renamed(ann, "old", name="new")
    await ann.post(f"{path}/restoration")
    assert listed(await text(ann, "/tags")) == [("old", 1)]


async def test_very_many_entries_are_renamed_in_steps_that_a_button_continues(
    ann: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tag_renaming, "SIZE", 3)
    monkeypatch.setattr(tag_renaming, "BATCHES", 2)
    for number in range(14):
        await ann.writes(f"{number} #old #stays", tags="old", day=f"2024-01-{number % 4 + 1:02}")
    _, _, page = await renamed(ann, "old", name="new")
    steps = 1
    while "Go on" in page:
        form = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', page))
        _, _, page = await renamed(ann, "old", **form)
        steps += 1
    assert steps == 3
    assert "14 entries renamed" in page
    assert dict(listed(await text(ann, "/tags"))) == {"new": 14, "stays": 14}
    assert await held() == await owed()


async def test_a_text_that_would_outgrow_an_entry_keeps_its_hashtags(ann: Person) -> None:
    path = await ann.writes("#old " * 20_000, tags="old")
    await ann.writes("short #old")
    _, _, page = await renamed(ann, "old", name="n" * 60)
    assert "2 entries renamed" in page
    assert dict(listed(await text(ann, "/tags"))) == {"n" * 60: 2, "old": 1}
    assert "#old #old" in await text(ann, f"{path}/edit")
    assert await held() == await owed()


def test_long_texts_are_renamed_one_by_one_as_others_wait_meanwhile() -> None:
    long, short = {"size": tag_renaming.TEXT + 1}, {"size": 1}
    assert tag_renaming.first_of([long, short, short]) == [long]
    assert tag_renaming.first_of([short, short, long]) == [short, short]
    assert tag_renaming.first_of([short] * (tag_renaming.SIZE + 1)) == [short] * tag_renaming.SIZE
    assert tag_renaming.first_of([]) == []


async def test_a_request_renames_so_much_text_and_no_more(
    ann: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tag_renaming, "TEXT", 10)
    monkeypatch.setattr(tag_renaming, "TEXTS", 10)
    await ann.writes("a longer text #old")
    await ann.writes("another one #old")
    _, _, page = await renamed(ann, "old", name="new")
    assert "1 entry renamed so far" in page
    form = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', page))
    assert "2 entries renamed" in (await renamed(ann, "old", **form))[2]


async def test_a_damaged_step_is_refused_with_a_sentence(ann: Person) -> None:
    await ann.writes("#old")
    status, _, page = await renamed(ann, "old", name="new", after="x")
    assert status == 400
    assert "damaged" in page
    assert (await renamed(ann, "old", name="new", changed="x"))[0] == 303


async def test_signed_out_nothing_is_renamed(app: Quart, ann: Person, visitor: Client) -> None:
    await ann.writes("#old")
    answer: Any = await visitor.post("/tags/old", form={"name": "new"})
    assert answer.status_code == 401
    assert listed(await text(ann, "/tags")) == [("old", 1)]
