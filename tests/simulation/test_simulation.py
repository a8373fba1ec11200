"""Whoever comes at least once in 14 days is never asked to sign in, and loses no word."""

import os
import time
from pathlib import Path

import pytest

from tests.figures import Counted
from tests.simulation.life import Plan, begun

pytestmark = pytest.mark.slow

SEED = int(os.environ.get("JOURNAL_SIMULATION_SEED") or 20260101)
# One mode an engine: neither the cookies of a mode nor the order of saves depends on the other.
MODES = [
    pytest.param("development", marks=pytest.mark.engine("sqlite")),
    pytest.param("production", marks=pytest.mark.engine("postgres")),
]
TWO_MONTHS = Plan(61)
TWO_YEARS, SIX_MONTHS = Plan(730), Plan(180)


async def assert_quiet(database_url: str, folder: Path, plan: Plan, mode: str) -> str:
    """What happened in it."""
    started = time.monotonic()
    async with begun(database_url, folder, SEED, plan, mode=mode) as life:
        await life.live()
        problems = await life.problems()
    counts = life.world.tally.counts
    print(f"seed {SEED}, {time.monotonic() - started:.1f} s: {life.told()}")
    assert not problems, f"seed {SEED}: {problems}"
    # It has met what it was meant to survive.
    happened = ["lost responses", "500", "clock steps", "bursts", "saves sent again", "409", "restarts"]
    assert all(counts[what] for what in happened), counts
    assert counts["new keys"] == 2
    assert counts["renewals"] > 3 * plan.days
    assert counts["sign-ins"] == 4  # three devices, and a new phone
    return f"{counts['renewals']:,} renewals, no sign-in but the four on new devices, no word lost"


@pytest.mark.parametrize("mode", MODES)
async def test_two_months_without_a_prompt(database_url: str, tmp_path: Path, mode: str) -> None:
    await assert_quiet(database_url, tmp_path, TWO_MONTHS, mode)


@pytest.mark.soak
async def test_two_years_without_a_prompt(
    database_url: str, tmp_path: Path, engine: str, counted: Counted
) -> None:
    """PostgreSQL, which is slower, takes six months."""
    plan = TWO_YEARS if engine == "sqlite" else SIX_MONTHS
    outcome = await assert_quiet(database_url, tmp_path, plan, "production")
    counted(f"{plan.days} days of writing with faults", outcome)
