"""Guessing: many tries, from one address and from many, one after the other and all at once."""

import asyncio
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from quart import Quart

from journal import clock, database
from journal.accounts import passwords, users
from journal.accounts.models import Failure, SecurityEvent
from journal.accounts.passwords import Purpose
from journal.app import create_app
from journal.database import NoSpace, Unavailable
from journal.sessions import password_login, throttle
from journal.sessions.password_login import ClientInfo
from journal.settings import Settings
from tests.security.asking import PASSWORD, Browser, registered
from tests.security.cases import each
from tests.security.conftest import number
from tests.security.forging import genuine

THEME = "Guessing passwords"
pytestmark = [pytest.mark.usefixtures("untried"), pytest.mark.slow]
Move = Callable[[float], None]
WRONG = "wrong wrong wrong"
FOR = "X-Forwarded-For"


def stranger(app: Quart, address: str = "") -> Browser:
    """A browser that was never here, at an address of its own."""
    n = next(number)
    return Browser(app, address=address or f"10.{n // 65536}.{n // 256 % 256}.{n % 256}")


async def fails(app: Quart, name: str, times: int, address: str = "", **options: Any) -> list[int]:
    return [(await stranger(app, address).sign_in(name, WRONG, **options)).status for _ in range(times)]


async def enters(app: Quart, name: str, address: str = "") -> int:
    return (await stranger(app, address).sign_in(name)).status


async def tries() -> int:
    """How many sign-ins are counted."""
    return await Failure.exclude(key="").count()


# One account


async def test_five_failures_close_an_account_to_strangers(app: Quart, ann: Browser) -> None:
    """429 at the sixth try, also with the right password, from whichever of many addresses."""
    assert await fails(app, ann.name, 5) == [422] * 5
    assert await fails(app, ann.name, 1) == [429]
    assert await enters(app, ann.name) == 429


async def test_it_opens_again_after_five_minutes(app: Quart, ann: Browser, after: Move) -> None:
    """429 with a Retry-After that is true, then 303."""
    await fails(app, ann.name, 5)
    reply = await stranger(app).sign_in(ann.name)
    wait = int(reply.headers["Retry-After"])
    assert 295 <= wait <= 301
    after(wait - 10)
    assert await enters(app, ann.name) == 429
    after(wait + 1)
    assert await enters(app, ann.name) == 303


async def test_tries_while_it_is_closed_do_not_keep_it_closed(app: Quart, ann: Browser, after: Move) -> None:
    """303 after five minutes, though somebody knocked all the time."""
    await fails(app, ann.name, 5)
    for seconds in range(30, 300, 30):
        after(seconds)
        assert await fails(app, ann.name, 1) == [429]
    after(302)
    assert await enters(app, ann.name) == 303


async def test_a_name_that_nobody_has_is_counted_as_well(app: Quart) -> None:
    """429 at the sixth try."""
    assert await fails(app, "Nobody at all", 6) == [422] * 5 + [429]


SPELLINGS = {
    "capitals": str.upper,
    "spaces around": lambda name: f" {name}\t",
    "full-width letters": lambda name: name.translate({n: n + 0xFEE0 for n in range(33, 127)}),
    "the e-mail": lambda name: f"{name}@example.org",
}


@each("spelled", SPELLINGS)
async def test_another_spelling_is_no_other_account(app: Quart, ann: Browser, spelled: Any) -> None:
    """429: five tries in all, however the name is written."""
    assert await fails(app, ann.name, 3) == [422] * 3
    assert await fails(app, spelled(ann.name), 3) == [422, 422, 429]


async def test_the_spellings_of_a_name_that_nobody_has_are_one_as_well(app: Quart) -> None:
    """429: else the difference would tell."""
    for name in ("nobody", "NOBODY", " nobody ", "ｎｏｂｏｄｙ", "Nobody"):
        assert await fails(app, name, 1) == [422]
    assert await fails(app, "nobody", 1) == [429]


