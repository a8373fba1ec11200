"""How SQLite finds what pages ask for in a database that nobody has analysed, as all real ones are."""

from datetime import date, timedelta

import pytest

from journal import database
from tests.conftest import Person

pytestmark = pytest.mark.engine("sqlite")  # PostgreSQL analyses its tables by itself

PATHS = ["/", "/entries/new", "/days/2024-05-31", "/calendar/2024/05", "/calendar/2024", "/on-this-day/05-31"]
PATHS += ["/on-this-day/02-29", "/random", "/search?q=words", "/search?q=wo&sort=best", "/tags", "/tags/walk"]
PATHS += ["/starred", "/statistics", "/?before=2024-05-31.00000000-0000-0000-0000-000000000000"]


def plan(query: str) -> list[str]:
    assert database._reader
    return [str(tuple(row)[3]) for row in database._reader.execute(f"EXPLAIN QUERY PLAN {query}")]


@pytest.mark.parametrize("path", PATHS)
async def test_no_page_goes_through_all_entries_of_its_writer(ann: Person, path: str) -> None:
    for n in range(3):
        uid = await ann.writes("Some words. #walk", day=str(date(2024, 5, 31) - timedelta(days=366 * n)))
    asked: list[str] = []
    assert database._reader
    database._reader.set_trace_callback(asked.append)
    for where in (path, uid, f"{uid}/edit"):
        assert (await ann.get(where)).status_code in (200, 303)
    database._reader.set_trace_callback(None)
    steps = [step for query in asked if query.startswith("SELECT") for step in plan(query)]
    assert any("entries" in step or "search" in step or "tags" in step or "counts" in step for step in steps)
    assert [step for step in steps if "deleted_at=?" in step or step.startswith("SCAN entries")] == []
