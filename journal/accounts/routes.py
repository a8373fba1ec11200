"""Sign-up and the settings of an account."""

from dataclasses import replace

from quart import Blueprint, Response, current_app, g, request

from journal.accounts import users
from journal.accounts.forms import (
    AccountForm,
    ConfirmationForm,
    NewPasswordForm,
    RegistrationForm,
    SettingsForm,
)
from journal.accounts.preferences import CHOICES, DAY_STARTS, WEEK_STARTS
from journal.forms import Form
from journal.sessions import gate, session
from journal.sessions.gate import public
from journal.sessions.password_login import confirm, sign_up
from journal.sessions.throttle import RateLimited
from journal.web import htmx
from journal.web.errors import retry_after
from journal.web.pages import page, redirect

routes = Blueprint("accounts", __name__)

FIRST_PAGE = "/entries/new?welcome=1"

# Sign-up


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
            user = await sign_up(form, session.client_info())
        except users.Taken as taken:
            form.wrong(taken.field, taken.sentence)
        except RateLimited as limit:
            form.wrong("username", limit.sentence)
            return retry_after(_sign_up_form(429, form), limit.seconds)
    if not form.is_valid:
        return _sign_up_form(422, form)
    await session.begin(user, "account made")
    return htmx.redirect(FIRST_PAGE) if htmx.is_request() else session.redirect_after_sign_in(FIRST_PAGE)


def _sign_up_form(status: int, form: RegistrationForm) -> Response:
    return page("accounts/register.html#form", status, form=form, is_open=True)


# Settings


@routes.get("/settings")
async def settings_page() -> Response:
    return await _settings(200)


async def _settings(status: int, form: Form | None = None, section: str = "") -> Response:
    """The settings page, with the errors of `form` in the section that was sent."""
    return page(
        "accounts/settings.html",
        status,
        account=await users.by_id(g.user.id),
        section=section,
        zones=sorted(users.zones()),
        choices=CHOICES,
        day_starts=DAY_STARTS,
        week_starts=WEEK_STARTS,
        form=form,
        saved=request.args.get("saved"),
    )


@routes.post("/settings")
async def settings() -> Response:
    form = SettingsForm(await request.form)
    if not form.is_valid:
        return await _settings(422, form, "settings")
    await users.by_id(g.user.id)
    await users.change(g.user.id, **form.account())
    gate.set_preferences(replace(g.preferences, theme=form.chosen["theme"], **form.account()))
    return redirect("/settings", saved="settings")


@routes.get("/keys")
async def keys() -> Response:
    return page("accounts/keys.html#keys")


@routes.post("/settings/account")
async def rename() -> Response:
    form = AccountForm(await request.form, (await users.by_id(g.user.id)).username)
    if refusal := await _refusal(form, "account"):
        return refusal
    try:
        await users.rename(g.user.id, form.username, form.email)
    except users.Taken as taken:
        form.wrong(taken.field, taken.sentence)
        return await _settings(422, form, "account")
    await session.log_event(g.user.id, "name or e-mail changed")
    return redirect("/settings", saved="account")


@routes.post("/settings/password")
async def change_password() -> Response:
    form = NewPasswordForm(await request.form)
    if refusal := await _refusal(form, "password"):
        return refusal
    user = await users.by_id(g.user.id)
    await users.set_password(user, form.new_password)
    session.keep(user)  # all other browsers are signed out at their next refresh
    await session.log_event(user.id, "password changed")
    return redirect("/settings", saved="password")


@routes.post("/settings/account/deletion")
async def delete_account() -> Response:
    form = ConfirmationForm(await request.form)
    if refusal := await _refusal(form, "deletion"):
        return refusal
    await users.delete(g.user.id)
    session.end()
    return redirect("/")


async def _refusal(form: AccountForm | NewPasswordForm | ConfirmationForm, section: str) -> Response | None:
    """The settings page with errors if the form is invalid or the password is wrong, else None."""
    if form.is_valid:
        try:
            user = await users.by_id(g.user.id)
            if not await confirm(user, form.password, session.client_info()):
                form.wrong("password", "This is not your password.")
        except RateLimited as limit:
            form.wrong("password", limit.sentence)
            return retry_after(await _settings(429, form, section), limit.seconds)
    return None if form.is_valid else await _settings(422, form, section)
