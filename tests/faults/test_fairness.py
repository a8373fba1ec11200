"""One person keeps the site busy without end: another's saves don't wait for it."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import httpx
import pytest

from tests.servers import PASSWORD, Server, host, serving

LONGEST = 0.5  # seconds that a save of another person may take
SAVES = 25
QUIET = 10  # times what it takes while nobody else asks, where the machine itself is slow
TEXT = "Some *words* of a [long](https://example.org) text, and `more` of it.\n\n" * 4_300  # 300 kB
OTHER = TEXT.replace("words", "letters")
SHORT = "Ten kilobytes of *plain* words in a few lines.\n\n" * 210


@asynccontextmanager
async def signed_up(server: Server, name: str) -> AsyncIterator[httpx.AsyncClient]:
    limits = httpx.Limits(max_connections=100)
    address = f"http://127.0.0.1:{server.port}"
    async with httpx.AsyncClient(
        base_url=address, headers={"Host": host(server)}, limits=limits, timeout=120
    ) as browser:
        form = {"username": name, "email": f"{name.lower()}@example.org", "password": PASSWORD}
        assert (await browser.post("/register", data=form)).status_code == 303
        yield browser


async def previews(ann: httpx.AsyncClient, path: str) -> int:
    return (await ann.post("/preview", data={"body": TEXT}, headers={"HX-Request": "true"})).status_code


async def short_previews(ann: httpx.AsyncClient, path: str) -> int:
    form = {"body": TEXT[:7_000]}
    return (await ann.post("/preview", data=form, headers={"HX-Request": "true"})).status_code


async def saves(ann: httpx.AsyncClient, path: str) -> int:
    return (await ann.post("/entries", data={"body": TEXT})).status_code


async def searches(ann: httpx.AsyncClient, path: str) -> int:
    return (await ann.get("/search", params={"q": '"words of a" text', "sort": "best"})).status_code


async def comparisons(ann: httpx.AsyncClient, path: str) -> int:
    return (await ann.get(f"{path}/revisions", params={"show": "1"})).status_code


Work = Callable[[httpx.AsyncClient, str], Awaitable[int]]


async def kept_busy(ann: httpx.AsyncClient, path: str, work: Work) -> None:
    """Twelve at a time, for ever."""

    async def forever() -> None:
        while True:
            assert await work(ann, path) in (200, 303, 503)

    async with asyncio.TaskGroup() as group:
        for _ in range(12):
            group.create_task(forever())


async def slowest_save(bob: httpx.AsyncClient, count: int) -> float:
    times = []
    for n in range(count):
        started = time.monotonic()
        answer = await bob.post("/entries", data={"body": f"{n}. {SHORT}"})
        times.append(time.monotonic() - started)
        assert answer.status_code == 303
        await asyncio.sleep(0.05)
    return max(times)


async def written(ann: httpx.AsyncClient) -> str:
    """The path of a long entry that has two versions, among others to be searched."""
    paths = [(await ann.post("/entries", data={"body": TEXT})).headers["Location"] for _ in range(4)]
    answer = await ann.post(paths[0], data={"body": OTHER, "version": "1"})
    assert answer.status_code == 303
    return str(paths[0])


SOAK = [pytest.param(work, marks=pytest.mark.soak) for work in (short_previews, saves, searches)]


@pytest.mark.slow
@pytest.mark.parametrize("work", [previews, comparisons, *SOAK])
async def test_another_ones_saves_hardly_wait_for_it(tmp_path: Path, database_url: str, work: Work) -> None:
    with serving(tmp_path, DATABASE_URL=database_url) as server:
        async with signed_up(server, "Ann") as ann, signed_up(server, "Bob") as bob:
            path, quiet = await written(ann), await slowest_save(bob, 10)
            busy = asyncio.create_task(kept_busy(ann, path, work))
            await asyncio.sleep(1)
            took = await slowest_save(bob, SAVES)
            print(
                f"{work.__name__}: the slowest of {SAVES} saves took {took:.2f} s, and {quiet:.2f} s before"
            )
            assert not busy.done(), busy.exception()
            busy.cancel()
            with suppress(asyncio.CancelledError):
                await busy
    assert took <= max(LONGEST, QUIET * quiet)
