"""The doctor finds counts and rows that are wrong, whatever is wrong with them, and mends them."""

import pytest
from quart import Quart

from journal import doctor
from journal.database import committed, statement
from tests.conftest import Person
from tests.statistics import plain_count
from tests.tags import listing

DAMAGES = {
    "a tag's row is gone": "DELETE FROM entry_tags WHERE key = 'walk'",
    "a tag has another day": "UPDATE entry_tags SET day = '1999-01-01'",
    "a tag's number is wrong": "UPDATE tags SET entries = entries + 3",
    "a tag has no number": "DELETE FROM tags",
    "a tag that no entry has": "UPDATE tags SET key = key || '-not'",
    "a day is gone": "DELETE FROM day_counts",
    "a day has other words": "UPDATE day_counts SET words = words + 1",
    "an hour is wrong": "UPDATE hour_counts SET entries = 0",
    "an hour is gone": "DELETE FROM hour_counts",
}


@pytest.mark.parametrize("damage", DAMAGES)
async def test_the_doctor_finds_and_mends(
    app: Quart, ann: Person, bob: Person, damage: str, capsys: pytest.CaptureFixture[str]
) -> None:
    for person in (ann, bob):
        await person.writes("#walk with words", tags="été", mood="good", day="2024-05-31")
        await person.writes("#walk", day="2023-05-01")
        await person.post(f"{await person.writes('#binned')}/deletion")
    assert await doctor.examine(repair=False)
    await committed(lambda db: statement(db, DAMAGES[damage]))
    capsys.readouterr()
    assert not await doctor.examine(repair=False)
    assert capsys.readouterr().out.count("\n! ") == 1
    assert await doctor.examine(repair=True)
    assert await doctor.examine(repair=False)
    assert await plain_count.is_in_step()
    assert await listing.held() == await listing.owed()
