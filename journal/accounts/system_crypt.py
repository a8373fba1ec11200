"""System crypt: verifies SHA-crypt hashes (`$5$`, `$6$`) by the C library, as Python has no crypt module
since 3.13. Many tutorials make such hashes by passlib's sha256_crypt."""

import ctypes
import hmac
import re
from collections.abc import Callable

SHA_CRYPT = re.compile(r"\$[56]\$(?:rounds=([1-9]\d{3,8})\$)?[^$:\n]{0,16}\$[./0-9A-Za-z]{43,86}", re.ASCII)
DEFAULT_ROUNDS = 5000
ROOM = 2**18  # bytes of `struct crypt_data`, the largest known being 131,232
LIBRARIES = ("libcrypt.so.1", "libcrypt.so.2", None)  # None: the process itself, for musl

Crypt = Callable[[bytes, bytes, ctypes.Array[ctypes.c_char]], bytes | None]


def _loaded() -> Crypt | None:
    for name in LIBRARIES:
        try:
            crypt: Crypt = ctypes.CDLL(name).crypt_r
        except (OSError, AttributeError, TypeError):  # TypeError on Windows
            continue
        crypt.restype = ctypes.c_char_p  # type: ignore[attr-defined]
        crypt.argtypes = [ctypes.c_char_p] * 3  # type: ignore[attr-defined]
        return crypt
    return None


_crypt = _loaded()


def is_available() -> bool:
    return _crypt is not None


def rounds(stored: str) -> int:
    """How many rounds the hash takes; 0 for other hashes."""
    found = SHA_CRYPT.fullmatch(stored)
    return int(found[1] or DEFAULT_ROUNDS) if found else 0


def verify(secret: bytes, stored: str) -> bool:
    """Other threads run meanwhile. Raises ValueError for a damaged hash."""
    if not rounds(stored) or b"\0" in secret or _crypt is None:
        raise ValueError("nothing that could be verified")
    made = _crypt(secret, stored.encode(), ctypes.create_string_buffer(ROOM))
    return made is not None and hmac.compare_digest(made, stored.encode())
