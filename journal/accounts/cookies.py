"""Session cookies: their names on this site, and which tokens of a request hold. Cookies know no port, so
sites on one host see each other's: the names carry a digest of PUBLIC_URL, those of earlier versions none.
Tokens under these are read after today's; as nothing writes them now, all are gone after one refresh life."""

import logging
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256

from journal.accounts import tokens
from journal.accounts.tokens import KINDS, Claims, Keys, Kind, Refused
from journal.settings import Settings

log = logging.getLogger(__name__)

FUTURE_MARKER = 60  # seconds that a sign-out may lie ahead of our clock


@dataclass(frozen=True)
class Names:
    access: str
    refresh: str
    signed_out: str
    preferences: str

    @classmethod
    def of(cls, secure: bool, suffix: str = "") -> "Names":
        host = "__Host-" if secure else ""
        access, refresh, signed_out = (
            f"{host}{name}{suffix}" for name in ("access_token", "refresh_token", "signed_out")
        )
        return cls(access, refresh, signed_out, f"preferences{suffix}")

    def token(self, kind: Kind) -> str:
        return self.access if kind == "access" else self.refresh


def digest(public_url: str) -> str:
    return sha256(public_url.encode()).hexdigest()[:8]


class Cookies:
    """Reads the cookies of a request, which every method is given."""

    def __init__(self, settings: Settings) -> None:
        self.keys = Keys(settings.secret_keys)
        self.names = Names.of(settings.secure, f"_{digest(settings.public_url)}")
        self.earlier = Names.of(settings.secure)

    def claims(self, sent: Mapping[str, str], kind: Kind, now: int) -> Iterator[Claims]:
        """Of each token that is genuine, alive and not older than the last sign-out; today's names first."""
        for names in (self.names, self.earlier):
            token = sent.get(names.token(kind))
            if not token:
                continue
            try:
                claims = tokens.read(self.keys, kind, token, now)
            except Refused as refused:
                log.info("%s token refused: %s", kind, refused)
                continue
            if claims.auth_time < self._signed_out_at(sent, names, now):
                log.info("%s token refused: signed out since", kind)
                continue
            yield claims

    def known_as(self, sent: Mapping[str, str]) -> int | None:
        """Whose genuine refresh token this browser carries, however old it is."""
        found = (self._genuine(sent, "refresh", names) for names in (self.names, self.earlier))
        return next((claims.user_id for claims in found if claims), None)

    def replaced(self, sent: Mapping[str, str]) -> list[str]:
        """The earlier names whose tokens are this site's and can go; those of another site are left alone."""
        return [self.earlier.token(kind) for kind in KINDS if self._genuine(sent, kind, self.earlier)]

    def _genuine(self, sent: Mapping[str, str], kind: Kind, names: Names) -> Claims | None:
        try:
            return tokens.read(self.keys, kind, sent.get(names.token(kind), ""), now=None)
        except Refused:
            return None

    def preferences(self, sent: Mapping[str, str]) -> str:
        """Those of earlier versions count until this browser has tokens of today's."""
        is_of_today = self.names.access in sent or self.names.refresh in sent
        found = sent.get(self.names.preferences)
        return found or ("" if is_of_today else sent.get(self.earlier.preferences, ""))

    def marker(self, sent: Mapping[str, str], now: int) -> int:
        """When this browser last signed out here, or 0."""
        return self._marker(sent, self.names, now)

    def is_marker_ahead(self, sent: Mapping[str, str], now: int) -> bool:
        """Whether a sign-out was dated by a clock that was wrong: it will refuse one day what holds now."""
        return any(_written(sent, names) > now + FUTURE_MARKER for names in (self.names, self.earlier))

    def _signed_out_at(self, sent: Mapping[str, str], names: Names, now: int) -> int:
        """An earlier version's sign-out may be another site's: only tokens of such a version heed it."""
        own = self.marker(sent, now)
        return own if names is self.names else max(own, self._marker(sent, names, now))

    def _marker(self, sent: Mapping[str, str], names: Names, now: int) -> int:
        written = _written(sent, names)
        return 0 if written > now + FUTURE_MARKER else written


def _written(sent: Mapping[str, str], names: Names) -> int:
    text = sent.get(names.signed_out, "")
    return int(text) if re.fullmatch(r"[0-9]{1,12}", text, re.ASCII) else 0
