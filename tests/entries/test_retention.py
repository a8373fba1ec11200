"""After thirty days one earlier text a day stays, and all that mean something."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from uuid import UUID, uuid4

import pytest
import time_machine

from journal import clock, housekeeping
from journal.accounts import users
from journal.database import committed, rows
from journal.entries import retention, saving
from journal.entries.models import Entry, Revision
from journal.entries.values import EntryFields, SaveRequest
from journal.entries.versions import restore

START = datetime(2024, 5, 1, 8, tzinfo=UTC)


@pytest.fixture(autouse=True)
def from_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retention, "_walked", 0)


@pytest.fixture
def moment() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(START, tick=False) as traveller:
        yield traveller


@pytest.fixture
async def ann(db: None) -> int:
    return int((await users.create("Ann", None, "correct horse battery", "UTC", START)).id)


async def written(user_id: int, uid: UUID, at: datetime, version: int, kind: str = "auto") -> None:
    attempt = SaveRequest(EntryFields(body=f"{kind} {at:%d %H}"), version, uuid4(), kind)
    await saving.save(user_id, uid, attempt, at)


async def kept(uid: UUID) -> list[str]:
    found = await rows(
        "SELECT r.body FROM revisions r JOIN entries e ON e.id = r.entry_id WHERE e.uid = ? ORDER BY number",
        str(uid),
    )
    return [row["body"].removeprefix("auto ") for row in found]


async def three_days(user_id: int) -> UUID:
    """An entry that was written on at eight, noon, and four, on three days; one conflict, one saved."""
    uid, version = uuid4(), 0
    for day in range(3):
        for hour in (0, 4, 8):
            kind = "manual" if (day, hour) == (1, 0) else "auto"
            await written(user_id, uid, START + timedelta(days=day, hours=hour), version, kind)
            version += 1
    await written(user_id, uid, START + timedelta(days=1, hours=5), 2, "leave")  # too late: a conflict
    return uid


async def test_one_text_a_day_stays_and_the_first_the_last_the_saved_and_the_lost(
    ann: int, moment: time_machine.Traveller
) -> None:
    uid = await three_days(ann)
    whole = await kept(uid)
    moment.move_to(START + timedelta(days=29))
    await housekeeping.sweep()
    assert await kept(uid) == whole
    moment.move_to(START + timedelta(days=40))
    await housekeeping.sweep()
    assert await kept(uid) == ["01 08", "01 16", "manual 02 08", "02 16", "03 16", "leave 02 13"]
    await housekeeping.sweep()
    assert len(await kept(uid)) == 6


async def test_a_day_that_is_half_a_month_old_keeps_what_is_younger(
    ann: int, moment: time_machine.Traveller
) -> None:
    uid = await three_days(ann)
    moment.move_to(START + timedelta(days=30, hours=6))  # of the first day two are old, one is not
    await housekeeping.sweep()
    assert (await kept(uid))[:3] == ["01 08", "01 12", "01 16"]


async def test_a_sweep_looks_at_no_more_than_its_step_and_the_next_goes_on(
    ann: int, moment: time_machine.Traveller, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retention, "STEP", 4)
    uids = [await three_days(ann) for _ in range(3)]
    now = START + timedelta(days=40)
    counts = []
    for _ in range(9):
        await retention.sweep(now)
        counts.append(sum([len(await kept(uid)) for uid in uids]))
    assert counts[0] > counts[2] > counts[-1] == 18
    assert all(before - after <= 4 for before, after in pairwise(counts))


async def test_a_restored_text_and_what_it_replaced_may_be_thinned_but_the_entry_never_changes(
    ann: int, moment: time_machine.Traveller
) -> None:
    uid = await three_days(ann)
    await restore.put_back(ann, uid, 1, START + timedelta(days=3))
    await retention.sweep(START + timedelta(days=60))
    found = await rows("SELECT body, version FROM entries")
    assert [(row["body"], row["version"]) for row in found] == [("auto 01 08", 10)]
    assert (await kept(uid))[0] == "01 08"
    assert clock.now() == START


async def test_an_entry_of_three_thousand_versions_is_thinned_in_a_moment(ann: int) -> None:
    """Others wait for this transaction: it must not compare each version with all later ones."""
    uid = uuid4()
    await written(ann, uid, START, 0)
    entry = (await Entry.get(uid=uid)).id
    old = {"entry_id": entry, "kind": "auto", "day": START.date(), "zone": "UTC", "body": "Words. " * 300}
    moments = [START + timedelta(hours=12 * n) for n in range(3000)]
    revisions = [Revision(number=n, version=n, created_at=at, **old) for n, at in enumerate(moments, 10)]
    await committed(lambda db: Revision.bulk_create(revisions, using_db=db))
    started = time.process_time()
    await retention.sweep(moments[-1] + timedelta(days=60))
    assert len(await rows("SELECT 1 FROM revisions")) < 1510
    assert time.process_time() - started < 1.5
