"""Day, time and zone of an entry: what the form shows is what holds, and nothing moves by itself."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID, uuid4
from zoneinfo import available_timezones

import pytest
import time_machine
from quart import Quart

from journal.database import committed, statement
from journal.entries import hour_counts, moments
from journal.entries.models import Entry
from journal.entries.moments import NoSuchTime
from tests.visiting import Answer, Browser, registered

START = datetime(2024, 5, 31, 22, 30, tzinfo=UTC)


@pytest.fixture
async def ann(app: Quart) -> Browser:
    return await registered(app, "Ann", zone="Asia/Tokyo")


@pytest.fixture
def moment() -> Iterator[None]:
    with time_machine.travel(START, tick=False):
        yield


async def begun(browser: Browser, **fields: str) -> str:
    path = f"/entries/{uuid4()}"
    answer = await saved(browser, path, 0, body="words", **fields)
    assert said(answer) == (200, "saved")
    return path


async def saved(browser: Browser, path: str, version: int, **fields: str) -> Answer:
    return await browser.put(path, {**fields, "version": str(version), "save": str(uuid4())})


def said(answer: Answer) -> tuple[int, str | None]:
    return answer.status, answer.headers.get("X-Save")


async def stored(path: str) -> Any:
    return await Entry.get(uid=UUID(path.removeprefix("/entries/")))


@pytest.mark.usefixtures("moment")
async def test_a_new_entry_is_of_today_where_its_writer_is(app: Quart) -> None:
    ann = await registered(app, "Ann", zone="Asia/Tokyo")
    shown = (await ann.get("/entries/new")).form_with("body")
    assert (shown["day"], shown["time"], shown["zone"]) == ("2024-06-01", "", "Asia/Tokyo")
    path = await begun(ann, day=shown["day"], time="", zone=shown["zone"])
    entry = await stored(path)
    assert (entry.day, entry.zone, entry.written_at) == (date(2024, 6, 1), "Asia/Tokyo", START)
    shown = (await ann.get(f"{path}/edit")).form(path)
    assert (shown["day"], shown["time"], shown["zone"]) == ("2024-06-01", "07:30", "Asia/Tokyo")
    assert "07:30" in (await ann.get(path)).text


async def test_a_new_entry_may_name_its_time_and_zone(ann: Browser) -> None:
    entry = await stored(await begun(ann, day="1999-12-31", time="23:59", zone="America/New_York"))
    assert (entry.day, entry.zone) == (date(1999, 12, 31), "America/New_York")
    assert entry.written_at == datetime(2000, 1, 1, 4, 59, tzinfo=UTC)


async def test_another_time_is_meant_on_the_entrys_day_in_its_zone(ann: Browser) -> None:
    path = await begun(ann, day="2020-02-29", zone="Europe/Berlin")
    assert said(await saved(ann, path, 1, time="21:04")) == (200, "saved")
    entry = await stored(path)
    assert entry.written_at == datetime(2020, 2, 29, 20, 4, tzinfo=UTC)
    assert (entry.day, entry.body) == (date(2020, 2, 29), "words")


async def test_the_time_that_is_shown_holds_in_another_zone(ann: Browser) -> None:
    path = await begun(ann, day="2024-05-31", time="21:04", zone="UTC")
    assert said(await saved(ann, path, 1, time="21:04", zone="Asia/Tokyo")) == (200, "saved")
    entry = await stored(path)
    assert entry.written_at == datetime(2024, 5, 31, 12, 4, tzinfo=UTC)
    assert "21:04" in (await ann.get(path)).text


async def test_a_zone_without_a_time_leaves_the_instant_and_the_day(ann: Browser) -> None:
    path = await begun(ann, day="2024-05-31", time="21:04", zone="UTC")
    assert said(await saved(ann, path, 1, zone="Asia/Tokyo")) == (200, "saved")
    entry = await stored(path)
    assert (entry.written_at, entry.day) == (datetime(2024, 5, 31, 21, 4, tzinfo=UTC), date(2024, 5, 31))
    assert "06:04" in (await ann.get(path)).text


async def test_a_new_day_leaves_the_instant_and_a_new_zone_the_day(ann: Browser) -> None:
    path = await begun(ann, day="2024-05-31", time="21:04", zone="UTC")
    assert said(await saved(ann, path, 1, day="2020-01-01", time="21:04", zone="UTC")) == (200, "saved")
    entry = await stored(path)
    assert (entry.day, entry.written_at) == (date(2020, 1, 1), datetime(2024, 5, 31, 21, 4, tzinfo=UTC))


async def test_a_night_that_counts_as_the_day_before_stays_a_night(ann: Browser) -> None:
    path = await begun(ann, day="2024-05-31", zone="UTC")
    await Entry.filter(uid=UUID(path[9:])).update(written_at=datetime(2024, 6, 1, 1, 30, tzinfo=UTC))
    await saved(ann, path, 1, time="01:45")
    assert (await stored(path)).written_at == datetime(2024, 6, 1, 1, 45, tzinfo=UTC)
    await saved(ann, path, 2, time="21:45")
    assert (await stored(path)).written_at == datetime(2024, 5, 31, 21, 45, tzinfo=UTC)


async def test_what_the_form_shows_can_be_sent_again_and_changes_nothing(ann: Browser) -> None:
    """The seconds that it does not show included, and an hour that came twice."""
    for moment in (START.replace(second=17, microsecond=5), datetime(2024, 10, 27, 1, 30, tzinfo=UTC)):
        path = await begun(ann, zone="Europe/Berlin")
        await Entry.filter(uid=UUID(path[9:])).update(written_at=moment)
        shown = (await ann.get(f"{path}/edit")).form(path)
        assert said(await ann.put(path, shown)) == (200, "unchanged")
        await ann.put(path, shown | {"body": "other words", "save": str(uuid4())})
        assert (await stored(path)).written_at == moment


async def test_an_empty_time_or_zone_stays_as_it_is(ann: Browser) -> None:
    path = await begun(ann, day="2024-05-31", time="21:04", zone="Europe/Berlin")
    assert said(await saved(ann, path, 1, time="", zone="")) == (200, "unchanged")


@pytest.mark.parametrize("fields", [{"time": "21:05"}, {"zone": "Europe/Paris"}])
async def test_time_and_zone_count_as_changes_and_conflict_like_any(
    ann: Browser, fields: dict[str, str]
) -> None:
    path = await begun(ann, day="2024-05-31", time="21:04", zone="Europe/Berlin")
    assert said(await saved(ann, path, 1, **fields)) == (200, "saved")
    assert said(await saved(ann, path, 1, time="09:00")) == (409, "conflict")
    assert (await stored(path)).version == 2


WRONG = {
    "no time": {"time": "24:00"},
    "an hour alone": {"time": "9"},
    "in twelve hours": {"time": "9:04 pm"},
    "other digits": {"time": "٢١:٠٤"},
    "no zone": {"zone": "Middle/Earth"},
    "a path": {"zone": "../../etc/passwd"},
    "NUL": {"zone": "UTC\0"},
    "another case": {"zone": "europe/berlin"},
    "an hour that was left out": {"day": "2024-03-31", "time": "02:30", "zone": "Europe/Berlin"},
    "a midnight that was left out": {"day": "2018-11-04", "time": "00:30", "zone": "America/Sao_Paulo"},
    "another one": {"day": "2024-04-26", "time": "00:00", "zone": "Africa/Cairo"},
    "a day that was left out": {"day": "2011-12-30", "time": "12:00", "zone": "Pacific/Apia"},
    "before the calendar": {"day": "0001-01-01", "time": "00:00", "zone": "Asia/Tokyo"},
    "after the calendar": {"day": "9999-12-31", "time": "23:59", "zone": "America/New_York"},
}


@pytest.mark.parametrize("fields", WRONG.values(), ids=WRONG)
async def test_a_time_that_never_was_is_said_and_the_words_stay(ann: Browser, fields: dict[str, str]) -> None:
    path = await begun(ann, day="2024-05-31", time="21:04", zone="Europe/Berlin")
    answer = await saved(ann, path, 1, body="more words", **fields)
    assert (answer.status, answer.headers.get("X-Save")) == (422, None)
    page = await ann.post(path, {**fields, "body": "more words", "version": "1", "save": str(uuid4())})
    assert page.status == 422
    shown = page.form(path)
    assert shown["body"] == "more words"
    assert 'aria-invalid="true"' in page.text
    assert (await stored(path)).version == 1
    assert (await saved(ann, f"/entries/{uuid4()}", 0, body="new", **fields)).status == 422


async def test_the_day_that_a_country_skipped_may_still_be_written_about(ann: Browser) -> None:
    path = await begun(ann, day="2011-12-30", zone="Pacific/Apia")
    assert (await stored(path)).day == date(2011, 12, 30)
    assert "30 December 2011" in (await ann.get(path)).text


def test_of_an_hour_that_came_twice_the_first_is_meant() -> None:
    assert moments.instant(date(2024, 10, 27), "02:30", "Europe/Berlin") == datetime(
        2024, 10, 27, 0, 30, tzinfo=UTC
    )
    assert moments.instant(date(2025, 11, 2), "00:30", "America/Havana") == datetime(
        2025, 11, 2, 4, 30, tzinfo=UTC
    )


def test_the_time_before_there_were_zones_is_that_of_the_sun() -> None:
    moment = moments.instant(date(1665, 5, 16), "21:04", "Europe/Amsterdam")
    assert moments.clock_time(moment, "Europe/Amsterdam") == "21:04"


def test_at_the_calendars_ends_a_zone_is_refused_rather_than_an_error() -> None:
    end = datetime(9999, 12, 31, 23, 0, tzinfo=UTC)
    with pytest.raises(NoSuchTime):
        moments.moved(end, "UTC", end.date(), None, "Asia/Tokyo")


def test_what_is_taken_at_the_calendars_ends_can_be_shown_in_every_zone() -> None:
    clocks = [f"{hour:02}:{minute}" for hour in range(24) for minute in ("00", "59")]
    for zone in available_timezones():
        for day in (date.min, date.max):
            for clock in clocks:
                try:
                    moment = moments.instant(day, clock, zone)
                except NoSuchTime:
                    continue
                assert moments.clock_time(moment, zone) == clock


ENDS = {
    "the first": {"day": "0001-01-01", "time": "00:00", "zone": "UTC"},
    "the first in the west": {"day": "0001-01-01", "time": "00:00", "zone": "Etc/GMT+12"},
    "the first of UTC in the east": {"day": "0001-01-01", "time": "14:00", "zone": "Etc/GMT-14"},
    "the last": {"day": "9999-12-31", "time": "23:59", "zone": "UTC"},
    "the last in the east": {"day": "9999-12-31", "time": "23:59", "zone": "Etc/GMT-14"},
    "the last of UTC in the west": {"day": "9999-12-31", "time": "11:59", "zone": "Etc/GMT+12"},
}


@pytest.mark.parametrize("fields", ENDS.values(), ids=ENDS)
async def test_the_calendars_ends_are_moments_like_any(ann: Browser, fields: dict[str, str]) -> None:
    path = await begun(ann, **fields)
    assert said(await saved(ann, path, 1, body="other words")) == (200, "saved")
    await opens(ann, path)
    shown = (await ann.get(f"{path}/edit")).form(path)
    assert {name: shown[name] for name in fields} == fields
    assert await hour_counts.wrong() == {}


async def opens(ann: Browser, path: str) -> None:
    for page in (path, f"{path}/edit", f"{path}/revisions", f"{path}/version", "/", "/statistics?year=1"):
        assert (await ann.get(page)).status == 200, page


@pytest.mark.engine("postgres")
async def test_what_postgres_holds_for_an_infinity_is_read_as_the_calendars_end(ann: Browser) -> None:
    for end, day in (("-infinity", "0001-01-01"), ("infinity", "9999-12-31")):
        path = await begun(ann, day=day, time="00:00" if end == "-infinity" else "23:59", zone="UTC")
        for table in ("entries", "revisions"):
            sql = f"UPDATE {table} SET written_at = '{end}' WHERE day = ?"
            await committed(lambda db, sql=sql, day=day: statement(db, sql, date.fromisoformat(day)))  # type: ignore[misc]
        await opens(ann, path)
        assert said(await saved(ann, path, 1, body="other words")) == (200, "saved")
    assert await hour_counts.wrong() == {}


async def test_putting_an_earlier_text_back_brings_its_day_time_and_zone_and_undo_the_present_ones(
    ann: Browser,
) -> None:
    first = {"day": "2024-05-31", "time": "21:04", "zone": "Europe/Berlin", "tags": "a, b", "mood": "good"}
    second = {"day": "2020-01-01", "time": "09:00", "zone": "Asia/Tokyo", "tags": "c", "mood": "bad"}
    path = await begun(ann, title="T", **first)
    assert said(await saved(ann, path, 1, title="U", body="other", **second)) == (200, "saved")
    replaced = (await ann.post(f"{path}/revisions/1/restoration")).headers["Location"].rpartition("=")[2]
    shown = (await ann.get(f"{path}/edit")).form(path)
    assert {name: shown[name] for name in ("title", "body", *first)} == {
        "title": "T",
        "body": "words",
        **first,
    }
    await ann.post(f"{path}/revisions/{replaced}/restoration")
    shown = (await ann.get(f"{path}/edit")).form(path)
    assert {name: shown[name] for name in ("title", "body", *first)} == {
        "title": "U",
        "body": "other",
        **second,
    }


# The version, for a page that was put aside


async def test_the_version_of_an_entry_is_told_in_a_few_bytes(app: Quart, ann: Browser) -> None:
    path = await begun(ann)
    for method in ("GET", "HEAD"):
        answer = await ann.ask(f"{path}/version", method)
        assert (answer.status, answer.text, answer.headers["X-Version"]) == (200, "", "1")
        assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["X-Binned"] == "no"
    await ann.post(f"{path}/deletion")
    assert (await ann.get(f"{path}/version")).headers["X-Binned"] == "yes"
    bob = await registered(app, "Bob")
    assert (await bob.get(f"{path}/version")).status == 404
    answer = await Browser(app).get(f"{path}/version", HX_Request="true")
    assert (answer.status, answer.headers.get("X-Version")) == (401, None)
