"""Signing up, in and out, and the settings of an account."""

from dataclasses import replace

from quart import Blueprint, Response, current_app, g, request

from journal import clock
from journal.accounts import users
from journal.accounts.forms import (
    AccountForm,
    ConfirmationForm,
    NewPasswordForm,
    RegistrationForm,
    SettingsForm,
    SignInForm,
    local_path,
)
from journal.accounts.models import User
from journal.accounts.preferences import CHOICES, DAY_STARTS, WEEK_STARTS
from journal.entries import derived
from journal.forms import Form
from journal.sessions import gate, security_log
from journal.sessions.gate import public
from journal.sessions.password_login import Visitor, confirm, sign_in, sign_up
from journal.sessions.throttle import TooMany
from journal.web import htmx
from journal.web.addresses import client_address, networks
from journal.web.interrupted_form import carried
from journal.web.pages import page, redirect

routes = Blueprint("accounts", __name__)

FIRST_PAGE = "/entries/new?welcome=1"

# Signing up, in and out


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
        return page("accounts/register.html#form", 403, form=None, is_open=False)
    form = RegistrationForm(await request.form)
    if form.is_valid:
        try:
            user = await sign_up(form, _visitor())
        except users.Taken as taken:
            form.wrong(taken.field, taken.sentence)
        except TooMany as wait:
            form.wrong("username", _too_many(wait))
            return _retry_after(wait, page("accounts/register.html#form", 429, form=form, is_open=True))
    if not form.is_valid:
        return page("accounts/register.html#form", 422, form=form, is_open=True)
    gate.sign_in(user)
    await _note(user.id, "account made")
    return htmx.redirect(FIRST_PAGE) if htmx.is_request() else gate.onward(FIRST_PAGE)


@routes.get("/login")
@public
async def login_page() -> Response:
    where = local_path(request.args.get("next", ""))
    return (
        redirect(where)
        if g.user
        else page("accounts/login.html", next=where, is_cookieless=gate.is_cookieless())
    )


@routes.post("/login")
@public
async def login() -> Response:
    typed = await request.form
    form = SignInForm(typed)
    owner = gate.gate().form_owner
    kept = carried(owner, typed)
    try:
        user = await sign_in(form.username, form.password, _visitor())
    except TooMany as wait:
        form.wrong("username", _too_many(wait))
        return _retry_after(wait, page("accounts/login.html#form", 429, form=form, next=form.next, kept=kept))
    if user is None:
        form.refuse()
        return page("accounts/login.html#form", 422, form=form, next=form.next, kept=kept)
    gate.sign_in(user)
    if kept:
        return await owner.resume(kept)
    return htmx.trigger(Response(status=204), "signed-in") if htmx.is_request() else gate.onward(form.next)


@routes.post("/logout")
@public
async def logout() -> Response:
    gate.sign_out()
    return redirect("/")


def _visitor() -> Visitor:
    address = client_address(current_app.config["SETTINGS"].trusted_proxies)
    return Visitor(address, networks(address), clock.now(), gate.gate().known_as())


async def _note(user_id: int, kind: str) -> None:
    visitor = _visitor()
    await security_log.note(user_id, kind, visitor.address, visitor.now)


def _too_many(wait: TooMany) -> str:
    minutes = -(-wait.seconds // 60)
    return f"Too many tries. Please wait {minutes} minute{'s' * (minutes != 1)}."


def _retry_after(wait: TooMany, response: Response) -> Response:
    response.headers["Retry-After"] = str(wait.seconds)
    return response


# Settings


@routes.get("/settings")
async def settings_page() -> Response:
    return await _settings(200)


async def _settings(status: int, form: Form | None = None, section: str = "") -> Response:
    """All of them, with what is wrong shown in the section that was sent."""
    return page(
        "accounts/settings.html",
        status,
        account=await _account(),
        section=section,
        zones=sorted(users.zones()),
        choices=CHOICES,
        day_starts=DAY_STARTS,
        week_starts=WEEK_STARTS,
        form=form,
        saved=request.args.get("saved"),
    )


async def _account() -> User:
    user = await users.one(g.user.id)
    if user is None:
        raise users.AccountGone
    return user


@routes.post("/settings")
async def settings() -> Response:
    form = SettingsForm(await request.form)
    if not form.is_valid:
        return await _settings(422, form, "settings")
    await _account()
    await users.change(g.user.id, **form.account())
    gate.set_preferences(replace(g.preferences, theme=form.chosen["theme"], **form.account()))
    return redirect("/settings", saved="settings")


@routes.get("/keys")
async def keys() -> Response:
    return page("accounts/keys.html#keys")


@routes.post("/settings/account")
async def rename() -> Response:
    form = AccountForm(await request.form, (await _account()).username)
    if refused := await _unconfirmed(form, "account"):
        return refused
    try:
        await users.rename(g.user.id, form.username, form.email)
    except users.Taken as taken:
        form.wrong(taken.field, taken.sentence)
        return await _settings(422, form, "account")
    await _note(g.user.id, "name or e-mail changed")
    return redirect("/settings", saved="account")


@routes.post("/settings/password")
async def change_password() -> Response:
    form = NewPasswordForm(await request.form)
    if refused := await _unconfirmed(form, "password"):
        return refused
    user = await _account()
    await users.set_password(user, form.new_password)
    gate.stay_signed_in(user)  # all other browsers are out at their next refresh
    await _note(user.id, "password changed")
    return redirect("/settings", saved="password")


@routes.post("/settings/sessions/deletion")
async def end_sessions() -> Response:
    await users.end_sessions(g.user.id)
    if (await request.form).get("keep") != "this":
        await _note(g.user.id, "signed out everywhere")
        gate.sign_out()
        return redirect("/login")
    await _note(g.user.id, "signed out elsewhere")
    gate.stay_signed_in(await _account(), g.user.auth_time)
    return redirect("/settings", saved="sessions")


@routes.post("/settings/account/deletion")
async def delete_account() -> Response:
    form = ConfirmationForm(await request.form)
    if refused := await _unconfirmed(form, "deletion"):
        return refused
    await users.delete(g.user.id, derived.forget)
    gate.sign_out()
    return redirect("/")


async def _unconfirmed(
    form: AccountForm | NewPasswordForm | ConfirmationForm, section: str
) -> Response | None:
    """The answer to a form that is wrong, or whose sender doesn't know the password."""
    if form.is_valid:
        try:
            if not await confirm(await _account(), form.password, _visitor()):
                form.wrong("password", "This is not your password.")
        except TooMany as wait:
            form.wrong("password", _too_many(wait))
            return _retry_after(wait, await _settings(429, form, section))
    return None if form.is_valid else await _settings(422, form, section)


@routes.get("/settings/security")
async def security() -> Response:
    return page("accounts/security.html", zone=await gate.zone(), events=await security_log.latest(g.user.id))
