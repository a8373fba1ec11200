"""The site makes backups by itself: when the newest is old enough, one process at a time, each verified."""

import asyncio
import logging
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import httpx
import pytest
from quart import Quart

from journal import clock
from journal.backup_schedule import Schedule
from journal.backups import catalog, postgres_snapshot, scheduled, verify, workspace
from journal.backups.catalog import Backup, Catalog
from journal.backups.create import Source, create
from journal.backups.manifest import BackupError
from tests.attachments.attaching import attached, files
from tests.conftest import Person
from tests.postgres import free_port
from tests.servers import SERVE, listening

DAILY = Schedule("daily", 2)
NOW = datetime.fromisoformat("2024-05-31T03:00:00+00:00")
DAY = timedelta(days=1)


def made(hours: float) -> Catalog:
    """A catalog whose newest backup is so old."""
    return Catalog([Backup("journal-x.zip", 1, NOW - timedelta(hours=hours), True)])


def names(source: Source) -> list[str]:
    return sorted(path.name for path in catalog.folder(source.data_dir).glob("*.zip"))


# When


@pytest.mark.parametrize(
    ("found", "is_due"),
    [
        (Catalog(), True),
        (made(23.9), False),
        (made(24), True),
        (made(-1), False),  # the clock was set back a little
        (made(-24), True),  # or far
    ],
)
def test_a_backup_is_due_by_the_age_of_the_newest(found: Catalog, is_due: bool) -> None:
    assert scheduled.is_due(found, DAILY, NOW) is is_due


async def test_after_a_restart_no_backup_is_made_before_its_time(ann: Person, source: Source) -> None:
    for hours in (0, 1, 23):
        assert await scheduled.step(source, DAILY, NOW + timedelta(hours=hours))
    assert names(source) == ["journal-20240531T030000Z.zip"]
    (file,) = catalog.folder(source.data_dir).glob("*.zip")
    async with verify.decrypted(file, source.data_dir, None) as plain:
        assert (await verify.verify(plain, source.data_dir, source.url)).note == ""


@pytest.mark.engine("sqlite")
async def test_one_process_makes_the_backup_and_the_other_goes_on(ann: Person, source: Source) -> None:
    both = await asyncio.gather(*(scheduled.step(source, DAILY, NOW) for _ in range(2)))
    assert both == [True, True]
    assert len(names(source)) == 1


