"""Password hashing: argon2id for new passwords; hashes of the old app are verified as they are. Both run in
threads, off the event loop."""

import hmac
import os
import re
import sys
from collections.abc import Callable
from enum import IntEnum

import bcrypt
from argon2 import PasswordHasher, extract_parameters
from werkzeug.security import check_password_hash

from journal.engines import fair_queue
from journal.engines.fair_queue import FairPool, FairQueue, SlotLimit

MAX_BYTES = 1024
MIN_BYTES = 8
MAX_WAITING = 100  # passwords in the queue for each purpose; beyond that, Busy is raised
SLOWEST_ANSWER = 0.4  # seconds until any failed sign-in is answered

# OWASP's second recommendation: 19 MiB, two passes. The library's default of 64 MiB in four lanes
# takes 0.4 s, and 32 sign-ins at once 2.2 GB.
hasher = PasswordHasher(time_cost=2, memory_cost=19456, parallelism=1)
NICENESS = 10  # of the threads that hash


def _lower_priority() -> None:
    """Lets pages go before passwords: with equal priority, two hashing threads made pages wait five times as
    long on two cores. Only Linux has priorities of single threads."""
    if sys.platform == "linux":
        os.nice(NICENESS)


class Purpose(IntEnum):
    """The purpose of hashing. Sign-ins go first, so that a flood of sign-ups delays none of them."""

    SIGN_IN = 0
    SIGN_UP = 1


class Busy(fair_queue.Busy):
    """Too many passwords wait to be hashed."""

    sentence = "Many people are signing in at this moment. Please try again in a few seconds."


def _queue() -> FairQueue:
    """A queue in which networks take turns. One of the two threads is reserved for sign-ins."""
    limits = {Purpose.SIGN_IN: SlotLimit(2, MAX_WAITING), Purpose.SIGN_UP: SlotLimit(1, MAX_WAITING // 2)}
    return FairQueue(limits, each=2, in_all=MAX_WAITING, busy=Busy)


_pool = FairPool(_queue(), 2, "passwords", _lower_priority)


async def hashed(password: str, network: str = "", purpose: Purpose = Purpose.SIGN_IN) -> str:
    """The hash of a new password, made in the network's turn. Raises Busy."""
    return await _pool.run(network, purpose, lambda: hasher.hash(_secret(password)))


async def verify(password: str, stored: str | None, network: str = "") -> bool:
    """Whether the password matches. For NULL and unknown or damaged hashes the answer is False, after the
    same time. Raises Busy."""
    return await _pool.run(network, Purpose.SIGN_IN, matches, password, stored)


def _secret(password: str) -> bytes:
    return password.encode(errors="surrogatepass")


def matches(password: str, stored: str | None) -> bool:
    scheme = _scheme(stored or "")
    secret = _secret(password)
    try:
        if scheme is None or not stored or len(secret) > MAX_BYTES or not is_affordable(stored):
            return _hash_in_vain(secret[:MAX_BYTES])
        return scheme(password, stored)
    except Exception:  # a damaged hash can make the libraries raise anything
        return _hash_in_vain(secret[:MAX_BYTES])


def is_outdated(stored: str) -> bool:
    return not stored.startswith("$argon2id$") or hasher.check_needs_rehash(stored)


def cost(stored: str | None) -> int:
    """Roughly how many milliseconds verifying takes; 0 for our own hashes and hashes that are refused."""
    try:
        return round(_cost(stored or "")) if is_affordable(stored or "") else 0
    except Exception:  # a damaged hash is not verified
        return 0


def _cost(stored: str) -> float:
    scheme, _, rest = stored.partition(":")
    numbers = [int(number) for number in re.findall(r"\d{1,9}", rest.partition("$")[0])]
    if scheme == "pbkdf2":
        return numbers[-1] * 0.0004 if numbers else 60.0
    if scheme == "scrypt" and len(numbers) == 3:
        return numbers[0] * numbers[1] * numbers[2] * 0.0002
    rounds = re.match(r"\$2[aby]\$(\d\d)\$", stored)
    return 2 ** int(rounds[1]) * 0.05 if rounds else 0.0


def _scheme(stored: str) -> Callable[[str, str], bool] | None:
    for prefixes, scheme in SCHEMES.items():
        if stored.startswith(prefixes):
            return scheme
    return None


def is_affordable(stored: str) -> bool:
    """Whether verifying takes at most seconds and 512 MB. An imported hash may ask for any cost, and two such
    hashes would block all sign-ins. May raise any exception for a damaged hash."""
    if stored.startswith("$argon2"):
        chosen = extract_parameters(stored)
        return chosen.memory_cost <= 2**19 and chosen.memory_cost * chosen.time_cost <= 2**22
    if stored.startswith("$2"):
        return int(stored[4:6]) <= 16
    method, *numbers = stored.partition("$")[0].split(":")
    if method == "pbkdf2":
        return len(numbers) < 2 or int(numbers[1]) <= 10_000_000
    if method == "scrypt" and numbers:
        n, r, p = map(int, numbers)
        return r * (n + p) <= 2**22 and n * r * p <= 2**24
    return True


def _argon2(password: str, stored: str) -> bool:
    return hasher.verify(stored, _secret(password))


def _bcrypt(password: str, stored: str) -> bool:
    # bcrypt ignores everything after 72 bytes; its newer releases refuse longer passwords.
    return bcrypt.checkpw(password.encode()[:72], stored.encode())


def _salted(password: str, stored: str) -> bool:
    """Verifies a hash of Werkzeug before 2.3: method$salt$hex, an HMAC keyed by the salt."""
    method, salt, digest = stored.split("$")
    return hmac.compare_digest(hmac.new(salt.encode(), password.encode(), method).hexdigest(), digest)


SCHEMES: dict[tuple[str, ...], Callable[[str, str], bool]] = {
    ("$argon2",): _argon2,
    ("pbkdf2:", "scrypt:"): lambda password, stored: check_password_hash(stored, password),
    ("$2a$", "$2b$", "$2y$"): _bcrypt,
    ("md5$", "sha1$", "sha256$", "sha512$"): _salted,
}


def _hash_in_vain(secret: bytes) -> bool:
    """Spends the time of a hash, so that the answer does not tell that there was nothing to verify."""
    hasher.hash(secret)
    return False
