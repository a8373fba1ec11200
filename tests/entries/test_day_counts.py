"""The counts a day are those of the entries, whatever is done to them and by how many at once."""

import asyncio
import random
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from quart import Quart

from journal import doctor
from journal.accounts import users
from journal.database import committed, rows, statement
from journal.derived.contract import silent
from journal.entries import day_counts, importing, mood, reading, saving
from journal.entries.bin import moving
from journal.entries.imported import ImportedEntry
from journal.entries.values import EntryFields, SaveRequest
from journal.entries.versions import restore
from tests.visiting import Browser, registered

NOW = datetime(2024, 5, 31, 12, tzinfo=UTC)
DAY = date(2024, 5, 31)


@pytest.fixture
async def ann(db: None) -> int:
    return int((await users.create("Ann", None, "correct horse battery", "UTC", NOW)).id)


async def saves(user_id: int, uid: UUID, version: int = 0, now: datetime = NOW, **words: object) -> str:
    attempt = SaveRequest(EntryFields(**words), version, uuid4(), today=DAY)  # type: ignore[arg-type]
    return (await saving.save(user_id, uid, attempt, now)).answer


async def counts(user_id: int) -> dict[str, tuple[int, ...]]:
    """Entries, words, moods and their sum, by day."""
    found = await rows("SELECT * FROM day_counts WHERE user_id = ? ORDER BY day", user_id)
    for row in found:
        assert row["month_day"] == row["day"].month * 100 + row["day"].day
    return {str(row["day"]): tuple(row[name] for name in day_counts.COLUMNS) for row in found}


async def test_every_kind_of_change_is_counted(ann: int) -> None:
    one, other = uuid4(), uuid4()
    await saves(ann, one, body="one two three", mood="good")
    await saves(ann, other, body="four", mood="awful")
    assert await counts(ann) == {"2024-05-31": (2, 4, 2, 5)}
    await saves(ann, one, 1, body="one two", mood="")
    assert await counts(ann) == {"2024-05-31": (2, 3, 1, 1)}
    await saves(ann, one, 2, day=date(1660, 1, 1))
    assert await counts(ann) == {"1660-01-01": (1, 2, 0, 0), "2024-05-31": (1, 1, 1, 1)}
    await moving.delete(ann, other, NOW)
    await moving.delete(ann, other, NOW)
    assert await counts(ann) == {"1660-01-01": (1, 2, 0, 0)}
    await moving.restore(ann, other)
    await moving.restore(ann, other)
    assert await counts(ann) == {"1660-01-01": (1, 2, 0, 0), "2024-05-31": (1, 1, 1, 1)}
    await restore.put_back(ann, one, 1, NOW)
    assert await counts(ann) == {"2024-05-31": (2, 4, 2, 5)}
    await moving.delete(ann, one, NOW)
    assert await saves(ann, one, 4, body="an edit beats a deletion", mood="") == "saved"
    assert await counts(ann) == {"2024-05-31": (2, 6, 1, 1)}
    assert await day_counts.wrong() == []


async def test_what_changes_nothing_is_not_counted_twice(ann: int) -> None:
    uid = uuid4()
    attempt = SaveRequest(EntryFields(body="one two"), 0, uuid4(), today=DAY)
    for _ in range(3):
        await saving.save(ann, uid, attempt, NOW)
    assert await saves(ann, uid, 1, body="one two") == "unchanged"
    assert await saves(ann, uid, 0, body="another text") == "conflict"
    assert await counts(ann) == {"2024-05-31": (1, 2, 0, 0)}


async def test_the_bin_takes_nothing_with_it_that_is_counted(ann: int) -> None:
    uids = [uuid4() for _ in range(5)]
    for uid in uids:
        await saves(ann, uid, body="words")
    for uid in uids[:3]:
        await moving.delete(ann, uid, NOW)
    await moving.empty(ann)
    assert await counts(ann) == {"2024-05-31": (2, 2, 0, 0)}
    await moving.delete(ann, uids[3], NOW)
    await moving.sweep(NOW + timedelta(days=31))
    assert await counts(ann) == {"2024-05-31": (1, 1, 0, 0)}
    assert await day_counts.wrong() == []


def arrivals(number: int) -> Sequence[ImportedEntry]:
    return [
        ImportedEntry(
            EntryFields(
                "", "three words here", date(2000 + n % 7, 2, 1 + n % 28), "UTC", [], list(mood.VALUES)[n % 5]
            ),
            *(NOW, NOW, "old", str(n)),
        )
        for n in range(number)
    ]


async def test_many_at_once_are_counted(ann: int) -> None:
    many = [importing.prepared(ann, arrival) for arrival in arrivals(1300)]
    await committed(lambda db: importing.add(db, ann, many, NOW))
    await committed(lambda db: importing.add(db, ann, [], NOW))
    found = await counts(ann)
    assert sum(count[0] for count in found.values()) == 1300
    assert sum(count[1] for count in found.values()) == 3900
    assert await day_counts.wrong() == []


