"""Comparisons run in the turn of who asks for them, and a page is shown without one where too many wait."""

import asyncio
from collections.abc import Iterator
from threading import Event

import pytest

from journal.database import rows
from journal.entries.versions import queries
from journal.text import diff
from tests.conftest import Person
from tests.entries.test_revisions import OLD, rewritten, text_of

pytestmark = pytest.mark.slow
QUEUE = 16


@pytest.fixture
def let_go(monkeypatch: pytest.MonkeyPatch) -> Iterator[Event]:
    """An event; until it is set, no comparison with an empty text ends."""
    compare, let_go = diff.compare, Event()

    def waiting(old: str, new: str) -> list[diff.Change]:
        assert new or let_go.wait(10)
        return compare(old, new)

    monkeypatch.setattr(diff, "compare", waiting)
    yield let_go
    let_go.set()


def asked(user_id: int, count: int) -> list[asyncio.Task[object]]:
    return [asyncio.create_task(queries.compared(user_id, "a", "")) for _ in range(count)]


async def test_who_asks_for_too_many_is_told_at_once_and_later_ones_are_served(let_go: Event) -> None:
    waiting = asked(1, 1 + QUEUE)
    await asyncio.sleep(0)
    async with asyncio.timeout(20):
        assert await queries.compared(1, "a", "b") is None
        assert await queries.compared(2, "a", "b"), "another person waits for them"
    let_go.set()
    assert all(await asyncio.gather(*waiting))
    assert await queries.compared(1, "a", "b")


async def test_who_hangs_up_leaves_the_queue(let_go: Event) -> None:
    waiting = asked(1, 1 + QUEUE)
    await asyncio.sleep(0)
    for task in waiting:
        task.cancel()
    await asyncio.gather(*waiting, return_exceptions=True)
    last = asyncio.create_task(queries.compared(1, "a", "b"))
    let_go.set()
    assert await last


async def test_a_version_is_shown_without_marks_where_too_many_wait(ann: Person, let_go: Event) -> None:
    path = await rewritten(ann)
    (account,) = await rows("SELECT id FROM users")
    waiting = asked(account["id"], 1 + QUEUE)
    await asyncio.sleep(0)
    page = await text_of(ann, f"{path}/revisions?show=1")
    assert "Many texts are being compared" in page
    assert OLD in page
    assert "Put this version back" in page
    assert "present text" not in page
    let_go.set()
    await asyncio.gather(*waiting)
