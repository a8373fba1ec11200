"""The search page: whole, as a fragment, page after page, and whatever is typed into it."""

import re
from html import unescape
from typing import Any

import pytest
from quart.typing import TestClientProtocol as Client

from journal.database import TooSlow
from journal.search import queries as search_queries
from tests.conftest import Person
from tests.test_house_pages import HTMX, queries


async def search(person: Person, q: str, **options: Any) -> str:
    answer = await person.get("/search", query_string={"q": q, **options}, headers=HTMX)
    assert answer.status_code == 200
    return str(await answer.get_data(as_text=True))


def titles(page: str) -> list[str]:
    return [
        unescape(re.sub("<[^>]+>", "", found))
        for found in re.findall(r"<h2[^>]*>(.*?)</h2>", page, re.DOTALL)
    ]


def count(page: str) -> str:
    found = re.search(r'class="count">([^<]*)', page)
    return found[1] if found else ""


async def test_the_page_shows_what_was_typed_and_what_was_found(ann: Person) -> None:
    await ann.writes(
        "Rain on the <b>red</b> door & the garden.", title="Élan", tags="Red Things", mood="good"
    )
    answer = await ann.get("/search", query_string={"q": "red"})
    page = await answer.get_data(as_text=True)
    assert answer.status_code == 200
    assert "<title>red · Search · Journal</title>" in page
    assert 'id="q" name="q" value="red"' in page
    assert "Rain on the &lt;b&gt;<mark>red</mark>&lt;/b&gt; door &amp; the garden." in page
    assert "<li><mark>Red</mark> Things</li>" in page
    assert count(page) == "1 entry"
    assert "<mark>Élan</mark>" in await search(ann, "elan")


async def test_htmx_gets_the_results_alone(ann: Person) -> None:
    await ann.writes("A red door.", title="Door")
    page = await search(ann, "red")
    assert titles(page) == ["Door"]
    assert "<html" not in page
    assert "<form" not in page


async def test_a_stranger_finds_nothing_of_it(ann: Person, bob: Person) -> None:
    await ann.writes("A red door.")
    assert "Nothing you wrote is like this." in await search(bob, "red")
    assert "Nothing in the bin is like this." in await search(bob, "red in:bin")


async def test_signed_out_it_leads_to_the_sign_in_and_back(ann: Person, visitor: Client) -> None:
    answer = await visitor.get("/search?q=red&sort=best")
    assert answer.status_code == 303
    assert answer.headers["Location"] == "/login?next=/search%3Fq%3Dred%26sort%3Dbest"


async def test_without_a_word_nothing_is_asked_and_nothing_said(
    ann: Person, caplog: pytest.LogCaptureFixture
) -> None:
    await ann.writes("A red door.")
    assert await queries(ann, "/search", caplog) == 0
    page = await search(ann, " ")
    assert titles(page) == []
    assert "notice" not in page
    assert "empty" not in page


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("mood:happy", "A mood is one of awful, bad, okay, good and great"),
        ("on:2023-02-30", "on: takes a year, a month or a day"),
        ("before:10000", "before: takes a year"),
        ("after:0", "after: takes a year"),
        ('"""', "There is no word, number or sign"),
        ("tag: mood: -", "Write the tag right after tag:"),
        ("\0\0", "There is no word"),
        ("\u202e\u200f", "There is no word"),
        ("has:photo", "has: is kept for photos"),
        ("x" * 10_000, "long for a search"),
        ("\"' OR 1=1 --" * 800, "long for a search"),
        ("a* " * 3_000, "long for a search"),
        ("図" * 3_300, "long for a search"),
    ],
)
async def test_a_wrong_search_explains_itself(ann: Person, typed: str, sentence: str) -> None:
    await ann.writes("A red door.")
    for sort in ("newest", "best", "nonsense", ""):
        assert sentence in unescape(await search(ann, typed, sort=sort))


SYNTAX = ["' OR 1=1 --", '" OR "', "red' & '_u2", "NEAR(red door)", "words: red", "^red", "red AND NOT door"]
SYNTAX += [
    "\\",
    "re?",
    "%",
    "_",
    "*",
    "**",
    '"*"',
    "a:*",
    "{red}",
    "red + door",
    "🙂",
    "-",
    "--red",
    "(((",
    "\x1a",
]


