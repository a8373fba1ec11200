"""Chromium processes with a profile on the disk, which tests can kill and start again."""

import asyncio
import os
import shutil
import signal
import subprocess
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from playwright.async_api import BrowserContext, async_playwright

from tests.browser.conftest import SWITCHES

SECONDS = 60


class Chromium:
    """One process; its profile is in `folder` and outlives it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        path = shutil.which("chromium")
        assert path
        (self.folder / "DevToolsActivePort").unlink(missing_ok=True)
        root = ["--no-sandbox"] if os.geteuid() == 0 else []
        own = ["--headless=new", "--remote-debugging-port=0", f"--user-data-dir={self.folder}"]
        self.process = subprocess.Popen(
            [path, *SWITCHES, *root, *own, "--password-store=basic", "about:blank"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )

    async def address(self) -> str:
        """Waits until it has started; returns the address of its DevTools."""
        file = self.folder / "DevToolsActivePort"
        deadline = time.monotonic() + SECONDS
        while not (file.exists() and file.read_text().count("\n")):
            assert time.monotonic() < deadline, "Chromium did not start"
            await asyncio.sleep(0.05)
        return f"http://127.0.0.1:{file.read_text().splitlines()[0]}"

    def kill(self) -> None:
        """Kills all its processes, which are one process group, by SIGKILL."""
        assert self.process
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


@asynccontextmanager
async def chromium_at(folder: Path) -> AsyncIterator[tuple[Chromium, BrowserContext]]:
    """Starts Chromium with this profile; kills it at the end."""
    browser = Chromium(folder)
    browser.start()
    try:
        async with async_playwright() as playwright:
            connected = await playwright.chromium.connect_over_cdp(await browser.address())
            context = connected.contexts[0]
            context.set_default_timeout(60_000)
            yield browser, context
    finally:
        browser.kill()
