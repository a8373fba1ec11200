"""Password hashing: argon2id for new passwords; hashes of an old app are verified as they are. Both run in
threads, off the event loop."""

import os
import sys
from enum import IntEnum

from argon2 import PasswordHasher

from journal.accounts import password_hashes
from journal.accounts.password_hashes import is_affordable, secrets, unwrapped, verifier
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
_salt = b""  # SECURITY_PASSWORD_SALT of a Flask-Security app


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
    secret = _secret(password)
    try:
        whole = unwrapped(stored or "")
        verify = verifier(whole)
        if verify is None or len(secret) > MAX_BYTES or not is_affordable(whole):
            return _hash_in_vain(secret[:MAX_BYTES])
        return any(verify(text, whole) for text in secrets(password, whole, _salt_for(whole)))
    except Exception:  # a damaged hash can make the libraries raise anything
        return _hash_in_vain(secret[:MAX_BYTES])


def is_outdated(stored: str) -> bool:
    return not stored.startswith("$argon2id$") or hasher.check_needs_rehash(stored)


def use_salt(salt: str) -> None:
    """Sets the salt of a Flask-Security app whose people came over; "" for none."""
    global _salt
    _salt = salt.encode(errors="surrogatepass")


def _salt_for(stored: str) -> bytes:
    """No salt for our own hashes, which never need it."""
    return _salt if is_outdated(stored) else b""


def cost(stored: str | None) -> int:
    """Roughly how many milliseconds verifying takes; 0 for our own hashes and hashes that are refused."""
    try:
        whole = unwrapped(stored or "")
        is_foreign = is_affordable(whole) and is_outdated(whole)
        return round(password_hashes.cost(whole, bool(_salt))) if is_foreign else 0
    except Exception:  # a damaged hash is not verified
        return 0


def _hash_in_vain(secret: bytes) -> bool:
    """Spends the time of a hash, so that the answer does not tell that there was nothing to verify."""
    hasher.hash(secret)
    return False
