"""Session cookies: their names, and which tokens of a request are valid. Browsers send a cookie to every port
of a host, so two sites on one host see each other's: today's names carry a digest of PUBLIC_URL. The names of
earlier versions carried none; they are still read, after today's, and never written, so the tokens under
them are gone after one lifetime of a refresh token."""

import logging
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from hashlib import sha256

from journal.sessions import tokens
from journal.sessions.tokens import KINDS, Claims, InvalidToken, Keys, Kind, SignOutMarker
from journal.settings import Settings

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class CookieNames:
    """`changed_session` holds a refresh token that is written only when the session changes, for example with
    a new password. Answers to refreshes that were under way at that moment may arrive late and put the old
    pair back or clear it; they don't touch this cookie, so it keeps the browser signed in
    (docs/decisions/0021)."""

    access: str
    refresh: str
    signed_out: str
    changed_session: str
    preferences: str

    @classmethod
    def of(cls, secure: bool, suffix: str = "") -> "CookieNames":
        host = "__Host-" if secure else ""
        access, refresh, signed_out, changed = (
            f"{host}{name}{suffix}"
            for name in ("access_token", "refresh_token", "signed_out", "changed_session")
        )
        return cls(access, refresh, signed_out, changed, f"preferences{suffix}")

    def token(self, kind: Kind) -> str:
        return self.access if kind == "access" else self.refresh


def digest(public_url: str) -> str:
    return sha256(public_url.encode()).hexdigest()[:8]


class Cookies:
    """Reads the session cookies of a request; each method is given the cookies that were sent."""

    def __init__(self, settings: Settings) -> None:
        self.keys = Keys(settings.secret_keys)
        self.lifetimes: dict[Kind, int] = {
            "access": settings.access_token_expiry,
            "refresh": settings.refresh_token_expiry,
        }
        self.names = CookieNames.of(settings.secure, f"_{digest(settings.public_url)}")
        self.legacy_names = CookieNames.of(settings.secure)

    def claims(self, sent: Mapping[str, str], kind: Kind, now: int) -> Iterator[Claims]:
        """Yields the claims of each token that is genuine, not expired and not older than the last sign-out,
        with tokens under today's names first."""
        for names, name in self._locations(kind):
            token = sent.get(name)
            if not token:
                continue
            try:
                claims = tokens.read(self.keys, kind, token, now)
            except InvalidToken as reason:
                log.info("%s token refused: %s", kind, reason)
                continue
            if claims.auth_time < self._signed_out_at(sent, names, now):
                log.info("%s token refused: signed out since", kind)
                continue
            yield claims

    def _locations(self, kind: Kind) -> Iterator[tuple[CookieNames, str]]:
        yield self.names, self.names.token(kind)
        if kind == "refresh":
            yield self.names, self.names.changed_session
        yield self.legacy_names, self.legacy_names.token(kind)

    def mint_pair(self, claims: Claims) -> dict[str, str | None]:
        """Makes a new access token and a new refresh token; returns them by the names of their cookies."""
        expiry = {kind: claims.issued_at + lifetime for kind, lifetime in self.lifetimes.items()}
        return {
            self.names.token(kind): tokens.mint(self.keys, kind, replace(claims, expires_at=expiry[kind]))
            for kind in KINDS
        }

    def clear_changed_session(self, sent: Mapping[str, str]) -> dict[str, str | None]:
        """Clears the cookie `changed_session` if it was sent."""
        return {name: None for name in (self.names.changed_session,) if name in sent}

    def known_user_id(self, sent: Mapping[str, str]) -> int | None:
        """The user of the genuine refresh token in this browser, however old the token is."""
        found = (self._genuine(sent, "refresh", names) for names in (self.names, self.legacy_names))
        return next((claims.user_id for claims in found if claims), None)

    def deletable_legacy_cookies(self, sent: Mapping[str, str]) -> list[str]:
        """Names of an earlier version whose tokens this site made. Another site's tokens must stay."""
        return [
            self.legacy_names.token(kind) for kind in KINDS if self._genuine(sent, kind, self.legacy_names)
        ]

    def _genuine(self, sent: Mapping[str, str], kind: Kind, names: CookieNames) -> Claims | None:
        try:
            return tokens.read(self.keys, kind, sent.get(names.token(kind), ""), now=None)
        except InvalidToken:
            return None

    def preferences(self, sent: Mapping[str, str]) -> str:
        """The preferences cookie. An earlier version's counts only until today's names have tokens."""
        has_todays_tokens = self.names.access in sent or self.names.refresh in sent
        found = sent.get(self.names.preferences)
        return found or ("" if has_todays_tokens else sent.get(self.legacy_names.preferences, ""))

    def signed_out_at(self, sent: Mapping[str, str], now: int) -> int:
        """When this browser last signed out here, or 0."""
        return self._marker(sent, self.names).effective(now)

    def is_marker_in_future(self, sent: Mapping[str, str], now: int) -> bool:
        """Whether an unsigned sign-out lies in the future: one day it would refuse today's tokens."""
        return any(not self._marker(sent, names).is_trusted(now) for names in (self.names, self.legacy_names))

    def mint_marker(self, moment: int) -> str:
        """The value of the cookie `signed_out` for a sign-out at that moment."""
        return tokens.mint_marker(self.keys, moment)

    def _signed_out_at(self, sent: Mapping[str, str], names: CookieNames, now: int) -> int:
        """The sign-out that counts for tokens under these names. A sign-out under the legacy names may be
        another site's, so only tokens under the legacy names heed it."""
        own = self.signed_out_at(sent, now)
        return own if names is self.names else max(own, self._marker(sent, names).effective(now))

    def _marker(self, sent: Mapping[str, str], names: CookieNames) -> SignOutMarker:
        return tokens.read_marker(self.keys, sent.get(names.signed_out, ""))
