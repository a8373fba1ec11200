"""A real Chromium before a real server; whatever its console complains about fails the test."""

import asyncio
import itertools
import os
import shutil
import signal
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, suppress
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    Playwright,
    async_playwright,
    expect,
)

from tests.servers import PASSWORD, Server, serving

SWITCHES = [
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-gpu",
    "--disable-sync",
    "--no-first-run",
    "--host-resolver-rules=MAP nas.local 127.0.0.1",
]
PAGE_SECONDS = 200  # a test whose page hangs fails after them
HANGING = 60  # seconds in which a browser opens or closes a window on the busiest machine
numbers = itertools.count(1)
# No browser that a test starts promises to clear nothing unasked, as those that people use every day do.
GRANTING = "if (navigator.storage) StorageManager.prototype.persist = async () => true;"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            mark_as_browser_test(item)


def mark_as_browser_test(item: pytest.Item) -> None:
    item.add_marker(pytest.mark.browser)
    if not item.get_closest_marker("soak"):
        item.add_marker(pytest.mark.timeout(PAGE_SECONDS))


class Chromium:
    """One browser for all tests of a worker, started anew when it hangs or has crashed. The test that meets
    this fails, or goes on in the new one; no test is run again.
    """

    playwright: Playwright
    browser: Browser
    pid: int

    async def start(self) -> None:
        path = shutil.which("chromium-headless-shell")
        assert path, "These tests need chromium-headless-shell; `python3 run.py test` brings it."
        self.playwright = await async_playwright().start()
        self.browser = await self.playwright.chromium.launch(
            executable_path=path,
            args=[*SWITCHES, *(["--no-sandbox"] if os.geteuid() == 0 else [])],
            ignore_default_args=["--disable-back-forward-cache"],  # people have it
            timeout=120_000,
        )
        session = await self.browser.new_browser_cdp_session()
        processes = (await session.send("SystemInfo.getProcessInfo"))["processInfo"]
        self.pid = next(int(process["id"]) for process in processes if process["type"] == "browser")

    async def stop(self) -> None:
        await self.playwright.stop()

    async def start_anew(self) -> None:
        print("Chromium hangs or has crashed; it is started anew.")
        with suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGKILL)
        await self.stop()
        await self.start()

    async def window(self, **options: Any) -> Page:
        """A page in a context of its own."""
        if self.browser.is_connected():
            with suppress(TimeoutError):
                return await self._opened(options)
        await self.start_anew()
        return await self._opened(options)

    async def _opened(self, options: dict[str, Any]) -> Page:
        async with asyncio.timeout(HANGING):
            return await (await self.browser.new_context(**options)).new_page()

    async def close(self, context: BrowserContext) -> None:
        if not self.browser.is_connected():
            return
        with suppress(TimeoutError):
            async with asyncio.timeout(HANGING):
                return await context.close()
        await self.start_anew()


@pytest.fixture(scope="session")
async def chromium() -> AsyncIterator[Chromium]:
    expect.set_options(timeout=10_000)
    browser = Chromium()
    await browser.start()
    yield browser
    await browser.stop()


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """For tests that leave its settings and its process alone."""
    with serving(tmp_path_factory.mktemp("site")) as server:
        yield server


class Windows:
    """Opens browsers of their own, with a page each, and hears what their consoles say."""

    def __init__(self, chromium: Chromium, stack: AsyncExitStack) -> None:
        self.chromium, self.stack = chromium, stack
        self.complaints: list[str] = []
        # As it is above; and a page that is left gives up what it has asked for. Whatever else fails is
        # named by htmx in a line of its own before `afterRequest`.
        self.foreseen = ["Service Worker registration blocked", "htmx:sendAbort", "htmx:afterRequest"]

    async def open(self, *, grants: bool = True, **options: Any) -> Page:
        """`grants` is whether the browser promises to keep what is stored in it."""
        # A service worker's requests pass by the routes that tests put in the way.
        page = await self.chromium.window(**{"service_workers": "block", **options})
        context = page.context
        if grants:
            await context.add_init_script(GRANTING)
        self.stack.push_async_callback(self.chromium.close, context)
        context.set_default_timeout(30_000)
        context.on("console", self.hear)
        context.on("weberror", lambda error: self.complaints.append(str(error.error)))
        return page

    def hear(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.complaints.append(message.text)

    def foresee(self, *parts: str) -> None:
        """What a test provokes on purpose: a status like "401", or a part of the message."""
        self.foreseen += parts

    def unforeseen(self) -> list[str]:
        return [text for text in self.complaints if not any(part in text for part in self.foreseen)]


@pytest.fixture
async def windows(chromium: Chromium) -> AsyncIterator[Windows]:
    async with AsyncExitStack() as stack:
        opened = Windows(chromium, stack)
        yield opened
    assert opened.unforeseen() == []


async def join(context: BrowserContext, site: Server, name: str = "Ann") -> str:
    """Signs somebody up in that browser; the name, which is another one each time."""
    name = f"{name} {next(numbers)}"
    form = {"username": name, "email": f"{name.replace(' ', '.')}@example.org", "password": PASSWORD}
    answer = await context.request.post(f"{site.url}/register", form=form, max_redirects=0)
    assert answer.status == 303, await answer.text()
    return name


async def write(context: BrowserContext, site: Server, body: str, **fields: str) -> str:
    """A new entry without the editor; its address."""
    answer = await context.request.post(f"{site.url}/entries", form={"body": body, **fields}, max_redirects=0)
    assert answer.status == 303, await answer.text()
    return site.url + answer.headers["location"]


@pytest.fixture
async def ann(windows: Windows, site: Server) -> Page:
    """The page of somebody who has just signed up."""
    page = await windows.open(base_url=site.url)
    await join(page.context, site)
    return page


async def sign_in(page: Page, name: str, password: str = PASSWORD) -> None:
    """In the dialog or on the page, whichever there is."""
    form = page.locator("#login")
    await form.get_by_label("Name or e-mail").fill(name)
    await form.get_by_label("Password").fill(password)
    await form.get_by_role("button", name="Sign in").click()
