"""Rate limits of sign-ins and sign-ups, by account and by address, counted in the database, so that all
processes count together."""

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
WIDER = 10  # times as many are allowed from the wider network, which may be one customer's as well
KEPT = timedelta(days=1)


class TooMany(Exception):
    """No more tries for now; the argument is how many seconds to wait."""

    def __init__(self, seconds: int) -> None:
        super().__init__(seconds)
        self.seconds = seconds


def key_of(user_id: int | None, name: str) -> str:
    """Whom a try is aimed at. A name that nobody has is hashed: it may be a password in the wrong field."""
    return f"user:{user_id}" if user_id else f"name:{sha256(fold(name).encode(errors='replace')).hexdigest()}"


async def begin(key: str, networks: Sequence[str], now: datetime, is_vouched_for: bool = False) -> list[int]:
    """Counts a try against its account and its address before the password is looked at: however many come
    at once, no more are looked at than the limits allow, and beyond them right and wrong are answered alike.

    Raises TooMany. `is_vouched_for` says that this browser has been signed in to the account before: then
    what others have used up of its limit keeps nobody out. Returns what `succeeded` and `withdraw` take.
    """
    scopes = _by_address(networks, ADDRESS)
    if not is_vouched_for:
        scopes.append(({"key": key}, ACCOUNT))
    return await _counted(key, networks, scopes, now)


async def begin_sign_up(networks: Sequence[str], now: datetime) -> list[int]:
    """Counts a sign-up, apart from sign-ins. Raises TooMany. Returns what `withdraw` takes."""
    places = [f"sign-up {network}" for network in networks]
    return await _counted("", places, _by_address(places, SIGN_UPS), now)


Scopes = list[tuple[dict[str, str], Limit]]


def _by_address(networks: Sequence[str], limit: Limit) -> Scopes:
    """The limit for each network; they come from the narrowest to the widest."""
    count, window = limit
    return [({"address": network}, (count * WIDER**n, window)) for n, network in enumerate(networks)]


async def _counted(key: str, networks: Sequence[str], scopes: Scopes, now: datetime) -> list[int]:
    async def work(db: Connection) -> list[int]:
        await _alone(db, {key, *networks})
        if wait := max([await _wait(db, who, limit, now) for who, limit in scopes]):
            raise TooMany(wait)
        keys = [key, *[""] * len(networks)]  # the account is counted once
        begun = [Failure(key=one, address=at, at=now) for one, at in zip(keys, networks, strict=False)]
        for failure in begun:
            await failure.save(using_db=db)
        return [failure.id for failure in begun]

    return await committed(work)


async def _alone(db: Connection, names: set[str]) -> None:
    """On PostgreSQL others could count the same tries at the same moment; SQLite has one writer anyway."""
    if is_postgres(db):
        for name in sorted(names):
            await db.execute_query("SELECT pg_advisory_xact_lock(hashtext($1))", [name])


async def _wait(db: Connection, who: dict[str, str], limit: Limit, now: datetime) -> int:
    """Seconds until another try is allowed, 0 for now."""
    count, window = limit
    # A try from the future was written before the clock was stepped back; it must not lock anybody out.
    recent = Failure.filter(**who, at__gt=now - window, at__lte=now + window).using_db(db)
    # That one alone: to make objects of a thousand, by which the wider network is counted, takes long.
    last = await recent.order_by("-at").offset(count - 1).limit(1)
    return max(1, int((last[0].at + window - now).total_seconds()) + 1) if last else 0


async def succeeded(key: str, begun: Sequence[int]) -> None:
    """The password was right: this try does not count, and the account's failures are forgotten."""
    await _forget(Q(key=key) | Q(id__in=begun))


async def withdraw(begun: Sequence[int]) -> None:
    """The password was not looked at, so the try doesn't count."""
    await _forget(Q(id__in=begun))


async def _forget(failures: Q) -> None:
    """Where the database can't delete them now, they expire later: that is no reason to keep anybody out."""

    async def work(db: Connection) -> None:
        await Failure.filter(failures).using_db(db).delete()

    try:
        await committed(work)
    except Unavailable as error:
        log.warning("tries that don't count could not be forgotten: %s", error)


async def sweep(now: datetime) -> None:
    await retention.delete_before("sign_in_failures", "at", now - KEPT)
