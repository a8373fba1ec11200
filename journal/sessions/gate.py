"""Authentication middleware: reads the access cookie; if it has expired, rotates both tokens by the refresh
cookie, so that a daily user never sees a login prompt; writes the session cookies of every response."""

import logging
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import date
from typing import Literal, TypedDict, TypeVar
from urllib.parse import quote

from quart import Quart, Response, current_app, g, request

from journal import clock, database
from journal.accounts import preferences, users
from journal.accounts.models import User
from journal.engines.row import Row
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
View = TypeVar("View", bound=Callable[..., object])


class CookieFlags(TypedDict):
    secure: bool
    httponly: bool
    samesite: Literal["Lax"]


def public(view: View) -> View:
    """Marks a view that needs no sign-in. `g.user` is set there too if somebody is signed in."""
    view.is_public = True  # type: ignore[attr-defined]
    return view


class Gate:
    """`cacheable` names the blueprint whose responses any cache may keep: they get no session cookies."""

    def __init__(self, settings: Settings, cacheable: str, form_owner: FormOwner) -> None:
        self.settings = settings
        self.form_owner = form_owner
        self.cacheable = cacheable
        self.cookies = Cookies(settings)
        self.names = self.cookies.names
        self.access_cache = AccessCache()

    def install(self, app: Quart) -> None:
        app.extensions["gate"] = self
        app.before_request(self.authenticate)
        app.before_request(require_sign_in)
        app.after_request(self.write_cookies)
        app.register_error_handler(users.AccountGone, account_gone)

    async def authenticate(self) -> None:
        """Sets `g.user` and `g.preferences`, by the access token or else by the refresh token."""
        if request.blueprint == self.cacheable:
            g.user, g.preferences = None, preferences.Preferences()
            return
        now, header = clock.timestamp(), _cookie_header()
        access = self.access_cache.find(header, now) or self._verify_access(header, now)
        if access:
            database.requester.set(access.user.id)
            g.user, g.preferences = access.user, access.preferences
            return
        g.user, g.preferences, found = None, self._preferences(), list(self.claims("refresh", now))
        network = networks(client_address(self.settings.trusted_proxies))[0]  # a /64 is one client
        database.requester.set(found[0].user_id if found else network)
        await self._refresh(found, now)

    def _verify_access(self, header: str, now: int) -> CachedAccess | None:
        claims = next(iter(self.claims("access", now)), None)
        access = CachedAccess.of(claims, self._preferences()) if claims else None
        # While a sign-out marker lies in the future, the token becomes invalid at that time.
        if access and not self.cookies.is_marker_in_future(request.cookies, now):
            self.access_cache.remember(header, access)
        return access

    def _preferences(self) -> preferences.Preferences:
        return preferences.read(self.cookies.preferences(request.cookies))

    def claims(self, kind: Kind, now: int) -> Iterable[Claims]:
        """The claims of each valid token of that kind; there is hardly ever more than one."""
        return self.cookies.claims(request.cookies, kind, now)

    async def _refresh(self, found: Iterable[Claims], now: int) -> None:
        """Signs in by the first valid refresh token whose account is active and still has its stamp."""
        for claims in found:
            row = await users.session_row(claims.user_id)
            if row is not None and row["is_active"] and row["session_stamp"] == claims.stamp:
                return self._rotate(claims, row, now)
            g.cookies = {self.names.access: None, self.names.refresh: None}
            if self.names.refresh not in request.cookies:  # else this answer may be older than the change
                g.cookies |= self.cookies.clear_changed_session(request.cookies)
            await self._log_refusal(row, claims)

    def _rotate(self, claims: Claims, row: Row, now: int) -> None:
        """Refresh token rotation: replaces both tokens, and preferences that are missing or differ. The old
        refresh token stays valid until it expires, as nothing is stored for a token."""
        g.user = CurrentUser(claims.user_id, claims.auth_time)
        self.set_tokens(replace(claims, issued_at=now))
        is_lost = self.names.preferences not in request.cookies
        if is_lost or g.preferences != g.preferences.of(row):  # or they were changed in another browser
            set_preferences(g.preferences.of(row))

    async def _log_refusal(self, row: Row | None, claims: Claims) -> None:
        if row is None:
            return log.info("refresh token refused: the account is gone")
        why = "its sessions were ended" if row["is_active"] else "the account is disabled"
        address = client_address(self.settings.trusted_proxies)
        await security_log.note(claims.user_id, "refresh refused", address, clock.now(), why)

    def set_tokens(self, claims: Claims) -> None:
        """Puts a new pair into the response, however the rest of the request ends."""
        g.cookies = self.cookies.mint_pair(claims)

    def set_session(self, user: User, auth_time: int | None = None) -> None:
        """Puts the tokens and preferences of this user into the response, in place of any others."""
        now, names = clock.timestamp(), self.names
        auth_time = auth_time or max(now, self.cookies.signed_out_at(request.cookies, now))
        self.set_tokens(Claims(user.id, now, now, auth_time, user.session_stamp))
        if self.cookies.is_marker_in_future(request.cookies, now):  # it would end this session later
            g.cookies[names.signed_out] = None
        g.cookies |= self.cookies.clear_changed_session(request.cookies)
        g.user = CurrentUser(user.id, auth_time)
        set_preferences(g.preferences.of({name: getattr(user, name) for name in preferences.IN_ACCOUNT}))

    def known_user_id(self) -> int | None:
        """The user of the genuine refresh token in this browser, however old the token is."""
        return self.cookies.known_user_id(request.cookies)

    def sign_out(self) -> None:
        """Signs this browser out. The marker also refuses the tokens of responses still under way."""
        now = clock.timestamp()
        claims = [claims for kind in KINDS for claims in self.claims(kind, now)]
        latest = max([now, *(each.auth_time + 1 for each in claims)])
        self.access_cache.forget(_cookie_header())
        g.user = None
        names = self.names
        marker = self.cookies.mint_marker(latest)
        g.cookies = {names.access: None, names.refresh: None, names.signed_out: marker}
        g.cookies |= self.cookies.clear_changed_session(request.cookies)

    async def write_cookies(self, response: Response) -> Response:
        """Writes the cookies in `g.cookies`, and deletes those that an earlier version left. No other
        function writes cookies."""
        pending = g.get("cookies")
        if not pending or request.blueprint == self.cacheable or response.status_code == 304:
            return response
        if self.names.refresh in pending:
            pending |= dict.fromkeys(self.cookies.deletable_legacy_cookies(request.cookies))
        lifetimes = self.cookies.lifetimes
        max_ages = {self.names.access: lifetimes["access"], self.names.preferences: preferences.MAX_AGE}
        flags = CookieFlags(secure=self.settings.secure, httponly=True, samesite="Lax")
        for name, value in pending.items():
            max_age = 0 if value is None else max_ages.get(name, lifetimes["refresh"])
            response.set_cookie(name, value or "", max_age, **flags)
        response.headers.pop("Cache-Control", None)  # headers.py sets no-store: no cache may keep cookies
        return response


