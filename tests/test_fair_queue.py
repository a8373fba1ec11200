"""The fair queue: accounts take turns, saves go first, nobody waits for ever, and who leaves is forgotten."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from threading import Event

import pytest

from journal.engines.fair_queue import Busy, FairPool, FairQueue, Priority, SlotLimit

SAVE, READ, PREVIEW = Priority


def one_slot(waiting: int = 10, in_all: int = 100) -> FairQueue:
    return FairQueue({priority: SlotLimit(1, waiting) for priority in Priority}, in_all=in_all)


def as_in_use(waiting: int = 16) -> FairQueue:
    limits = {SAVE: SlotLimit(4, waiting), READ: SlotLimit(2, waiting), PREVIEW: SlotLimit(1, waiting)}
    return FairQueue(limits)


@asynccontextmanager
async def taken(queue: FairQueue, *jobs: tuple[str, Priority]) -> AsyncIterator[list[str]]:
    """While the only slot is taken, these jobs come in this order; the list says in which they were run."""
    order: list[str] = []

    async def job(account: str, priority: Priority) -> None:
        async with queue.turn(account, priority):
            order.append(account)
            await asyncio.sleep(0)

    async with queue.turn("first", SAVE):
        tasks = [asyncio.create_task(job(*one)) for one in jobs]
        await asyncio.sleep(0)
        yield order
    await asyncio.gather(*tasks, return_exceptions=True)


async def test_accounts_take_turns_however_much_one_of_them_asks() -> None:
    jobs = [("ann", READ)] * 4 + [("bob", READ)] * 2 + [("charlie", READ)]
    async with taken(one_slot(), *jobs) as order:
        pass
    assert order == ["ann", "bob", "charlie", "ann", "bob", "ann", "ann"]


async def test_saves_go_before_reads_and_reads_before_previews() -> None:
    async with taken(one_slot(), ("preview", PREVIEW), ("read", READ), ("save", SAVE)) as order:
        pass
    assert order == ["save", "read", "preview"]


async def runs(queue: FairQueue, account: str, priority: Priority) -> bool:
    """Whether a job starts at once; it then stays."""
    task = asyncio.create_task(queue.acquire(account, priority))
    await asyncio.sleep(0)
    if not task.done():
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        return False
    return True


async def test_one_account_has_one_job_running_at_a_time() -> None:
    queue = as_in_use()
    assert await runs(queue, "ann", PREVIEW)
    assert not await runs(queue, "ann", SAVE)
    assert await runs(queue, "bob", SAVE)


async def test_slots_are_left_for_saves_whatever_others_ask() -> None:
    queue = as_in_use()
    found = [await runs(queue, f"previewer {n}", PREVIEW) for n in range(3)]
    found += [await runs(queue, f"reader {n}", READ) for n in range(3)]
    found += [await runs(queue, f"writer {n}", SAVE) for n in range(3)]
    assert found == [True, False, False, True, False, False, True, True, False]


async def test_saves_never_take_the_slots_of_reads_and_previews_for_good() -> None:
    """Saves may use all slots, and the next slot that is free is then nobody's."""
    queue = as_in_use()
    for n in range(4):
        assert await runs(queue, f"writer {n}", SAVE)
    assert not await runs(queue, "reader", READ)
    queue.release("writer 0", SAVE)
    assert await runs(queue, "reader", READ)


async def test_an_account_that_asks_too_much_is_told_and_others_are_not() -> None:
    queue = one_slot(waiting=3)
    async with taken(queue, *[("ann", READ)] * 3):
        with pytest.raises(Busy):
            await queue.acquire("ann", READ)
        task = asyncio.create_task(queue.acquire("bob", READ))
        await asyncio.sleep(0)
        assert not task.done()
        task.cancel()


async def test_so_many_wait_in_all_and_no_more() -> None:
    queue = one_slot(in_all=5)
    async with taken(queue, *[(f"somebody {n}", READ) for n in range(5)]):
        with pytest.raises(Busy):
            await queue.acquire("ann", READ)


async def test_a_full_queue_takes_a_job_of_an_account_that_has_fewer() -> None:
    queue = one_slot(in_all=6)
    async with taken(queue, *[("ann", READ)] * 4, *[("bob", READ)] * 2, ("carl", READ), ("bob", READ)) as ran:
        pass
    assert sorted(ran) == ["ann", "ann", "ann", "bob", "bob", "carl"]


async def test_a_job_that_was_given_up_and_cancelled_leaves_no_slot_taken() -> None:
    queue = one_slot(in_all=2)
    await queue.acquire("first", SAVE)
    waiting = [asyncio.create_task(queue.acquire("ann", READ)) for _ in range(2)]
    await asyncio.sleep(0)
    other = asyncio.create_task(queue.acquire("bob", READ))
    await asyncio.sleep(0)
    for task in (*waiting, other):
        task.cancel()
    await asyncio.gather(*waiting, other, return_exceptions=True)
    assert not await runs(queue, "carl", READ)
    queue.release("first", SAVE)
    assert await runs(queue, "carl", READ)
    assert not await runs(queue, "dora", READ)


async def test_a_job_that_is_cancelled_leaves_the_queue() -> None:
    queue = one_slot(waiting=2)
    async with queue.turn("first", SAVE):
        for _ in range(20):
            assert not await runs(queue, "ann", READ)
    assert await runs(queue, "ann", READ)


async def test_a_job_that_is_cancelled_when_its_turn_comes_leaves_no_slot_taken() -> None:
    queue = one_slot()
    for late in range(2):
        await queue.acquire("first", SAVE)
        task = asyncio.create_task(queue.acquire("ann", READ))
        await asyncio.sleep(0)
        if late:
            queue.release("first", SAVE)
            task.cancel()
        else:
            task.cancel()
            queue.release("first", SAVE)
        await asyncio.gather(task, return_exceptions=True)
        assert await runs(queue, "bob", READ)
        queue.release("bob", READ)


# Threads


@pytest.fixture
def pool() -> FairPool:
    return FairPool(as_in_use(), 4, "tests")


async def until(is_so: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not is_so():
            await asyncio.sleep(0.001)


async def test_a_slot_is_free_when_its_thread_is_and_not_before(pool: FairPool) -> None:
    let_go, begun, seen = Event(), Event(), []

    def work() -> None:
        begun.set()
        let_go.wait(10)

    first = asyncio.create_task(pool.run("ann", PREVIEW, work))
    await until(begun.is_set)
    first.cancel()
    second = asyncio.create_task(pool.run("ann", PREVIEW, seen.append, 1))
    await asyncio.sleep(0.05)
    assert not seen, "two threads work for one account"
    let_go.set()
    await second
    assert seen == [1]


async def test_what_a_job_raises_is_raised_and_its_slot_is_free_again(pool: FairPool) -> None:
    def fails() -> None:
        raise ValueError("no")

    for _ in range(3):
        with pytest.raises(ValueError, match="no"):
            await pool.run("ann", PREVIEW, fails)
    assert await pool.run("ann", PREVIEW, str, 5) == "5"


async def test_a_pool_outlives_the_loop_that_used_it(pool: FairPool) -> None:
    let_go = Event()

    async def leaves_at_once() -> None:
        task = asyncio.create_task(pool.run("ann", PREVIEW, let_go.wait, 10))
        await asyncio.sleep(0.05)
        task.cancel()

    await asyncio.to_thread(asyncio.run, leaves_at_once())
    let_go.set()
    await until(lambda: not pool._queue._held)
    async with asyncio.timeout(10):
        assert await pool.run("ann", PREVIEW, str, 5) == "5"
