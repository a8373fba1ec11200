"""Reads the access cookie, renews it by the refresh cookie before the page is made, writes both."""

import logging
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any, TypeVar
from urllib.parse import quote

from quart import Quart, Response, current_app, g, request

from journal import clock
from journal.accounts import events, people, preferences, tokens
from journal.accounts.forms import WORDS
from journal.accounts.models import User
from journal.accounts.preferences import Preferences
from journal.accounts.tokens import KINDS, Claims, Keys, Kind, Refused
from journal.accounts.visits import Person, Visit, Visits
from journal.settings import Settings
from journal.web import htmx
from journal.web.addresses import client_address
from journal.web.pages import page, redirect

log = logging.getLogger(__name__)
View = TypeVar("View", bound=Callable[..., Any])

FUTURE_MARKER = 60  # seconds that a sign-out may lie ahead of our clock


def public(view: View) -> View:
    """Anybody may ask; who it is is looked at all the same."""
    view.is_public = True  # type: ignore[attr-defined]
    return view


class Gate:
    """`left_alone` names the blueprint whose answers any cache may keep: no cookie is touched there."""

    def __init__(self, settings: Settings, left_alone: str) -> None:
        self.settings = settings
        self.left_alone = left_alone
        self.keys = Keys(settings.secret_keys)
        prefix = "__Host-" if settings.secure else ""
        self.access, self.refresh = f"{prefix}access_token", f"{prefix}refresh_token"
        self.signed_out = f"{prefix}signed_out"
        self.visits = Visits()

    def install(self, app: Quart) -> None:
        app.extensions["gate"] = self
        app.before_request(self.identify)
        app.before_request(admit)
        app.after_request(self.write_cookies)
        app.register_error_handler(people.Gone, gone)

    async def identify(self) -> None:
        if request.blueprint == self.left_alone:
            g.user, g.preferences = None, Preferences()
            return
        now, header = clock.timestamp(), _cookie_header()
        visit = self.visits.find(header, now) or self._visit(header, now)
        if visit:
            g.user, g.preferences = visit.person, visit.preferences
            return
        g.user, g.preferences = None, _preferences()
        refresh = self.claims("refresh", now)
        if refresh:
            await self._renew(refresh, now)

    def _visit(self, header: str, now: int) -> Visit | None:
        access = self.claims("access", now)
        visit = Visit.by(access, _preferences()) if access else None
        if visit and not self.marker_is_ahead(now):  # which will refuse one day what it lets pass now
            self.visits.remember(header, visit)
        return visit

    def claims(self, kind: Kind, now: int) -> Claims | None:
        """What the cookie of that kind says, if it is genuine, alive and not older than the last sign-out."""
        token = request.cookies.get(self._name(kind))
        if not token:
            return None
        try:
            claims = tokens.read(self.keys, kind, token, now)
        except Refused as refused:
            log.info("%s token refused: %s", kind, refused)
            return None
        if claims.auth_time < self.marker(now):
            log.info("%s token refused: signed out since", kind)
            return None
        return claims

    def known_as(self) -> int | None:
        """Whose genuine refresh token this browser carries, however old it is."""
        try:
            return tokens.read(self.keys, "refresh", request.cookies.get(self.refresh, ""), now=0).user_id
        except Refused:
            return None

    def marker(self, now: int) -> int:
        """When this browser last signed out, or 0."""
        return 0 if self.marker_is_ahead(now) else self._written_marker()

    def marker_is_ahead(self, now: int) -> bool:
        """Whether it was written by a clock that was wrong."""
        return self._written_marker() > now + FUTURE_MARKER

    def _written_marker(self) -> int:
        text = request.cookies.get(self.signed_out, "")
        return int(text) if re.fullmatch(r"[0-9]{1,12}", text, re.ASCII) else 0

    async def _renew(self, claims: Claims, now: int) -> None:
        user = await people.standing(claims.user_id)
        if user is None or not user["is_active"] or user["session_stamp"] != claims.stamp:
            g.cookies = {self.access: None, self.refresh: None}
            await self._note_refused(user, claims)
            return
        g.user = Person(claims.user_id, claims.auth_time)
        self.note_pair(replace(claims, issued_at=now))
        if g.preferences != (known := g.preferences.of(user)):  # changed elsewhere, or lost by this browser
            set_preferences(known)

    async def _note_refused(self, user: Any | None, claims: Claims) -> None:
        if user is None:
            return log.info("refresh token refused: the account is gone")
        why = "its sessions were ended" if user["is_active"] else "the account is disabled"
        address = client_address(self.settings.trusted_proxies)
        await events.note(claims.user_id, "refresh refused", address, clock.now(), why)

    def note_pair(self, claims: Claims) -> None:
        """A new pair for the answer to carry, whatever becomes of the rest of the request."""
        g.cookies = {
            self._name(kind): tokens.mint(
                self.keys, kind, replace(claims, expires_at=claims.issued_at + self._life(kind))
            )
            for kind in KINDS
        }

    def _name(self, kind: Kind) -> str:
        return self.access if kind == "access" else self.refresh

    def _life(self, kind: Kind) -> int:
        return self.settings.access_token_expiry if kind == "access" else self.settings.refresh_token_expiry

    def forget(self) -> None:
        """Signs this browser out, also against answers to earlier requests that are still under way."""
        now = clock.timestamp()
        latest = max([now, *(claims.auth_time + 1 for kind in KINDS if (claims := self.claims(kind, now)))])
        self.visits.forget(_cookie_header())
        g.user = None
        g.cookies = {self.access: None, self.refresh: None, self.signed_out: str(latest)}

    async def write_cookies(self, response: Response) -> Response:
        """The only place that writes them."""
        noted = g.get("cookies")
        if not noted or request.blueprint == self.left_alone or response.status_code == 304:
            return response
        lives = {self.access: self._life("access"), preferences.COOKIE: preferences.MAX_AGE}
        for name, value in noted.items():
            life = 0 if value is None else lives.get(name, self._life("refresh"))
            secure = self.settings.secure
            response.set_cookie(name, value or "", life, secure=secure, httponly=True, samesite="Lax")
        return response


