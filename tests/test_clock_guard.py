"""Clock guard: after a jump of the clock nothing is deleted for good for thirty days."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from journal import clock, clock_guard, housekeeping
from journal.clock_guard import PAUSE, Readings, is_trusted, read
from journal.database import committed, rows
from journal.entries import importing
from journal.entries.imported import ImportedEntry
from journal.entries.values import EntryFields
from tests.conftest import Person
from tests.simulation.moved_clock import MovedClock

NOON = datetime(2026, 5, 31, 12, tzinfo=UTC)
HOUR, DAY, YEAR = timedelta(hours=1), timedelta(days=1), timedelta(days=365)


def run_on(readings: Readings, by: timedelta) -> Readings:
    """Hour by hour."""
    for _ in range(by // HOUR):
        readings = read(readings, readings.last + HOUR)
    return readings


def test_a_clock_is_trusted_once_it_has_run_on_for_long() -> None:
    first = read(None, NOON)
    assert not first.is_trusted
    assert not run_on(first, PAUSE - HOUR).is_trusted
    assert run_on(first, PAUSE).is_trusted
    assert run_on(first, YEAR).is_trusted


@pytest.mark.parametrize("jump", [YEAR, -YEAR, 9 * DAY, -9 * DAY], ids=str)
def test_after_a_jump_it_has_to_run_on_for_long_again(jump: timedelta) -> None:
    readings = run_on(read(None, NOON), 2 * PAUSE)
    jumped = read(readings, readings.last + jump)
    assert jumped == Readings(readings.last + jump, readings.last + jump)
    corrected = read(run_on(jumped, DAY), readings.last + DAY)
    assert not run_on(corrected, PAUSE - HOUR).is_trusted
    assert run_on(corrected, PAUSE).is_trusted


def test_a_computer_that_is_on_once_a_week_is_trusted_too() -> None:
    readings = read(None, NOON)
    for _ in range(5):
        readings = read(readings, readings.last + 7 * DAY)
    assert readings.is_trusted


UNREADABLE = ["", "{", "[]", "{}", '{"since": "x", "last": "y"}', '{"since": 3, "last": 4}']
UNREADABLE += ['{"last": "2026-05-31"}', '{"since": "2020-05-31", "last": "2026-05-31"}']


@pytest.mark.parametrize("text", UNREADABLE)
def test_what_can_not_be_read_is_a_first_reading(tmp_path: Path, text: str) -> None:
    file = tmp_path / "data" / "clock.json"
    assert not is_trusted(file, NOON)
    file.write_text(text)
    assert not is_trusted(file, NOON + HOUR)
    for day in range(1, 31):
        trusted = is_trusted(file, NOON + HOUR + day * DAY)
    assert trusted


def test_what_can_not_be_written_is_not_trusted(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "data").touch()
    assert not is_trusted(tmp_path / "data" / "clock.json", NOON)
    assert "could not be written" in caplog.text


@pytest.mark.parametrize("somebody_writes", [False, True])
async def test_a_clock_a_year_off_leaves_the_bin_alone(
    somebody_writes: bool, ann: Person, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = await ann.writes("Perhaps I want it back.")
    await ann.post(f"{path}/deletion")
    moved, file = MovedClock(), tmp_path / "clock.json"
    moved.real = clock.now()
    monkeypatch.setattr(clock, "now", moved.site)
    trusted = {"since": (moved.real - YEAR).isoformat(), "last": moved.real.isoformat()}
    file.write_text(json.dumps(trusted))

    async def passes(days: int) -> None:
        """Entries that are saved meanwhile bear the times of the wrong clock."""
        for _ in range(days):
            moved.pass_by(days=1)
            if somebody_writes:
                await saves_an_entry(clock.now())
            await housekeeping.sweep(clock_guard.is_trusted(file, clock.now()))

    for moved.off in (YEAR, -YEAR, timedelta()):
        await passes(9)
    assert await rows("SELECT id FROM entries WHERE deleted_at IS NOT NULL")
    await passes(31)
    assert await rows("SELECT id FROM entries WHERE deleted_at IS NOT NULL") == []


async def saves_an_entry(now: datetime) -> None:
    fields = EntryFields(body="Written meanwhile.", day=now.date())
    entry = importing.prepared(1, ImportedEntry(fields, now, now, "old", now.isoformat()))
    await committed(lambda db: importing.add(db, 1, [entry], now))
