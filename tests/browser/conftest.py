"""Browser fixtures: a real Chromium and a real server. Unexpected errors in the console fail the test."""

import asyncio
import itertools
import os
import re
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
PAGE_SECONDS = 200  # time limit of a test, for pages that hang
HANGING = 60  # seconds to open or close a window, then Chromium counts as hanging
numbers = itertools.count(1)
# Console messages of a page without a network.
OFFLINE = ("ERR_INTERNET_DISCONNECTED", "Failed to fetch", "htmx:sendError")
# Headless Chromium never grants persistent storage, while the browsers that people use every day do.
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
    """One browser for all tests of a worker, restarted if it hangs or has crashed. No test is run again."""

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

    async def restart(self) -> None:
        print("Chromium hangs or has crashed; it is restarted.")
        with suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGKILL)
        await self.stop()
        await self.start()

    async def window(self, **options: Any) -> Page:
        """Opens a page in a new context."""
        if self.browser.is_connected():
            with suppress(TimeoutError):
                return await self._opened(options)
        await self.restart()
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
        await self.restart()


@pytest.fixture(scope="session")
async def chromium() -> AsyncIterator[Chromium]:
    expect.set_options(timeout=10_000)
    browser = Chromium()
    await browser.start()
    yield browser
    await browser.stop()


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server for all tests that change neither its settings nor its process."""
    with serving(tmp_path_factory.mktemp("site")) as server:
        yield server


@pytest.fixture(scope="module")
def brief(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server whose access cookies expire after two seconds."""
    with serving(tmp_path_factory.mktemp("brief"), ACCESS_TOKEN_EXPIRY="2") as server:
        yield server


class Windows:
    """Opens browser contexts with a page each, and collects the errors of their consoles."""

    def __init__(self, chromium: Chromium, stack: AsyncExitStack) -> None:
        self.chromium, self.stack = chromium, stack
        self.complaints: list[str] = []
        # Service workers are blocked by default, and a page that is left aborts its requests. htmx logs the
        # reason of every other failure in a line of its own before `htmx:afterRequest`.
        self.foreseen = ["Service Worker registration blocked", "htmx:sendAbort", "htmx:afterRequest"]

    async def open(self, *, grants: bool = True, **options: Any) -> Page:
        """Opens a page. `grants` is whether the browser grants persistent storage."""
        # Requests of a service worker would bypass the routes of the tests.
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
        """Allows console messages that contain one of these parts, for example a status like "401"."""
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
    """Signs up a new account in this browser; returns its name, which is unique."""
    name = f"{name} {next(numbers)}"
    form = {"username": name, "email": f"{name.replace(' ', '.')}@example.org", "password": PASSWORD}
    answer = await context.request.post(f"{site.url}/register", form=form, max_redirects=0)
    assert answer.status == 303, await answer.text()
    return name


async def signed_up(windows: Windows, site: Server, **options: Any) -> Page:
    """Opens a browser in which a new account is signed in."""
    page = await windows.open(base_url=site.url, **options)
    await join(page.context, site)
    return page


async def write(context: BrowserContext, site: Server, body: str, **fields: str) -> str:
    """Creates an entry without the editor; returns its address."""
    answer = await context.request.post(f"{site.url}/entries", form={"body": body, **fields}, max_redirects=0)
    assert answer.status == 303, await answer.text()
    return site.url + answer.headers["location"]


@pytest.fixture
async def ann(windows: Windows, site: Server) -> Page:
    """A page of a new account."""
    return await signed_up(windows, site)


async def sign_in(page: Page, name: str, password: str = PASSWORD) -> None:
    """Signs in with the form of the dialog or of the page."""
    form = page.locator("#login")
    await form.get_by_label("Name or e-mail").fill(name)
    await form.get_by_label("Password").fill(password)
    await form.get_by_role("button", name="Sign in").click()


async def register(page: Page, name: str, email: str, password: str = PASSWORD) -> None:
    """Fills in and sends the form of the registration page."""
    await page.get_by_label("Name").fill(name)
    await page.get_by_label("E-mail").fill(email)
    await page.get_by_label("Password").fill(password)
    await page.get_by_role("button", name="Start writing").click()


async def lose_session(page: Page) -> None:
    """Removes the access and refresh cookies from the browser."""
    await page.context.clear_cookies(name=re.compile("token"))


async def sign_out(page: Page) -> None:
    await page.get_by_role("button", name="Sign out", exact=True).click()
    await expect(page.get_by_role("heading", name="A journal that keeps")).to_be_visible()
