"""Fair queue in front of worker threads: accounts take turns, and saves go before reads and previews.
Threads that run Python share one interpreter lock, so without turns whoever asks most would make everybody
else wait."""

import asyncio
from collections import Counter, deque
from collections.abc import AsyncIterator, Callable, Hashable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from enum import IntEnum
from typing import Any, NamedTuple, TypeVar

from journal.engines.failures import Unavailable

T = TypeVar("T")


class Priority(IntEnum):
    """The lower number goes first."""

    SAVE = 0
    READ = 1
    PREVIEW = 2


class SlotLimit(NamedTuple):
    """Of one priority, of which the lower number goes first. `running` counts the jobs of lower priorities
    too, so that what is left of the slots is reserved for higher ones. `waiting` is for each account."""

    running: int
    waiting: int


class Busy(Unavailable):
    """An account, or all of them together, asks for more than may wait."""

    sentence = "The journal is busy with what was asked before. Please try again in a moment."


Waiting = dict[Hashable, deque[asyncio.Future[None]]]


class FairQueue:
    """Grants slots in turn, account by account. `each` is how many one account may hold at a time, `in_all`
    how many jobs of one priority may wait, whoever asks: beyond it the account with the most of them gives
    one up to another that has fewer, so that a few can't keep everybody else out."""

    def __init__(
        self,
        limits: Mapping[Any, SlotLimit],
        each: int = 1,
        in_all: int = 1000,
        busy: type[Busy] = Busy,
    ) -> None:
        self._limits, self._each, self._in_all, self._busy = limits, each, in_all, busy
        self._waiting: dict[int, Waiting] = {priority: {} for priority in sorted(limits)}
        self._running: Counter[int] = Counter()
        self._held: Counter[Hashable] = Counter()

    @asynccontextmanager
    async def turn(self, account: Hashable, priority: int) -> AsyncIterator[None]:
        await self.take(account, priority)
        try:
            yield
        finally:
            self.give_back(account, priority)

    async def take(self, account: Hashable, priority: int) -> None:
        """Returns when it is the account's turn. A cancelled job leaves the queue. Raises Busy."""
        waiting, future = self._waiting[priority], asyncio.get_running_loop().create_future()
        own, is_full = len(waiting.get(account, ())), sum(map(len, waiting.values())) >= self._in_all
        if own >= self._limits[priority].waiting or (is_full and not self._gives_up(waiting, own)):
            raise self._busy(f"too many jobs of {account} wait")
        waiting.setdefault(account, deque()).append(future)
        self._grant()
        try:
            await future
        except asyncio.CancelledError:
            if future.cancelled():
                self._remove(account, priority, future)
            elif future.exception() is None:  # it was granted at the same moment
                self.give_back(account, priority)
            raise

    def _gives_up(self, waiting: Waiting, own: int) -> bool:
        """Whether another account had more jobs than this one would have now; its last is turned away."""
        other = max(waiting, key=lambda account: len(waiting[account]))
        if len(waiting[other]) <= own + 1:
            return False
        last = waiting[other].pop()
        if not last.done():
            last.set_exception(self._busy(f"too many jobs of {other} wait"))
        return True

    def give_back(self, account: Hashable, priority: int) -> None:
        self._running[priority] -= 1
        self._held[account] -= 1
        if not self._held[account]:
            del self._held[account]
        self._grant()

    def _grant(self) -> None:
        for priority, waiting in self._waiting.items():
            while self._has_slot(priority):
                account = next((one for one in waiting if self._held[one] < self._each), None)
                if account is None:
                    break
                future = waiting[account].popleft()
                if others := waiting.pop(account):
                    waiting[account] = others  # behind all other accounts
                if not future.cancelled():
                    self._running[priority] += 1
                    self._held[account] += 1
                    future.set_result(None)

    def _has_slot(self, priority: int) -> bool:
        """Whether each limit that counts a job of this priority allows one more."""
        return all(
            sum(count for other, count in self._running.items() if other >= limited) < limit.running
            for limited, limit in self._limits.items()
            if limited <= priority
        )

    def _remove(self, account: Hashable, priority: int, future: asyncio.Future[None]) -> None:
        waiting = self._waiting[priority]
        if future in waiting.get(account, ()):
            waiting[account].remove(future)
            if not waiting[account]:
                del waiting[account]


class FairPool:
    """Threads behind a fair queue: there is one for each slot, so that no job waits for a thread."""

    def __init__(
        self, queue: FairQueue, threads: int, name: str, initializer: Callable[[], None] | None = None
    ) -> None:
        self._queue = queue
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix=name, initializer=initializer)

    async def run(self, account: Hashable, priority: int, work: Callable[..., T], *given: Any) -> T:
        """What `work` returns. Its slot is free again when the thread is, though nobody may wait any more."""
        await self._queue.take(account, priority)
        loop = asyncio.get_running_loop()

        def release(_: object) -> None:
            try:
                loop.call_soon_threadsafe(self._queue.give_back, account, priority)
            except RuntimeError:  # the loop has been closed, and nobody waits in it
                self._queue.give_back(account, priority)

        job = self._threads.submit(work, *given)
        job.add_done_callback(release)
        return await asyncio.wrap_future(job)

    def close(self) -> None:
        self._threads.shutdown(cancel_futures=True)


# Rendering, tokenizing, comparing and marking: one slot for previews, one more for reads, two more for saves.
_texts = FairPool(
    FairQueue(
        {Priority.SAVE: SlotLimit(4, 64), Priority.READ: SlotLimit(2, 16), Priority.PREVIEW: SlotLimit(1, 16)}
    ),
    threads=4,
    name="texts",
)


async def in_turn(account: Hashable, priority: Priority, work: Callable[..., T], *given: Any) -> T:
    """What `work` makes of a text, in a thread and in the account's turn."""
    return await _texts.run(account, priority, work, *given)
