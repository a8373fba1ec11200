"""Whoever signs in and is out again at once is told why: no cookies are kept, or the scheme is wrong."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
from quart import Quart

from journal.app import create_app
from journal.settings import Settings, read
from tests.visiting import PASSWORD, Browser, registered

FORM = {"username": "Ann", "email": "ann@example.org", "password": PASSWORD}
PRODUCTION = "https://journal.example.org"
SENTENCE = "Your browser doesn’t keep cookies from this site"


@pytest.fixture(params=[PRODUCTION, "http://nas.local:8000"])
async def site(request: pytest.FixtureRequest, database_url: str, tmp_path: Path) -> AsyncIterator[Quart]:
    values = {"FLASK_ENV": "lan", "SECRET_KEY": "k" * 40, "PUBLIC_URL": request.param}
    app = create_app(replace(read(values, tmp_path), database_url=database_url))
    async with app.test_app():
        yield app


def url(site: Quart) -> str:
    settings: Settings = site.config["SETTINGS"]
    return settings.public_url


class Forgetful(Browser):
    """A real browser's form, in a browser that keeps no cookies."""

    def _takes(self, name: object, morsel: object) -> bool:
        return False


@pytest.mark.parametrize("path", ["/login", "/register"])
async def test_a_browser_that_keeps_no_cookies_is_told_so(site: Quart, path: str) -> None:
    await registered(site, "Ann", url(site))
    browser = Forgetful(site, url(site))
    form = FORM | {"username": "Bob", "email": "bob@example.org"} if path == "/register" else FORM
    answer = await browser.post(path, form | {"next": "/bin?page=2"}, Origin=url(site))
    assert answer.status == 303
    page = await browser.get(answer.headers["Location"], Referer=url(site) + path)
    assert (page.status, SENTENCE in page.text) == (200, True)
    assert url(site) in page.text
    following = "/bin?page=2" if path == "/login" else "/entries/new?welcome=1"
    assert page.form("/login")["next"] == following


@pytest.mark.parametrize("header", ["Origin", "Sec_Fetch_Site"])
async def test_a_browser_that_keeps_them_comes_where_it_wanted(site: Quart, header: str) -> None:
    browser = await registered(site, "Ann", url(site))
    browser.jar = {}
    sent = {header: url(site) if header == "Origin" else "same-origin"}
    answer = await browser.post("/login", FORM | {"next": "/bin?page=2"}, **sent)
    arrival = await browser.get(answer.headers["Location"])
    assert (arrival.status, arrival.headers["Location"]) == (303, "/bin?page=2")


async def test_the_check_leads_nowhere_else_and_shows_no_text_of_others(site: Quart) -> None:
    browser = await registered(site, "Ann", url(site))
    for path in ("//evil.example", "https://evil.example", "/\\evil.example"):
        answer = await browser.get(f"/login?check=cookies&next={path}")
        assert (answer.status, answer.headers["Location"]) == (303, "/")
    stranger = Browser(site, url(site))
    assert SENTENCE not in (await stranger.get("/login?check=<b>cookies</b>&next=/")).text
    assert SENTENCE not in (await stranger.get("/login")).text
    browser.jar = dict.fromkeys(browser.jar, "garbage")
    assert SENTENCE not in (await browser.get("/login?check=cookies")).text, "it keeps cookies"


async def test_words_that_come_back_from_a_lost_sign_in_are_kept_with_the_reason(site: Quart) -> None:
    """The editor is the answer to the sign-in itself; its next save shows that nothing was kept."""
    await registered(site, "Ann", url(site))
    browser = Forgetful(site, url(site))
    first = await browser.post("/entries", {"body": "My words."}, Origin=url(site), Referer=f"{url(site)}/")
    assert (first.status, SENTENCE in first.text) == (401, False)
    editor = await browser.post("/login", FORM | {"kept.body": "My words.", "kept.path": "/entries"})
    assert editor.status == 200
    again = await browser.post("/entries", {"body": "My words."}, Referer=f"{url(site)}/login")
    assert (again.status, SENTENCE in again.text, "My words." in again.text) == (401, True, True)


@pytest.mark.parametrize("path", ["/login", "/register", "/logout", "/entries"])
async def test_a_page_that_was_opened_by_the_wrong_scheme_is_told_so(site: Quart, path: str) -> None:
    scheme, _, host = url(site).partition("://")
    other = {"http": "https", "https": "http"}[scheme]
    browser = Browser(site, url(site))
    answer = await browser.post(path, FORM, Origin=f"{other}://{host}")
    assert answer.status == 403
    assert f"opened by {other}://, and the site is at {url(site)}" in answer.text
    assert "another site" not in answer.text


@pytest.mark.parametrize(
    "origin", ["https://evil.example", "null", "http://[", "https://journal.example.org.evil"]
)
async def test_another_site_is_another_site(site: Quart, origin: str) -> None:
    answer = await Browser(site, url(site)).post("/login", FORM, Origin=origin)
    assert (answer.status, "sent from another site" in answer.text) == (403, True)


PAGES = ["/", "/login", "/register", "/settings", "/entries/new"]


async def test_on_plain_http_the_pages_say_what_is_missing_and_on_https_nothing_is(site: Quart) -> None:
    ann, stranger = await registered(site, "Ann", url(site)), Browser(site, url(site))
    is_plain = url(site).startswith("http://")
    for browser, path in [(stranger, path) for path in PAGES[:3]] + [(ann, path) for path in PAGES[3:]]:
        page = await browser.get(path)
        assert ("keeps no copy of what is not saved yet" in page.text) == is_plain, path
        assert ("Strict-Transport-Security" in page.headers) != is_plain
    assert all(bool(c["secure"]) != is_plain for c in (await ann.post("/logout")).cookies.values())