def _cookie_header() -> str:
    return ";".join(request.headers.getlist("Cookie"))


def _preferences() -> Preferences:
    return preferences.read(request.cookies.get(preferences.COOKIE, ""))


def gate() -> Gate:
    found: Gate = current_app.extensions["gate"]
    return found


def sign_in(user: User) -> None:
    """Both cookies for this person, in place of whatever the browser had."""
    now = clock.timestamp()
    auth_time = max(now, gate().marker(now))
    gate().note_pair(Claims(user.id, now, now, auth_time, user.session_stamp))
    if gate().marker_is_ahead(now):  # else its moment would come, and end what begins here
        g.cookies[gate().signed_out] = None
    g.user = Person(user.id, auth_time)
    set_preferences(g.preferences.of({name: getattr(user, name) for name in preferences.KEPT}))


def sign_out() -> None:
    gate().forget()


def set_preferences(chosen: Preferences) -> None:
    g.preferences = chosen
    g.cookies = {**(g.get("cookies") or {}), preferences.COOKIE: chosen.written()}


async def settled() -> Preferences:
    """The signed-in person's; the account is asked where the browser has lost them."""
    if not g.preferences.zone:
        user = await people.standing(g.user.id)
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
        return htmx.retarget(page("accounts/login.html#form", 401, next=htmx.current_path()), "#sign-in")
    form = await request.form
    kept = {name: form[name] for name in WORDS if name in form}
    if "title" in kept or "body" in kept:
        return page("accounts/login.html", 401, next="/", kept={**kept, "path": request.path})
    return page("accounts/login.html", 401, next="/")


def _here() -> str:
    """Path and query of this request, in the letters that an address may have."""
    query = request.query_string.decode("ascii", "ignore")
    return quote(request.path) + (f"?{query}" if query else "")


async def gone(error: people.Gone) -> Response:
    """The access token has outlived the account."""
    g.user, g.cookies = None, {gate().access: None, gate().refresh: None}
    return await signed_out()
