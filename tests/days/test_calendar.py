"""Calendar pages: a month, a year, and the block of earlier years."""

import re
from datetime import date
from pathlib import Path

import pytest
import time_machine
from quart import Quart

from journal.database import rows
from tests.visiting import Answer, Browser, registered

HTMX = {"HX_Request": "true"}


@pytest.fixture
async def ann(app: Quart) -> Browser:
    return await registered(app, "Ann")


async def writes(browser: Browser, day: str, body: str = "One two three.", **fields: str) -> str:
    answer = await browser.post("/entries", {"body": body, "day": day, **fields})
    assert answer.status == 303, answer.text
    return answer.headers["Location"]


def cell(answer: Answer, day: str) -> str:
    """The text of the day's cell, without markup."""
    found = re.search(rf'<td><a[^>]* href="/days/{day}"[^>]*>(.*?)</a></td>', answer.text, re.DOTALL)
    assert found, f"{day} is not on the page"
    return " ".join(re.sub(r"<[^>]+>", " ", found[1]).split())


def days(answer: Answer) -> list[str]:
    table = answer.text.partition("<main")[2]
    return re.findall(r'<td><a[^>]* href="/days/(\d{4}-\d\d-\d\d)"', table)


def written(answer: Answer) -> list[str]:
    return re.findall(r'<a class="written"[^>]* href="/days/(\d{4}-\d\d-\d\d)"', answer.text)


# A month


async def test_a_month_shows_what_was_written_on_each_day(ann: Browser) -> None:
    await writes(ann, "2024-05-31", "# Heading\n\nand *some* text & more", mood="good")
    await writes(ann, "2024-05-31", "second", mood="awful")
    await writes(ann, "2024-05-02", "words", title="A <title>")
    await writes(ann, "2024-04-30", "before")
    await writes(ann, "2024-06-01", "after")
    answer = await ann.get("/calendar/2024/05")
    assert answer.status == 200
    assert written(answer) == ["2024-05-02", "2024-05-31"]
    assert len(days(answer)) == 31
    assert cell(answer, "2024-05-31") == "31 😐 Heading and some text &amp; more 2 entries, 6 words mood okay"
    assert cell(answer, "2024-05-02") == "2 A &lt;title&gt; 1 word"
    assert cell(answer, "2024-05-03") == "3"
    assert "2 days written on, 3 entries, 7 words" in answer.text


