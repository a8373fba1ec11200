"""Authentication middleware: reads the access cookie, refreshes it by the refresh cookie, writes both."""

import logging
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import date
from typing import Any, TypeVar
from urllib.parse import quote

from quart import Quart, Response, current_app, g, request

from journal import clock, database
from journal.accounts import preferences, users
from journal.accounts.models import User
from journal.sessions import security_log
from journal.sessions.access_cache import AccessCache, CachedAccess, CurrentUser
from journal.sessions.cookies import Cookies
from journal.sessions.tokens import KINDS, Claims, Kind
from journal.settings import Settings
from journal.web import htmx
from journal.web.addresses import client_address, networks, referring_path
from journal.web.interrupted_form import FormOwner, interrupt
from journal.web.pages import page, redirect

log = logging.getLogger(__name__)
View = TypeVar("View", bound=Callable[..., Any])


def public(view: View) -> View:
    """Anybody may ask; who it is is looked at all the same."""
    view.is_public = True  # type: ignore[attr-defined]
    return view


class Gate:
    """`left_alone` names the blueprint whose answers any cache may keep: no cookie is touched there."""

    def __init__(self, settings: Settings, left_alone: str, form_owner: FormOwner) -> None:
        self.settings = settings
        self.form_owner = form_owner
        self.left_alone = left_alone
        self.cookies = Cookies(settings)
        self.names = self.cookies.names
        self.visits = AccessCache()

    def install(self, app: Quart) -> None:
        app.extensions["gate"] = self
        app.before_request(self.identify)
        app.before_request(admit)
        app.after_request(self.write_cookies)
        app.register_error_handler(users.AccountGone, gone)

    async def identify(self) -> None:
        if request.blueprint == self.left_alone:
            g.user, g.preferences = None, preferences.Preferences()
            return
        now, header = clock.timestamp(), _cookie_header()
        visit = self.visits.find(header, now) or self._visit(header, now)
        if visit:
            database.asker.set(visit.person.id)
            g.user, g.preferences = visit.person, visit.preferences
            return
        g.user, g.preferences, found = None, self._preferences(), list(self.claims("refresh", now))
        network = networks(client_address(self.settings.trusted_proxies))[0]  # not one of its 2^64 addresses
        database.asker.set(found[0].user_id if found else network)
        await self._renew(found, now)

    def _visit(self, header: str, now: int) -> CachedAccess | None:
        access = next(iter(self.claims("access", now)), None)
        visit = CachedAccess.by(access, self._preferences()) if access else None
        if visit and not self.cookies.is_marker_ahead(request.cookies, now):  # else it is refused later
            self.visits.remember(header, visit)
        return visit

    def _preferences(self) -> preferences.Preferences:
        return preferences.read(self.cookies.preferences(request.cookies))

    def claims(self, kind: Kind, now: int) -> Iterable[Claims]:
        """The claims of each valid token of that kind; hardly ever of more than one."""
        return self.cookies.claims(request.cookies, kind, now)

    def known_as(self) -> int | None:
        """Whose genuine refresh token this browser carries, however old it is."""
        return self.cookies.known_as(request.cookies)

    async def _renew(self, found: Iterable[Claims], now: int) -> None:
        for claims in found:
            user = await users.standing(claims.user_id)
            if user is not None and user["is_active"] and user["session_stamp"] == claims.stamp:
                return self._go_on(claims, user, now)
            g.cookies = {self.names.access: None, self.names.refresh: None}
            if self.names.refresh not in request.cookies:  # else this answer may be older than the change
                g.cookies |= self.cookies.without_change(request.cookies)
            await self._note_refused(user, claims)

    def _go_on(self, claims: Claims, user: Any, now: int) -> None:
        g.user = CurrentUser(claims.user_id, claims.auth_time)
        self.note_pair(replace(claims, issued_at=now))
        is_lost = self.names.preferences not in request.cookies
        if is_lost or g.preferences != g.preferences.of(user):  # lost by this browser, or changed elsewhere
            set_preferences(g.preferences.of(user))

    async def _note_refused(self, user: Any | None, claims: Claims) -> None:
        if user is None:
            return log.info("refresh token refused: the account is gone")
        why = "its sessions were ended" if user["is_active"] else "the account is disabled"
        address = client_address(self.settings.trusted_proxies)
        await security_log.note(claims.user_id, "refresh refused", address, clock.now(), why)

    def note_pair(self, claims: Claims) -> None:
        """A new pair for the answer to carry, whatever becomes of the rest of the request."""
        g.cookies = self.cookies.pair(claims)

    def forget(self) -> None:
        """Signs this browser out, also against answers to earlier requests that are still under way."""
        now = clock.timestamp()
        claims = [claims for kind in KINDS for claims in self.claims(kind, now)]
        latest = max([now, *(each.auth_time + 1 for each in claims)])
        self.visits.forget(_cookie_header())
        g.user = None
        names = self.names
        marker = self.cookies.signed_out_at(latest)
        g.cookies = {names.access: None, names.refresh: None, names.signed_out: marker}
        g.cookies |= self.cookies.without_change(request.cookies)

    async def write_cookies(self, response: Response) -> Response:
        """The only place that writes them. With the tokens go those that an earlier version has left."""
        noted = g.get("cookies")
        if not noted or request.blueprint == self.left_alone or response.status_code == 304:
            return response
        if self.names.refresh in noted:
            noted |= dict.fromkeys(self.cookies.replaced(request.cookies))
        lives = {self.names.access: self.cookies.lives["access"], self.names.preferences: preferences.MAX_AGE}
        flags: Any = {"secure": self.settings.secure, "httponly": True, "samesite": "Lax"}
        for name, value in noted.items():
            life = 0 if value is None else lives.get(name, self.cookies.lives["refresh"])
            response.set_cookie(name, value or "", life, **flags)
        return response


