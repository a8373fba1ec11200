"""Sign-in, sign-out, signing out other browsers, and the page of the audit log."""

from quart import Blueprint, Response, g, request

from journal.accounts import hash_costs, users
from journal.sessions import gate, security_log, session
from journal.sessions.forms import SignInForm, local_path
from journal.sessions.gate import public
from journal.sessions.password_login import sign_in
from journal.sessions.throttle import RateLimited
from journal.web import htmx
from journal.web.errors import retry_after
from journal.web.interrupted_form import carried
from journal.web.pages import page, redirect

routes = Blueprint("sessions", __name__)


@routes.get("/login")
@public
async def login_page() -> Response:
    where = local_path(request.args.get("next", ""))
    return (
        redirect(where)
        if g.user
        else page("sessions/login.html", next=where, is_cookieless=gate.is_cookieless())
    )


@routes.post("/login")
@public
async def login() -> Response:
    typed, owner = await request.form, gate.gate().form_owner
    form, kept = SignInForm(typed), carried(owner, typed)
    context = {"form": form, "next": form.next, "kept": kept}
    try:
        user = await sign_in(form.username, form.password, session.client_info(), form.zone)
    except RateLimited as limit:
        form.wrong("username", limit.sentence)
        return retry_after(page("sessions/login.html#form", 429, **context), limit.seconds)
    if user is None:
        form.refuse(await hash_costs.is_anybody_locked_out())
        return page("sessions/login.html#form", 422, **context)
    await session.begin(user, "signed in")
    return await owner.resume(kept) if kept else _signed_in(form.next)


def _signed_in(path: str) -> Response:
    if htmx.is_request():
        return htmx.trigger(Response(status=204), "signed-in")
    return session.redirect_after_sign_in(path)


@routes.post("/logout")
@public
async def logout() -> Response:
    session.end()
    return redirect("/")


@routes.post("/settings/sessions/deletion")
async def end_sessions() -> Response:
    """Signs out all browsers of the account, or all but this one."""
    await users.end_sessions(g.user.id)
    if (await request.form).get("keep") != "this":
        await session.log_event(g.user.id, "signed out everywhere")
        session.end()
        return redirect("/login")
    await session.log_event(g.user.id, "signed out elsewhere")
    session.keep(await users.by_id(g.user.id), g.user.auth_time)
    return redirect("/settings", saved="sessions")


@routes.get("/settings/security")
async def security() -> Response:
    return page("sessions/security.html", zone=await gate.zone(), events=await security_log.latest(g.user.id))
