"""On this day: its page, the block of earlier years, the days around it, and the random entry."""

import re
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from random import Random

import pytest
import time_machine
from quart import Quart

from journal.accounts import users
from journal.database import committed
from journal.days import queries, random_entry
from journal.entries import importing
from journal.entries.imported import ImportedEntry
from journal.entries.values import EntryFields
from tests.visiting import PASSWORD, Answer, Browser, registered

NOW = datetime(2023, 5, 31, 12, tzinfo=UTC)
HTMX = {"HX_Request": "true"}


@pytest.fixture
async def ann(app: Quart) -> Browser:
    return await registered(app, "Ann")


async def id_of(name: str) -> int:
    user = await users.find(name)
    assert user
    return int(user.id)


async def add(user_id: int, *days: str, title: str = "", each: int = 1) -> None:
    words = [
        EntryFields(title, f"of {day}, number {n}", date.fromisoformat(day), "UTC", [], "")
        for day in days
        for n in range(each)
    ]
    arrivals = [ImportedEntry(one, NOW, NOW, f"test {days[0]}", str(n)) for n, one in enumerate(words)]
    prepared = [importing.prepared(user_id, arrival) for arrival in arrivals]
    await committed(lambda db: importing.add(db, user_id, prepared, NOW))


def shown(answer: Answer) -> list[str]:
    assert answer.status == 200, answer.text
    return re.findall(r"<p[^>]*>of (\d{4}-\d\d-\d\d), number", answer.text)


def years(answer: Answer) -> list[str]:
    return re.findall(r'<section class="year-group" aria-label="(\d+)"', answer.text)


def around(answer: Answer) -> list[str]:
    block = answer.text.partition('id="around"')[2]
    return re.findall(r'<a href="/days/([\d-]+)"', block)


def reminded(answer: Answer) -> list[str]:
    block = re.search(r'<aside class="on-this-day".*?</aside>', answer.text, re.DOTALL)
    return re.findall(r'<a href="/days/([\d-]+)"', block[0]) if block else []


class Visit:
    """Travels to another time and signs in there."""

    def __init__(self, browser: Browser, moment: str) -> None:
        self.browser, self.travel = browser, time_machine.travel(moment, tick=False)

    async def __aenter__(self) -> Browser:
        self.travel.start()
        await self.browser.post("/login", {"username": "Ann", "password": PASSWORD})
        return self.browser

    async def __aexit__(self, *_: object) -> None:
        self.travel.stop()


# The page


async def test_a_date_is_shown_in_every_year_the_newest_first(ann: Browser) -> None:
    days = ["1660-05-31", "1899-05-31", "2021-05-31", "2023-05-31", "9999-05-31"]
    await add(await id_of("Ann"), *days, "2021-05-30", "2021-06-01")
    async with Visit(ann, "2023-05-31T12:00Z"):
        for path in ("/on-this-day", "/on-this-day/05-31"):
            answer = await ann.get(path)
            assert shown(answer) == days[::-1]
            assert years(answer) == [day[:4] for day in days[::-1]]
            assert "363 years ago" in answer.text
            assert "2 years ago" in answer.text
            assert around(answer) == ["2021-06-01", "2021-05-30"]
        assert (await ann.get("/on-this-day/05-30")).text.count("<h1>30 May</h1>") == 1


async def test_dates_lead_to_those_beside_them_all_year_round(ann: Browser) -> None:
    path, seen = "/on-this-day/12-30", []
    for _ in range(5):
        seen.append(path[-5:])
        (path,) = re.findall(r'rel="next" href="([^"]+)"', (await ann.get(path)).text)
    assert seen == ["12-30", "12-31", "01-01", "01-02", "01-03"]
    assert re.findall(r'rel="(prev|next)" href="([^"]+)"', (await ann.get("/on-this-day/02-29")).text) == [
        ("prev", "/on-this-day/02-28"),
        ("next", "/on-this-day/03-01"),
    ]