@pytest.mark.engine("sqlite")
async def test_a_site_that_stops_breaks_off_its_backup_and_leaves_nothing(
    ann: Person, source: Source, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = source.data_dir / "attachments" / "00" / "large"
    file.parent.mkdir(parents=True)
    with file.open("wb") as sparse:
        sparse.truncate(2_000_000_000)
    monkeypatch.setattr(workspace, "require_space", lambda *_: None)
    making = asyncio.create_task(create(source, NOW))
    await asyncio.sleep(0.5)
    assert not making.done()
    making.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asyncio.wait_for(making, 3)
    assert [path.name for path in catalog.folder(source.data_dir).iterdir()] == ["backup.lock"]


# How many


@pytest.mark.engine("sqlite")
async def test_retention_deletes_only_what_the_site_made_and_verified(ann: Person, source: Source) -> None:
    folder = catalog.folder(source.data_dir)
    await create(source, NOW - 10 * DAY)  # by hand
    (folder / "journal-20240101T030000Z.zip").write_bytes(b"somebody's own")
    for days in range(4):
        assert await scheduled.step(source, DAILY, NOW + days * DAY)
    assert names(source) == [
        "journal-20240101T030000Z.zip",
        "journal-20240521T030000Z.zip",
        "journal-20240602T030000Z.zip",
        "journal-20240603T030000Z.zip",
    ]


@pytest.mark.engine("sqlite")
@pytest.mark.parametrize("wrong", [NOW + 2000 * DAY, NOW - 2000 * DAY], ids=["ahead", "behind"])
async def test_a_clock_that_was_wrong_once_costs_no_earlier_backups(
    ann: Person, source: Source, wrong: datetime
) -> None:
    keeping = Schedule("daily", 4)
    for days in (0, 1):
        await scheduled.step(source, keeping, NOW + days * DAY)
    await scheduled.step(source, keeping, wrong)
    for minutes in (10, 20, 30, 40):
        await scheduled.step(source, keeping, NOW + DAY + timedelta(minutes=minutes))
    assert sorted(names(source)) == sorted(
        f"journal-{moment:%Y%m%dT%H%M%SZ}.zip"
        for moment in (NOW, NOW + DAY, wrong, NOW + DAY + timedelta(minutes=10))
    )


@pytest.mark.parametrize("harm", [Path.unlink, lambda file: file.write_bytes(b"other")], ids=["lost", "rot"])
async def test_the_last_backup_of_an_attachment_that_was_lost_on_disk_stays(
    ann: Person, source: Source, harm: Callable[[Path], object], caplog: pytest.LogCaptureFixture
) -> None:
    await attached(source.data_dir, await ann.writes("A cat."))
    for days in range(2):
        await scheduled.step(source, DAILY, NOW + days * DAY)
    harm(files(source.data_dir)[0])
    for days in range(2, 6):
        await scheduled.step(source, DAILY, NOW + days * DAY)
    assert [name[8:16] for name in names(source)] == ["20240601", "20240604", "20240605"]
    told = [record.getMessage() for record in caplog.records if record.levelno == logging.WARNING]
    assert "It lacks 1 files of attachments, which were missing or damaged when it was made" in told[-1]


@pytest.mark.engine("sqlite")
async def test_a_backup_that_was_changed_counts_no_more(ann: Person, source: Source) -> None:
    for days in range(2):
        await scheduled.step(source, DAILY, NOW + days * DAY)
    oldest, newest = names(source)
    (catalog.folder(source.data_dir) / newest).write_bytes(b"")
    catalog.prune(source.data_dir, 1)
    assert names(source) == [oldest, newest]
    assert scheduled.is_due(catalog.read(source.data_dir), DAILY, NOW + 1 * DAY)


# What goes wrong


@pytest.mark.engine("sqlite")
async def test_failures_are_logged_once_and_end_with_the_next_success(
    ann: Person, source: Source, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    assert await scheduled.step(source, DAILY, NOW)
    with monkeypatch.context() as patch:
        patch.setattr(workspace, "SPARE", 10**18)
        for hours in (24, 25, 26):
            assert not await scheduled.step(source, DAILY, NOW + timedelta(hours=hours))
    errors = [record.getMessage() for record in caplog.records if record.levelno == logging.ERROR]
    assert len(errors) == 1
    assert "There is no room for a backup" in errors[0]
    assert "Make room, or keep fewer backups by BACKUPS." in errors[0]
    told = scheduled.status(catalog.read(source.data_dir), DAILY, NOW + 2 * DAY)
    assert told == "backups have failed since 2024-06-01T03:00Z"
    assert names(source) == ["journal-20240531T030000Z.zip"]
    assert await scheduled.step(source, DAILY, NOW + 2 * DAY)
    told = scheduled.status(catalog.read(source.data_dir), DAILY, NOW + 2 * DAY)
    assert told == "last backup: 2024-06-02T03:00Z"


@pytest.mark.engine("postgres")
async def test_without_a_pg_dump_of_its_version_the_backup_fails_with_a_remedy(
    ann: Person, source: Source, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgres_snapshot, "_major", lambda _db: 99)
    assert not await scheduled.step(source, DAILY, NOW)
    told = catalog.read(source.data_dir).problem
    assert told.startswith("PostgreSQL 99 needs pg_dump of version 99 or later, and only version ")
    assert told.endswith("install postgresql-client-99 on this machine.")


@pytest.mark.engine("postgres")
async def test_a_server_that_is_away_fails_with_a_sentence_without_the_password(tmp_path: Path) -> None:
    away = Source("postgres://me:secret@127.0.0.1:1/none", tmp_path)
    with pytest.raises(BackupError, match=r"127\.0\.0\.1:1/none can't be reached") as failed:
        await create(away, NOW)
    assert "secret" not in str(failed.value)


# What is told


@pytest.mark.parametrize(
    ("found", "schedule", "told"),
    [
        (Catalog(), None, "backups: off"),
        (Catalog(), DAILY, "last backup: none yet"),
        (made(24), DAILY, "last backup: 2024-05-30T03:00Z"),
        (made(24), None, "last backup: 2024-05-30T03:00Z"),
        (made(49), DAILY, "backups are overdue since 2024-05-30T02:00Z"),
        (replace(made(24), failing_since=NOW), DAILY, "backups have failed since 2024-05-31T03:00Z"),
    ],
)
def test_the_second_line_of_readyz_says_how_backups_stand(
    found: Catalog, schedule: Schedule | None, told: str
) -> None:
    assert scheduled.status(found, schedule, NOW) == told


async def test_failing_backups_leave_the_site_ready(app: Quart, source: Source) -> None:
    catalog.fail(source.data_dir, NOW, f"{source.data_dir} is full")
    answer = await app.test_client().get("/readyz")
    body = await answer.get_data(as_text=True)
    assert (answer.status_code, body) == (200, "ok\nbackups have failed since 2024-05-31T03:00Z\n")


@pytest.mark.slow
@pytest.mark.engine("sqlite")
def test_the_site_makes_its_first_backup_by_itself(tmp_path: Path) -> None:
    port = free_port()
    at_once = f"from journal.backups import scheduled\nscheduled.FIRST_SECONDS = 1\n{SERVE}"
    command = [sys.executable, "-c", at_once, "--bind", f"127.0.0.1:{port}"]
    with listening(tmp_path, port, command, BACKUPS="daily 14") as server:
        deadline = clock.now() + timedelta(seconds=30)
        while "last backup: 2" not in (body := httpx.get(f"http://127.0.0.1:{server.port}/readyz").text):
            assert clock.now() < deadline, body
            time.sleep(0.1)
        assert server.stop() == 0
    assert "backup made and verified" in server.log
