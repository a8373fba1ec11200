"""Files go when no row refers to them any more: late, and never those that are still needed."""

import asyncio
import os
from collections.abc import Callable, Coroutine
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest

from journal import clock, housekeeping
from journal.accounts import users
from journal.accounts.models import User
from journal.attachments import store, sweep
from journal.attachments.models import Attachment
from journal.attachments.store import NewAttachment
from journal.clock_guard import PAUSE, Readings, _store
from journal.database import Connection, committed
from journal.entries.bin import moving
from journal.entries.models import Entry
from journal.settings import Settings
from tests.attachments.attaching import PAGE, PNG, attached, files, stored
from tests.conftest import PASSWORD, Person

DAY = timedelta(days=1)


@pytest.fixture
def data_dir(settings: Settings) -> Path:
    return settings.data_dir


async def swept(data_dir: Path, now: datetime) -> int:
    """How many files are left."""
    await sweep.sweep(store.folder_in(data_dir), now)
    return len(files(data_dir))


async def test_a_file_without_a_row_is_removed_a_day_and_a_week_later(db: None, data_dir: Path) -> None:
    await stored(data_dir, PNG)
    now = clock.now()
    assert await swept(data_dir, now + 0.9 * DAY) == 1
    assert await swept(data_dir, now + 7.9 * DAY) == 1  # marked now
    assert await swept(data_dir, now + 14.8 * DAY) == 1
    assert await swept(data_dir, now + 15 * DAY) == 0


async def test_a_file_with_a_row_stays_however_old_it_is(ann: Person, data_dir: Path) -> None:
    path = await attached(data_dir, await ann.writes("words"))
    for days in (2, 20, 2000):
        assert await swept(data_dir, clock.now() + days * DAY) == 1
    assert (await ann.get(path)).status_code == 200


async def purged(ann: Person, entry: str) -> None:
    await ann.post(f"{entry}/deletion")
    await moving.purge((await User.get(username="Ann")).id, UUID(entry.rpartition("/")[2]))


async def deleted(ann: Person, entry: str) -> None:
    assert (await ann.post("/settings/account/deletion", {"password": PASSWORD})).status_code == 303


ENDS = {"the entry": purged, "the account": deleted}


@pytest.mark.parametrize("end", ENDS.values(), ids=ENDS)
async def test_attachments_go_with_what_they_belong_to(
    ann: Person, data_dir: Path, end: Callable[[Person, str], Coroutine[Any, Any, None]]
) -> None:
    entry = await ann.writes("words")
    await attached(data_dir, entry)
    await end(ann, entry)
    assert await Attachment.all().count() == 0
    now = clock.now()
    await swept(data_dir, now + 2 * DAY)
    assert await swept(data_dir, now + 10 * DAY) == 0


async def test_a_file_that_another_account_has_too_stays(ann: Person, bob: Person, data_dir: Path) -> None:
    entry = await ann.writes("words")
    await attached(data_dir, entry)
    path = await attached(data_dir, await bob.writes("words"))
    await purged(ann, entry)
    now = clock.now()
    await swept(data_dir, now + 2 * DAY)
    assert await swept(data_dir, now + 10 * DAY) == 1
    assert (await bob.get(path)).status_code == 200


async def test_a_file_stored_again_begins_its_time_anew(db: None, data_dir: Path) -> None:
    now = clock.now()
    await stored(data_dir, PNG)
    os.utime(files(data_dir)[0], (0, 0))
    await swept(data_dir, now)  # marked
    os.utime(files(data_dir)[0], (0, 0))  # long ago
    await stored(data_dir, PNG)
    assert await swept(data_dir, now + DAY / 2) == 1
    assert files(data_dir)[0].stat().st_mode & 0o777 == 0o600


async def test_a_mark_goes_when_rows_come_back(ann: Person, data_dir: Path) -> None:
    """As if an older database had been in place for a while."""
    entry, now = await ann.writes("words"), clock.now()
    path = await attached(data_dir, entry)
    row = await Attachment.get()
    await row.delete()
    await swept(data_dir, now + 2 * DAY)
    await Attachment.bulk_create([row])
    await swept(data_dir, now + 10 * DAY)
    assert files(data_dir)[0].stat().st_mode & 0o777 == 0o600
    assert (await ann.get(path)).status_code == 200


async def test_the_file_of_a_transaction_under_way_stays(ann: Person, data_dir: Path) -> None:
    await stored(data_dir, PNG)
    os.utime(files(data_dir)[0], (0, 0))  # an old file, whose rows went long ago
    await swept(data_dir, clock.now())
    os.utime(files(data_dir)[0], (0, 0))
    entry, uid = await Entry.get(uid=(await ann.writes("words")).rpartition("/")[2]), uuid4()
    new = NewAttachment(uid, "cat.png", await stored(data_dir, PNG))

    async def work(db: Connection) -> None:
        await store.add(db, entry.user_id, entry.id, [new], clock.now())
        assert await swept(data_dir, clock.now() + DAY / 2) == 1

    await committed(work)
    answer = await ann.get(f"/attachments/{uid}")
    assert await answer.get_data() == PNG


async def test_a_file_that_is_stored_between_the_question_and_the_removal_stays(
    db: None, data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await stored(data_dir, PNG)
    os.utime(files(data_dir)[0], (0, 0))
    await swept(data_dir, clock.now())
    os.utime(files(data_dir)[0], (0, 0))
    used = sweep.queries.used

    async def late(digests: list[str]) -> set[str]:
        found = await used(digests)
        await stored(data_dir, PNG)
        return found

    monkeypatch.setattr(sweep.queries, "used", late)
    assert await swept(data_dir, clock.now()) == 1


async def test_a_file_waits_for_the_sweep_to_let_go_of_its_name(db: None, data_dir: Path) -> None:
    await stored(data_dir, PAGE)
    with store.locked(store.folder_in(data_dir)):
        storing = asyncio.create_task(stored(data_dir, PNG))
        assert not (await asyncio.wait([storing], timeout=0.2))[0]
    assert (await storing).size == len(PNG)


async def test_what_a_killed_writer_leaves_is_removed_after_a_day(db: None, data_dir: Path) -> None:
    await stored(data_dir, PAGE)
    (store.folder_in(data_dir) / f"{store.PART}abc").write_bytes(PNG)
    assert await swept(data_dir, clock.now() + 0.9 * DAY) == 2
    assert await swept(data_dir, clock.now() + 1.1 * DAY) == 1


@pytest.mark.parametrize("is_trusted", [True, False])
async def test_the_site_removes_files_only_while_its_clock_is_trusted(
    db: None, data_dir: Path, is_trusted: bool
) -> None:
    await stored(data_dir, PNG)
    file, now = files(data_dir)[0], clock.now()
    os.utime(file, (0, 0))
    since = now - PAUSE if is_trusted else now - PAUSE / 2
    _store(data_dir / housekeeping.READINGS, Readings(since, now))
    async with housekeeping.running(data_dir):
        for _ in range(30):
            await asyncio.sleep(0.02)
            if file.stat().st_mode & 0o777 == sweep.MARKED:
                break
    assert (file.stat().st_mode & 0o777 == sweep.MARKED) is is_trusted


async def test_accounts_deleted_by_the_host_take_their_attachments_along(ann: Person, data_dir: Path) -> None:
    await attached(data_dir, await ann.writes("words"))
    await users.delete((await User.get(username="Ann")).id)
    assert await Attachment.all().count() == 0