async def test_a_success_forgets_the_failures_of_its_account_alone(
    app: Quart, ann: Browser, bob: Browser
) -> None:
    """422 for Ann again, 429 for Bob still."""
    await fails(app, ann.name, 4)
    await fails(app, bob.name, 5)
    assert await enters(app, ann.name) == 303
    assert await fails(app, ann.name, 5) == [422] * 5
    assert await enters(app, bob.name) == 429


async def test_open_sessions_go_on(app: Quart, ann: Browser) -> None:
    """200: nobody is thrown out by somebody else's guessing."""
    await fails(app, ann.name, 6)
    assert await ann.is_in()
    assert (await ann.post("/entries", {"body": "words"})).status == 303


async def test_the_owner_is_not_kept_out_of_a_known_browser(app: Quart, ann: Browser) -> None:
    """303 in the browser that was signed in before, 429 everywhere else."""
    await fails(app, ann.name, 6)
    del ann.jar["access_token"]
    assert await enters(app, ann.name) == 429
    assert (await ann.sign_in(ann.name)).status == 303


async def test_a_browser_is_known_by_a_token_that_has_expired(app: Quart, ann: Browser, after: Move) -> None:
    """303: who was away for a month is not kept out either."""
    after(40 * 86400)
    await fails(app, ann.name, 6)
    assert not await ann.is_in()
    assert (await ann.sign_in(ann.name)).status == 303


@pytest.fixture
def tokens(ann: Browser, bob: Browser) -> dict[str, str]:
    return {
        "somebody else's": bob.refresh,
        "an access token": ann.access,
        "signed by nobody": genuine(ann.id, "refresh", stamp="x")[:-6] + "AAAAAA",
        "of a key that was given up": "e30.e30.e30",
        "nothing": "",
    }


KNOWN = ("somebody else's", "an access token", "signed by nobody", "of a key that was given up", "nothing")


@each("kind", {kind: kind for kind in KNOWN})
async def test_no_other_token_makes_a_browser_known(
    app: Quart, ann: Browser, tokens: dict[str, str], kind: str
) -> None:
    """429."""
    await fails(app, ann.name, 5)
    thief = stranger(app)
    thief.jar["refresh_token"] = tokens[kind]
    assert (await thief.sign_in(ann.name)).status == 429


async def test_a_known_browser_has_no_endless_tries(app: Quart, ann: Browser) -> None:
    """429 at the eleventh: its address is counted like any other."""
    found = [(await ann.sign_in(ann.name, WRONG)).status for _ in range(11)]
    assert found == [422] * 10 + [429]


async def test_a_stolen_token_makes_a_browser_known(app: Quart, ann: Browser) -> None:
    """422 beyond the fifth try, an honest limit: ten tries a minute and address for whoever has stolen it."""
    thief = ann.copied(address="10.250.0.1")
    assert [(await thief.sign_in(ann.name, WRONG)).status for _ in range(7)] == [422] * 7


# One address


async def test_ten_failures_close_an_address(app: Quart, ann: Browser) -> None:
    """429 for every name, and at other addresses for none of them."""
    assert [(await fails(app, f"x{n}", 1, "198.51.100.1"))[0] for n in range(11)] == [422] * 10 + [429]
    assert await enters(app, ann.name, "198.51.100.1") == 429
    assert await enters(app, ann.name, "198.51.100.2") == 303


async def test_an_address_opens_again_after_a_minute(app: Quart, ann: Browser, after: Move) -> None:
    """303 after Retry-After."""
    for n in range(10):
        await fails(app, f"x{n}", 1, "198.51.100.1")
    wait = int((await stranger(app, "198.51.100.1").sign_in(ann.name)).headers["Retry-After"])
    assert 55 <= wait <= 61
    after(wait + 1)
    assert await enters(app, ann.name, "198.51.100.1") == 303


