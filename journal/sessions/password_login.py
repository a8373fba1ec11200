"""Password sign-in and sign-up: throttled, noted, and answered alike for unknown, wrong and disabled."""

import asyncio
import logging
import time
from dataclasses import dataclass
from datetime import datetime

from journal.accounts import passwords, users
from journal.accounts.forms import RegistrationForm
from journal.accounts.models import User
from journal.accounts.passwords import Purpose
from journal.database import Unavailable
from journal.engines.fair_queue import FairQueue, SlotLimit
from journal.sessions import security_log, throttle
from journal.sessions.throttle import TooMany

log = logging.getLogger(__name__)

# A try waits for the turn of its network before it is counted, so that who leaves or is told to come again
# has tried nothing. One network has a few under way at once: people there who are right wait for each other
# instead of using up the limit together.
# Sign-ups wait only to be counted, as the database has one writer, and whoever saves waits behind them.
_turns = FairQueue(
    {Purpose.SIGN_IN: SlotLimit(16, 100), Purpose.SIGN_UP: SlotLimit(2, 50)},
    each=4,
    in_all=300,
    busy=passwords.Busy,
)
_under_way: set[asyncio.Task[bool]] = set()


@dataclass(frozen=True)
class Visitor:
    """The browser that tries, and the account that it has been signed in to before, if it can prove one."""

    address: str
    networks: tuple[str, ...]  # its own, and for IPv6 the wider one around it
    now: datetime
    known_as: int | None = None


async def sign_in(name: str, password: str, visitor: Visitor) -> User | None:
    """The account, with its sign-in noted and an outdated hash replaced. Raises TooMany and Busy."""
    started = time.monotonic()
    user = await users.find(name)
    key = throttle.key_of(user.id if user else None, name)
    is_known = user is not None and user.id == visitor.known_as
    if not await _is_right(user, password, key, visitor, started, is_known) or user is None:
        return None
    try:
        await users.signed_in(user, password, visitor.now, visitor.networks[0])
    except Unavailable as error:  # nobody is kept out by what is only book-keeping
        log.warning("sign-in of user %s could not be noted: %s", user.id, error)
    await security_log.note(user.id, "signed in", visitor.address, visitor.now)
    return user


async def confirm(user: User, password: str, visitor: Visitor) -> bool:
    """Whether somebody who is signed in knows the password. Raises TooMany and Busy.

    Counted apart from sign-ins, and with no exception for a known browser: this one may be stolen.
    """
    return await _is_right(user, password, f"confirm:{user.id}", visitor, time.monotonic())


async def sign_up(form: RegistrationForm, visitor: Visitor) -> User:
    """A new account. Raises Taken, TooMany and Busy."""
    async with _turns.turn(visitor.networks[0], Purpose.SIGN_UP):
        begun = await throttle.begin_sign_up(visitor.networks, visitor.now)
    try:
        return await users.create(
            form.username, form.email, form.password, form.zone, visitor.now, visitor.networks[0]
        )
    except Unavailable:
        await throttle.withdraw(begun)
        raise


async def _is_right(
    user: User | None, password: str, key: str, visitor: Visitor, started: float, is_known: bool = False
) -> bool:
    """Every answer but yes comes no sooner than SLOWEST_ANSWER after `started`, "too many" included: how
    long it takes to find an account, or to note what happened to it, must not tell that there is one."""
    try:
        is_right = await _tried(user, password, key, visitor, is_known)
    except TooMany:
        await _note(user, "throttled", visitor)
        await _wait(started)
        raise
    if not is_right:
        await _note(user, "failed sign-in", visitor)
        await _wait(started)
    return is_right


async def _tried(user: User | None, password: str, key: str, visitor: Visitor, is_known: bool) -> bool:
    """A try whose turn has come is carried through, also for somebody who hangs up: a wrong answer takes
    longer than a right one, and whoever hung up in between would have learned it without being counted."""
    network = visitor.networks[0]
    await _turns.take(network, Purpose.SIGN_IN)
    task = asyncio.create_task(_counted(user, password, key, visitor, is_known))

    def end(task: asyncio.Task[bool]) -> None:
        _turns.give_back(network, Purpose.SIGN_IN)
        _under_way.discard(task)
        if not task.cancelled():
            task.exception()  # whoever waited has it, or has hung up

    _under_way.add(task)
    task.add_done_callback(end)
    return await asyncio.shield(task)


async def _counted(user: User | None, password: str, key: str, visitor: Visitor, is_known: bool) -> bool:
    begun = await throttle.begin(key, visitor.networks, visitor.now, is_known)
    try:
        is_right = await _fits(user, password, visitor.networks[0])
    except Exception:  # the database was away, for example: the password was not looked at
        await throttle.withdraw(begun)
        raise
    if is_right:
        await throttle.succeeded(key, begun)
    return is_right


async def _fits(user: User | None, password: str, network: str) -> bool:
    if user and user.is_active:
        return await passwords.verify(password, user.password_hash, network)
    await passwords.verify(password, await users.costliest_hash(), network)
    return False


async def _wait(started: float) -> None:
    await asyncio.sleep(max(0.0, passwords.SLOWEST_ANSWER - (time.monotonic() - started)))


async def _note(user: User | None, kind: str, visitor: Visitor) -> None:
    if user:
        await security_log.note(user.id, kind, visitor.address, visitor.now)