def _cookie_header() -> str:
    return ";".join(request.headers.getlist("Cookie"))


def gate() -> Gate:
    found: Gate = current_app.extensions["gate"]
    return found


def is_cookieless() -> bool:
    """Whether this request follows a sign-in and brings none of the cookies that the sign-in has set."""
    is_resent = request.method == "POST" and referring_path() == "/login"
    return (is_resent or request.args.get("check") == "cookies") and not has_cookies()


def has_cookies() -> bool:
    """Whether the browser sends any cookie of this site; whoever was signed in has one for 400 days."""
    names = gate().names
    return not {names.access, names.refresh, names.preferences}.isdisjoint(request.cookies)


def set_preferences(chosen: preferences.Preferences) -> None:
    g.preferences = chosen
    g.cookies = {**(g.get("cookies") or {}), gate().names.preferences: chosen.to_cookie()}


async def current_preferences() -> preferences.Preferences:
    """The preferences of the signed-in user, from the account if the browser has lost its cookie."""
    if not g.preferences.zone:
        row = await users.session_row(g.user.id)
        set_preferences(g.preferences.of(row) if row else replace(g.preferences, zone="UTC"))
    found: preferences.Preferences = g.preferences
    return found


async def zone() -> str:
    """The time zone of the signed-in user."""
    return (await current_preferences()).zone


async def today() -> date:
    """The date for the signed-in user, whose day may start some hours after midnight."""
    chosen = await current_preferences()
    return clock.today(chosen.zone, chosen.day_starts)


async def require_sign_in() -> Response | None:
    """Refuses private pages to those who are signed out. Paths that don't exist become a 404 for all."""
    if g.user or request.routing_exception or request.blueprint == gate().cacheable:
        return None
    view = current_app.view_functions.get(request.endpoint or "")
    return None if getattr(view, "is_public", False) else await sign_in_required()


async def sign_in_required() -> Response:
    """Asks to sign in, in the form that fits the request; a form that was sent is carried along."""
    is_read = request.method in ("GET", "HEAD")
    if is_read and not htmx.is_request():
        return redirect("/login", next=_current_address())
    if htmx.is_boosted():
        return htmx.redirect("/login", next=_current_address() if is_read else htmx.current_path())
    if htmx.is_request():
        form = page(
            "sessions/login.html#form", 401, next=htmx.current_path(), is_cookieless=not has_cookies()
        )
        return htmx.retarget(form, "#sign-in")
    kept = interrupt(gate().form_owner, request.path, await request.form)
    return page("sessions/login.html", 401, next="/", kept=kept, is_cookieless=is_cookieless())


def _current_address() -> str:
    """Path and query of this request, percent-encoded."""
    query = request.query_string.decode("ascii", "ignore")
    return quote(request.path) + (f"?{query}" if query else "")


async def account_gone(error: users.AccountGone) -> Response:
    """Signs out a browser whose access token is still valid though the account was deleted."""
    g.user, g.cookies = None, {gate().names.access: None, gate().names.refresh: None}
    return await sign_in_required()
