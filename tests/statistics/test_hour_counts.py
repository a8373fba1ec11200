"""Hour counts follow the entries, whatever happens to them."""

import asyncio
import random
from datetime import UTC, datetime

import pytest
from quart import Quart

from journal.entries.hour_counts import local_hour
from tests.conftest import Person
from tests.statistics.plain_count import is_in_step, stored_hours


async def test_the_counts_follow_an_entry_through_its_life(ann: Person) -> None:
    path = await ann.writes("one two three", mood="good", day="2024-05-31")
    other = await ann.writes("four", day="2024-05-31")
    assert await is_in_step()
    await ann.post(path, {"body": "one", "mood": "bad", "version": "1"})
    assert await is_in_step()
    await ann.post(path, {"day": "1987-06-05", "version": "2"})
    assert await is_in_step()
    await ann.post(f"{path}/deletion")
    assert await is_in_step()
    await ann.post(f"{path}/restoration")
    await ann.post(f"{other}/deletion")
    assert await is_in_step()
    await ann.post(f"{path}/deletion")
    await ann.post("/bin/deletion")
    assert await stored_hours() == {}


async def test_days_at_the_calendars_ends_count(ann: Person) -> None:
    for day in ("0001-01-01", "9999-12-31", "2024-02-29", "1660-01-31"):
        await ann.writes("words", day=day)
    assert await is_in_step()


async def test_what_everybody_does_at_once_adds_up(app: Quart, ann: Person, bob: Person) -> None:
    """Writes on few days, which become empty and written again all the time."""
    chance = random.Random(11)

    async def writes(person: Person) -> None:
        for _ in range(4):
            path = await person.writes("words", day=f"2024-05-{chance.choice((1, 2)):02}")
            if chance.random() < 0.7:
                await person.post(path, {"day": f"202{chance.choice((3, 4))}-05-01", "version": "1"})
            if chance.random() < 0.7:
                await person.post(f"{path}/deletion")
            if chance.random() < 0.3:
                await person.post(f"{path}/restoration")

    await asyncio.gather(*(writes(person) for person in [ann, bob] * 5))
    assert await is_in_step()


@pytest.mark.parametrize(
    ("moment", "zone", "hour"),
    [
        (datetime(2024, 5, 31, 23, 30, tzinfo=UTC), "Europe/Berlin", 1),
        (datetime(2024, 1, 31, 23, 30, tzinfo=UTC), "Asia/Kolkata", 5),
        (datetime(1, 1, 1, 0, 30, tzinfo=UTC), "America/New_York", 0),
        (datetime(9999, 12, 31, 23, 30, tzinfo=UTC), "Pacific/Kiritimati", 23),
    ],
)
def test_the_hour_is_that_of_the_clock_where_it_was_written(moment: datetime, zone: str, hour: int) -> None:
    assert local_hour(moment, zone) == hour
