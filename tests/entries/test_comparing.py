"""Comparisons wait for each other in a thread of their own, and nobody else waits for them."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest

from journal.entries import differences
from journal.entries.versions import comparing
from tests.conftest import Person
from tests.entries.test_revisions import OLD, rewritten, text_of

pytestmark = pytest.mark.slow


@pytest.fixture
def let_go(monkeypatch: pytest.MonkeyPatch) -> Iterator[Event]:
    """Until it is set no comparison comes to an end."""
    compare, let_go = differences.compare, Event()

    def waiting(old: str, new: str) -> list[differences.Change]:
        assert let_go.wait(10)
        return compare(old, new)

    monkeypatch.setattr(differences, "compare", waiting)
    yield let_go
    let_go.set()


@pytest.fixture
async def no_other_thread() -> AsyncIterator[None]:
    """All of the threads that anybody may ask for are taken."""
    pool, let_go = ThreadPoolExecutor(1), Event()
    asyncio.get_running_loop().set_default_executor(pool)
    pool.submit(let_go.wait, 60)
    yield
    let_go.set()


async def test_the_ninth_that_waits_is_told_at_once_and_later_ones_are_served(let_go: Event) -> None:
    waiting = [asyncio.create_task(comparing.compared("a", "b")) for _ in range(1 + comparing.QUEUE)]
    await asyncio.sleep(0)
    async with asyncio.timeout(20):
        assert await comparing.compared("a", "b") is None
    let_go.set()
    assert all(await asyncio.gather(*waiting))
    assert await comparing.compared("a", "b")


async def test_who_hangs_up_leaves_the_queue(let_go: Event) -> None:
    waiting = [asyncio.create_task(comparing.compared("a", "b")) for _ in range(1 + comparing.QUEUE)]
    await asyncio.sleep(0)
    for task in waiting:
        task.cancel()
    await asyncio.gather(*waiting, return_exceptions=True)
    last = asyncio.create_task(comparing.compared("a", "b"))
    let_go.set()
    assert await last


async def test_other_threads_stay_free_while_texts_are_compared(let_go: Event) -> None:
    waiting = [asyncio.create_task(comparing.compared("a", "b")) for _ in range(1 + comparing.QUEUE)]
    await asyncio.sleep(0)
    tasks = [asyncio.to_thread(lambda: 1) for _ in range(50)]
    assert len(await asyncio.gather(*tasks)) == 50
    let_go.set()
    await asyncio.gather(*waiting)


async def test_a_version_is_compared_while_other_threads_are_taken(
    ann: Person, no_other_thread: None
) -> None:
    async with asyncio.timeout(20):
        assert "<del>first </del>" in await text_of(ann, f"{await rewritten(ann)}/revisions?show=1")


async def test_a_version_is_shown_without_marks_where_too_many_wait(
    ann: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = await rewritten(ann)
    monkeypatch.setattr(comparing, "QUEUE", -1)
    page = await text_of(ann, f"{path}/revisions?show=1")
    assert "Many texts are being compared" in page
    assert OLD in page
    assert "Put this version back" in page
    assert "present text" not in page
