"""Password sign-in and sign-up, with a rate limit. Unknown names, wrong passwords and disabled accounts get
the same answer after the same time, so that nobody can find out who has an account here."""

import asyncio
import logging
import time
from dataclasses import dataclass
from datetime import datetime

from journal.accounts import hash_costs, passwords, users
from journal.accounts.forms import RegistrationForm
from journal.accounts.models import User
from journal.accounts.passwords import Purpose
from journal.database import Unavailable
from journal.engines.fair_queue import FairQueue, SlotLimit
from journal.sessions import security_log, throttle
from journal.sessions.throttle import RateLimited

log = logging.getLogger(__name__)

# An attempt waits in this queue before it is counted, so that a client that leaves, or is told to come again,
# has used up nothing. Each network has a few attempts under way at a time: people there who type the right
# password wait for each other instead of reaching the limit together.
# Sign-ups wait here only to be counted: the database has one writer, and saves wait behind them.
_queue = FairQueue(
    {Purpose.SIGN_IN: SlotLimit(16, 100), Purpose.SIGN_UP: SlotLimit(2, 50)},
    each=4,
    in_all=300,
    busy=passwords.Busy,
)
_under_way: set[asyncio.Task[bool]] = set()


@dataclass(frozen=True)
class ClientInfo:
    """The client of an attempt. `known_user_id` is the account whose refresh token its browser carries."""

    address: str
    networks: tuple[str, ...]  # its own, and for IPv6 the wider one around it
    now: datetime
    known_user_id: int | None = None


async def sign_in(name: str, password: str, client: ClientInfo, zone: str = "") -> User | None:
    """Returns the account if the password is right, after noting the time and replacing an outdated hash.
    `zone` is that of the browser. Raises RateLimited and Busy."""
    started = time.monotonic()
    user = await users.find(name)
    key = throttle.key_of(user.id if user else None, name)
    is_known = user is not None and user.id == client.known_user_id
    if not await _check(user, password, key, client, started, is_known) or user is None:
        return None
    try:
        await users.record_sign_in(user, password, client.now, client.networks[0], zone)
    except Unavailable as error:  # book-keeping must not keep anybody out
        log.warning("sign-in of user %s could not be noted: %s", user.id, error)
    return user


async def confirm(user: User, password: str, client: ClientInfo) -> bool:
    """Whether a signed-in user knows the password. Raises RateLimited and Busy.

    Counted apart from sign-ins, and with no exception for a known browser: this browser may be stolen.
    """
    return await _check(user, password, f"confirm:{user.id}", client, time.monotonic())


async def sign_up(form: RegistrationForm, client: ClientInfo) -> User:
    """Makes an account. Raises Taken, RateLimited and Busy."""
    async with _queue.turn(client.networks[0], Purpose.SIGN_UP):
        counted = await throttle.begin_sign_up(client.networks, client.now)
    try:
        return await users.create(
            form.username, form.email, form.password, form.zone, client.now, client.networks[0]
        )
    except Unavailable:
        await throttle.withdraw(counted)
        raise


async def _check(
    user: User | None, password: str, key: str, client: ClientInfo, started: float, is_known: bool = False
) -> bool:
    """Whether the password is right. Every other answer, the rate limit included, is delayed until
    SLOWEST_ANSWER after `started`: the time that a lookup or a note in the log takes must not tell whether
    the account exists."""
    try:
        is_right = await _attempt(user, password, key, client, is_known)
    except RateLimited:
        await _note(user, "throttled", client)
        await _delay(started)
        raise
    if not is_right:
        await _note(user, "failed sign-in", client)
        await _delay(started)
    return is_right


async def _attempt(user: User | None, password: str, key: str, client: ClientInfo, is_known: bool) -> bool:
    """Runs an attempt in its own task, so that it is counted though the client hangs up: a wrong password
    takes longer than a right one, and whoever hangs up in between would learn which it was for free."""
    network = client.networks[0]
    await _queue.acquire(network, Purpose.SIGN_IN)
    task = asyncio.create_task(_counted_attempt(user, password, key, client, is_known))

    def end(task: asyncio.Task[bool]) -> None:
        _queue.release(network, Purpose.SIGN_IN)
        _under_way.discard(task)
        if not task.cancelled():
            task.exception()  # marks it as read; the client that waited has it, or has hung up

    _under_way.add(task)
    task.add_done_callback(end)
    return await asyncio.shield(task)


async def _counted_attempt(
    user: User | None, password: str, key: str, client: ClientInfo, is_known: bool
) -> bool:
    counted = await throttle.begin(key, client.networks, client.now, is_known)
    try:
        is_right = await _verify(user, password, client.networks[0])
    except Exception:  # for example, the database was away and the password was not verified
        await throttle.withdraw(counted)
        raise
    if is_right:
        await throttle.succeeded(key, counted)
    return is_right


async def _verify(user: User | None, password: str, network: str) -> bool:
    """Verifies against the costliest hash on the site where there is no account, to take as long."""
    if user and user.is_active:
        return await passwords.verify(password, user.password_hash, network)
    await passwords.verify(password, await hash_costs.costliest_hash(), network)
    return False


async def _delay(started: float) -> None:
    await asyncio.sleep(max(0.0, passwords.SLOWEST_ANSWER - (time.monotonic() - started)))


async def _note(user: User | None, kind: str, client: ClientInfo) -> None:
    if user:
        await security_log.note(user.id, kind, client.address, client.now)
