"""Whether a password is right: throttled, noted, and answered alike for unknown, wrong and disabled."""

import asyncio
import logging
import time
from dataclasses import dataclass
from datetime import datetime

from journal.accounts import events, passwords, people, throttle
from journal.accounts.models import User
from journal.accounts.throttle import TooMany
from journal.database import Unavailable

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Visitor:
    """The browser that tries, and the account that it has been signed in to before, if it can prove one."""

    address: str
    network: str
    now: datetime
    known_as: int | None = None


async def sign_in(name: str, password: str, visitor: Visitor) -> User | None:
    """The account, with its sign-in noted and an outdated hash replaced. Raises TooMany and Busy."""
    started = time.monotonic()
    user = await people.find(name)
    key = throttle.key_of(user.id if user else None, name)
    is_known = user is not None and user.id == visitor.known_as
    if not await _is_right(user, password, key, visitor, started, is_known) or user is None:
        return None
    try:
        await people.signed_in(user, password, visitor.now)
    except (Unavailable, passwords.Busy) as error:  # nobody is kept out by what is only book-keeping
        log.warning("sign-in of user %s could not be noted: %s", user.id, error)
    await events.note(user.id, "signed in", visitor.address, visitor.now)
    return user


async def confirm(user: User, password: str, visitor: Visitor) -> bool:
    """Whether somebody who is signed in knows the password. Raises TooMany and Busy.

    Counted apart from sign-ins, and with no exception for a known browser: this one may be stolen.
    """
    return await _is_right(user, password, f"confirm:{user.id}", visitor, time.monotonic())


async def _is_right(
    user: User | None, password: str, key: str, visitor: Visitor, started: float, is_known: bool = False
) -> bool:
    """Every answer but yes comes no sooner than SLOWEST_ANSWER after `started`, "too many" included: how
    long it takes to find an account, or to note what happened to it, must not tell that there is one."""
    try:
        begun = await throttle.begin(key, visitor.network, visitor.now, is_known)
        if user and user.is_active and await passwords.verify(password, user.password_hash):
            await throttle.succeeded(key, visitor.network, visitor.now)
            return True
    except TooMany:
        await _note(user, "throttled", visitor)
        await _wait(started)
        raise
    if not user or not user.is_active:
        await passwords.verify(password, await people.costliest_hash())
    await throttle.failed(begun, visitor.network)
    await _note(user, "failed sign-in", visitor)
    await _wait(started)
    return False


async def _wait(started: float) -> None:
    await asyncio.sleep(max(0.0, passwords.SLOWEST_ANSWER - (time.monotonic() - started)))


async def _note(user: User | None, kind: str, visitor: Visitor) -> None:
    if user:
        await events.note(user.id, kind, visitor.address, visitor.now)
