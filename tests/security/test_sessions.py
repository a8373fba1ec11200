"""Sessions: fixing, stealing and keeping them, and what really ends one."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from quart import Quart

from journal import clock
from journal.accounts import users
from journal.accounts.models import User
from journal.app import create_app
from journal.settings import Settings
from tests.security.asking import PASSWORD, Browser, registered
from tests.security.cases import each
from tests.security.conftest import number
from tests.security.forging import decoded, genuine

pytestmark = pytest.mark.slow_on_postgres
THEME = "Sessions"
ACCESS, REFRESH = 1800, 1209600
Move = Callable[[float], None]
CHANGE = {"password": PASSWORD, "new_password": "another horse battery"}


async def user_of(browser: Browser) -> User:
    return await User.get(id=browser.id)


# Fixation


async def test_signing_in_replaces_the_tokens_that_the_browser_had(ann: Browser, bob: Browser) -> None:
    """303 with new tokens of Bob's: what an attacker had planted is gone, and both are his."""
    victim = ann.copied()
    reply = await victim.sign_in(bob.name)
    assert {"access_token", "refresh_token"} <= set(reply.cookies)
    assert victim.id == bob.id
    del victim.jar["access_token"]
    assert (await victim.get("/settings")).status == 200
    assert victim.id == bob.id, "the refresh token is his as well"


async def test_registering_replaces_the_tokens_that_the_browser_had(ann: Browser) -> None:
    """303 with tokens of the new account."""
    victim, name = ann.copied(), f"New{next(number)}"
    form = {"username": name, "email": f"{name}@example.org", "password": PASSWORD}
    assert (await victim.post("/register", form)).status == 303
    assert victim.id != ann.id


async def test_a_failed_sign_in_leaves_the_session_as_it_is(
    ann: Browser, bob: Browser, untried: None
) -> None:
    """422 and no cookie: nobody can be signed out by being made to try."""
    reply = await ann.sign_in(bob.name, "wrong wrong wrong")
    assert reply.status == 422
    assert not reply.cookies
    assert await ann.is_in()


async def test_a_token_is_never_taken_from_what_a_form_or_an_address_says(ann: Browser) -> None:
    """422: a session can't be planted by a link or a form."""
    visitor = Browser(ann.app)
    token = {"access_token": ann.access, "refresh_token": ann.refresh, "username": "x", "password": "y"}
    reply = await visitor.post(f"/login?access_token={ann.access}&refresh_token={ann.refresh}", token)
    assert reply.status == 422
    assert not reply.cookies


async def test_two_sign_ins_at_the_same_second_have_sessions_of_one_person(ann: Browser) -> None:
    """Both 200: there is nothing to guess in a session, and nothing to collide."""
    other = Browser(ann.app)
    await asyncio.gather(other.sign_in(ann.name), ann.sign_in(ann.name))
    assert await other.is_in()
    assert await ann.is_in()


# Signing out


@each("method", {name: name for name in ("GET", "HEAD", "PUT", "DELETE", "PATCH")})
async def test_signing_out_takes_a_post(ann: Browser, method: str) -> None:
    """405: an image or a link signs nobody out."""
    assert (await ann.ask(method, "/logout")).status == 405
    assert await ann.is_in()


async def test_an_answer_that_comes_late_signs_nobody_in_again(ann: Browser) -> None:
    """Signed out: tokens from before the sign-out are refused in that browser."""
    late = dict(ann.jar)
    await ann.post("/logout")
    ann.jar |= {name: late[name] for name in ("access_token", "refresh_token")}
    assert not await ann.is_in()


async def test_a_renewal_that_comes_late_signs_nobody_in_again(ann: Browser, after: Move) -> None:
    """Signed out: the renewed pair keeps the time of the password, which is before the sign-out."""
    del ann.jar["access_token"]
    slow = ann.copied()
    assert (await slow.get("/settings")).status == 200
    after(1)
    await ann.post("/logout")
    ann.jar |= {"access_token": slow.access, "refresh_token": slow.refresh}
    assert not await ann.is_in()


async def test_back_after_signing_out_is_the_sign_in_page(ann: Browser) -> None:
    """303 to /login; the page before was no-store."""
    assert (await ann.get("/settings")).headers["Cache-Control"] == "no-store"
    await ann.post("/logout")
    assert (await ann.get("/settings")).is_sign_in


async def test_tokens_stolen_before_a_sign_out_live_on_elsewhere(ann: Browser, after: Move) -> None:
    """200, the honest limit: a sign-out is the browser's own; /settings has "sign out everywhere"."""
    thief = ann.copied()
    await ann.post("/logout")
    assert await thief.is_in()


