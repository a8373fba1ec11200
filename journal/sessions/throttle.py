"""Rate limit of sign-ins and sign-ups, by account and by address. Attempts are counted in the database, so
that all processes count together."""

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta
from hashlib import sha256

from tortoise.expressions import Q

from journal import retention
from journal.accounts.models import Failure
from journal.accounts.names import fold
from journal.database import Connection, Unavailable, committed, is_postgres

log = logging.getLogger(__name__)

Limit = tuple[int, timedelta]
ACCOUNT: Limit = (5, timedelta(minutes=5))
ADDRESS: Limit = (10, timedelta(minutes=1))
SIGN_UPS: Limit = (100, timedelta(hours=1))  # by address; a school that signs up together is let in
WIDER = 10  # times as many are allowed from the wider network, which one customer may own as well
RETENTION = timedelta(days=1)


class RateLimited(Exception):
    """The limit is reached; `seconds` says how long to wait, `sentence` says so to the user."""

    def __init__(self, seconds: int) -> None:
        super().__init__(seconds)
        minutes = -(-seconds // 60)
        self.seconds = seconds
        self.sentence = f"Too many tries. Please wait {minutes} minute{'s' * (minutes != 1)}."


def key_of(user_id: int | None, name: str) -> str:
    """The account that an attempt is aimed at. A name without an account is hashed, because it may be a
    password that was typed into the wrong field."""
    return f"user:{user_id}" if user_id else f"name:{sha256(fold(name).encode(errors='replace')).hexdigest()}"


async def begin(key: str, networks: Sequence[str], now: datetime, is_known: bool = False) -> list[int]:
    """Counts an attempt against its account and its address before the password is verified: however many
    arrive at once, no more are verified than the limits allow, and beyond the limits right and wrong
    passwords get the same answer.

    `is_known` says that this browser has been signed in to the account before; then the account's limit does
    not apply, so that others can't lock its owner out. Returns the ids that `succeeded` and `withdraw` take.
    Raises RateLimited.
    """
    scopes = _by_address(networks, ADDRESS)
    if not is_known:
        scopes.append(({"key": key}, ACCOUNT))
    return await _count(key, networks, scopes, now)


async def begin_sign_up(networks: Sequence[str], now: datetime) -> list[int]:
    """Counts a sign-up, apart from sign-ins. Returns the ids that `withdraw` takes. Raises RateLimited."""
    places = [f"sign-up {network}" for network in networks]
    return await _count("", places, _by_address(places, SIGN_UPS), now)


Scopes = list[tuple[dict[str, str], Limit]]


def _by_address(networks: Sequence[str], limit: Limit) -> Scopes:
    """The limit of each network, ordered from the narrowest network to the widest."""
    count, window = limit
    return [({"address": network}, (count * WIDER**n, window)) for n, network in enumerate(networks)]


async def _count(key: str, networks: Sequence[str], scopes: Scopes, now: datetime) -> list[int]:
    async def work(db: Connection) -> list[int]:
        await _lock(db, {key, *networks})
        if wait := max([await _wait(db, who, limit, now) for who, limit in scopes]):
            raise RateLimited(wait)
        keys = [key, *[""] * len(networks)]  # the account is counted once
        attempts = [Failure(key=name, address=at, at=now) for name, at in zip(keys, networks, strict=False)]
        for failure in attempts:
            await failure.save(using_db=db)
        return [failure.id for failure in attempts]

    return await committed(work)


async def _lock(db: Connection, names: set[str]) -> None:
    """Locks the counters on PostgreSQL, where two transactions could count at once; SQLite has one writer."""
    if is_postgres(db):
        for name in sorted(names):
            await db.execute_query("SELECT pg_advisory_xact_lock(hashtext($1))", [name])


async def _wait(db: Connection, who: dict[str, str], limit: Limit, now: datetime) -> int:
    """Seconds until another attempt is allowed, or 0."""
    count, window = limit
    # An attempt from the future was counted before the clock was set back; it must not lock anybody out.
    recent = Failure.filter(**who, at__gt=now - window, at__lte=now + window).using_db(db)
    # Only this row is read: to make objects of a thousand rows, the wider network's limit, takes long.
    last = await recent.order_by("-at").offset(count - 1).limit(1)
    return max(1, int((last[0].at + window - now).total_seconds()) + 1) if last else 0


async def succeeded(key: str, attempts: Sequence[int]) -> None:
    """Uncounts an attempt whose password was right, and all failures of the account."""
    await _delete(Q(key=key) | Q(id__in=attempts))


async def withdraw(attempts: Sequence[int]) -> None:
    """Uncounts an attempt whose password was not verified."""
    await _delete(Q(id__in=attempts))


async def _delete(failures: Q) -> None:
    """Deletes counted attempts. If the database can't delete them now, they expire later, and nobody is kept
    out because of that."""

    async def work(db: Connection) -> None:
        await Failure.filter(failures).using_db(db).delete()

    try:
        await committed(work)
    except Unavailable as error:
        log.warning("tries that don't count could not be forgotten: %s", error)


async def sweep(now: datetime) -> None:
    """Deletes attempts older than the retention."""
    await retention.delete_before("sign_in_failures", "at", now - RETENTION)