async def test_signing_in_to_an_account_of_ones_own_wins_no_tries(app: Quart, bob: Browser) -> None:
    """429: what was tried at others' accounts stays counted."""
    for n in range(9):
        await fails(app, f"x{n}", 1, "198.51.100.3")
    assert await enters(app, bob.name, "198.51.100.3") == 303
    assert await fails(app, "x9", 1, "198.51.100.3") == [422]
    assert await fails(app, "x10", 1, "198.51.100.3") == [429]


async def test_many_people_behind_one_address_sign_in_at_once(app: Quart) -> None:
    """303 twelve times: who is right is not counted."""
    people = [await registered(app, f"Class{next(number)}") for _ in range(12)]
    found = await asyncio.gather(*(enters(app, person.name, "198.51.100.4") for person in people))
    assert found == [303] * 12


async def test_a_network_of_ipv6_is_one_address(app: Quart) -> None:
    """429 at the eleventh try within one /64; the next /64 goes on."""
    found = [(await fails(app, f"x{n}", 1, f"2001:db8:7:7::{n + 1:x}"))[0] for n in range(11)]
    assert found == [422] * 10 + [429]
    assert await fails(app, "y", 1, "2001:db8:7:8::1") == [422]


async def test_an_ipv4_address_written_as_ipv6_is_the_same(app: Quart) -> None:
    """429."""
    for n in range(10):
        await fails(app, f"x{n}", 1, "198.51.100.5")
    assert await fails(app, "x", 1, "::ffff:198.51.100.5") == [429]


# Forged addresses


@each("proxies", {"no proxy": 0, "one proxy": 1, "two proxies": 2})
async def test_a_forged_address_is_no_new_address(settings: Settings, proxies: int) -> None:
    """429 at the eleventh try: what the visitor writes in front of the proxies' own entries never counts."""
    site = create_app(replace(settings, trusted_proxies=proxies))
    behind = ["203.0.113.7", "10.0.0.2"][:proxies]
    found = []
    for n in range(11):
        forged = ", ".join([f"8.8.{n}.{n}", f"9.9.{n}.{n}", *behind])
        headers = [(FOR, forged), ("X-Real-IP", f"7.7.7.{n}"), ("Forwarded", f"for=6.6.6.{n}")]
        reply = await stranger(site, "203.0.113.99").sign_in(f"x{n}", WRONG, headers=headers)
        found.append(reply.status)
    assert found == [422] * 10 + [429]


@each("proxies", {"one proxy": 1, "two proxies": 2})
async def test_addresses_behind_the_proxies_are_counted_apart(settings: Settings, proxies: int) -> None:
    """422 eleven times: visitors of one proxy don't close it to each other."""
    site = create_app(replace(settings, trusted_proxies=proxies))
    found = []
    for n in range(11):
        line = ", ".join([f"203.0.113.{n}", "10.0.0.2"][:proxies])
        reply = await stranger(site, "10.0.0.1").sign_in(f"x{n}", WRONG, headers=[(FOR, line)])
        found.append(reply.status)
    assert found == [422] * 11


DISGUISES: dict[str, Any] = {
    "user agents": lambda n: [("User-Agent", f"Agent {n}")],
    "languages": lambda n: [("Accept-Language", f"x-{n}")],
    "cookies": lambda n: [("Cookie", f"session=s{n}; signed_out={n}; preferences=zone=UTC")],
    "htmx": lambda n: [("HX-Request", "true"), ("HX-Current-URL", f"http://localhost/{n}")],
    "origins": lambda n: [("Sec-Fetch-Site", "same-origin"), ("Referer", f"http://localhost/{n}")],
    "hosts": lambda n: [("Host", f"localhost:{8000 + n}")],
}


@each("disguise", DISGUISES)
async def test_another_browser_is_no_other_account(app: Quart, ann: Browser, disguise: Any) -> None:
    """429 at the sixth try."""
    found = [(await fails(app, ann.name, 1, headers=disguise(n)))[0] for n in range(6)]
    assert found == [422] * 5 + [429]


