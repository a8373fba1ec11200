"""A pytest plugin: on which engines a test runs, in which runs, and what becomes of one that hangs."""

import asyncio
import io
import os
from collections.abc import Generator

import pytest
from hypothesis import HealthCheck, settings

ENGINES = ("sqlite", "postgres")
CHOSEN = os.environ.get("JOURNAL_TEST_ENGINE") or "sqlite"
SOAK_SECONDS = 3600
# Examples take as long as the machine's other work makes them; a test that hangs has a limit of its own.
settings.register_profile("busy machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("busy machine")


def chosen() -> tuple[str, ...]:
    return ENGINES if CHOSEN == "both" else (CHOSEN,)


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    if not set(chosen()) <= set(ENGINES):
        raise pytest.UsageError(f"JOURNAL_TEST_ENGINE is {CHOSEN!r}; it should be sqlite, postgres or both")
    expression = config.option.markexpr
    if "soak" in expression:
        config.option.timeout = SOAK_SECONDS
    else:
        config.option.markexpr = f"({expression}) and not soak" if expression else "not soak"
    if not hasattr(config, "workerinput"):
        config.pluginmanager.register(NamesFailures(config))


class NamesFailures:
    """Prints what failed at once, also what fails in a worker: the report at the end may never come."""

    def __init__(self, config: pytest.Config) -> None:
        self.config = config

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        reporter = self.config.pluginmanager.get_plugin("terminalreporter")
        if report.failed and reporter:
            said = report.longreprtext.splitlines() or [""]
            reporter.write_line(f"\n{report.nodeid} failed ({report.when}): {said[-1]}")


# Engines


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A test that asks for a database, by whatever fixture, runs once on each engine."""
    if "engine" in metafunc.fixturenames:
        wanted = [name for name in ENGINES if is_for(metafunc.definition, name)]
        names = [name for name in wanted if name in chosen()] or wanted[:1]
        metafunc.parametrize("engine", names, indirect=True)


def is_for(item: pytest.Item, engine: str) -> bool:
    return all(engine in mark.args for mark in item.iter_markers("engine"))


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    for item in items:
        mark_for_postgres(item)
    kept = [item for item in items if runs(item)]
    config.hook.pytest_deselected(items=[item for item in items if not runs(item)])
    items[:] = kept


def mark_for_postgres(item: pytest.Item) -> None:
    """A test may be slow, or counted, on PostgreSQL only."""
    if hasattr(item, "callspec") and item.callspec.params.get("engine") == "postgres":
        for name in ("slow", "soak"):
            if item.get_closest_marker(f"{name}_on_postgres"):
                item.add_marker(name)


def runs(item: pytest.Item) -> bool:
    """What has nothing to do with a database is left out of a run on PostgreSQL alone."""
    parameters = item.callspec.params if hasattr(item, "callspec") else {}
    engine = parameters.get("engine")
    return CHOSEN != "postgres" if engine is None else engine in chosen() and is_for(item, engine)


# Limits


@pytest.fixture(scope="session", autouse=True)
async def session_loop() -> asyncio.AbstractEventLoop:
    return asyncio.get_running_loop()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, None, None]:
    """pytest-timeout breaks off the loop. The test's task would go on in it beside the next test."""
    try:
        return (yield)
    except pytest.fail.Exception:
        if isinstance(item, pytest.Function):
            end_task(item)
        raise


def end_task(item: pytest.Function) -> None:
    """Ends what is left of the test, and reports where it was waiting."""
    loop, code = item.funcargs["session_loop"], item.function.__code__
    for task in asyncio.all_tasks(loop):
        if getattr(task.get_coro(), "cr_code", None) is code:
            stack = io.StringIO()
            task.print_stack(file=stack)
            item.add_report_section("call", "task", stack.getvalue())
            task.cancel()
            loop.run_until_complete(asyncio.wait([task], timeout=10))
