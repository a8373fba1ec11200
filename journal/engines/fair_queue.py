"""Fair queue in front of worker threads: accounts take turns, and saves go before reads and previews. Python
threads share one interpreter lock, so without turns the busiest account would make all others wait."""

import asyncio
from collections import Counter, deque
from collections.abc import AsyncIterator, Callable, Hashable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from enum import IntEnum
from typing import NamedTuple, ParamSpec, TypeVar

from journal.engines.failures import Unavailable

T = TypeVar("T")
P = ParamSpec("P")
PriorityType = TypeVar("PriorityType", bound=IntEnum)


class Priority(IntEnum):
    """The priority of a job; the lowest number goes first."""

    SAVE = 0
    READ = 1
    PREVIEW = 2


class SlotLimit(NamedTuple):
    """The limits of one priority. `running` also counts jobs of lower priorities, so that the remaining slots
    are reserved for higher priorities. `waiting` is the limit for each account."""

    running: int
    waiting: int


class Busy(Unavailable):
    """The queue is full, for one account or for all accounts together."""

    sentence = "The journal is busy with what was asked before. Please try again in a moment."


Waiting = dict[Hashable, deque[asyncio.Future[None]]]


class FairQueue:
    """Grants slots to accounts in turn (round robin). `each` is how many slots an account may hold at a time.
    `in_all` is how many jobs of one priority may wait: when the queue is full, a new job displaces one of the
    account with the most waiting jobs, so that a few accounts can't keep all others out."""

    def __init__(
        self,
        limits: Mapping[PriorityType, SlotLimit],
        each: int = 1,
        in_all: int = 1000,
        busy: type[Busy] = Busy,
    ) -> None:
        self._limits = {int(priority): limit for priority, limit in limits.items()}
        self._each, self._in_all, self._busy = each, in_all, busy
        self._waiting: dict[int, Waiting] = {priority: {} for priority in sorted(limits)}
        self._running: Counter[int] = Counter()
        self._held: Counter[Hashable] = Counter()

    @asynccontextmanager
    async def turn(self, account: Hashable, priority: int) -> AsyncIterator[None]:
        """Holds a slot for the length of a `with` block. Raises Busy."""
        await self.acquire(account, priority)
        try:
            yield
        finally:
            self.release(account, priority)

    async def acquire(self, account: Hashable, priority: int) -> None:
        """Waits for a slot. A cancelled job leaves the queue. Raises Busy."""
        waiting, future = self._waiting[priority], asyncio.get_running_loop().create_future()
        own, is_full = len(waiting.get(account, ())), sum(map(len, waiting.values())) >= self._in_all
        if own >= self._limits[priority].waiting or (is_full and not self._displace(waiting, own)):
            raise self._busy(f"too many jobs of {account} wait")
        waiting.setdefault(account, deque()).append(future)
        self._grant()
        try:
            await future
        except asyncio.CancelledError:
            if future.cancelled():
                self._remove(account, priority, future)
            elif future.exception() is None:  # the slot was granted at the same moment
                self.release(account, priority)
            raise

    def _displace(self, waiting: Waiting, own: int) -> bool:
        """Displaces the last job of the account with the most waiting jobs; False if this account would then
        have as many."""
        other = max(waiting, key=lambda account: len(waiting[account]))
        if len(waiting[other]) <= own + 1:
            return False
        last = waiting[other].pop()
        if not last.done():
            last.set_exception(self._busy(f"too many jobs of {other} wait"))
        return True

    def release(self, account: Hashable, priority: int) -> None:
        self._running[priority] -= 1
        self._held[account] -= 1
        if not self._held[account]:
            del self._held[account]
        self._grant()

    def _grant(self) -> None:
        for priority, waiting in self._waiting.items():
            while self._has_slot(priority):
                account = next((each for each in waiting if self._held[each] < self._each), None)
                if account is None:
                    break
                future = waiting[account].popleft()
                if others := waiting.pop(account):
                    waiting[account] = others  # now the last in turn
                if not future.cancelled():
                    self._running[priority] += 1
                    self._held[account] += 1
                    future.set_result(None)

    def _has_slot(self, priority: int) -> bool:
        """Whether all limits that count a job of this priority allow another job."""
        return all(
            sum(count for other, count in self._running.items() if other >= own) < limit.running
            for own, limit in self._limits.items()
            if own <= priority
        )

    def _remove(self, account: Hashable, priority: int, future: asyncio.Future[None]) -> None:
        waiting = self._waiting[priority]
        if future in waiting.get(account, ()):
            waiting[account].remove(future)
            if not waiting[account]:
                del waiting[account]


class FairPool:
    """Threads behind a fair queue, one thread for each slot, so that no job waits for a thread."""

    def __init__(
        self, queue: FairQueue, threads: int, name: str, initializer: Callable[[], None] | None = None
    ) -> None:
        self._queue = queue
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix=name, initializer=initializer)

    async def run(
        self, account: Hashable, priority: int, work: Callable[P, T], *given: P.args, **named: P.kwargs
    ) -> T:
        """Runs `work` in a thread. The slot is released when the thread has finished, also after a cancel."""
        await self._queue.acquire(account, priority)
        loop = asyncio.get_running_loop()

        def release(_: object) -> None:
            try:
                loop.call_soon_threadsafe(self._queue.release, account, priority)
            except RuntimeError:  # the loop was closed, so nobody waits in it
                self._queue.release(account, priority)

        job = self._threads.submit(work, *given, **named)
        job.add_done_callback(release)
        return await asyncio.wrap_future(job)

    def close(self) -> None:
        self._threads.shutdown(cancel_futures=True)


# Threads for rendering, tokenizing and comparing texts: previews use one slot, reads two, saves all four.
_texts = FairPool(
    FairQueue(
        {Priority.SAVE: SlotLimit(4, 64), Priority.READ: SlotLimit(2, 16), Priority.PREVIEW: SlotLimit(1, 16)}
    ),
    threads=4,
    name="texts",
)


async def in_turn(
    account: Hashable, priority: Priority, work: Callable[P, T], *given: P.args, **named: P.kwargs
) -> T:
    """Runs `work` on a text in a thread, in the account's turn."""
    return await _texts.run(account, priority, work, *given, **named)
