"""The line breaks before a save arrives, in the middle of it, or before its answer: it is sent again."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import NamedTuple
from uuid import uuid4

import httpx
import pytest

from tests.faults.lines import Line, breaking
from tests.faults.writers import Save, Writer, Writers, check
from tests.figures import Counted
from tests.servers import serving

pytestmark = pytest.mark.slow


class Broken(NamedTuple):
    """Somebody who writes by a line that breaks."""

    line: Line
    writer: Writer
    writers: Writers
    url: str


@pytest.fixture
async def broken(tmp_path: Path, database_url: str) -> AsyncIterator[Broken]:
    with serving(tmp_path, DATABASE_URL=database_url) as server, breaking(server.port) as line:
        writers = Writers(server, 1)
        writer = writers.all[0]
        writer.browser.base_url = httpx.URL(f"http://127.0.0.1:{line.port}")
        writer.browser.headers["Connection"] = "close"
        yield Broken(line, writer, writers, database_url)
        writer.browser.close()
    await check(database_url, writers)


def last(writer: Writer, save: Save) -> tuple[int | None, str]:
    """The version that a try at this save gives, and how it was answered."""
    before = writer.answers.copy()
    version = writer.attempt(save)
    return version, next(iter(writer.answers - before))


@pytest.mark.parametrize("times", [3, pytest.param(25, marks=pytest.mark.soak)])
async def test_a_save_that_is_sent_again_is_saved_once(broken: Broken, times: int, counted: Counted) -> None:
    ways = [("before", "200 saved"), ("half", "200 saved"), ("answer", "200 replay")]
    for n, (where, then) in enumerate(ways * times):
        save = Save(str(uuid4()), f"Number {n}.", 0)
        broken.line.breaks = [where, where]
        assert broken.writer.attempt(save) is None
        assert broken.writer.attempt(save) is None
        assert last(broken.writer, save) == (1, then)
        assert last(broken.writer, Save(save.uid, f"Number {n}, more.", 1)) == (2, "200 saved")
    what = f"Lines that break before a save, in the middle of it, before its answer, {times} times each"
    counted(what, "each save once")


@pytest.mark.parametrize("times", [3, pytest.param(25, marks=pytest.mark.soak)])
async def test_who_typed_on_after_a_lost_answer_has_no_conflict_with_themselves(
    broken: Broken, times: int
) -> None:
    for n, (where, version) in enumerate([("before", 1), ("half", 1), ("answer", 2)] * times):
        lost = Save(str(uuid4()), f"Number {n}.", 0)
        broken.line.breaks = [where]
        assert broken.writer.attempt(lost) is None
        on = Save(lost.uid, f"Number {n}, typed on.", 0, after=lost.id)
        assert last(broken.writer, on) == (version, "200 saved")
        assert last(broken.writer, on) == (version, "200 replay")
