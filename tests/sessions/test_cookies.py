"""Two sites in one browser: cookies know no port, so each has its own names and leaves the other's alone."""

from dataclasses import replace
from http.cookies import SimpleCookie

import pytest
from quart import Quart

from journal import clock
from journal.app import create_app
from journal.sessions.cookies import digest
from journal.settings import Settings
from tests.conftest import PASSWORD

NAMES = ("access_token", "refresh_token", "signed_out", "preferences")
TOKENS = NAMES[:2]
HERE, THERE = "http://localhost", "http://localhost:8001"
ANN = {"username": "Ann", "email": "ann@example.org", "password": PASSWORD}


class Jar(dict[str, str]):
    """A browser's cookies for one host name, whatever the port."""

    async def ask(self, site: Quart, method: str, path: str, form: dict[str, str] | None = None) -> int:
        cookie = "; ".join(f"{name}={value}" for name, value in self.items())
        headers = {"Host": site.config["SETTINGS"].host, "Cookie": cookie}
        client = site.test_client(use_cookies=False)
        answer = await client.open(path, method=method, headers=headers, form=form)
        for line in answer.headers.getlist("Set-Cookie"):
            ((name, morsel),) = SimpleCookie(line).items()
            self.pop(name, None)
            if morsel["max-age"] != "0":
                self[name] = morsel.value
        return answer.status_code

    async def join(self, site: Quart) -> None:
        assert await self.ask(site, "POST", "/register", ANN) == 303

    async def is_in(self, site: Quart) -> bool:
        return await self.ask(site, "GET", "/settings") == 200

    def age(self, url: str = HERE) -> None:
        """Gives this site's cookies the names that earlier versions gave them."""
        for name in NAMES:
            if f"{name}_{digest(url)}" in self:
                self[name] = self.pop(f"{name}_{digest(url)}")

    def lose_access(self) -> None:
        for name in [name for name in self if name.startswith("access_token")]:
            del self[name]


@pytest.fixture
def jar() -> Jar:
    return Jar()


@pytest.fixture
def here(app: Quart) -> Quart:
    return app


@pytest.fixture(params=["another key", "the same key by mistake"])
def there(settings: Settings, request: pytest.FixtureRequest, app: Quart) -> Quart:
    """A second site on this host; it has the same people, which is the worst case."""
    keys = settings.secret_keys if "same" in request.param else ("o" * 40,)
    return create_app(replace(settings, public_url=THERE, secret_keys=keys))


def test_names_differ_by_the_address_and_stay_short() -> None:
    urls = [HERE, THERE, "https://localhost", "https://journal.example.org", "http://nas.local:8000"]
    assert len({digest(url) for url in urls}) == len(urls)
    assert {len(digest(url)) for url in urls} == {8}


async def test_each_cookie_carries_the_digest_of_the_address(here: Quart, jar: Jar) -> None:
    await jar.join(here)
    await jar.ask(here, "POST", "/logout")
    await jar.ask(here, "POST", "/login", ANN)
    assert set(jar) == {f"{name}_{digest(HERE)}" for name in NAMES}


async def test_two_sites_sign_each_other_neither_in_nor_out(here: Quart, there: Quart, jar: Jar) -> None:
    await jar.join(here)
    assert not await jar.is_in(there)
    assert await jar.ask(there, "POST", "/login", ANN) == 303
    assert await jar.ask(there, "POST", "/logout") == 303
    jar.lose_access()
    assert await jar.is_in(here)
    assert not await jar.is_in(there)


async def test_the_cookies_of_an_earlier_version_go_on_and_get_todays_names(here: Quart, jar: Jar) -> None:
    """The cookies are renamed at the next refresh, the preferences too; nobody has to sign in."""
    await jar.join(here)
    jar.age()
    assert await jar.is_in(here)
    assert set(jar) == {"access_token", "refresh_token", "preferences"}
    jar.lose_access()
    assert await jar.is_in(here)
    assert set(jar) == {f"{name}_{digest(HERE)}" for name in (*TOKENS, "preferences")} | {"preferences"}


async def test_a_neighbours_earlier_cookies_are_left_alone(here: Quart, settings: Settings, jar: Jar) -> None:
    neighbour = create_app(replace(settings, public_url=THERE, secret_keys=("o" * 40,)))
    await jar.join(neighbour)
    jar.age(THERE)
    theirs = dict(jar)
    assert not await jar.is_in(here)
    await jar.ask(here, "POST", "/login", ANN)
    jar.lose_access()
    jar["access_token"] = theirs["access_token"]
    assert await jar.is_in(here)
    await jar.ask(here, "POST", "/logout")
    assert {name: jar[name] for name in theirs} == theirs
    assert await jar.is_in(neighbour)


@pytest.mark.parametrize("way", ["/logout", "/settings/sessions/deletion"])
async def test_a_sign_out_ends_todays_cookies_and_the_earlier_ones(here: Quart, jar: Jar, way: str) -> None:
    await jar.join(here)
    earlier = {name: jar[f"{name}_{digest(HERE)}"] for name in TOKENS}
    jar.update(earlier)
    assert await jar.ask(here, "POST", way) == 303
    assert not set(jar) & {*TOKENS, *(f"{name}_{digest(HERE)}" for name in TOKENS)}
    jar.update(earlier)  # by an answer that was still under way
    assert not await jar.is_in(here)


async def test_an_earlier_sign_out_counts_against_earlier_tokens_alone(
    here: Quart, jar: Jar, settings: Settings
) -> None:
    """The sign-out may be one at the other site, which runs an earlier version."""
    await jar.join(here)
    jar["signed_out"] = str(2**31)
    assert await jar.is_in(here)
    jar["signed_out"] = str(clock.timestamp() + 30)
    jar.lose_access()
    assert await jar.is_in(here)
    jar.age()
    jar["signed_out"] = str(clock.timestamp() + 30)
    assert not await jar.is_in(here)


async def test_after_an_upgrade_a_rollback_and_another_upgrade_the_newest_sign_in_counts(
    here: Quart, jar: Jar
) -> None:
    """After a password change under the earlier version, cookies with today's names are not valid."""
    await jar.join(here)
    stale = dict(jar)
    new = {"password": PASSWORD, "new_password": "another horse battery"}
    assert await jar.ask(here, "POST", "/settings/password", new) == 303
    jar.age()
    jar.update(stale)
    jar.lose_access()
    assert await jar.is_in(here)
    assert "refresh_token" not in jar
    jar.lose_access()
    assert await jar.is_in(here)


async def test_preferences_of_a_neighbour_do_not_move_the_day(here: Quart, jar: Jar) -> None:
    """An earlier version's cookie is read only until this browser has tokens of today's."""
    await jar.join(here)
    del jar[f"preferences_{digest(HERE)}"]
    jar["preferences"] = "zone=Pacific%2FKiritimati&theme=dark"
    client = here.test_client(use_cookies=False)
    cookie = "; ".join(f"{name}={value}" for name, value in jar.items())
    page = await client.get("/entries/new", headers={"Cookie": cookie, "Host": "localhost"})
    assert 'data-theme="dark"' not in await page.get_data(as_text=True)
    assert "Kiritimati" not in str(page.headers)
