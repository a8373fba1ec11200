"""The clock is a day behind or a year ahead while somebody writes: texts keep their order, and all stay."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from quart import Quart

from journal import clock
from journal.database import rows
from tests.simulation.moved_clock import MovedClock
from tests.visiting import PASSWORD, Answer, Browser, registered

pytestmark = pytest.mark.slow_on_postgres

BEHIND, AHEAD = timedelta(days=-1), timedelta(days=365)


@pytest.fixture
def moved(monkeypatch: pytest.MonkeyPatch) -> Iterator[MovedClock]:
    moved = MovedClock()
    monkeypatch.setattr(clock, "now", moved.site)
    return moved


@pytest.fixture
async def ann(app: Quart, moved: MovedClock) -> Browser:
    return await registered(app, "Ann")


def form(number: int, kind: str = "manual") -> dict[str, str]:
    """The save that makes version `number`."""
    return {"body": "." * number, "version": str(number - 1), "save": str(uuid4()), "kind": kind}


def said(answer: Answer) -> tuple[int, str | None, str | None]:
    return answer.status, answer.headers.get("X-Save"), answer.headers.get("X-Version")


async def kept() -> list[Any]:
    return [row["version"] for row in await rows("SELECT version FROM revisions ORDER BY number")]


async def test_a_day_back_and_on_again_keeps_the_order_and_the_session(
    ann: Browser, moved: MovedClock
) -> None:
    path = f"/entries/{uuid4()}"
    for number, off in enumerate([timedelta(), BEHIND, BEHIND, timedelta(), BEHIND, timedelta()], 1):
        moved.off = off
        moved.pass_by(minutes=7)
        assert said(await ann.put(path, form(number))) == (200, "saved", str(number))
        assert said(await ann.put(path, form(number))) == (200, "unchanged", str(number))
    assert await kept() == [1, 2, 3, 4, 5, 6]
    page = (await ann.get(f"{path}/revisions")).text
    numbers = [page.index(f"show={number}") for number in range(6, 0, -1)]
    assert numbers == sorted(numbers)
    assert (await rows("SELECT version, body FROM entries"))[0]["body"] == "." * 6


async def test_a_year_ahead_ends_the_session_and_loses_no_word(ann: Browser, moved: MovedClock) -> None:
    path = f"/entries/{uuid4()}"
    assert said(await ann.put(path, form(1))) == (200, "saved", "1")
    late, moved.off = form(2), AHEAD
    assert (await ann.put(path, late)).status == 401
    assert (await ann.post("/login", {"username": "Ann", "password": PASSWORD})).status == 303
    assert said(await ann.put(path, late)) == (200, "saved", "2")
    moved.off = timedelta()
    moved.pass_by(minutes=7)
    assert said(await ann.put(path, late)) == (200, "replay", "2")
    assert said(await ann.put(path, form(3))) == (200, "saved", "3")
    assert await kept() == [1, 2, 3]
    assert "..." in (await ann.get("/")).text


async def test_after_a_year_ahead_texts_are_kept_every_ten_minutes_as_ever(
    ann: Browser, moved: MovedClock
) -> None:
    path = f"/entries/{uuid4()}"
    await ann.put(path, form(1))
    moved.off = AHEAD
    await ann.post("/login", {"username": "Ann", "password": PASSWORD})
    await ann.put(path, form(2))
    moved.off = timedelta()
    for number in range(3, 9):
        moved.pass_by(minutes=11)
        assert said(await ann.put(path, form(number, "auto")))[1] == "saved"
    assert await kept() == [1, 2, 3, 4, 5, 6, 7, 8]