async def test_a_leap_day_has_its_own_date_and_comes_on_the_28th_where_there_is_none(ann: Browser) -> None:
    await add(await id_of("Ann"), "2016-02-29", "2020-02-29", "2020-02-28", "2019-03-01", "2022-02-28")
    async with Visit(ann, "2023-02-28T12:00Z"):
        answer = await ann.get("/on-this-day")
        assert shown(answer) == ["2022-02-28", "2020-02-29", "2020-02-28", "2016-02-29"]
        assert "As this year has no 29 February, what was written on one is here as well." in answer.text
        assert reminded(await ann.get("/")) == ["2022-02-28", "2020-02-29", "2020-02-28"]
        leap = await ann.get("/on-this-day/02-29")
        assert shown(leap) == ["2020-02-29", "2016-02-29"]
        assert "A day of leap years only." in leap.text
        assert shown(await ann.get("/on-this-day/03-01")) == ["2019-03-01"]
    async with Visit(ann, "2024-02-28T12:00Z"):
        assert shown(await ann.get("/on-this-day")) == ["2022-02-28", "2020-02-28"]
    async with Visit(ann, "2024-02-29T12:00Z"):
        assert shown(await ann.get("/on-this-day")) == ["2020-02-29", "2016-02-29"]
        assert reminded(await ann.get("/entries/new")) == ["2020-02-29", "2016-02-29"]


async def test_page_by_page_each_entry_of_a_date_comes_once(ann: Browser) -> None:
    await add(await id_of("Ann"), "2019-02-28", "2020-02-28", "2021-02-28", "2022-02-28", each=15)
    await add(await id_of("Ann"), "2016-02-29", "2020-02-29", each=15)
    async with Visit(ann, "2023-05-31T12:00Z"):
        for headers in ({}, HTMX):
            path, seen, groups = "/on-this-day/02-28", [], []
            while path:
                answer = await ann.get(path, **headers)
                assert ("<html" in answer.text) is not bool(headers)
                assert len(shown(answer)) <= 20
                seen += re.findall(r"of (\d{4}-\d\d-\d\d, number \d+)</p>", answer.text)
                groups += years(answer)
                link = re.search(r'<a href="([^"]+before=[^"]+)" rel="next"', answer.text)
                path = link[1] if link else ""
            assert len(seen) == len(set(seen)) == 90
            dates = [day[:10] for day in seen]
            assert dates == sorted(dates, reverse=True)
            assert groups == ["2022", "2021", "2021", "2020", "2020", "2019", "2016", "2016"]


async def test_a_year_that_goes_on_says_so(ann: Browser) -> None:
    await add(await id_of("Ann"), "2019-03-05", each=25)
    older = re.search(r'href="([^"]+before=[^"]+)" rel="next"', (await ann.get("/on-this-day/03-05")).text)
    assert older
    assert re.search(r"<h2>2019\s*<small>continued", (await ann.get(older[1])).text)
    assert "<h2>2019" not in (await ann.get(older[1], **HTMX)).text


@pytest.mark.parametrize(
    "bad", ["x", "5-31", "13-01", "02-30", "00-01", "01-00", "2024-05-31", "٠٥-٣١", "05-31%00", "1" * 5000]
)
async def test_a_date_that_is_not_in_the_calendar_is_404_with_a_sentence(ann: Browser, bad: str) -> None:
    for headers in ({}, HTMX):
        answer = await ann.get(f"/on-this-day/{bad}", **headers)
        assert answer.status == 404
        assert "This date is not in the calendar." in answer.text


async def test_a_damaged_cursor_is_answered_with_a_sentence(ann: Browser) -> None:
    for cursor in (
        "x",
        "2024-05-31",
        "2024-05-31.x",
        "2024-02-30.00000000-0000-4000-8000-000000000000",
        "%00",
    ):
        answer = await ann.get(f"/on-this-day/05-31?before={cursor}")
        assert answer.status == 400
        assert "This link to older entries is damaged" in answer.text


async def test_nobody_is_reminded_of_what_others_wrote(app: Quart, ann: Browser) -> None:
    today = datetime.now(UTC).date()
    day = today.replace(year=today.year - 4)
    await add(await id_of("Ann"), f"{day}", f"{day - timedelta(days=1)}")
    bob = await registered(app, "Bob")
    path = f"/on-this-day/{day:%m-%d}"
    assert shown(await ann.get(path)) == [f"{day}"]
    assert reminded(await ann.get("/")) == [f"{day}"]
    assert shown(await bob.get(path)) == []
    assert around(await bob.get(path)) == []
    assert "Nothing is written about this date, in any year." in (await bob.get(path)).text
    assert reminded(await bob.get("/")) == reminded(await bob.get("/entries/new")) == []
    assert (await bob.get("/random")).headers["Location"] == "/"
    for page in (path, "/on-this-day", "/random"):
        assert (await Browser(app).get(page)).headers["Location"] == f"/login?next={page}"
        assert (await Browser(app).get(page, **HTMX)).status == 401


async def test_what_lies_in_the_bin_is_not_remembered(ann: Browser) -> None:
    path = (await ann.post("/entries", {"body": "of it", "day": "2020-05-31"})).headers["Location"]
    await ann.post(f"{path}/deletion")
    for page in ("/on-this-day/05-31", "/on-this-day/06-01", "/entries/new?day=2022-05-31"):
        assert "/days/2020-05-31" not in (await ann.get(page)).text


