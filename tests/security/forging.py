"""Tokens made by hand, from the specification and not with our own code: right ones and every wrong kind."""

import hmac
import json
import time
from base64 import urlsafe_b64decode, urlsafe_b64encode
from hashlib import sha256, sha384, sha512
from typing import Any

from tests.security.conftest import KEY

DIGESTS = {"HS256": sha256, "HS384": sha384, "HS512": sha512}


def kid(secret: str = KEY) -> str:
    return sha256(b"kid" + secret.encode()).hexdigest()[:8]


def key(kind: str = "access", secret: str = KEY) -> bytes:
    return hmac.digest(secret.encode(), f"journal/v1/{kind}".encode(), "sha256")


def coded(part: Any) -> str:
    raw = part if isinstance(part, bytes) else json.dumps(part, separators=(",", ":")).encode()
    return urlsafe_b64encode(raw).rstrip(b"=").decode()


def header(**changes: Any) -> dict[str, Any]:
    return {"alg": "HS256", "typ": "JWT", "kid": kid()} | changes


def claims(user_id: int, kind: str = "access", **changes: Any) -> dict[str, Any]:
    now = int(time.time())
    made: dict[str, Any] = {
        "iss": "journal",
        "aud": f"journal:{kind}",
        "typ": kind,
        "sub": str(user_id),
        "iat": now,
        "exp": now + 600,
        "auth_time": now,
    }
    return made | changes


def without(mapping: dict[str, Any], name: str) -> dict[str, Any]:
    return {key: value for key, value in mapping.items() if key != name}


def signed(head: Any, payload: Any, secret: bytes, algorithm: str = "HS256") -> str:
    """A token with whatever header and payload, bytes or what JSON can hold, by the algorithm."""
    text = f"{coded(head)}.{coded(payload)}"
    return f"{text}.{coded(hmac.new(secret, text.encode(), DIGESTS[algorithm]).digest())}"


def genuine(user_id: int, kind: str = "access", **changes: Any) -> str:
    return signed(header(), claims(user_id, kind, **changes), key(kind))


def decoded(token: str, part: int = 1) -> Any:
    """The payload of a token, or as part 0 its header."""
    text = token.split(".")[part]
    return json.loads(urlsafe_b64decode(text + "=" * (-len(text) % 4)))