# All at once


class Counter:
    """How many passwords are verified."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.count = 0
        real = passwords.matches

        def counting(password: str, stored: str | None) -> bool:
            self.count += 1
            return real(password, stored)

        monkeypatch.setattr(passwords, "matches", counting)


async def test_fifty_tries_at_once_are_worth_five(
    app: Quart, ann: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    """422 five times and 429 for the rest; no more than five passwords are looked at."""
    counter = Counter(monkeypatch)
    found = await asyncio.gather(*(stranger(app).sign_in(ann.name, WRONG) for _ in range(50)))
    assert sorted(reply.status for reply in found) == [422] * 5 + [429] * 45
    assert counter.count == 5


async def test_the_right_password_among_fifty_at_once_is_found_by_one_in_ten(
    app: Quart, ann: Browser
) -> None:
    """At most the five that were begun could find it: it comes last, so 429."""
    tries = [stranger(app).sign_in(ann.name, WRONG) for _ in range(49)]
    *_, last = await asyncio.gather(*tries, stranger(app).sign_in(ann.name))
    assert last.status == 429


@pytest.fixture
def slowly(monkeypatch: pytest.MonkeyPatch) -> Counter:
    """Hashing is slower than counting, on a busy machine as well."""
    counter = Counter(monkeypatch)
    counting = passwords.matches

    def slow(password: str, stored: str | None) -> bool:
        time.sleep(0.05)
        return counting(password, stored)

    monkeypatch.setattr(passwords, "matches", slow)
    return counter


async def test_a_hundred_tries_at_once_from_one_address_are_worth_ten(app: Quart, slowly: Counter) -> None:
    """422 ten times and 429 for the rest, also where the password was right."""
    people = [await registered(app, f"Many{next(number)}") for _ in range(20)]
    there = "198.51.100.9"
    tries = [stranger(app, there).sign_in(person.name, WRONG) for person in people * 4]
    tries += [stranger(app, there).sign_in(person.name) for person in people]
    found = [reply.status for reply in await asyncio.gather(*tries)]
    assert sorted(found[:80]) == [422] * 10 + [429] * 70
    assert found[80:] == [429] * 20
    assert slowly.count == 10


async def test_over_the_limit_right_and_wrong_are_answered_alike(app: Quart, bob: Browser) -> None:
    """429 with the same bytes and the same Retry-After: else the answer would tell the password."""
    for n in range(10):
        await fails(app, f"x{n}", 1, "198.51.100.10")
    replies = [
        await stranger(app, "198.51.100.10").sign_in(bob.name, password) for password in (WRONG, PASSWORD)
    ]
    assert [reply.status for reply in replies] == [429, 429]
    assert replies[0].body == replies[1].body
    waits = [int(reply.headers["Retry-After"]) for reply in replies]
    assert waits[0] - waits[1] in (0, 1)


async def test_forty_people_behind_one_address_sign_in_at_once(app: Quart, slowly: Counter) -> None:
    """303 forty times: they wait for each other, and are not counted together as failures."""
    people = [await registered(app, f"School{next(number)}") for _ in range(40)]
    found = await asyncio.gather(*(enters(app, person.name, "198.51.100.11") for person in people))
    assert found == [303] * 40


async def test_a_wider_network_of_ipv6_has_ten_times_as_many_tries(app: Quart) -> None:
    """422 a hundred times from the /64s of one /56 and then 429; the next /56 goes on."""
    addresses = [f"2001:db8:5:{n:x}::1" for n in range(101)]
    found = [(await fails(app, f"x{n}", 1, address))[0] for n, address in enumerate(addresses)]
    assert found == [422] * 100 + [429]
    assert await fails(app, "y", 1, "2001:db8:5:100::1") == [422]


# What nobody has looked at


async def busy(*given: Any) -> bool:
    raise passwords.Busy("full")


async def away(*given: Any) -> bool:
    raise Unavailable("the database is away")


@each("trouble", {"too many wait": busy, "the database is away": away})
async def test_a_try_that_nobody_looked_at_is_not_counted(
    app: Quart, ann: Browser, monkeypatch: Any, trouble: Any
) -> None:
    """503 twenty times, then 303: the owner is not locked out by what others did to the site."""
    with monkeypatch.context() as patched:
        patched.setattr(passwords, "verify", trouble)
        assert [await enters(app, ann.name, "198.51.100.12") for _ in range(20)] == [503] * 20
    assert await tries() == 0
    assert await enters(app, ann.name, "198.51.100.12") == 303


async def test_who_hangs_up_before_their_turn_has_tried_nothing(app: Quart, ann: Browser) -> None:
    """303: nothing is counted of a try that waits."""
    let_go = threading.Event()
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(passwords, "matches", lambda *given: let_go.wait(10) and False)
        visitor = ClientInfo("198.51.100.13", ("198.51.100.13",), clock.now())
        tasks = [asyncio.create_task(password_login.sign_in(f"x{n}", WRONG, visitor)) for n in range(20)]
        while await tries() < 4:
            await asyncio.sleep(0.01)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        let_go.set()
    assert await tries() == 4
    assert await enters(app, ann.name, "198.51.100.13") == 303


async def test_a_database_that_forgets_nothing_keeps_nobody_out(
    app: Quart, ann: Browser, monkeypatch: Any
) -> None:
    """303: that a right try can't be taken from the count is no reason to refuse it."""

    async def full(self: Any) -> None:
        raise NoSpace("database or disk is full")

    monkeypatch.setattr(throttle.Failure, "filter", lambda *given, **named: _NoDeleting(given, named, full))
    assert await enters(app, ann.name, "198.51.100.14") == 303


