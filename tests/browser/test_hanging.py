"""Restart of Chromium: if it hangs or crashes, that costs a minute or one test, not the whole run."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator

import pytest

from tests.browser import conftest
from tests.browser.conftest import Chromium

pytestmark = pytest.mark.slow


@pytest.fixture
async def chromium() -> AsyncIterator[Chromium]:
    """A browser that no other test uses."""
    chromium = Chromium()
    await chromium.start()
    yield chromium
    await chromium.stop()


async def test_a_browser_that_crashed_is_started_anew(chromium: Chromium) -> None:
    first, gone = await chromium.window(), asyncio.Event()
    chromium.browser.once("disconnected", lambda _: gone.set())
    os.kill(chromium.pid, signal.SIGKILL)
    await asyncio.wait_for(gone.wait(), 30)
    await chromium.close(first.context)
    second = await chromium.window()
    assert await second.evaluate("1 + 1") == 2


async def test_a_browser_that_opens_or_closes_no_window_is_started_anew(
    chromium: Chromium, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(conftest, "HANGING", 5)
    first = await chromium.window()
    os.kill(chromium.pid, signal.SIGSTOP)
    await chromium.close(first.context)
    second = await chromium.window()
    assert await second.evaluate("1 + 1") == 2
    os.kill(chromium.pid, signal.SIGSTOP)
    third = await chromium.window()
    assert await third.evaluate("1 + 1") == 2
