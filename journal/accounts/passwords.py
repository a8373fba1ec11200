"""Password hashes: argon2id for new ones, the old app's verified as they are, both off the event loop."""

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
QUEUE = 100  # passwords that may wait for each purpose; more are told to come again
SLOWEST_ANSWER = 0.4  # seconds before any failed sign-in is answered

# OWASP's second recommendation: 19 MiB, two passes. The library's default of 64 MiB in four lanes
# takes 0.4 s, and 32 sign-ins at once 2.2 GB.
hasher = PasswordHasher(time_cost=2, memory_cost=19456, parallelism=1)
GIVING_WAY = 10  # added to the niceness of the threads that hash


def _give_way() -> None:
    """Pages before passwords: hashing with equal rights to a core, two threads made pages wait five times
    as long on two cores. Only Linux gives a thread a priority of its own."""
    if sys.platform == "linux":
        os.nice(GIVING_WAY)


class Purpose(IntEnum):
    """What a password is hashed for: a sign-in goes first, and a flood of sign-ups holds no sign-in up."""

    SIGN_IN = 0
    SIGN_UP = 1


class Busy(fair_queue.Busy):
    """Too many passwords wait to be hashed."""

    sentence = "Many people are signing in at this moment. Please try again in a few seconds."


def _queue() -> FairQueue:
    """Networks take turns. One of two threads hashes for sign-ins only."""
    limits = {Purpose.SIGN_IN: SlotLimit(2, QUEUE), Purpose.SIGN_UP: SlotLimit(1, QUEUE // 2)}
    return FairQueue(limits, each=2, in_all=QUEUE, busy=Busy)


_pool = FairPool(_queue(), 2, "passwords", _give_way)


async def hashed(password: str, network: str = "", purpose: Purpose = Purpose.SIGN_IN) -> str:
    """In the turn of the network that asks. Raises Busy."""
    return await _pool.run(network, purpose, lambda: hasher.hash(_secret(password)))


async def verify(password: str, stored: str | None, network: str = "") -> bool:
    """Whether the password fits; unknown kinds of hashes, NULL and garbage are False, just as slowly.
    Raises Busy."""
    return await _pool.run(network, Purpose.SIGN_IN, matches, password, stored)


def _secret(password: str) -> bytes:
    return password.encode(errors="surrogatepass")


def matches(password: str, stored: str | None) -> bool:
    scheme = _scheme(stored or "")
    secret = _secret(password)
    try:
        if scheme is None or not stored or len(secret) > MAX_BYTES or not is_bearable(stored):
            return _pretend(secret[:MAX_BYTES])
        return scheme(password, stored)
    except Exception:  # whatever a damaged hash makes the libraries raise, it is no way in
        return _pretend(secret[:MAX_BYTES])


def is_outdated(stored: str) -> bool:
    return not stored.startswith("$argon2id$") or hasher.check_needs_rehash(stored)


def cost(stored: str | None) -> int:
    """Roughly how many milliseconds verifying takes; 0 for our own hashes and what is never verified."""
    try:
        return round(_cost(stored or "")) if is_bearable(stored or "") else 0
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


def is_bearable(stored: str) -> bool:
    """Whether verifying takes seconds and no more than 512 MB: a hash from elsewhere may name any number,
    and two of those would keep everybody out. Raises whatever a damaged one makes it raise."""
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
    # bcrypt has always ignored what follows 72 bytes; its newer releases refuse it.
    return bcrypt.checkpw(password.encode()[:72], stored.encode())


def _salted(password: str, stored: str) -> bool:
    """Werkzeug before 2.3: method$salt$hex, an HMAC keyed by the salt."""
    method, salt, digest = stored.split("$")
    return hmac.compare_digest(hmac.new(salt.encode(), password.encode(), method).hexdigest(), digest)


SCHEMES: dict[tuple[str, ...], Callable[[str, str], bool]] = {
    ("$argon2",): _argon2,
    ("pbkdf2:", "scrypt:"): lambda password, stored: check_password_hash(stored, password),
    ("$2a$", "$2b$", "$2y$"): _bcrypt,
    ("md5$", "sha1$", "sha256$", "sha512$"): _salted,
}


def _pretend(secret: bytes) -> bool:
    hasher.hash(secret)
    return False
