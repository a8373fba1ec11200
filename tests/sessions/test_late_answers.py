"""Late answers: renewals under way in other tabs while a browser changes its password or signs out."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from contextvars import Context
from dataclasses import dataclass, field
from typing import Any

import pytest
from quart import Quart

from journal import clock
from journal.app import create_app
from journal.sessions import security_log
from journal.settings import Settings
from tests.security.asking import PASSWORD, Browser, Reply, registered

REPETITIONS = 50
NEW = "another horse battery"
ACCESS = 1800
PAIR = ("access_token", "refresh_token")


@dataclass
class Tabs(Browser):
    """A browser with several tabs: a request carries the cookies of when it began, and an answer sets its own
    when it comes."""

    expired: set[str] = field(default_factory=set)

    async def tab(self, method: str, path: str, form: Any = None, **options: Any) -> Reply:
        alone = self.copied()
        reply = await Browser.ask(alone, method, path, form, **options)
        self.keep_cookies(reply)
        return reply

    def without_access(self) -> None:
        self.jar = {name: value for name, value in self.jar.items() if "access_token" not in name}


@pytest.fixture
async def ann(app: Quart) -> Tabs:
    known = await registered(app, "Ann")
    return Tabs(app, "Ann", jar=dict(known.jar))


@asynccontextmanager
async def held_up(app: Quart, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[asyncio.Barrier]:
    """The page /bin/deletion answers when three have asked for it and the fourth party of the barrier has
    come twice: once when all three are renewed, and once to let them go."""
    barrier, view = asyncio.Barrier(4), app.view_functions["bin.confirm_emptying"]

    async def slow() -> Any:
        await barrier.wait()
        await barrier.wait()
        return await view()  # type: ignore[misc]

    with monkeypatch.context() as patched:
        patched.setitem(app.view_functions, "bin.confirm_emptying", slow)
        yield barrier


async def change_password(ann: Tabs) -> Reply:
    old, new = (PASSWORD, NEW) if ann.address == "127.0.0.1" else (NEW, PASSWORD)
    ann.address = "127.0.0.2" if ann.address == "127.0.0.1" else "127.0.0.1"
    return await ann.tab("POST", "/settings/password", {"password": old, "new_password": new})


async def sign_out_the_others(ann: Tabs) -> Reply:
    return await ann.tab("POST", "/settings/sessions/deletion", {"keep": "this"})


CHANGES = pytest.mark.parametrize("change", [change_password, sign_out_the_others])


@CHANGES
async def test_a_renewal_that_began_before_the_change_and_ends_after_it_signs_nobody_out(
    app: Quart, ann: Tabs, change: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(REPETITIONS):
        ann.without_access()
        async with held_up(app, monkeypatch) as barrier:
            late = [asyncio.create_task(ann.tab("GET", "/bin/deletion")) for _ in range(3)]
            await barrier.wait()
            assert (await change(ann)).status == 303
            await barrier.wait()
            assert [reply.status for reply in await asyncio.gather(*late)] == [200] * 3
        assert await ann.is_in()
        ann.without_access()  # half an hour later
        assert await ann.is_in()


@CHANGES
async def test_a_renewal_that_meets_the_change_and_is_refused_signs_nobody_out(
    app: Quart, ann: Tabs, change: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The account has its new stamp, and the browser not yet the cookies: what asks now is refused, and its
    answer, which clears the pair, is the last to come."""
    note = security_log.note
    for _ in range(REPETITIONS):
        ann.without_access()
        late: list[Reply] = []
        before = dict(ann.jar)

        async def refused(*given: Any, before: Any = before, late: Any = late, **named: Any) -> None:
            if given[1] in ("password changed", "signed out elsewhere"):
                asking = Browser(app, jar=dict(before)).get("/bin")
                late.append(await asyncio.create_task(asking, context=Context()))
            await note(*given, **named)

        with monkeypatch.context() as patched:
            patched.setattr(security_log, "note", refused)
            assert (await change(ann)).status == 303
        assert late[0].is_sign_in
        for name, morsel in late[0].cookies.items():
            assert morsel["max-age"] == "0"
            ann.jar.pop(name, None)
        assert await ann.is_in()


@CHANGES
async def test_all_other_browsers_have_to_sign_in(app: Quart, ann: Tabs, change: Any) -> None:
    phone = Browser(app)
    await phone.sign_in("Ann")
    thief = ann.copied()
    assert (await change(ann)).status == 303
    for other in (phone, thief):
        other.jar = {name: value for name, value in other.jar.items() if "access_token" not in name}
        assert not await other.is_in()


async def test_a_sign_out_forgets_the_change_as_well(ann: Tabs) -> None:
    await change_password(ann)
    late = dict(ann.jar)
    await ann.post("/logout")
    assert not any("_token" in name or "changed_session" in name for name in ann.jar)
    ann.jar = {**late, **ann.jar}
    assert not await ann.is_in()


async def test_who_signs_in_next_is_not_followed_by_who_changed_the_password(app: Quart, ann: Tabs) -> None:
    await registered(app, "Bob")
    await change_password(ann)
    await ann.sign_in("Bob")
    assert not any("changed_session" in name for name in ann.jar)


async def test_a_change_that_was_overtaken_by_another_elsewhere_is_forgotten(app: Quart, ann: Tabs) -> None:
    await change_password(ann)
    phone = Browser(app)
    await phone.sign_in("Ann", NEW)
    await phone.post("/settings/password", {"password": NEW, "new_password": PASSWORD})
    ann.without_access()
    for _ in range(2):
        assert not await ann.is_in()
    assert not [name for name in ann.jar if "preferences" not in name]


# Hosts whose clocks differ


@pytest.fixture
def ahead(settings: Settings, app: Quart) -> Quart:
    """A second host of the same site."""
    return create_app(settings)


SKEWS = pytest.mark.parametrize("skew", [0, 50, 70, 600, 86_400])


@SKEWS
@pytest.mark.parametrize("renews_ahead", [True, False], ids=["renewed ahead", "renewed behind"])
@pytest.mark.parametrize("signs_out_ahead", [True, False], ids=["signed out ahead", "signed out behind"])
async def test_a_late_answer_signs_in_at_no_host_whatever_its_clock_says(
    ann: Tabs, skew: int, renews_ahead: bool, signs_out_ahead: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = clock.timestamp

    def at_host(is_ahead: bool) -> None:
        monkeypatch.setattr(clock, "timestamp", lambda: real() + (skew if is_ahead else 0))

    at_host(renews_ahead)
    await ann.sign_in("Ann")
    ann.without_access()
    slow = ann.copied()
    await slow.get("/settings")
    late = {name: value for name, value in slow.jar.items() if name.startswith(PAIR)}
    assert len(late) == 2
    at_host(signs_out_ahead)
    await ann.post("/logout")
    ann.jar |= late
    for is_ahead in (True, False):
        at_host(is_ahead)
        assert not await ann.is_in()
    await ann.sign_in("Ann")
    for is_ahead in (True, False):
        at_host(is_ahead)
        assert await ann.is_in()
        ann.without_access()


async def test_a_sign_out_that_was_made_up_does_not_count_ahead_of_the_clock(ann: Tabs) -> None:
    name = next(name for name in ann.jar if name.startswith("access_token")).replace(
        "access_token", "signed_out"
    )
    moment = clock.timestamp() + 3600
    for marker in (f"{moment}.{'0' * 32}", f"{moment}.", f"{moment}.x", f"{moment}"):
        ann.jar[name] = marker
        assert await ann.is_in()
