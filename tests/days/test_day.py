"""Day page, and the day that a new entry belongs to."""

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
import time_machine
from quart import Quart

from journal.entries.models import Entry
from tests.visiting import PASSWORD, Browser, registered

DAY = "2024-05-31"


@pytest.fixture
async def ann(app: Quart) -> Browser:
    return await registered(app, "Ann")


async def begun(browser: Browser, body: str, **fields: str) -> str:
    path = f"/entries/{uuid4()}"
    answer = await browser.put(path, {"body": body, "version": "0", **fields})
    assert answer.headers["X-Save"] == "saved"
    return path


async def stored(path: str) -> Any:
    return await Entry.get(uid=UUID(path.removeprefix("/entries/")))


# The page


async def test_a_day_shows_its_entries_in_the_order_they_were_begun(ann: Browser) -> None:
    for body in ("first", "second", "third"):
        await begun(ann, body, day=DAY)
    await begun(ann, "the day before", day="2024-05-30")
    answer = await ann.get(f"/days/{DAY}")
    assert answer.status == 200
    assert "Friday, 31 May 2024" in answer.text
    assert re.findall(r"<p[^>]*>(first|second|third|the day before)</p>", answer.text) == [
        "first",
        "second",
        "third",
    ]


async def test_an_entry_of_a_day_is_headed_by_its_time_where_it_has_no_title(ann: Browser) -> None:
    await begun(ann, "early", day=DAY, time="07:05", zone="Asia/Tokyo")
    await begun(ann, "late", day=DAY, time="22:40", zone="Europe/Kyiv", title="Titled", mood="good")
    answer = await ann.get(f"/days/{DAY}")
    headings = re.findall(r"<h2[^>]*>(.*?)</h2>", answer.text, re.DOTALL)
    assert [re.sub("<[^>]*>", "", heading).strip() for heading in headings] == ["07:05", "Titled"]
    assert re.search(r'class="meta"><span><time[^>]*>22:40<', answer.text)
    assert "Untitled" not in answer.text


async def test_an_empty_day_offers_to_write_about_it(ann: Browser) -> None:
    answer = await ann.get(f"/days/{DAY}")
    assert "Nothing is written about this day." in answer.text
    assert f'href="/entries/new?day={DAY}"' in answer.text
    assert (await ann.get(f"/entries/new?day={DAY}")).form_with("body")["day"] == DAY


async def test_a_day_leads_to_those_beside_it(ann: Browser) -> None:
    answer = await ann.get("/days/2024-03-01")
    assert re.findall(r'rel="(\w+)" href="(/days/[^"]+)"', answer.text) == [
        ("prev", "/days/2024-02-29"),
        ("next", "/days/2024-03-02"),
    ]


async def test_the_calendar_ends_at_its_ends(ann: Browser) -> None:
    first, last = await ann.get("/days/0001-01-01"), await ann.get("/days/9999-12-31")
    assert "Monday, 1 January 1" in first.text
    assert re.findall(r'rel="(\w+)"[^>]*href="(/days/[^"]+)"', first.text) == [("next", "/days/0001-01-02")]
    assert "Friday, 31 December 9999" in last.text
    assert re.findall(r'rel="(\w+)"[^>]*href="(/days/[^"]+)"', last.text) == [("prev", "/days/9999-12-30")]


async def test_entries_at_the_calendars_ends_can_be_written_and_read(ann: Browser) -> None:
    for day in ("0001-01-01", "0999-12-31", "1582-10-10", "1899-12-31", "9999-12-31"):
        path = await begun(ann, f"words of {day}", day=day)
        for page in (path, f"{path}/edit", f"{path}/revisions", f"/days/{day}", "/"):
            answer = await ann.get(page)
            assert answer.status == 200
            assert f"words of {day}" in answer.text
        assert (await ann.get(f"{path}/edit")).form(path)["day"] == day


BAD = ["2024-02-30", "2023-02-29", "2024-13-01", "2024-00-10", "2024-01-00", "0000-01-01"]
BAD += ["10000-01-01", "x", "-", "2024-5-31", "20240531", "2024-W22-5", "2024-152", "31.05.2024"]
BAD += ["today", "2024-05-31T00:00", "2024-05-31%20", "-2024-05-31", "+2024-05-31", "%2B024-05-31"]
BAD += ["٢٠٢٤-٠٥-٣١", "２０２４-05-31", "%00", "2024-05-31%00", "<script>alert(1)", "..%2f.."]
BAD += ["2024-05-31'", "NaN", "2024_05_31", "2024−05−31", "1" * 5000]


async def test_a_day_that_is_not_in_the_calendar_is_404_with_a_sentence(ann: Browser) -> None:
    for bad in BAD:
        for path in (f"/days/{bad}", f"/entries/new?day={bad}"):
            answer = await ann.get(path)
            assert answer.status == 404, path
            assert "not in the calendar" in answer.text or "%2f" in path
            assert "<script>alert" not in answer.text
    assert (await ann.get("/entries/new?day=")).status == 404


async def test_htmx_is_told_so_in_a_fragment(ann: Browser) -> None:
    answer = await ann.get("/days/x", HX_Request="true")
    assert (answer.status, "<html" in answer.text) == (404, False)
    assert "not in the calendar" in answer.text