@pytest.mark.parametrize("typed", SYNTAX)
async def test_what_is_syntax_to_a_database_is_words_to_us(ann: Person, bob: Person, typed: str) -> None:
    await bob.writes("A red door OR 1=1 AND NOT NEAR words.")
    page = await search(ann, typed)
    assert titles(page) == []


async def test_surrogates_and_bytes_that_are_no_text_are_answered(ann: Person) -> None:
    for path in ("/search?q=%ff%fe", "/search?q=%ed%a0%bd", "/search?q=%00", "/search?q=a&q=b", "/search?q"):
        assert (await ann.get(path)).status_code == 200


async def test_a_damaged_link_to_more_says_so(ann: Person) -> None:
    for before in ("x", "2024-05-31", "2024-05-31.x", "2023-02-30.6b1e7d70-0000-4000-8000-000000000000"):
        answer = await ann.get("/search", query_string={"q": "red", "before": before})
        assert answer.status_code == 400
        assert "This link to more of the search is damaged" in await answer.get_data(as_text=True)


@pytest.mark.parametrize("sort", ["newest", "best"])
async def test_each_hit_is_on_one_page_and_the_last_page_says_so(ann: Person, sort: str) -> None:
    for n in range(45):
        await ann.writes(
            f"A red door. {'Red. ' * (n % 7)}", title=f"Number {n}", day=f"2024-05-{n % 28 + 1:02}"
        )
    page = await search(ann, "red", sort=sort)
    assert count(page) == "45 entries"
    seen = titles(page)
    while more := re.search(r'href="(/search\?[^"]+)" rel="next"', page):
        assert f'hx-get="{more[1]}"' in page
        page = await (await ann.get(unescape(more[1]), headers=HTMX)).get_data(as_text=True)
        seen += titles(page)
        assert count(page) == ""
    assert "These were all." in page
    assert sorted(seen) == sorted(f"Number {n}" for n in range(45))


async def test_hits_beyond_a_bound_are_not_counted(ann: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search_queries, "MANY", 21)
    monkeypatch.setattr(search_queries, "RANKED", 21)
    for n in range(23):
        await ann.writes(f"A red door {n}.")
    assert count(await search(ann, "red")) == "More than 21 entries"
    page = await search(ann, "red", sort="best")
    assert count(page) == "The best of the newest 21 entries"
    more = re.search(r'href="(/search\?[^"]+)" rel="next"', page)
    assert more
    page = await (await ann.get(unescape(more[1]), headers=HTMX)).get_data(as_text=True)
    assert "These were the best of the newest 21 entries." in page
    assert "These were all." not in page


async def test_a_search_that_takes_too_long_says_what_to_do(
    ann: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def slow(*_: Any) -> Any:
        raise TooSlow

    monkeypatch.setattr(search_queries, "newest", slow)
    assert "This takes too long to find." in await search(ann, "red")


async def test_the_title_and_the_day_lead_to_the_entry(ann: Person) -> None:
    path = await ann.writes("A red door.", day="2024-05-31")
    page = await search(ann, "red")
    assert f'<a href="{path}"><time datetime="2024-05-31">Friday, 31 May 2024</time></a>' in page


async def test_every_page_leads_to_the_search(ann: Person) -> None:
    assert '<a href="/search" ' in await (await ann.get("/")).get_data(as_text=True)
    assert 'aria-current="page">Search</a>' in await (await ann.get("/search")).get_data(as_text=True)


async def test_a_search_takes_the_same_few_queries_however_much_it_finds(
    ann: Person, caplog: pytest.LogCaptureFixture
) -> None:
    taken: dict[str, set[int]] = {}
    written = 0
    for length in (1, 20, 21, 60):
        for _ in range(length - written):
            await ann.writes(f"A red door, number {written}.", tags="x")
            written += 1
        for path in (
            "/search?q=red",
            "/search?q=red+doo&sort=best",
            "/search?q=tag:x",
            "/search?q=%22red+door%22",
        ):
            taken.setdefault(path, set()).add(await queries(ann, path, caplog))
    assert all(max(counts) <= MOST for counts in taken.values()), taken


MOST = 7  # on PostgreSQL, where the newest are looked through before the index is asked; 4 on SQLite
