"""Time zones: which day it is for a writer whose day starts late, also where clocks change."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from uuid import UUID, uuid4

import pytest
import time_machine
from quart import Quart

from journal import clock
from journal.entries.models import Entry
from tests.visiting import registered


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


# An instant, a zone, the hour at which the writer's day starts, and the day it is there.
LOCAL_DATES = [
    ("2024-05-31 02:00", "UTC", 0, "2024-05-31"),
    ("2024-05-31 02:00", "UTC", 4, "2024-05-30"),
    ("2024-05-31 09:59", "Pacific/Kiritimati", 0, "2024-05-31"),
    ("2024-05-31 10:00", "Pacific/Kiritimati", 0, "2024-06-01"),
    ("2024-05-31 10:59", "Pacific/Pago_Pago", 0, "2024-05-30"),
    ("2024-05-31 11:00", "Pacific/Pago_Pago", 0, "2024-05-31"),
    ("2024-05-31 18:30", "Asia/Kolkata", 0, "2024-06-01"),
    ("2024-05-31 18:14", "Asia/Kathmandu", 0, "2024-05-31"),
    ("2024-05-31 18:15", "Asia/Kathmandu", 0, "2024-06-01"),
    ("2024-12-31 23:59", "UTC", 0, "2024-12-31"),
    ("2024-12-31 23:00", "Europe/Berlin", 0, "2025-01-01"),
    ("2024-02-28 23:30", "Europe/Berlin", 0, "2024-02-29"),
    # Half an hour of summer time.
    ("2024-04-06 13:29", "Australia/Lord_Howe", 0, "2024-04-07"),
    ("2024-05-31 03:59", "UTC", 4, "2024-05-30"),
    ("2024-05-31 04:00", "UTC", 4, "2024-05-31"),
    ("2024-05-31 05:59", "UTC", 6, "2024-05-30"),
    ("2024-05-31 06:00", "UTC", 6, "2024-05-31"),
    ("2024-01-01 01:00", "UTC", 2, "2023-12-31"),
    ("2024-03-01 01:00", "UTC", 2, "2024-02-29"),
    # No midnight: the clock goes from 23:59 to 1:00.
    ("2018-11-04 02:59", "America/Sao_Paulo", 0, "2018-11-03"),
    ("2018-11-04 03:00", "America/Sao_Paulo", 0, "2018-11-04"),
    ("2018-11-04 03:00", "America/Sao_Paulo", 1, "2018-11-04"),
    ("2018-11-04 03:59", "America/Sao_Paulo", 2, "2018-11-03"),
    ("2018-11-04 04:00", "America/Sao_Paulo", 2, "2018-11-04"),
    ("2024-04-25 21:59", "Africa/Cairo", 1, "2024-04-25"),
    ("2024-04-25 21:59", "Africa/Cairo", 0, "2024-04-25"),
    ("2024-04-25 22:00", "Africa/Cairo", 0, "2024-04-26"),
    ("2024-04-25 22:00", "Africa/Cairo", 1, "2024-04-26"),
    ("2024-04-26 00:59", "Africa/Cairo", 4, "2024-04-25"),
    ("2024-04-26 01:00", "Africa/Cairo", 4, "2024-04-26"),
    # Midnight to one comes twice: at 1:00 it is midnight again.
    ("2025-11-02 03:59", "America/Havana", 0, "2025-11-01"),
    ("2025-11-02 04:00", "America/Havana", 0, "2025-11-02"),
    ("2025-11-02 04:59", "America/Havana", 1, "2025-11-01"),
    ("2025-11-02 05:00", "America/Havana", 1, "2025-11-01"),
    ("2025-11-02 05:30", "America/Havana", 0, "2025-11-02"),
    ("2025-11-02 05:59", "America/Havana", 1, "2025-11-01"),
    ("2025-11-02 06:00", "America/Havana", 1, "2025-11-02"),
    # The hour at which the day starts is left out, or comes twice.
    ("2024-03-31 00:59", "Europe/Berlin", 2, "2024-03-30"),
    ("2024-03-31 01:00", "Europe/Berlin", 2, "2024-03-31"),
    ("2024-10-27 00:30", "Europe/Berlin", 2, "2024-10-27"),
    ("2024-10-27 01:30", "Europe/Berlin", 2, "2024-10-27"),
    ("2024-10-27 01:30", "Europe/Berlin", 3, "2024-10-26"),
    ("2024-10-27 02:00", "Europe/Berlin", 3, "2024-10-27"),
    # Apia went from the 29th of December 2011 to the 31st, Kwajalein left out the 21st of August 1993.
    ("2011-12-30 09:59", "Pacific/Apia", 4, "2011-12-29"),
    ("2011-12-30 09:59", "Pacific/Apia", 0, "2011-12-29"),
    ("2011-12-30 10:00", "Pacific/Apia", 0, "2011-12-31"),
    ("2011-12-30 10:00", "Pacific/Apia", 4, "2011-12-29"),
    ("2011-12-30 13:59", "Pacific/Apia", 4, "2011-12-29"),
    ("2011-12-30 14:00", "Pacific/Apia", 4, "2011-12-31"),
    ("2011-12-31 10:00", "Pacific/Apia", 4, "2011-12-31"),
    ("1993-08-21 13:00", "Pacific/Kwajalein", 4, "1993-08-20"),
]


@pytest.mark.parametrize(("instant", "zone", "starts", "day"), LOCAL_DATES)
def test_the_day_starts_when_its_writer_says(instant: str, zone: str, starts: int, day: str) -> None:
    with time_machine.travel(at(instant), tick=False):
        assert clock.today(zone, starts) == date.fromisoformat(day)


@pytest.mark.parametrize("starts", range(7))
@pytest.mark.parametrize(
    ("zone", "around"),
    [
        ("America/Sao_Paulo", "2018-11-04 03:00"),
        ("America/Sao_Paulo", "2018-02-18 02:00"),
        ("Africa/Cairo", "2024-04-25 22:00"),
        ("America/Havana", "2025-11-02 05:00"),
        ("Pacific/Apia", "2011-12-30 10:00"),
        ("Australia/Lord_Howe", "2024-04-06 15:00"),
        ("Europe/Berlin", "2024-10-27 01:00"),
    ],
)
def test_a_day_that_is_over_never_comes_back(zone: str, around: str, starts: int) -> None:
    start = at(around) - timedelta(hours=30)
    with time_machine.travel(start, tick=False) as moment:
        days = []
        for _ in range(60 * 4):
            days.append(clock.today(zone, starts))
            moment.shift(timedelta(minutes=15))
    assert days == sorted(days)
    # Each lasts for about a day, and only Apia leaves one out.
    assert len(set(days)) in (3, 4)
    longest = 2 if zone == "Pacific/Apia" else 1
    assert all((other - one).days <= longest for one, other in pairwise(days))


@pytest.mark.parametrize(("instant", "zone", "starts", "day"), LOCAL_DATES)
def test_the_next_day_begins_at_the_moment_that_the_editor_is_told(
    instant: str, zone: str, starts: int, day: str
) -> None:
    with time_machine.travel(at(instant), tick=False) as moment:
        midnight = datetime.fromtimestamp(clock.midnight(zone, starts), UTC)
        assert at(instant) < midnight <= at(instant) + timedelta(hours=26)
        moment.move_to(midnight - timedelta(seconds=1))
        assert clock.today(zone, starts) == date.fromisoformat(day)
        moment.move_to(midnight)
        assert clock.today(zone, starts) > date.fromisoformat(day)


async def test_everything_that_asks_for_today_gets_the_writers(app: Quart) -> None:
    browser = await registered(app, "Ann", zone="Europe/Berlin")
    with time_machine.travel(at("2024-05-31 23:30"), tick=False):  # half past one in Berlin, and June
        await browser.post("/login", {"username": "Ann", "password": "correct horse battery"})
        await browser.post("/settings", {"zone": "Europe/Berlin", "theme": "dark", "day_starts": "4"})
        assert (await browser.get("/entries/new")).form_with("body")["day"] == "2024-05-31"
        assert (await browser.get("/calendar")).headers["Location"] == "/calendar/2024/05"
        assert "<h1>31 May</h1>" in (await browser.get("/on-this-day")).text
        assert "Today&nbsp;· " in (await browser.get("/days/2024-05-31")).text
        path = (await browser.post("/entries", {"body": "by a script"})).headers["Location"]
        other = f"/entries/{uuid4()}"
        await browser.put(other, {"body": "by the editor, which says no day", "version": "0"})
        wrong = await browser.put(f"/entries/{uuid4()}", {"body": "", "version": "0"})
        assert wrong.status == 422
        await browser.post("/settings", {"zone": "Europe/Berlin", "theme": "dark", "day_starts": "0"})
        assert (await browser.get("/entries/new")).form_with("body")["day"] == "2024-06-01"
        assert (await browser.get("/calendar")).headers["Location"] == "/calendar/2024/06"
    for written in (path, other):
        entry = await Entry.get(uid=UUID(written.removeprefix("/entries/")))
        assert (entry.day, entry.zone) == (date(2024, 5, 31), "Europe/Berlin")
        assert entry.written_at == at("2024-05-31 23:30")


async def test_a_new_hour_moves_no_old_entry(app: Quart) -> None:
    browser = await registered(app, "Ann", zone="Europe/Berlin")
    with time_machine.travel(at("2024-05-31 23:30"), tick=False):
        await browser.post("/login", {"username": "Ann", "password": "correct horse battery"})
        path = (await browser.post("/entries", {"body": "after midnight"})).headers["Location"]
        await browser.post("/settings", {"zone": "Europe/Berlin", "theme": "dark", "day_starts": "6"})
        await browser.post(path, {"body": "changed", "version": "1"})
    entry = await Entry.get(uid=UUID(path.removeprefix("/entries/")))
    assert (entry.day, entry.body) == (date(2024, 6, 1), "changed")
