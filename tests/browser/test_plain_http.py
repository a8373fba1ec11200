"""Plain http in a home network, a wrong scheme, and a browser without cookies."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.async_api import Page, Route, expect

from tests.browser.conftest import Windows, register, sign_in
from tests.browser.editing import body, is_saved
from tests.postgres import free_port
from tests.servers import PASSWORD, Server, serving

pytestmark = pytest.mark.slow

LOST = re.compile("your browser doesn’t keep cookies from this site", re.IGNORECASE)


@pytest.fixture(scope="module")
def nas(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    port = free_port()
    settings = {"FLASK_ENV": "lan", "PUBLIC_URL": f"http://nas.local:{port}"}
    with serving(tmp_path_factory.mktemp("nas"), port=port, **settings) as server:
        yield server


async def joined(windows: Windows, site: Server, name: str) -> Page:
    """Signs up on plain http, about which Chromium logs a warning; returns the editor."""
    windows.foresee("401", "Cross-Origin-Opener-Policy")
    page = await windows.open(base_url=site.url)
    await page.goto("/register")
    assert await page.evaluate("isSecureContext") is False
    await expect(page.locator("#main")).to_contain_text("can read passwords and words on their way")
    await register(page, name, f"{name}@example.org")
    await expect(body(page)).to_be_visible()
    return page


async def test_at_home_on_plain_http_people_sign_up_write_and_stay_signed_in(
    windows: Windows, nas: Server
) -> None:
    page = await joined(windows, nas, "Ann")
    await expect(page.locator("#main")).to_contain_text("keeps no copy of what is not saved yet")
    await body(page).fill("Written at home.")
    await is_saved(page)
    await page.context.clear_cookies(name=re.compile("access"))
    await page.goto("/")
    await expect(page.get_by_role("article")).to_contain_text("Written at home.")


async def test_a_site_that_is_opened_by_the_wrong_scheme_says_so(windows: Windows, tmp_path: Path) -> None:
    port = free_port()
    settings = {"FLASK_ENV": "production", "PUBLIC_URL": f"https://nas.local:{port}"}
    with serving(tmp_path, port=port, **settings):
        windows.foresee("403", "Cross-Origin-Opener-Policy")
        page = await windows.open(base_url=f"http://nas.local:{port}")
        await page.goto("/login")
        await sign_in(page, "Ann")
        await expect(page.get_by_role("alert")).to_contain_text(f"the site is at https://nas.local:{port}")


async def test_a_sign_in_over_the_page_without_cookies_says_why_it_comes_again(
    windows: Windows, nas: Server
) -> None:
    page = await joined(windows, nas, "Bob")
    await page.context.clear_cookies()  # like a browser that keeps none

    async def without_cookies(route: Route) -> None:
        """Answers a sign-in without setting cookies."""
        await route.fulfill(status=204, headers={"HX-Trigger": "signed-in"})

    await page.route("**/login", without_cookies)
    await body(page).fill("Words that stay.")
    dialog = page.get_by_role("dialog")
    for _ in range(2):
        await expect(dialog).to_contain_text(LOST)
        await dialog.get_by_label("Name or e-mail").fill("Bob")
        await dialog.get_by_label("Password").fill(PASSWORD)
        await dialog.get_by_role("button", name="Sign in").click()
    await expect(body(page)).to_have_value("Words that stay.")