# What ends the sessions of others


async def changes_password(ann: Browser) -> None:
    assert (await ann.post("/settings/password", CHANGE)).status == 303


async def signs_out_everywhere(ann: Browser) -> None:
    assert (await ann.post("/settings/sessions/deletion")).status == 303


async def is_given_a_password(ann: Browser) -> None:
    await users.set_password(await user_of(ann), "the host's choice of words")


async def is_disabled(ann: Browser) -> None:
    await users.disable(await user_of(ann))


async def deletes_the_account(ann: Browser) -> None:
    assert (await ann.post("/settings/account/deletion", {"password": PASSWORD})).status == 303


ENDS: dict[str, Any] = {
    "a changed password": changes_password,
    "sign out everywhere": signs_out_everywhere,
    "a password set by the host": is_given_a_password,
    "a disabled account": is_disabled,
    "a deleted account": deletes_the_account,
}


@each("ends", ENDS)
async def test_other_browsers_are_out_at_their_next_refresh(ann: Browser, ends: Any, after: Move) -> None:
    """Signed out with both cookies deleted, after half an hour at most."""
    thief = ann.copied()
    await ends(ann)
    after(ACCESS + 1)
    reply = await thief.get("/settings")
    assert reply.is_sign_in
    assert {name for name, morsel in reply.cookies.items() if morsel["max-age"] == "0"} == {
        "access_token",
        "refresh_token",
    }


@each("ends", ENDS)
async def test_an_access_token_lives_out_its_half_hour(ann: Browser, ends: Any) -> None:
    """Let in, the honest limit: no list of ended sessions is asked on every request."""
    thief = ann.copied()
    await ends(ann)
    assert (await thief.get("/bin/deletion")).status == 200  # a page that asks the database nothing


async def test_this_browser_stays_signed_in_when_its_password_changes(ann: Browser, after: Move) -> None:
    """200 now and after half an hour."""
    await changes_password(ann)
    assert await ann.is_in()
    after(ACCESS + 1)
    assert await ann.is_in()


async def test_a_refresh_token_from_before_the_change_is_refused_even_beside_a_new_one(
    ann: Browser, after: Move
) -> None:
    """Signed out: an old pair put back is an old pair."""
    old = ann.copied()
    await changes_password(ann)
    await changes_back(ann)
    after(ACCESS + 1)
    assert not await old.is_in()


async def changes_back(ann: Browser) -> None:
    form = {"password": CHANGE["new_password"], "new_password": PASSWORD}
    assert (await ann.post("/settings/password", form)).status == 303


async def test_a_new_hash_of_the_same_password_ends_no_session(ann: Browser, after: Move) -> None:
    """200: re-hashing at a sign-in is not a change."""
    await users.change(ann.id, password_hash="sha256$salt$0")
    after(ACCESS + 1)
    assert await ann.is_in()


# Stolen and expired


async def test_a_stolen_refresh_token_slides(ann: Browser, after: Move) -> None:
    """200 for as long as it is used, the honest limit of phase 1: until the password or the key changes."""
    thief = ann.copied()
    for day in range(13, 13 * 6, 13):
        after(day * 86400)
        assert await thief.is_in()
    await users.set_password(await user_of(ann), "another horse battery")
    after(13 * 6 * 86400)
    assert not await thief.is_in()


async def test_a_refresh_token_is_dead_after_a_fortnight_unused(ann: Browser, after: Move) -> None:
    """Signed out one second after its life, not one before."""
    stolen = ann.copied()
    after(REFRESH - 2)
    assert await stolen.copied().is_in()
    after(REFRESH + 1)
    assert not await stolen.is_in()


async def test_an_access_token_alone_is_dead_after_half_an_hour(ann: Browser, after: Move) -> None:
    """Signed out: it renews nothing."""
    stolen = ann.copied(jar={"access_token": ann.access})
    after(ACCESS - 2)
    assert await stolen.is_in()
    after(ACCESS + 1)
    assert not await stolen.is_in()


async def test_a_clock_stepped_back_signs_nobody_out(ann: Browser, after: Move) -> None:
    """200: the refresh token is taken from a future, and no access token is kept from one."""
    after(-3600)
    assert await ann.is_in()


async def test_a_remembered_token_still_expires(ann: Browser, after: Move) -> None:
    """Signed out: that its signature was verified before doesn't make it live longer."""
    stolen = ann.copied(jar={"access_token": ann.access})
    assert await stolen.is_in()
    after(ACCESS + 1)
    assert not await stolen.is_in()