async def test_savers_at_the_same_moment_are_all_counted(ann: int) -> None:
    uids = [uuid4() for _ in range(24)]
    await asyncio.gather(*(saves(ann, uid, body="one two") for uid in uids))
    assert await counts(ann) == {"2024-05-31": (24, 48, 0, 0)}
    # Some move to another day and back, some go, some stay: days are emptied while others fill them.
    other = date(2024, 6, 1)
    for moved in (other, DAY, other):
        version = int((await reading.one(ann, uids[0]))["version"])  # type: ignore[index]
        await asyncio.gather(
            *(saves(ann, uid, version, day=moved) for uid in uids[::2]),
            *(moving.delete(ann, uid, NOW) for uid in uids[1::4]),
            *(moving.restore(ann, uid) for uid in uids[1::4]),
        )
        assert await day_counts.wrong() == []


async def test_a_year_of_random_changes_leaves_the_counts_right(ann: int) -> None:
    chance, uids = random.Random(7), [uuid4() for _ in range(12)]
    for _ in range(150):
        uid, known = chance.choice(uids), None
        known = await reading.one(ann, uid)
        act = chance.random()
        if known is None or act < 0.6:
            fields = {
                "body": "word " * chance.randint(1, 9),
                "mood": chance.choice(["", *mood.VALUES]),
                "day": date(2024, 1, chance.randint(1, 6)),
            }
            given = dict(chance.sample(sorted(fields.items()), chance.randint(1, 3)))
            await saves(
                ann, uid, known["version"] if known else 0, **given | ({} if known else {"body": "x"})
            )
        elif act < 0.8:
            await moving.delete(ann, uid, NOW)
        elif act < 0.97:
            await moving.restore(ann, uid)
        else:
            await moving.empty(ann)
    assert await day_counts.wrong() == []
    assert (
        sum(count[0] for count in (await counts(ann)).values())
        == (await rows("SELECT count(*) AS n FROM entries WHERE deleted_at IS NULL"))[0]["n"]
    )


async def test_the_date_without_its_year_stays_right(ann: int) -> None:
    uid = uuid4()
    await saves(ann, uid, body="words", day=date(2024, 2, 29))
    await saves(ann, uid, 1, day=date(1660, 12, 31))
    many = [importing.prepared(ann, arrival) for arrival in arrivals(60)]
    await committed(lambda db: importing.add(db, ann, many, NOW))
    assert await month_days() == []
    await restore.put_back(ann, uid, 1, NOW)
    assert (await rows("SELECT month_day FROM entries WHERE uid = ?", str(uid)))[0]["month_day"] == 229
    assert await month_days() == []


async def month_days() -> list[object]:
    """Those that are wrong."""
    found = await rows("SELECT day, month_day FROM entries")
    return [row for row in found if row["month_day"] != day_counts.month_day(row["day"])]


async def test_an_account_takes_its_counts_with_it(app: Quart) -> None:
    browser: Browser = await registered(app, "Ann")
    await browser.post("/entries", {"body": "words"})
    assert len(await rows("SELECT * FROM day_counts")) == 1
    await browser.post("/settings/account/deletion", {"password": "correct horse battery"})
    assert await rows("SELECT * FROM day_counts") == []


async def test_wrong_counts_are_found_and_put_right(ann: int) -> None:
    await saves(ann, uuid4(), body="one two", mood="good")
    await saves(ann, uuid4(), body="one two", day=date(1660, 1, 1))
    for damage in (
        "UPDATE day_counts SET words = words + 1",
        "DELETE FROM day_counts WHERE entries = 1",
        "INSERT INTO day_counts (user_id, day, month_day, entries, words, moods, mood_sum) "
        "SELECT user_id, '1999-01-01', 101, 1, 1, 0, 0 FROM day_counts LIMIT 1",
        "UPDATE entries SET mood = 'great' WHERE mood = 'good'",
    ):
        before = await counts(ann)
        await committed(lambda db, damage=damage: statement(db, damage))  # type: ignore[misc]
        assert await day_counts.wrong(), damage
        await day_counts.rebuild(silent)
        assert await day_counts.wrong() == []
        if "mood" not in damage:
            assert await counts(ann) == before


async def test_the_doctor_says_which_counts_are_wrong_and_mends_them(
    ann: int, capsys: pytest.CaptureFixture[str]
) -> None:
    await saves(ann, uuid4(), body="one two")
    assert await doctor.examine(repair=False)
    assert "Every day is counted as its entries say." in capsys.readouterr().out
    await committed(lambda db: statement(db, "UPDATE day_counts SET words = 7"))
    assert not await doctor.examine(repair=False)
    assert "! 1 days are not counted as their entries say." in capsys.readouterr().out
    assert await doctor.examine(repair=True)
    assert "They are counted anew." in capsys.readouterr().out
    assert await doctor.examine(repair=False)
