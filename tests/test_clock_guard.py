"""The clock leaps: what would go for good stays until it has gone on for long as clocks do."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from journal import clock, clock_guard, housekeeping
from journal.clock_guard import PAUSE, ClockGuard, is_trusted, observe
from journal.database import rows
from tests.conftest import Person
from tests.simulation.moved_clock import MovedClock

NOON = datetime(2026, 5, 31, 12, tzinfo=UTC)
HOUR, DAY, YEAR = timedelta(hours=1), timedelta(days=1), timedelta(days=365)


def gone_on(guard: ClockGuard, by: timedelta) -> ClockGuard:
    """Hour by hour."""
    for _ in range(by // HOUR):
        guard = observe(guard, guard.last + HOUR)
    return guard


def test_a_clock_is_trusted_once_it_has_gone_on_for_long() -> None:
    first = observe(None, NOON)
    assert not first.is_trusted
    assert not gone_on(first, PAUSE - HOUR).is_trusted
    assert gone_on(first, PAUSE).is_trusted
    assert gone_on(first, YEAR).is_trusted


@pytest.mark.parametrize("leap", [YEAR, -YEAR, 9 * DAY, -9 * DAY], ids=str)
def test_after_a_leap_it_has_to_go_on_for_long_again(leap: timedelta) -> None:
    guard = gone_on(observe(None, NOON), 2 * PAUSE)
    leapt = observe(guard, guard.last + leap)
    assert leapt == ClockGuard(guard.last + leap, guard.last + leap)
    right = observe(gone_on(leapt, DAY), guard.last + DAY)
    assert not gone_on(right, PAUSE - HOUR).is_trusted
    assert gone_on(right, PAUSE).is_trusted


def test_a_computer_that_is_on_once_a_week_is_trusted_too() -> None:
    guard = observe(None, NOON)
    for _ in range(5):
        guard = observe(guard, guard.last + 7 * DAY)
    assert guard.is_trusted


UNREADABLE = ["", "{", "[]", "{}", '{"since": "x", "last": "y"}', '{"since": 3, "last": 4}']
UNREADABLE += ['{"last": "2026-05-31"}', '{"since": "2020-05-31", "last": "2026-05-31"}']


@pytest.mark.parametrize("text", UNREADABLE)
def test_what_can_not_be_read_is_a_first_look(tmp_path: Path, text: str) -> None:
    file = tmp_path / "data" / "clock.json"
    assert not is_trusted(file, NOON)
    file.write_text(text)
    assert not is_trusted(file, NOON + HOUR)
    for day in range(1, 31):
        believed = is_trusted(file, NOON + HOUR + day * DAY)
    assert believed


def test_what_can_not_be_written_is_not_believed(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "data").touch()
    assert not is_trusted(tmp_path / "data" / "clock.json", NOON)
    assert "could not be written" in caplog.text


async def test_a_clock_a_year_off_leaves_the_bin_alone(
    ann: Person, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = await ann.writes("Perhaps I want it back.")
    await ann.post(f"{path}/deletion")
    moved, file = MovedClock(), tmp_path / "clock.json"
    moved.real = clock.now()
    monkeypatch.setattr(clock, "now", moved.site)
    trusted = {"since": (moved.real - YEAR).isoformat(), "last": moved.real.isoformat()}
    file.write_text(json.dumps(trusted))

    async def passes(days: int) -> None:
        for _ in range(days):
            moved.pass_by(days=1)
            await housekeeping.sweep(clock_guard.is_trusted(file, clock.now()))

    for moved.off in (YEAR, -YEAR, timedelta()):
        await passes(9)
    assert await rows("SELECT id FROM entries")
    await passes(31)
    assert await rows("SELECT id FROM entries") == []