# The block of earlier years


async def test_the_first_page_and_the_empty_editor_remind_of_earlier_years(ann: Browser) -> None:
    days = [f"{year}-05-31" for year in range(2016, 2024)]
    await add(await id_of("Ann"), *days, each=3)
    async with Visit(ann, "2023-05-31T12:00Z"):
        timeline = await ann.get("/")
        assert reminded(timeline) == ["2022-05-31", "2021-05-31", "2020-05-31"]
        assert "of 2022-05-31, number 0" in timeline.text.partition("</aside>")[0]
        older = re.search(r'href="(/\?before=[^"]+)" rel="next"', timeline.text)
        assert older
        assert reminded(await ann.get(older[1])) == []
        assert reminded(await ann.get("/", **HTMX)) == []
        assert reminded(await ann.get("/entries/new")) == ["2022-05-31", "2021-05-31", "2020-05-31"]
        assert reminded(await ann.get("/entries/new?day=2018-05-31")) == ["2017-05-31", "2016-05-31"]
        assert reminded(await ann.get("/entries/new?day=2018-06-01")) == []
        path = (await ann.post("/entries", {"body": "words"})).headers["Location"]
        assert reminded(await ann.get(f"{path}/edit")) == []
    async with Visit(ann, "2023-06-01T12:00Z"):
        assert reminded(await ann.get("/")) == []


async def test_titles_that_are_hostile_stay_text(ann: Browser) -> None:
    await add(await id_of("Ann"), "2020-05-31", title="</span><script>alert(1)</script>")
    for page in ("/entries/new?day=2022-05-31", "/on-this-day/06-01"):
        answer = await ann.get(page)
        assert "&lt;script&gt;alert(1)" in answer.text
        assert "<script>alert" not in answer.text


# Days around the date


async def test_around_this_time_are_three_days_on_either_side_also_over_new_year(ann: Browser) -> None:
    near = ["2019-12-29", "2019-12-31", "2020-01-01", "2021-01-04"]
    await add(await id_of("Ann"), *near, "2019-12-28", "2020-01-05", "2021-01-01", "2023-01-02")
    async with Visit(ann, "2023-05-31T12:00Z"):
        assert around(await ann.get("/on-this-day/01-01")) == [
            "2023-01-02",
            "2021-01-04",
            "2019-12-31",
            "2019-12-29",
        ]
    async with Visit(ann, "2023-01-01T12:00Z"):  # then this very week is left out
        assert around(await ann.get("/on-this-day")) == ["2021-01-04", "2019-12-31", "2019-12-29"]


# The random entry


async def test_an_entry_at_random_is_one_of_ones_own(ann: Browser) -> None:
    assert (await ann.get("/random")).headers["Location"] == "/"
    await add(await id_of("Ann"), "1660-01-01", "2024-05-31", each=2)
    found = Counter([(await ann.get("/random")).headers["Location"] for _ in range(60)])
    assert len(found) == 4
    for path in found:
        assert (await ann.get(path)).status == 200


@pytest.mark.soak_on_postgres
async def test_chance_is_fair_to_days_and_to_entries(ann: Browser) -> None:
    """A thousand days in a row, one of them with ten entries, and one day long after all others."""
    user_id, first = await id_of("Ann"), date(2015, 1, 1)
    await add(user_id, *(f"{first + timedelta(days=n)}" for n in range(1000)))
    await add(user_id, "2016-01-01", each=9)
    await add(user_id, "2020-12-31")
    days = {str(row["uid"]): f"{row['day']}" for row in await queries.rows("SELECT uid, day FROM entries")}
    draws = 3000
    drawn = Counter([days[str(await random_entry.entry(user_id, Random(n)))] for n in range(draws)])
    share = draws / 1010
    assert 10 * share - 27 < drawn["2016-01-01"] < 10 * share + 27  # five standard deviations
    assert drawn["2020-12-31"] < share + 9
    assert 365 * share - 132 < sum(n for day, n in drawn.items() if day < "2016-01-01") < 365 * share + 132
    assert len(drawn) > 900


async def test_where_hardly_any_day_is_written_on_there_is_a_random_entry_all_the_same(ann: Browser) -> None:
    user_id = await id_of("Ann")
    await add(user_id, "0001-01-01", "5000-06-06", "9999-12-31")
    drawn = Counter([await random_entry.entry(user_id, Random(n)) for n in range(40)])
    assert None not in drawn
    assert len(drawn) == 3