def _cookie_header() -> str:
    return ";".join(request.headers.getlist("Cookie"))


def gate() -> Gate:
    found: Gate = current_app.extensions["gate"]
    return found


def sign_in(user: User, auth_time: int | None = None) -> None:
    """Both cookies for this person, in place of whatever the browser had."""
    now = clock.timestamp()
    auth_time = auth_time or max(now, gate().cookies.marker(request.cookies, now))
    gate().note_pair(Claims(user.id, now, now, auth_time, user.session_stamp))
    if gate().cookies.is_marker_ahead(request.cookies, now):  # else it would end this session later
        g.cookies[gate().names.signed_out] = None
    g.cookies |= gate().cookies.without_change(request.cookies)
    g.user = CurrentUser(user.id, auth_time)
    set_preferences(g.preferences.of({name: getattr(user, name) for name in preferences.KEPT}))


def onward(path: str) -> Response:
    """Redirects to `path` after a sign-in; browsers by way of the sign-in page, which checks that they keep
    cookies. Every browser says where a form comes from; a program doesn't, and needs no such check."""
    is_browser = "Origin" in request.headers or "Sec-Fetch-Site" in request.headers
    return redirect("/login", next=path, check="cookies") if is_browser else redirect(path)


def is_cookieless() -> bool:
    """Whether this request follows a sign-in and brings none of the cookies that the sign-in has set."""
    is_resent = request.method == "POST" and referring_path() == "/login"
    return (is_resent or request.args.get("check") == "cookies") and not has_cookies()


def has_cookies() -> bool:
    """Whether the browser sends any cookie of this site; whoever was signed in has one for 400 days."""
    names = gate().names
    return not {names.access, names.refresh, names.preferences}.isdisjoint(request.cookies)


def stay_signed_in(user: User, auth_time: int | None = None) -> None:
    """Signs this browser in again after all sessions of the account have been ended."""
    sign_in(user, auth_time)
    names = gate().names
    g.cookies[names.changed_session] = g.cookies[names.refresh]


def sign_out() -> None:
    gate().forget()


def set_preferences(chosen: preferences.Preferences) -> None:
    g.preferences = chosen
    g.cookies = {**(g.get("cookies") or {}), gate().names.preferences: chosen.written()}


async def settled() -> preferences.Preferences:
    """The signed-in person's; the account is asked where the browser has lost them."""
    if not g.preferences.zone:
        user = await users.standing(g.user.id)
        set_preferences(g.preferences.of(user) if user else replace(g.preferences, zone="UTC"))
    return g.preferences  # type: ignore[no-any-return]


async def zone() -> str:
    """Where the signed-in person says they are."""
    return (await settled()).zone


async def today() -> date:
    """Which day it is for the signed-in person."""
    chosen = await settled()
    return clock.today(chosen.zone, chosen.day_starts)


async def admit() -> Response | None:
    """Lets in whoever may see the page; a path that does not exist is left to become a 404 for everybody."""
    if g.user or request.routing_exception or request.blueprint == gate().left_alone:
        return None
    view = current_app.view_functions.get(request.endpoint or "")
    return None if getattr(view, "is_public", False) else await signed_out()


async def signed_out() -> Response:
    """The answer to somebody who should sign in first; words they have sent are not lost by it."""
    reading = request.method in ("GET", "HEAD")
    if reading and not htmx.is_request():
        return redirect("/login", next=_here())
    if htmx.is_boosted():
        return htmx.redirect("/login", next=_here() if reading else htmx.current_path())
    if htmx.is_request():
        form = page(
            "accounts/login.html#form", 401, next=htmx.current_path(), is_cookieless=not has_cookies()
        )
        return htmx.retarget(form, "#sign-in")
    kept = interrupt(gate().form_owner, request.path, await request.form)
    return page("accounts/login.html", 401, next="/", kept=kept, is_cookieless=is_cookieless())


def _here() -> str:
    """Path and query of this request, in the letters that an address may have."""
    query = request.query_string.decode("ascii", "ignore")
    return quote(request.path) + (f"?{query}" if query else "")


async def gone(error: users.AccountGone) -> Response:
    """The access token has outlived the account."""
    g.user, g.cookies = None, {gate().names.access: None, gate().names.refresh: None}
    return await signed_out()