async def test_a_day_is_private(app: Quart, ann: Browser) -> None:
    await begun(ann, "of Ann", day=DAY)
    bob = await registered(app, "Bob")
    assert "of Ann" not in (await bob.get(f"/days/{DAY}")).text
    assert (await Browser(app).get(f"/days/{DAY}")).headers["Location"] == f"/login?next=/days/{DAY}"
    assert (await Browser(app).get(f"/days/{DAY}", HX_Request="true")).status == 401


# Which day it is


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


# An instant, a zone, and the local date there; test_today.py has more of them.
LOCAL_DATES = [
    ("2024-05-31 10:00", "Pacific/Kiritimati", "2024-06-01"),
    ("2024-05-31 10:59", "Pacific/Pago_Pago", "2024-05-30"),
    ("2018-11-04 03:00", "America/Sao_Paulo", "2018-11-04"),
    ("2011-12-30 10:00", "Pacific/Apia", "2011-12-31"),
    ("2024-02-28 23:30", "Europe/Berlin", "2024-02-29"),
]


async def test_an_entry_belongs_to_its_writers_local_date(app: Quart) -> None:
    browser = await registered(app, "Ann")
    for instant, zone, day in LOCAL_DATES:
        with time_machine.travel(at(instant), tick=False):
            await browser.post("/login", {"username": "Ann", "password": PASSWORD})
            assert (await browser.post("/settings", {"zone": zone, "theme": "dark"})).status == 303
            assert (await browser.get("/entries/new")).form_with("body")["day"] == day, (instant, zone)
            paths = [
                await begun(browser, "by the editor, which says no day"),
                (await browser.post("/entries", {"body": "by a script"})).headers["Location"],
            ]
        for path in paths:
            entry = await stored(path)
            assert (entry.day, entry.zone) == (date.fromisoformat(day), zone)
            assert entry.written_at == at(instant)


@pytest.fixture
def moment() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(at("2024-05-31 21:30"), tick=False) as traveller:
        yield traveller


async def test_the_day_never_moves_when_the_writer_does(app: Quart, moment: time_machine.Traveller) -> None:
    browser = await registered(app, "Ann", zone="Europe/Berlin")
    path = await begun(browser, "half past eleven in Berlin")
    before = await stored(path)
    assert (before.day, before.zone) == (date(2024, 5, 31), "Europe/Berlin")
    await browser.post("/settings", {"zone": "Pacific/Kiritimati", "theme": "dark"})
    for page in (path, "/", f"/days/{DAY}"):
        assert "half past eleven in Berlin" in (await browser.get(page)).text
    assert "23:30" in (await browser.get(path)).text
    editor = (await browser.get(f"{path}/edit")).form(path)
    assert editor["day"] == DAY
    moment.shift(timedelta(minutes=20))
    assert (await browser.put(path, editor | {"body": "changed in Kiritimati"})).headers["X-Save"] == "saved"
    after = await stored(path)
    assert (after.day, after.zone, after.written_at) == (before.day, before.zone, before.written_at)
    assert after.updated_at > before.updated_at
    assert "23:30" in (await browser.get(path)).text


async def test_midnight_passes_while_somebody_writes(app: Quart, moment: time_machine.Traveller) -> None:
    """The editor was opened before midnight, and its entry stays on that day."""
    browser = await registered(app, "Ann", zone="Europe/Berlin")
    editor = (await browser.get("/entries/new")).form_with("body")
    moment.shift(timedelta(minutes=25))
    path = f"/entries/{uuid4()}"
    await browser.put(path, editor | {"body": "five to twelve"})
    moment.shift(timedelta(minutes=10))
    await browser.put(path, {"body": "five past twelve", "version": "1"})
    assert (await stored(path)).day == date(2024, 5, 31)
    assert (await browser.get("/entries/new")).form_with("body")["day"] == "2024-06-01"


async def test_a_day_that_the_writer_chooses_is_the_entrys(
    app: Quart, moment: time_machine.Traveller
) -> None:
    browser = await registered(app, "Ann", zone="Europe/Berlin")
    path = await begun(browser, "words", day="1987-06-05")
    assert (await stored(path)).day == date(1987, 6, 5)
    await browser.put(path, {"day": "1988-06-05", "version": "1"})
    entry = await stored(path)
    assert (entry.day, entry.zone) == (date(1988, 6, 5), "Europe/Berlin")
    assert "words" in (await browser.get("/days/1988-06-05")).text
    assert "words" not in (await browser.get("/days/1987-06-05")).text


async def test_the_zone_of_the_account_counts_where_the_browser_has_lost_it(
    app: Quart, moment: time_machine.Traveller
) -> None:
    browser = await registered(app, "Ann", zone="Pacific/Kiritimati")
    del browser.jar["preferences"]
    path = await begun(browser, "words")
    assert ((await stored(path)).day, (await stored(path)).zone) == (date(2024, 6, 1), "Pacific/Kiritimati")


async def test_a_zone_that_the_browser_made_up_does_not_count(
    app: Quart, moment: time_machine.Traveller
) -> None:
    browser = await registered(app, "Ann", zone="Europe/Berlin")
    browser.jar["preferences"] = "zone=Mars%2FOlympus&theme=dark"
    path = await begun(browser, "words")
    assert (await stored(path)).zone == "Europe/Berlin"
