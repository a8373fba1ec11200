"""The browser of these tests hangs: that costs the tests a minute, and not the whole run."""

import os
import signal

import pytest

from tests.browser import conftest
from tests.browser.conftest import Chromium


async def test_a_browser_that_opens_or_closes_no_window_is_started_anew(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(conftest, "HANGING", 5)
    chromium = Chromium()
    await chromium.start()
    try:
        first = await chromium.window()
        os.kill(chromium.pid, signal.SIGSTOP)
        await chromium.close(first.context)
        second = await chromium.window()
        assert await second.evaluate("1 + 1") == 2
        os.kill(chromium.pid, signal.SIGSTOP)
        third = await chromium.window()
        assert await third.evaluate("1 + 1") == 2
    finally:
        await chromium.stop()