class _NoDeleting:
    """Failures that can be counted, and not deleted."""

    def __init__(self, given: Any, named: Any, delete: Any) -> None:
        self.query, self._delete = Failure.all().filter(*given, **named), delete

    def using_db(self, db: Any) -> Any:
        query, delete = self.query.using_db(db), self._delete
        query.delete = lambda: delete(query)
        return query


# Signing up


async def signs_up(app: Quart, address: str, name: str = "") -> int:
    name = name or f"Guest{next(number)}"
    form = {"username": name, "email": f"{name}@example.org", "password": PASSWORD}
    return (await Browser(app, address=address).post("/register", form)).status


@pytest.fixture
def limited(monkeypatch: pytest.MonkeyPatch) -> None:
    """As on a real site, but for the number: 30 instead of 100."""
    monkeypatch.setattr(throttle, "SIGN_UPS", (30, timedelta(hours=1)))


@pytest.mark.usefixtures("limited")
async def test_sign_ups_are_limited_by_address(app: Quart, after: Move) -> None:
    """303 up to the limit and then 429, all at once; elsewhere 303, and here again an hour later."""
    found = await asyncio.gather(*(signs_up(app, "198.51.100.15") for _ in range(50)))
    assert sorted(found) == [303] * 30 + [429] * 20
    assert await signs_up(app, "198.51.100.15") == 429
    assert await signs_up(app, "198.51.100.16") == 303
    after(3601)
    assert await signs_up(app, "198.51.100.15") == 303


@pytest.mark.usefixtures("limited")
async def test_names_that_are_taken_are_counted_as_well(app: Quart, bob: Browser) -> None:
    """422 and then 429: else the form would tell who has an account here."""
    found = [await signs_up(app, "198.51.100.17", bob.name) for _ in range(31)]
    assert found == [422] * 30 + [429]


