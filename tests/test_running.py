"""The tests' own plugin, on small suites: limits, engines, soak, and what is said of failures at once."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.servers import environment

SETTINGS = """
[pytest]
addopts = -p tests.running -p no:cacheprovider
asyncio_mode = auto
asyncio_default_fixture_loop_scope = session
asyncio_default_test_loop_scope = session
filterwarnings = error
timeout = 2
markers =
    slow: x
    slow_on_postgres: x
    soak: x
    engine: x
"""
HANGS = """
import asyncio

async def test_hangs():
    await asyncio.Event().wait()

async def test_next():
    await asyncio.sleep(0.1)
    assert len(asyncio.all_tasks()) == 1
"""
ENGINES = """
import pytest

@pytest.fixture(scope="module")
def engine(request):
    return request.param

def test_pure(): pass

@pytest.mark.slow_on_postgres
def test_both(engine): pass

@pytest.mark.engine("sqlite")
def test_one(engine): pass

@pytest.mark.parametrize("times", [1, pytest.param(100, marks=pytest.mark.soak)])
def test_counts(engine, times): pass
"""


def run_pytest(folder: Path, tests: str, *arguments: str, on: str = "both") -> tuple[int, list[str]]:
    """The exit code and the lines of the output of a pytest on these tests."""
    (folder / "pytest.ini").write_text(SETTINGS)
    (folder / "test_it.py").write_text(tests)
    env = environment(JOURNAL_TEST_ENGINE=on)
    env = {name: value for name, value in env.items() if not name.startswith("PYTEST_")}
    command = [sys.executable, "-m", "pytest", *arguments]
    done = subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, timeout=120)
    return done.returncode, done.stdout.splitlines() + done.stderr.splitlines()


@pytest.mark.parametrize("workers", ["0", "2"])
def test_a_test_that_hangs_fails_where_it_waits_and_leaves_the_next_alone(
    tmp_path: Path, workers: str
) -> None:
    code, told = run_pytest(tmp_path, HANGS, "-n", workers, "--dist=worksteal")
    assert code == 1
    assert "1 failed, 1 passed" in told[-1]
    assert any(line.startswith("test_it.py::test_hangs failed (call): ") for line in told)
    assert any("await asyncio.Event().wait()" in line for line in told)


@pytest.mark.parametrize(
    ("on", "expression", "names"),
    [
        ("sqlite", "", "test_pure test_both[sqlite] test_one[sqlite] test_counts[sqlite-1]"),
        ("postgres", "", "test_both[postgres] test_counts[postgres-1]"),
        ("both", "soak", "test_counts[sqlite-100] test_counts[postgres-100]"),
        (
            "both",
            "not slow",
            "test_pure test_both[sqlite] test_one[sqlite] test_counts[sqlite-1] test_counts[postgres-1]",
        ),
    ],
)
def test_what_runs_is_chosen_by_engine_and_marker(
    tmp_path: Path, on: str, expression: str, names: str
) -> None:
    code, told = run_pytest(tmp_path, ENGINES, "--collect-only", "-q", "-m", expression, on=on)
    chosen = {line.removeprefix("test_it.py::") for line in told if line.startswith("test_it.py::")}
    assert (code, chosen) == (0, set(names.split()))


def test_an_engine_that_is_none_is_refused(tmp_path: Path) -> None:
    code, told = run_pytest(tmp_path, ENGINES, on="mysql")
    assert code == 4
    assert "JOURNAL_TEST_ENGINE is 'mysql'; it should be sqlite, postgres or both" in "\n".join(told)
