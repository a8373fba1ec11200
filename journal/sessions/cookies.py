"""Session cookies: their names on this site, and which tokens of a request are valid. Cookies know no port,
so sites on one host see each other's: today's names carry a digest of PUBLIC_URL, those of earlier versions
carried none. Tokens under the earlier names are read after today's; nothing writes them any more, so all have
expired after one life of a refresh token."""

import logging
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from hashlib import sha256

from journal.sessions import tokens
from journal.sessions.tokens import KINDS, Claims, InvalidToken, Keys, Kind, SignOut
from journal.settings import Settings

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Names:
    """`changed_session` holds a refresh token that only a change of the session writes, for example a new
    password. Answers to renewals that were under way at that moment may come late, and put the old pair back
    or clear it; they leave this cookie alone, so the browser stays signed in by it (docs/decisions/0021)."""

    access: str
    refresh: str
    signed_out: str
    changed_session: str
    preferences: str

    @classmethod
    def of(cls, secure: bool, suffix: str = "") -> "Names":
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
    """Reads the cookies of a request, which every method is given."""

    def __init__(self, settings: Settings) -> None:
        self.keys = Keys(settings.secret_keys)
        self.lives: dict[Kind, int] = {
            "access": settings.access_token_expiry,
            "refresh": settings.refresh_token_expiry,
        }
        self.names = Names.of(settings.secure, f"_{digest(settings.public_url)}")
        self.earlier = Names.of(settings.secure)

    def claims(self, sent: Mapping[str, str], kind: Kind, now: int) -> Iterator[Claims]:
        """The claims of each token that is genuine, not expired and not older than the last sign-out. Tokens
        under today's names come first."""
        for names, name in self._places(kind):
            token = sent.get(name)
            if not token:
                continue
            try:
                claims = tokens.read(self.keys, kind, token, now)
            except InvalidToken as refused:
                log.info("%s token refused: %s", kind, refused)
                continue
            if claims.auth_time < self._signed_out_at(sent, names, now):
                log.info("%s token refused: signed out since", kind)
                continue
            yield claims

    def _places(self, kind: Kind) -> Iterator[tuple[Names, str]]:
        yield self.names, self.names.token(kind)
        if kind == "refresh":
            yield self.names, self.names.changed_session
        yield self.earlier, self.earlier.token(kind)

    def pair(self, claims: Claims) -> dict[str, str | None]:
        """A new access token and a new refresh token, by the names of their cookies."""
        ends = {kind: claims.issued_at + life for kind, life in self.lives.items()}
        return {
            self.names.token(kind): tokens.mint(self.keys, kind, replace(claims, expires_at=ends[kind]))
            for kind in KINDS
        }

    def without_change(self, sent: Mapping[str, str]) -> dict[str, str | None]:
        """Clears the cookie `changed_session` where there is one."""
        return {name: None for name in (self.names.changed_session,) if name in sent}

    def known_as(self, sent: Mapping[str, str]) -> int | None:
        """Whose genuine refresh token this browser carries, however old it is."""
        found = (self._genuine(sent, "refresh", names) for names in (self.names, self.earlier))
        return next((claims.user_id for claims in found if claims), None)

    def replaced(self, sent: Mapping[str, str]) -> list[str]:
        """The earlier names whose tokens are this site's and can be deleted; another site's stay."""
        return [self.earlier.token(kind) for kind in KINDS if self._genuine(sent, kind, self.earlier)]

    def _genuine(self, sent: Mapping[str, str], kind: Kind, names: Names) -> Claims | None:
        try:
            return tokens.read(self.keys, kind, sent.get(names.token(kind), ""), now=None)
        except InvalidToken:
            return None

    def preferences(self, sent: Mapping[str, str]) -> str:
        """The cookie of an earlier version counts until this browser has tokens under today's names."""
        is_of_today = self.names.access in sent or self.names.refresh in sent
        found = sent.get(self.names.preferences)
        return found or ("" if is_of_today else sent.get(self.earlier.preferences, ""))

    def marker(self, sent: Mapping[str, str], now: int) -> int:
        """When this browser last signed out here, or 0."""
        return self._sign_out(sent, self.names).marker(now)

    def is_marker_ahead(self, sent: Mapping[str, str], now: int) -> bool:
        """Whether an unsigned sign-out lies in the future: one day it would refuse today's tokens."""
        return any(not self._sign_out(sent, names).counts(now) for names in (self.names, self.earlier))

    def signed_out_at(self, moment: int) -> str:
        return tokens.written_sign_out(self.keys, moment)

    def _signed_out_at(self, sent: Mapping[str, str], names: Names, now: int) -> int:
        """An earlier version's sign-out may be another site's: only tokens of such a version heed it."""
        own = self.marker(sent, now)
        return own if names is self.names else max(own, self._sign_out(sent, names).marker(now))

    def _sign_out(self, sent: Mapping[str, str], names: Names) -> SignOut:
        return tokens.read_sign_out(self.keys, sent.get(names.signed_out, ""))
