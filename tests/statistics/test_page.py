"""Statistics page, compared with a plain count of the entries."""

import calendar
import json
import re
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from quart import Quart
from quart.typing import TestClientProtocol as Client

from journal import clock
from journal.accounts import users
from journal.database import committed, rows
from journal.entries import importing
from journal.entries.imported import ImportedEntry
from journal.entries.values import EntryFields
from journal.statistics import heatmap, queries, streaks
from journal.text import plain as texts
from tests.conftest import SHARED, Person
from tests.statistics.plain_count import is_in_step

HTMX = {"HX-Request": "true"}
DIARY = SHARED / "diary" / "pepys.jsonl"


async def text(person: Person, path: str = "/statistics", status: int = 200, **headers: str) -> str:
    answer = await person.get(path, headers=headers)
    page: str = await answer.get_data(as_text=True)
    assert answer.status_code == status, page
    return page


def figures(page: str) -> dict[str, str]:
    found = re.findall(r"<dt>([^<]*)</dt><dd>([^<]*?)\s*<", page)
    return dict(found)


def months(page: str) -> dict[str, list[str]]:
    """The rows of the table of months."""
    body = page.partition("month by month")[2].partition("</table>")[0]
    lines = re.findall(r"<tr>(<th scope=\"row\">.*?)</tr>", body)
    cells = [re.findall(r">([^<]+)</t[hd]>", line) for line in lines]
    return {name: rest for name, *rest in cells}


async def test_an_empty_journal_has_nothing_to_count(ann: Person) -> None:
    page = await text(ann)
    assert "Nothing is written yet" in page
    assert "<svg" not in page


async def test_the_page_counts_entries_words_and_days(ann: Person) -> None:
    await ann.writes("one two three", day="2024-05-31", mood="good")
    await ann.writes("今天去了北京", day="2024-05-31", mood="bad")  # letters count where words have no spaces
    await ann.writes("four", day="2023-12-31")
    page = await text(ann)
    assert figures(page) | {"Words": "10", "Entries": "3", "Days written": "2"} == figures(page)
    assert "2024, day by day" in page
    assert months(page) == {"May": ["1", "2", "9", "Okay"]}
    assert months(await text(ann, "/statistics?year=2023")) == {"December": ["1", "1", "1", "–"]}
    assert months(await text(ann, "/statistics?year=1999")) == {}


async def test_what_is_in_the_bin_and_what_others_write_does_not_count(ann: Person, bob: Person) -> None:
    await ann.writes("one", day="2024-05-31")
    await ann.post(f"{await ann.writes('two', day='2024-05-30')}/deletion")
    await bob.writes("three", day="2024-05-29")
    page = await text(ann)
    assert (figures(page)["Entry"], figures(page)["Day written"]) == ("1", "1")


async def test_a_year_and_a_measure_are_chosen_by_links_that_swap_the_year_alone(ann: Person) -> None:
    await ann.writes("words", day="2024-05-31", mood="great")
    page = await text(ann)
    assert 'href="/statistics?year=2023&amp;by=words"' in page
    assert '<form class="go-to" action="/statistics">' in page
    fragment = await text(ann, "/statistics?year=2024&by=mood", **HTMX)
    assert fragment.lstrip().startswith('<section id="year"')
    assert 'class="step-5"' in fragment
    assert "Without a mood" in fragment
    assert "Weekdays" not in fragment


@pytest.mark.parametrize("year", ["0", "10000", "x", "-1", "%EF%BC%92%EF%BC%90", "1e3", "20 24", "%00"])
async def test_a_year_that_is_none_is_not_found(ann: Person, year: str) -> None:
    assert "not in the calendar" in await text(ann, f"/statistics?year={year}", 404)


@pytest.mark.parametrize("query", ["year=1", "year=9999", "year=0007&by=mood", "by=x", "year="])
async def test_every_year_of_the_calendar_has_a_page(ann: Person, query: str) -> None:
    await ann.writes("words", day="0007-01-01")
    await text(ann, f"/statistics?{query}")


async def test_a_streak_forgives_a_day_a_week_if_its_writer_wants(ann: Person) -> None:
    today = clock.today("UTC")
    for ago in (0, 1, 3, 4, 5):
        await ann.writes("words", day=f"{today - timedelta(days=ago)}")
    page = await text(ann)
    assert (figures(page)["In a row now"], figures(page)["Longest in a row"]) == ("2 days", "3 days")
    answer = await ann.post("/statistics", {"rest_days": "1"})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/statistics")
    page = await text(ann)
    assert (figures(page)["In a row now"], figures(page)["Longest in a row"]) == ("5 days", "5 days")
    await ann.post("/statistics", {"rest_days": "0"})
    await ann.writes("later", day=f"{today - timedelta(days=2)}")  # backdated
    assert figures(await text(ann))["In a row now"] == "6 days"


@pytest.mark.parametrize("given", ["", "2", "yes"])
async def test_another_answer_than_yes_or_no_is_refused(ann: Person, given: str) -> None:
    answer = await ann.post("/statistics", {"rest_days": given})
    assert answer.status_code == 422
    assert "rest_days is 1 or 0" in await answer.get_data(as_text=True)


async def test_the_setting_is_ones_own(ann: Person, bob: Person, visitor: Client) -> None:
    await ann.post("/statistics", {"rest_days": "1"})
    assert (await visitor.post("/statistics", form={"rest_days": "1"})).status_code == 401
    user = await users.find("Bob")
    assert user
    assert not user.rest_days


PAGES: list[tuple[str, dict[str, str], int]] = [
    ("/statistics", {}, 6),
    ("/statistics?year=2020", {}, 5),
    ("/statistics?year=2020", HTMX, 1),
]