async def test_a_site_with_another_secret_knows_nobody(ann: Browser, settings: Settings) -> None:
    """Signed out: a copy of the database is no way in."""
    assert not await ann.copied(app=create_app(replace(settings, secret_keys=("z" * 40,)))).is_in()


# Gone


async def test_no_id_is_given_to_a_second_account(app: Quart) -> None:
    """A new id: tokens of a deleted account never become somebody else's."""
    ann = await registered(app, f"Last{next(number)}")
    ghost, old = ann.copied(), ann.id
    await deletes_the_account(ann)
    bob = await registered(app, f"Next{next(number)}")
    await bob.writes("Bob's words")
    assert bob.id > old
    assert b"Bob's words" not in (await ghost.get("/")).body


WRITES: dict[str, Any] = {
    "a new entry": ("/entries", {"body": "words"}),
    "a save": ("/entries/6f1b5a52-1111-4000-8000-000000000001", {"body": "words", "version": "0"}),
    "the settings": ("/settings", {"zone": "UTC", "theme": "dark"}),
    "a name": ("/settings/account", {"username": "x", "email": "x@example.org", "password": PASSWORD}),
    "a password": ("/settings/password", CHANGE),
    "a deletion": ("/settings/account/deletion", {"password": PASSWORD}),
}


@each("write", WRITES)
async def test_a_write_by_an_account_that_is_gone_is_refused(ann: Browser, write: Any) -> None:
    """401 with the sign-in form, though its access token still lives; never a 500."""
    ghost = ann.copied(jar={"access_token": ann.access})
    await deletes_the_account(ann)
    reply = await ghost.post(*write)
    assert reply.status == 401
    assert reply.is_sign_in


async def test_somebody_gone_can_still_sign_out_everywhere(ann: Browser) -> None:
    """303: nothing to end, nothing to break."""
    ghost = ann.copied(jar={"access_token": ann.access})
    await deletes_the_account(ann)
    assert (await ghost.post("/settings/sessions/deletion")).status in (303, 401)


async def test_somebody_disabled_can_not_sign_in(ann: Browser, untried: None) -> None:
    """422, as for a wrong password."""
    await is_disabled(ann)
    assert (await Browser(ann.app).sign_in(ann.name)).status == 422


@each("path", {"/settings/password": "/settings/password", "account deletion": "/settings/account/deletion"})
async def test_a_stolen_session_does_not_get_the_account(ann: Browser, path: str, untried: None) -> None:
    """422: what would keep its owner out asks for the password."""
    thief = ann.copied()
    form = {"password": "guessed wrong", "new_password": "thief's own words", "username": "x", "email": "x@y"}
    assert (await thief.post(path, form)).status == 422
    assert (await thief.post(path, {**form, "password": ""})).status == 422
    assert (await Browser(ann.app).sign_in(ann.name)).status == 303


async def test_a_stolen_session_does_not_get_the_address(ann: Browser, untried: None) -> None:
    """422: the e-mail changes with the password only."""
    form = {"username": ann.name, "email": "thief@example.org", "password": "guessed wrong"}
    assert (await ann.copied().post("/settings/account", form)).status == 422
    assert (await user_of(ann)).email != "thief@example.org"


async def test_what_happens_to_an_account_is_noted_for_its_owner(ann: Browser, untried: None) -> None:
    """A failed sign-in, a refused refresh and a change are there to be read, with the address."""
    await Browser(ann.app, address="203.0.113.9").sign_in(ann.name, "wrong wrong")
    await changes_password(ann)
    page = (await ann.get("/settings/security")).text
    assert "203.0.113.9" in page
    for kind in ("Account made", "Failed sign-in", "Password changed"):
        assert kind in page


async def test_the_time_of_the_password_survives_a_refresh(ann: Browser, after: Move) -> None:
    """The same auth_time: a session that slides never looks as if its owner had just typed the password."""
    typed = decoded(ann.refresh)["auth_time"]
    after(ACCESS + 1)
    assert await ann.is_in()
    assert decoded(ann.refresh)["auth_time"] == typed
    assert decoded(ann.refresh)["iat"] > clock.timestamp() - 10


async def test_a_session_of_nobody_shows_nothing(visitor: Browser) -> None:
    """A signed token whose account never was leads to the sign-in; what it writes is refused with 401."""
    visitor.jar["access_token"] = genuine(987654321)
    assert (await visitor.get("/")).status == 303
    assert (await visitor.post("/entries", {"body": "words"})).status == 401
