"""Password hashes of other apps and libraries: recognises Werkzeug, bcrypt, argon2, passlib, Flask-Bcrypt and
Flask-Security, tells what verifying costs, and verifies. Pure."""

import hashlib
import hmac
import re
from base64 import b64decode, b64encode
from collections.abc import Callable
from unicodedata import normalize

import bcrypt
from argon2 import PasswordHasher, extract_parameters
from argon2.exceptions import VerifyMismatchError
from werkzeug.security import check_password_hash

from journal.accounts import system_crypt

Verifier = Callable[[bytes, str], bool]

HEX = re.compile(r"\\{1,2}x((?:[0-9a-fA-F]{2})+)")
BYTES = re.compile(r"""b(['"])(.*)\1""")
PASSLIB_PBKDF2 = re.compile(r"\$pbkdf2(?:-(sha256|sha512))?\$([1-9]\d{0,9})\$([^$]*)\$([^$]+)", re.ASCII)
PASSLIB_SCRYPT = re.compile(r"\$scrypt\$ln=(\d{1,2}),r=(\d{1,7}),p=(\d{1,7})\$([^$]*)\$([^$]+)", re.ASCII)
BCRYPT_SHA256 = re.compile(
    r"\$bcrypt-sha256\$(?:v=(2),t=)?(2[ab]),(?:r=)?(\d{1,2})\$([./A-Za-z0-9]{22})\$([./A-Za-z0-9]{31})"
)
MAX_MEMORY = 2**30  # bytes that OpenSSL may take for scrypt


def unwrapped(stored: str) -> str:
    """The hash itself where bytes were written as text: `\\x2432…` by PostgreSQL, `b'$2b$…'` by Python."""
    stored = stored.strip()
    if as_hex := HEX.fullmatch(stored):
        return bytes.fromhex(as_hex[1]).decode("ascii")
    as_bytes = BYTES.fullmatch(stored)
    return as_bytes[2] if as_bytes else stored


def secrets(password: str, stored: str, salt: bytes) -> list[bytes]:
    """What the hash may have been made of: the password; its SHA-256 in hex, as Flask-Bcrypt may take it; and
    with the salt of a Flask-Security app, the HMAC that it hashes in the password's place."""
    found = [password.encode(errors="surrogatepass")]
    if stored.startswith("$2"):
        found.append(hashlib.sha256(found[0]).hexdigest().encode())
    if salt and stored.startswith("$"):
        # Flask-Security normalizes passwords since version 4.
        for text in dict.fromkeys((normalize("NFKD", password), password)):
            mac = hmac.digest(salt, text.encode(errors="surrogatepass"), "sha512")
            found.append(b64encode(mac))
    return found


def verifier(stored: str) -> Verifier | None:
    """The function that verifies hashes of this kind, or None if the kind is unknown."""
    return next((verify for prefixes, verify in SCHEMES.items() if stored.startswith(prefixes)), None)


def cost(stored: str, is_salted: bool) -> float:
    """Roughly how many milliseconds it takes to refuse a wrong password. Raises ValueError for some damaged
    hashes."""
    return _single_cost(stored) * len(secrets("", stored, b"salt" if is_salted else b""))


def _single_cost(stored: str) -> float:
    if stored.startswith("$argon2"):
        chosen = extract_parameters(stored)
        return chosen.memory_cost * chosen.time_cost * 0.0007
    if rounds := _bcrypt_rounds(stored):
        return 2.0**rounds * 0.05
    if numbers := _scrypt_numbers(stored):
        n, r, p = numbers
        return n * r * p * 0.0002
    return _pbkdf2_rounds(stored) * 0.0004 + system_crypt.rounds(stored) * 0.0006


def is_verifiable(stored: str) -> bool:
    """Whether there is a password, as far as the form of the hash tells, that could be verified here."""
    try:
        return verifier(unwrapped(stored)) is not None and is_affordable(unwrapped(stored))
    except Exception:  # a damaged hash can make the libraries raise anything
        return False


def is_affordable(stored: str) -> bool:
    """Whether verifying takes at most seconds and 512 MB. An imported hash may ask for any cost, and two such
    hashes would block all sign-ins. May raise any exception for a damaged hash."""
    if stored.startswith("$argon2"):
        chosen = extract_parameters(stored)
        return chosen.memory_cost <= 2**19 and chosen.memory_cost * chosen.time_cost <= 2**22
    if numbers := _scrypt_numbers(stored):
        n, r, p = numbers
        return r * (n + p) <= 2**22 and n * r * p <= 2**24
    rounds = _pbkdf2_rounds(stored) + system_crypt.rounds(stored)
    return _bcrypt_rounds(stored) <= 16 and rounds <= 10_000_000