async def test_the_page_takes_the_same_queries_however_much_is_written(
    ann: Person, caplog: pytest.LogCaptureFixture
) -> None:
    for number in range(40):
        await ann.writes(f"#tag{number}", day=f"20{number:02}-05-{number % 28 + 1:02}", mood="good")
        if number in (0, 39):
            for path, headers, queries in PAGES:
                caplog.clear()
                await text(ann, path, **headers)
                assert f" {queries}q " in caplog.records[-1].getMessage()


MISSING = not DIARY.is_file()


@pytest.mark.shared
@pytest.mark.soak_on_postgres
@pytest.mark.skipif(MISSING, reason="the whole diary is not beside this checkout")
async def test_the_whole_diary_is_counted_as_a_plain_count_does(app: Quart, ann: Person) -> None:
    """Checks ten years with 3,413 entries: every figure, month and dot, and both kinds of streak."""
    told = [json.loads(line) for line in Path(DIARY).read_text(encoding="utf-8").splitlines()]
    await fill(told)
    assert await is_in_step()
    count: dict[date, int] = {}
    for entry in told:
        day = date.fromisoformat(entry["date"])
        count[day] = count.get(day, 0) + texts.count_words(entry["text"])
    page = await text(ann)
    assert figures(page) | {
        "Entries": f"{len(told):,}",
        "Words": f"{sum(count.values()):,}",
        "Days written": f"{len(count):,}",
    } == figures(page)
    for year in sorted({day.year for day in count}):
        page = await text(ann, f"/statistics?year={year}", **HTMX)
        for number, name in enumerate(calendar.month_name[1:], 1):
            days = [day for day in count if (day.year, day.month) == (year, number)]
            entries = sum(1 for entry in told if entry["date"][:7] == f"{year}-{number:02}")
            words = sum(count[day] for day in days)
            assert months(page).get(name, ["0"])[:3] == (
                [f"{len(days)}", f"{entries:,}", f"{words:,}"] if days else ["0"]
            )
        dots = {step: path.count("M") for step, path in drawn(page).items()}
        steps = [heatmap.words_step(words) for day, words in count.items() if day.year == year]
        assert {step: dots.get(str(step), 0) for step in range(6)} == {
            step: steps.count(step) for step in range(6)
        }
    user = await users.find("Ann")
    assert user
    totals = await queries.totals(user.id)
    for rests in (False, True):
        found = streaks.summary(totals.ranges, rests, clock.today("UTC")).longest
        assert found
        assert found.days == longest(set(count), rests)


EDGES = ["0001-01-01", "0001-01-02", "1900-02-28", "1900-03-01", "1999-12-31", "2000-01-01"]
EDGES += ["2000-02-28", "2000-02-29", "2000-03-01", "2024-05-31", "9999-12-29", "9999-12-31"]


async def test_ranges_of_written_days_go_over_the_ends_of_months_and_years(app: Quart, ann: Person) -> None:
    await fill([{"date": day, "text": "two words"} for day in (*EDGES, "2000-01-01")])
    user = await users.find("Ann")
    assert user
    totals = await queries.totals(user.id)
    assert (totals.entries, totals.words) == (13, 26)
    assert [(f"{date.fromordinal(first)}", f"{date.fromordinal(last)}") for first, last in totals.ranges] == [
        ("0001-01-01", "0001-01-02"),
        ("1900-02-28", "1900-03-01"),
        ("1999-12-31", "2000-01-01"),
        ("2000-02-28", "2000-03-01"),
        ("2024-05-31", "2024-05-31"),
        ("9999-12-29", "9999-12-29"),
        ("9999-12-31", "9999-12-31"),
    ]


NEWEST = [(2024, 2024), (2023, 2000), (1660, 1900), (1, 1), (2025, 2024), (9999, 9999)]


@pytest.mark.parametrize(("until", "year"), NEWEST)
async def test_the_newest_year_is_shown_first(app: Quart, ann: Person, until: int, year: int) -> None:
    user = await users.find("Ann")
    assert user
    assert await queries.newest_year(user.id, until) == until
    days = EDGES if until == 1 else EDGES[2:]
    await fill([{"date": day, "text": "words"} for day in days])
    assert await queries.newest_year(user.id, until) == year


def drawn(page: str) -> dict[str, str]:
    picture = page.partition("<svg")[2].partition("</svg>")[0]
    return dict(re.findall(r'class="step-(\w+)" d="([^"]*)"', picture))


def longest(written: set[date], rests: bool) -> int:
    """Counts day by day from every possible first day."""
    best = 0
    for first in written:
        if not rests and first - timedelta(days=1) in written:
            continue
        day, count, last = first, 0, date.min
        while day in written or (rests and (day - last).days >= 7 and day + timedelta(days=1) in written):
            if day in written:
                count += 1
            else:
                last = day
            day += timedelta(days=1)
        best = max(best, count)
    return best


async def fill(told: list[dict[str, Any]]) -> None:
    user = await users.find("Ann")
    assert user
    now = datetime(2024, 5, 31, 12, tzinfo=UTC)
    arrivals = [
        ImportedEntry(
            EntryFields(body=entry["text"], day=date.fromisoformat(entry["date"])),
            now,
            now,
            "diary",
            f"{number}",
        )
        for number, entry in enumerate(told)
    ]
    prepared = [importing.prepared(user.id, arrival) for arrival in arrivals]
    for start in range(0, len(prepared), 500):
        await committed(
            lambda db, start=start: importing.add(db, user.id, prepared[start : start + 500], now)
        )  # type: ignore[misc]
    assert len(await rows("SELECT 1 FROM entries")) == len(told)
