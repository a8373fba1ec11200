"""A pytest plugin: what soak tests have counted goes into the table of figures in docs/promises.md."""

from collections.abc import Callable, Iterable
from pathlib import Path

import pytest

PAGE = Path(__file__).resolve().parent.parent / "docs" / "promises.md"
HEADING = "\n## Figures\n"
COLUMNS = {"sqlite": 1, "postgres": 2}
Figure = tuple[str, str, str]  # what was counted, on which engine, and what came of it
Counted = Callable[[str, str], None]


@pytest.fixture
def counted(request: pytest.FixtureRequest, record_property: Callable[[str, object], None]) -> Counted:
    """Takes what a test has counted and what came of it: printed, and noted if this is a soak test."""
    parameters = request.node.callspec.params if hasattr(request.node, "callspec") else {}
    engine = parameters.get("engine", "sqlite")

    def note(what: str, outcome: str) -> None:
        print(f"\n{what} ({engine}): {outcome}")
        if request.node.get_closest_marker("soak"):
            record_property("figure", [what, engine, outcome])

    return note


def pytest_configure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):
        config.pluginmanager.register(Collected())


class Collected:
    """The figures of all workers; those of tests that failed don't count."""

    def __init__(self) -> None:
        self.figures: list[Figure] = []

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.when == "call" and report.passed:
            found = [value for name, value in report.user_properties if name == "figure"]
            self.figures += [(str(what), str(engine), str(outcome)) for what, engine, outcome in found]

    def pytest_sessionfinish(self) -> None:
        if self.figures:
            PAGE.write_text(with_figures(PAGE.read_text(encoding="utf-8"), self.figures), encoding="utf-8")


def with_figures(page: str, figures: Iterable[Figure]) -> str:
    """The page with these in its table: in the row of what was counted, or in a new one at the end."""
    before, heading, after = page.partition(HEADING)
    lines = after.splitlines(keepends=True)
    table = [number for number, line in enumerate(lines) if line.startswith("|")]
    rows = [[cell.strip() for cell in lines[number].strip().strip("|").split("|")] for number in table[2:]]
    for what, engine, outcome in sorted(figures):
        row = next((row for row in rows if row[0] == what), None)
        if row is None:
            rows.append(row := [what, "", ""])
        row[COLUMNS[engine]] = outcome.replace("|", "/")
    told = [f"| {' | '.join(row)} |\n".replace("|  |", "| |") for row in rows]
    rest = lines[: table[2]] + told + lines[table[-1] + 1 :]  # after the two lines of the head
    return before + heading + "".join(rest)