async def test_a_month_is_a_table_that_can_be_read_out(ann: Browser) -> None:
    answer = await ann.get("/calendar/2024/05")
    assert "<caption>Nothing is written in this month.</caption>" in answer.text
    assert re.findall(r'<th scope="col" abbr="(\w+)"', answer.text) == [
        *("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
    ]


async def test_a_week_starts_where_its_reader_says(ann: Browser) -> None:
    for starts, first in (("6", "Sunday"), ("5", "Saturday"), ("0", "Monday")):
        await ann.post("/settings", {"zone": "UTC", "week_starts": starts})
        for path in ("/calendar/2024/05", "/calendar/2024"):
            answer = await ann.get(path)
            assert re.findall(r'abbr="(\w+)"', answer.text)[0] == first
            blank = re.search(r"<tbody>\s*<tr>((?:\s*<td></td>)*)", answer.text)
            assert blank
            expected = {
                "/calendar/2024/05": {"6": 3, "5": 4, "0": 2},
                "/calendar/2024": {"6": 1, "5": 2, "0": 0},
            }
            assert blank[1].count("<td>") == expected[path][starts]


async def test_months_and_years_lead_to_those_beside_them(ann: Browser) -> None:
    beside = r'rel="(prev|next)" href="([^"]+)"'
    for path, around in {
        "/calendar/2024/01": [("prev", "/calendar/2023/12"), ("next", "/calendar/2024/02")],
        "/calendar/0001/01": [("next", "/calendar/0001/02")],
        "/calendar/9999/12": [("prev", "/calendar/9999/11")],
        "/calendar/1000": [("prev", "/calendar/0999"), ("next", "/calendar/1001")],
        "/calendar/0001": [("next", "/calendar/0002")],
        "/calendar/9999": [("prev", "/calendar/9998")],
    }.items():
        answer = await ann.get(path)
        assert answer.status == 200
        assert re.findall(beside, answer.text) == around


async def test_the_calendar_opens_at_this_month_and_finds_a_day(ann: Browser) -> None:
    with time_machine.travel("2024-05-31T12:00Z", tick=False):
        await ann.post("/login", {"username": "Ann", "password": "correct horse battery"})
        assert (await ann.get("/calendar")).headers["Location"] == "/calendar/2024/05"
        today = await ann.get("/calendar/2024/05")
        assert re.findall(r'href="([^"]+)" aria-current="date"', today.text) == ["/days/2024-05-31"]
        assert 'aria-current="date"' not in (await ann.get("/calendar/2023/05")).text
        found = await ann.get("/calendar?day=1660-01-01")
    assert (found.status, found.headers["Location"]) == (303, "/days/1660-01-01")


async def test_the_calendar_says_where_the_journal_begins_and_ends(ann: Browser) -> None:
    assert "Your journal goes from" not in (await ann.get("/calendar/2024")).text
    await writes(ann, "1660-01-01")
    await writes(ann, "2024-05-31")
    for path in ("/calendar/2024", "/calendar/2024/05", "/calendar/1700/01"):
        text = (await ann.get(path)).text
        assert '<a href="/days/1660-01-01">1 January 1660</a> to <a href="/days/2024-05-31">' in text


# A year


async def test_a_year_shows_its_twelve_months_and_which_days_are_written_on(ann: Browser) -> None:
    for day in ("1660-01-01", "1660-02-29", "1660-12-31", "1659-12-31", "1661-01-01"):
        await writes(ann, day)
    await writes(ann, "1660-02-29")
    answer = await ann.get("/calendar/1660")
    assert written(answer) == ["1660-01-01", "1660-02-29", "1660-12-31"]
    assert len(days(answer)) == 366
    assert re.findall(r'<caption><a href="([^"]+)">(\w+)</a>', answer.text)[1] == (
        "/calendar/1660/02",
        "February",
    )
    assert "3 days written on, 4 entries, 12 words" in answer.text
    assert 'title="2 entries" href="/days/1660-02-29"' in answer.text


@pytest.mark.parametrize("year", ["0001", "0004", "0999", "1582", "1899", "1900", "2000", "9999"])
async def test_every_year_can_be_written_and_shown(ann: Browser, year: str) -> None:
    for day in (f"{year}-01-01", f"{year}-12-31"):
        await writes(ann, day)
    assert written(await ann.get(f"/calendar/{year}")) == [f"{year}-01-01", f"{year}-12-31"]
    assert written(await ann.get(f"/calendar/{year}/01")) == [f"{year}-01-01"]
    assert written(await ann.get(f"/calendar/{year}/12")) == [f"{year}-12-31"]


# Invalid months and years


BAD_YEARS = ["0", "0000", "1", "24", "10000", "x", "-2024", "+2024", "2024.0", "٢٠٢٤", "%00", "1" * 5000]
BAD_MONTHS = ["0", "00", "13", "5", "005", "x", "-1", "٠٥", "05%00", "1" * 5000, "may"]


async def test_a_year_or_month_that_is_not_in_the_calendar_is_404_with_a_sentence(ann: Browser) -> None:
    paths = {f"/calendar/{bad}": "year" for bad in BAD_YEARS}
    paths |= {f"/calendar/{bad}/05": "month" for bad in BAD_YEARS}
    paths |= {f"/calendar/2024/{bad}": "month" for bad in BAD_MONTHS}
    paths |= {f"/calendar?day={bad}": "day" for bad in ("", "x", "2023-02-30", "0000-01-01", "10000-01-01")}
    for path, what in paths.items():
        for headers in ({}, HTMX):
            answer = await ann.get(path, **headers)
            assert answer.status == 404, path
            assert f"This {what} is not in the calendar." in answer.text


async def test_a_calendar_is_its_owners_alone(app: Quart, ann: Browser) -> None:
    await writes(ann, "2024-05-31", "of Ann", title="Of Ann")
    bob = await registered(app, "Bob")
    for path in ("/calendar/2024", "/calendar/2024/05"):
        assert written(await ann.get(path)) == ["2024-05-31"]
        assert written(await bob.get(path)) == []
        assert "Of Ann" not in (await bob.get(path)).text
        assert (await Browser(app).get(path)).headers["Location"] == f"/login?next={path}"
        assert (await Browser(app).get(path, **HTMX)).status == 401


async def test_what_lies_in_the_bin_is_in_no_calendar(ann: Browser) -> None:
    path = await writes(ann, "2024-05-31", "words to throw away")
    await ann.post(f"{path}/deletion")
    assert written(await ann.get("/calendar/2024/05")) == []
    assert await rows("SELECT * FROM day_counts") == []
    await ann.post(f"{path}/restoration")
    assert written(await ann.get("/calendar/2024")) == ["2024-05-31"]


async def test_titles_and_words_of_any_kind_stay_within_their_cell(ann: Browser) -> None:
    hostile = '"><script>alert(1)</script><img src=x onerror=alert(2)>'
    await writes(ann, "2024-05-01", hostile, title=hostile)
    await writes(ann, "2024-05-02", hostile)
    await writes(ann, "2024-05-03", f"`{'x' * 700}` &amp; &lt;b&gt;")
    await writes(ann, "2024-05-04", "今日は東京に行きました。")
    answer = await ann.get("/calendar/2024/05")
    assert "<script>alert" not in answer.text
    assert "<img" not in answer.text
    assert len(cell(answer, "2024-05-03")) < 120
    assert re.search(r'lang="ja">今日は東京に行きました。', answer.text)


def test_no_date_is_formatted_by_strftime() -> None:
    """strftime fails or pads before the year 1000, depending on the system."""
    root = Path(__file__).resolve().parents[2] / "journal"
    for file in [*root.glob("days/*.py"), root / "web/filters.py"]:
        text = file.read_text(encoding="utf-8")
        assert not re.search(r"strftime\(|%[YBbA]\b", text.replace("strftime fails", "")), file
    assert date(1, 1, 1).isoformat() == "0001-01-01"
