"""Signing up, in and out, and the settings of an account."""

import asyncio
import logging
import time
from dataclasses import replace

from quart import Blueprint, Response, current_app, g, request

from journal import clock
from journal.accounts import gate, passwords, people
from journal.accounts.forms import RegistrationForm, SettingsForm, SignInForm, local_path
from journal.accounts.gate import public
from journal.accounts.models import User
from journal.accounts.preferences import THEMES
from journal.database import Unavailable
from journal.entries import mood
from journal.entries.forms import resumed
from journal.web import htmx
from journal.web.pages import page, redirect

routes = Blueprint("accounts", __name__)
log = logging.getLogger(__name__)


@routes.get("/register")
@public
async def register_page() -> Response:
    if g.user:
        return redirect("/")
    return page("accounts/register.html", form=None, is_open=current_app.config["SETTINGS"].registration_open)


@routes.post("/register")
@public
async def register() -> Response:
    if not current_app.config["SETTINGS"].registration_open:
        return page("accounts/register.html", 403, form=None, is_open=False)
    form = RegistrationForm(await request.form)
    if form.is_valid:
        try:
            user = await people.create(form.username, form.email, form.password, form.zone, clock.now())
        except people.Taken as taken:
            form.wrong(str(taken), "Somebody here has this already.")
    if not form.is_valid:
        return page("accounts/register.html#form", 422, form=form, is_open=True)
    gate.sign_in(user)
    return htmx.redirect("/") if htmx.is_request() else redirect("/")


@routes.get("/login")
@public
async def login_page() -> Response:
    where = local_path(request.args.get("next", ""))
    return redirect(where) if g.user else page("accounts/login.html", next=where)


@routes.post("/login")
@public
async def login() -> Response:
    typed = await request.form
    form = SignInForm(typed)
    kept = {name.removeprefix("kept."): typed[name] for name in typed if name.startswith("kept.")}
    user = await _verified(form)
    if user is None:
        form.refuse()
        return page("accounts/login.html#form", 422, form=form, next=form.next, kept=kept)
    await _note(user, form.password)
    gate.sign_in(user)
    if kept:
        draft = resumed(kept, clock.today(await gate.zone()))
        return page("entries/edit.html", entry=draft, moods=mood.MOODS, outcome=None, other_owner=None)
    return htmx.trigger(Response(status=204), "signed-in") if htmx.is_request() else redirect(form.next)


async def _verified(form: SignInForm) -> User | None:
    started = time.monotonic()
    user = await people.find(form.username)
    stored = user.password_hash if user and user.is_active else None
    if await passwords.verify(form.password, stored):
        return user
    # Unknown, wrong and disabled take the same time.
    await asyncio.sleep(max(0.0, passwords.SLOWEST_ANSWER - (time.monotonic() - started)))
    return None


async def _note(user: User, password: str) -> None:
    try:
        await people.signed_in(user, password, clock.now())
    except (Unavailable, passwords.Busy) as error:
        log.warning("sign-in of user %s could not be noted: %s", user.id, error)


@routes.post("/logout")
@public
async def logout() -> Response:
    gate.sign_out()
    return redirect("/")


@routes.get("/settings")
async def settings_page() -> Response:
    user = await people.one(g.user.id)
    return page("accounts/settings.html", user=user, zones=sorted(people.zones()), themes=THEMES, form=None)


@routes.post("/settings")
async def settings() -> Response:
    form = SettingsForm(await request.form)
    if not form.is_valid:
        user = await people.one(g.user.id)
        return page(
            "accounts/settings.html", 422, user=user, zones=sorted(people.zones()), themes=THEMES, form=form
        )
    await people.change(g.user.id, zone=form.zone)
    gate.set_preferences(replace(g.preferences, zone=form.zone, theme=form.theme))
    return redirect("/settings", saved="1")