@pytest.mark.usefixtures("limited")
async def test_sign_ups_and_sign_ins_are_counted_apart(app: Quart, bob: Browser) -> None:
    """303: who has signed up many people may sign in, and the other way round."""
    for _ in range(30):
        await signs_up(app, "198.51.100.18")
    assert await enters(app, bob.name, "198.51.100.18") == 303
    for n in range(10):
        await fails(app, f"x{n}", 1, "198.51.100.19")
    assert await signs_up(app, "198.51.100.19") == 303


async def test_a_flood_of_sign_ups_locks_nobody_out(app: Quart, ann: Browser, slowly: Counter) -> None:
    """303 for the owner in the middle of it and after it, at a new device."""
    flood = [asyncio.create_task(signs_up(app, f"203.0.113.{n % 200}")) for n in range(300)]
    await asyncio.sleep(0.2)
    assert await enters(app, ann.name) == 303
    assert set(await asyncio.gather(*flood)) <= {303, 503}
    assert await enters(app, ann.name) == 303


async def test_a_flood_of_sign_ups_leaves_the_database_to_those_who_save(
    app: Quart, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No more than two sign-ups are counted at the same time, and the rest gets 503."""
    real, running, most = throttle.begin_sign_up, 0, 0

    async def watched(*given: Any) -> list[int]:
        nonlocal running, most
        running += 1
        most = max(most, running)
        try:
            return await real(*given)
        finally:
            running -= 1

    monkeypatch.setattr(throttle, "begin_sign_up", watched)
    found = await asyncio.gather(*(signs_up(app, "198.51.100.20") for _ in range(100)))
    assert most == 2
    assert set(found) == {303, 503}


async def test_a_flood_of_sign_ins_from_a_few_networks_keeps_nobody_out(app: Quart, ann: Browser) -> None:
    """303 for the owner at a new device, while as many tries wait as may."""
    queue, networks = password_login._queue, [f"2001:db8:0:{n}::/64" for n in range(3)]
    flood = [asyncio.create_task(queue.acquire(one, Purpose.SIGN_IN)) for one in networks * 104]
    await asyncio.sleep(0)
    assert await enters(app, ann.name) == 303
    for task, network in zip(flood, networks * 104, strict=True):
        if task.done() and task.exception() is None:
            queue.release(network, Purpose.SIGN_IN)
        task.cancel()
    found = await asyncio.gather(*flood, return_exceptions=True)
    assert [type(one) for one in found].count(passwords.Busy) == 1


async def test_a_network_shares_the_connections_to_the_database_whatever_its_addresses(
    app: Quart, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A customer with 2^64 addresses is one who asks, and holds no more connections than another."""
    askers, real = [], users.find

    async def watched(name: str) -> Any:
        askers.append(database.requester.get())
        return await real(name)

    monkeypatch.setattr(users, "find", watched)
    for last in "12":
        await fails(app, "nobody", 1, f"2001:db8:9::{last}")
    assert askers == ["2001:db8:9::/64"] * 2


async def test_tries_of_two_processes_are_counted_together(
    app: Quart, settings: Settings, ann: Browser
) -> None:
    """429: the count is in the database."""
    other = create_app(settings)
    assert await fails(app, ann.name, 3) == [422] * 3
    assert await fails(other, ann.name, 3) == [422, 422, 429]


async def test_a_try_that_is_hung_up_on_is_counted(app: Quart, ann: Browser, monkeypatch: Any) -> None:
    """429 at the sixth: who goes before the answer has tried all the same."""

    async def slow(*given: Any) -> bool:
        await asyncio.sleep(3)
        return False

    real = passwords.verify
    monkeypatch.setattr(passwords, "verify", slow)
    for _ in range(5):
        task = asyncio.create_task(stranger(app).sign_in(ann.name, WRONG))
        while await tries() <= _:
            await asyncio.sleep(0.002)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    monkeypatch.setattr(passwords, "verify", real)
    assert await enters(app, ann.name) == 429


# The clock


async def test_a_clock_stepped_back_locks_nobody_out(app: Quart, ann: Browser, after: Move) -> None:
    """303: failures from a future beyond the window don't count."""
    after(3600)
    await fails(app, ann.name, 5)
    after(0)
    assert await enters(app, ann.name) == 303


async def test_a_small_step_back_wins_no_tries(app: Quart, ann: Browser, after: Move) -> None:
    """429: failures of the minutes around now count, before and behind."""
    after(60)
    await fails(app, ann.name, 5)
    after(0)
    assert await enters(app, ann.name) == 429


# The password once more


async def confirm(browser: Browser, password: str, **options: Any) -> int:
    return (await browser.post("/settings/account/deletion", {"password": password}, **options)).status


async def test_guessing_in_a_stolen_session_is_throttled(app: Quart, ann: Browser) -> None:
    """429 at the sixth try, also with the right one, and the account is still there."""
    thief = ann.copied(address="10.251.0.1")
    assert [await confirm(thief, WRONG) for _ in range(5)] == [422] * 5
    assert await confirm(thief, PASSWORD) == 429
    assert await ann.is_in()


async def test_the_three_forms_that_ask_for_it_count_together(app: Quart, ann: Browser) -> None:
    """429: five tries in all, over account, password and deletion."""
    form = {"password": WRONG, "new_password": "some new words", "username": "x", "email": "x@example.org"}
    paths = ["/settings/account", "/settings/password", "/settings/account/deletion"] * 2
    assert [(await ann.post(path, form)).status for path in paths] == [422] * 5 + [429]


async def test_confirming_and_signing_in_are_counted_apart(app: Quart, ann: Browser) -> None:
    """303 and 422: a thief in the settings doesn't close the sign-in, nor a stranger there the settings."""
    thief = ann.copied(address="10.251.0.2")
    for _ in range(6):
        await confirm(thief, WRONG)
    assert await enters(app, ann.name) == 303
    await fails(app, ann.name, 6)
    await Failure.filter(key__startswith="confirm:").delete()
    assert await confirm(ann, WRONG) == 422


async def test_a_known_browser_is_no_exception_in_the_settings(app: Quart, ann: Browser) -> None:
    """429: this very browser may be the stolen one."""
    assert [await confirm(ann, WRONG) for _ in range(6)] == [422] * 5 + [429]


async def test_confirming_counts_against_the_address(app: Quart, ann: Browser, bob: Browser) -> None:
    """429 for anybody at that address after ten failures of both kinds."""
    there = "198.51.100.20"
    for _ in range(5):
        await confirm(ann.copied(address=there), WRONG)
    for n in range(5):
        await fails(app, f"x{n}", 1, there)
    assert await enters(app, bob.name, there) == 429


# What is left behind


async def test_no_password_is_written_into_the_table_of_failures(app: Quart) -> None:
    """A hash: a password that was typed as the name can't be read there."""
    await fails(app, "my secret password", 1)
    rows = await Failure.all().values()
    assert len(rows) == 1
    assert "secret" not in str(rows)
    assert rows[0]["key"].startswith("name:")


async def test_a_flood_of_refusals_does_not_hide_what_matters(app: Quart, ann: Browser) -> None:
    """One line a minute says "throttled", however many there were."""
    await fails(app, ann.name, 5)
    await fails(app, ann.name, 20, "198.51.100.30")
    assert await SecurityEvent.filter(user_id=ann.id, kind="throttled").count() == 1
    assert "Throttled" in (await ann.get("/settings/security")).text


async def test_a_throttled_sign_in_keeps_the_words_that_came_along(app: Quart, ann: Browser) -> None:
    """429 with the words still in the form."""
    await fails(app, ann.name, 5)
    form = {"username": ann.name, "password": PASSWORD, "kept.body": "all my words", "kept.path": "/entries"}
    reply = await stranger(app).post("/login", form)
    assert reply.status == 429
    assert "all my words" in reply.text
