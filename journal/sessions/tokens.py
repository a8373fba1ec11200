"""Access token and refresh token: mints and reads these JWTs, without a clock, a database or a request."""

import hmac
import re
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Literal

import jwt
from jwt.types import Options

Kind = Literal["access", "refresh"]
KINDS: tuple[Kind, ...] = ("access", "refresh")

ISSUER = "journal"
MAX_LENGTH = 4096
CLOCK_SKEW = 60  # seconds that an access token may come from the future


class InvalidToken(Exception):
    """The token is not ours or not valid now; the message says why, for the log."""


@dataclass(frozen=True)
class Claims:
    user_id: int
    issued_at: int  # all times in whole seconds since 1970
    expires_at: int
    auth_time: int  # when the password was last typed; a refresh keeps it
    stamp: str = ""  # in refresh tokens: the account's session stamp, which changes to end all sessions


class Keys:
    """Signing keys. The first secret signs, all secrets verify; each kind of token has its own key."""

    def __init__(self, secrets: tuple[str, ...]) -> None:
        self.current = _kid(secrets[0])
        self._marker_keys = [_key(secret, "signed_out") for secret in secrets]
        self._keys = {
            (_kid(secret), kind): _key(secret, kind) for secret in secrets for kind in ("access", "refresh")
        }

    def find(self, kid: object, kind: Kind) -> bytes:
        if not isinstance(kid, str) or (kid, kind) not in self._keys:
            raise InvalidToken("unknown key")
        return self._keys[kid, kind]

    def marker_signatures(self, moment: str) -> list[str]:
        """The signatures of a sign-out's time by each secret, the current secret's first."""
        return [hmac.digest(key, moment.encode(), "sha256").hex()[:32] for key in self._marker_keys]


@dataclass(frozen=True)
class SignOutMarker:
    """When this browser last signed out, as its cookie says; 0 for never. Older tokens are refused, so that
    the late answer to a request that was under way at the sign-out can't sign the browser in again."""

    moment: int = 0
    is_signed: bool = False

    def is_trusted(self, now: int) -> bool:
        """Whether the marker counts. A time ahead of the clock counts only if one of our hosts signed it:
        then that host's clock is ahead, or this host's is behind."""
        return self.is_signed or self.moment <= now + CLOCK_SKEW

    def effective(self, now: int) -> int:
        """The time before which tokens are refused."""
        return self.moment if self.is_trusted(now) else 0


def mint_marker(keys: Keys, moment: int) -> str:
    return f"{moment}.{keys.marker_signatures(str(moment))[0]}"


def read_marker(keys: Keys, text: str) -> SignOutMarker:
    """Reads the cookie; earlier versions wrote the time without a signature."""
    found = re.fullmatch(r"([0-9]{1,12})(?:\.([0-9a-f]{32}))?", text, re.ASCII)
    if not found:
        return SignOutMarker()
    is_signed = any(hmac.compare_digest(made, found[2] or "") for made in keys.marker_signatures(found[1]))
    return SignOutMarker(int(found[1]), is_signed) if is_signed or not found[2] else SignOutMarker()


def _kid(secret: str) -> str:
    return sha256(b"kid" + secret.encode()).hexdigest()[:8]


def _key(secret: str, kind: str) -> bytes:
    return hmac.digest(secret.encode(), f"journal/v1/{kind}".encode(), "sha256")


def mint(keys: Keys, kind: Kind, claims: Claims) -> str:
    payload: dict[str, str | int] = {
        "iss": ISSUER,
        "aud": f"{ISSUER}:{kind}",
        "typ": kind,
        "sub": str(claims.user_id),
        "iat": claims.issued_at,
        "exp": claims.expires_at,
        "auth_time": claims.auth_time,
    }
    if kind == "refresh":
        payload["stamp"] = claims.stamp
    return jwt.encode(
        payload, keys.find(keys.current, kind), algorithm="HS256", headers={"kid": keys.current}
    )


def read(keys: Keys, kind: Kind, token: str, now: int | None) -> Claims:
    """The claims of a token. Without `now` its times are not checked. Raises InvalidToken."""
    if len(token) > MAX_LENGTH:
        raise InvalidToken("too long")
    try:
        key = keys.find(jwt.get_unverified_header(token).get("kid"), kind)
        payload = _reader.decode(
            token, key, algorithms=["HS256"], audience=f"{ISSUER}:{kind}", issuer=ISSUER, options=OPTIONS
        )
    except (jwt.PyJWTError, ValueError, TypeError, AttributeError, RecursionError) as error:
        raise InvalidToken(_plain(str(error)) or type(error).__name__) from None
    return _checked(payload, kind, now)


def _plain(reason: str) -> str:
    """The reason on one line: PyJWT quotes the header of the token, which anybody can send."""
    return "".join(c if c.isprintable() else "?" for c in reason[:100])


_reader = jwt.PyJWT(options={"enforce_minimum_key_length": True})
OPTIONS: Options = {
    "require": ["exp", "iat", "sub", "aud", "iss", "auth_time"],
    "strict_aud": True,
    # _checked compares the times with `now`.
    "verify_exp": False,
    "verify_iat": False,
    "verify_nbf": False,
}


def _checked(payload: dict[str, Any], kind: Kind, now: int | None) -> Claims:
    times = [payload["iat"], payload["exp"], payload["auth_time"]]
    if any(type(time) is not int for time in times):
        raise InvalidToken("times are not whole numbers")
    if payload.get("typ") != kind or not re.fullmatch(r"[0-9]{1,18}", str(payload["sub"]), re.ASCII):
        raise InvalidToken("wrong kind or subject")
    if kind == "refresh" and not isinstance(payload.get("stamp"), str):
        raise InvalidToken("no stamp")
    if now is not None and payload["exp"] <= now:
        raise InvalidToken("expired")
    # A refresh token must survive a clock that was set back; an access token need not.
    if now is not None and kind == "access" and payload["iat"] > now + CLOCK_SKEW:
        raise InvalidToken("from the future")
    return Claims(int(payload["sub"]), times[0], times[1], times[2], payload.get("stamp", ""))
