"""Session: begins and ends it in the browser of the present request, and notes both in the audit log. Every
way to sign in ends in `begin`."""

from quart import Response, g, request

from journal import clock
from journal.accounts.models import User
from journal.sessions import security_log
from journal.sessions.gate import gate
from journal.sessions.password_login import ClientInfo
from journal.web.addresses import client_address, networks
from journal.web.pages import redirect


async def begin(user: User, how: str) -> None:
    """Begins a session in this browser, in place of any other; `how` goes into the audit log."""
    gate().set_session(user)
    await log_event(user.id, how)


def keep(user: User, auth_time: int | None = None) -> None:
    """Keeps this browser signed in after all sessions of the account were ended."""
    gate().set_session(user, auth_time)
    names = gate().names
    g.cookies[names.changed_session] = g.cookies[names.refresh]


def end() -> None:
    """Ends the session of this browser."""
    gate().sign_out()


async def log_event(user_id: int, kind: str) -> None:
    """Notes a security event of this request in the audit log."""
    client = client_info()
    await security_log.note(user_id, kind, client.address, client.now)


def client_info() -> ClientInfo:
    """The client of this request, for the rate limit and the audit log."""
    address = client_address(gate().settings.trusted_proxies)
    return ClientInfo(address, networks(address), clock.now(), gate().known_user_id())


def redirect_after_sign_in(path: str) -> Response:
    """Redirects to `path`; browsers by way of the sign-in page, which checks that they keep cookies. Every
    browser says where a form comes from; a program does not, and needs no such check."""
    is_browser = "Origin" in request.headers or "Sec-Fetch-Site" in request.headers
    return redirect("/login", next=path, check="cookies") if is_browser else redirect(path)
