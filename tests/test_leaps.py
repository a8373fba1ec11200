"""The clock leaps ahead: what would go for good waits, and goes once time has passed as usual."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from journal import clock, leaps, upkeep
from journal.database import rows
from journal.leaps import Looks, is_believed, look
from tests.conftest import Person
from tests.simulation.moved_clock import MovedClock

NOON = datetime(2026, 5, 31, 12, tzinfo=UTC)
HOUR, DAY, YEAR = timedelta(hours=1), timedelta(days=1), timedelta(days=365)


def test_hour_by_hour_it_is_believed_and_a_year_ahead_only_after_a_day() -> None:
    looks = Looks(NOON)
    for hour in range(1, 50):
        looks = look(looks, NOON + hour * HOUR)
        assert looks == Looks(NOON + hour * HOUR)
    ahead = looks.sure + YEAR if looks.sure else NOON
    for hour in range(24):
        looks = look(looks, ahead + hour * HOUR)
        assert looks.doubted == ahead
    assert look(looks, ahead + DAY) == Looks(ahead + DAY)


def test_set_right_it_is_believed_at_once() -> None:
    looks = look(Looks(NOON), NOON + YEAR)
    assert looks.doubted
    assert look(looks, NOON + HOUR) == Looks(NOON + HOUR)
    assert look(Looks(NOON), NOON - YEAR) == Looks(NOON - YEAR)  # back in time, nothing is old


def test_a_wrong_clock_at_the_start_and_a_long_stop_wait_a_day() -> None:
    first = look(Looks(), NOON + YEAR)
    assert first.doubted == NOON + YEAR
    second = look(first, NOON)  # set right
    assert second.doubted == NOON
    assert look(second, NOON + DAY) == Looks(NOON + DAY)
    assert look(Looks(NOON), NOON + 40 * DAY).doubted


@pytest.mark.parametrize("text", ["", "{", "[]", '{"sure": "x"}', '{"sure": 3}', '{"other": "2026-05-31"}'])
def test_what_can_not_be_read_is_a_first_look(tmp_path: Path, text: str) -> None:
    file = tmp_path / "data" / "clock.json"
    assert not is_believed(file, NOON)
    file.write_text(text)
    assert not is_believed(file, NOON + HOUR)
    assert is_believed(file, NOON + DAY + HOUR)


def test_what_can_not_be_written_is_not_believed(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "data").touch()
    assert not is_believed(tmp_path / "data" / "clock.json", NOON)
    assert "could not be written" in caplog.text


async def test_a_clock_a_year_ahead_for_some_hours_leaves_the_bin_alone(
    ann: Person, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = await ann.writes("Perhaps I want it back.")
    await ann.post(f"{path}/deletion")
    moved, file = MovedClock(), tmp_path / "clock.json"
    moved.real = clock.now()
    monkeypatch.setattr(clock, "now", moved.site)
    file.write_text(f'{{"sure": "{clock.now().isoformat()}"}}')

    async def swept() -> None:
        moved.pass_by(hours=1)
        await upkeep.sweep(leaps.is_believed(file, clock.now()))

    moved.off = YEAR
    for _ in range(20):
        await swept()
    moved.off = timedelta()
    for _ in range(3):
        await swept()
    assert await rows("SELECT id FROM entries")
    for _ in range(31 * 24):
        moved.pass_by(hours=1)
        leaps.is_believed(file, clock.now())
    await swept()
    assert await rows("SELECT id FROM entries") == []