def _bcrypt_rounds(stored: str) -> int:
    """The binary logarithm of the rounds; 0 for other hashes."""
    if found := BCRYPT_SHA256.fullmatch(stored):
        return int(found[3])
    return int(stored[4:6]) if stored.startswith(BCRYPT) else 0


def _scrypt_numbers(stored: str) -> tuple[int, int, int] | None:
    if found := PASSLIB_SCRYPT.fullmatch(stored):
        return 2 ** int(found[1]), int(found[2]), int(found[3])
    method, *numbers = stored.partition("$")[0].split(":")
    if method != "scrypt" or not numbers:
        return None
    n, r, p = map(int, numbers)
    return n, r, p


def _pbkdf2_rounds(stored: str) -> int:
    if found := PASSLIB_PBKDF2.fullmatch(stored):
        return int(found[2])
    method, *numbers = stored.partition("$")[0].split(":")
    if method != "pbkdf2":
        return 0
    return int(numbers[1]) if len(numbers) > 1 else 1_000_000  # Werkzeug's default


def _argon2(secret: bytes, stored: str) -> bool:
    try:
        return PasswordHasher().verify(stored, secret)
    except VerifyMismatchError:
        return False


def _werkzeug(secret: bytes, stored: str) -> bool:
    return check_password_hash(stored, secret.decode())


def _bcrypt(secret: bytes, stored: str) -> bool:
    # bcrypt ignores everything after 72 bytes; its newer releases refuse longer passwords.
    return bcrypt.checkpw(secret[:72], stored.encode())


def _salted(secret: bytes, stored: str) -> bool:
    """Verifies a hash of Werkzeug before 2.3: method$salt$hex, an HMAC keyed by the salt."""
    method, salt, digest = stored.split("$")
    return hmac.compare_digest(hmac.new(salt.encode(), secret, method).hexdigest(), digest)


def _passlib_pbkdf2(secret: bytes, stored: str) -> bool:
    method, rounds, salt, checksum = _matched(PASSLIB_PBKDF2, stored)
    made = hashlib.pbkdf2_hmac(method or "sha1", secret, _decoded(salt), int(rounds))
    return hmac.compare_digest(made, _decoded(checksum))


def _passlib_scrypt(secret: bytes, stored: str) -> bool:
    logarithm, r, p, salt, checksum = _matched(PASSLIB_SCRYPT, stored)
    made = hashlib.scrypt(
        secret, salt=_decoded(salt), n=2 ** int(logarithm), r=int(r), p=int(p), maxmem=MAX_MEMORY, dklen=32
    )
    return hmac.compare_digest(made, _decoded(checksum))


def _bcrypt_sha256(secret: bytes, stored: str) -> bool:
    """Verifies passlib's bcrypt of a digest: in version 2 of an HMAC keyed by the salt."""
    version, kind, rounds, salt, checksum = _matched(BCRYPT_SHA256, stored)
    digest = hmac.digest(salt.encode(), secret, "sha256") if version else hashlib.sha256(secret).digest()
    return bcrypt.checkpw(b64encode(digest), f"${kind}${int(rounds):02}${salt}{checksum}".encode())


def _matched(pattern: re.Pattern[str], stored: str) -> tuple[str, ...]:
    """The groups of the pattern. Raises ValueError for a damaged hash."""
    found = pattern.fullmatch(stored)
    if not found:
        raise ValueError("a damaged hash")
    return found.groups()


def _decoded(text: str) -> bytes:
    """Reads passlib's base64, which has no padding and may have `.` for `+`."""
    return b64decode(text.replace(".", "+") + "=" * (-len(text) % 4), validate=True)


BCRYPT = ("$2a$", "$2b$", "$2y$")
SCHEMES: dict[tuple[str, ...], Verifier] = {
    ("$argon2",): _argon2,
    ("pbkdf2:", "scrypt:"): _werkzeug,
    BCRYPT: _bcrypt,
    ("md5$", "sha1$", "sha256$", "sha512$"): _salted,
    ("$pbkdf2$", "$pbkdf2-sha256$", "$pbkdf2-sha512$"): _passlib_pbkdf2,
    ("$scrypt$",): _passlib_scrypt,
    ("$bcrypt-sha256$",): _bcrypt_sha256,
    ("$5$", "$6$") if system_crypt.is_available() else (): system_crypt.verify,
}
