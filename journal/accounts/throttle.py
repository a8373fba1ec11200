"""How often a password may be tried: counted in the database, so that all processes count together."""

from datetime import datetime, timedelta
from hashlib import sha256

from journal import expiry
from journal.accounts.models import Failure
from journal.accounts.names import fold
from journal.database import Connection, committed, is_postgres

ACCOUNT = (5, timedelta(minutes=5))
ADDRESS = (10, timedelta(minutes=1))
KEPT = timedelta(days=1)


class TooMany(Exception):
    """No more tries for now; the argument is how many seconds to wait."""

    def __init__(self, seconds: int) -> None:
        super().__init__(seconds)
        self.seconds = seconds


def key_of(user_id: int | None, name: str) -> str:
    """Whom a try is aimed at. A name that nobody has is hashed: it may be a password in the wrong field."""
    return f"user:{user_id}" if user_id else f"name:{sha256(fold(name).encode(errors='replace')).hexdigest()}"


async def begin(key: str, network: str, now: datetime, is_vouched_for: bool = False) -> int:
    """Counts a try against its account before the password is looked at: many at once can't slip through.

    Raises TooMany. `is_vouched_for` says that this browser has been signed in to the account before: then
    what others have used up of its limit keeps nobody out. Returns what `failed` and `succeeded` take.
    """

    async def work(db: Connection) -> int:
        await _alone(db, key)
        waits = [await _wait(db, {"address": network}, ADDRESS, now)]
        if not is_vouched_for:
            waits.append(await _wait(db, {"key": key}, ACCOUNT, now))
        if any(waits):
            raise TooMany(max(waits))
        return int((await Failure.create(key=key, address="", at=now, using_db=db)).id)

    return await committed(work)


async def _alone(db: Connection, name: str) -> None:
    """On PostgreSQL others could count the same tries at the same moment; SQLite has one writer anyway."""
    if is_postgres(db):
        await db.execute_query("SELECT pg_advisory_xact_lock(hashtext($1))", [name])


async def _wait(db: Connection, who: dict[str, str], limit: tuple[int, timedelta], now: datetime) -> int:
    """Seconds until another try is allowed, 0 for now."""
    count, window = limit
    # A try from the future was written before the clock was stepped back; it must not lock anybody out.
    recent = Failure.filter(**who, at__gt=now - window, at__lte=now + window).using_db(db)
    latest = await recent.order_by("-at").limit(count)
    if len(latest) < count:
        return 0
    return max(1, int((latest[-1].at + window - now).total_seconds()) + 1)


async def failed(begun: int, network: str) -> None:
    """The password was wrong: now the try counts against its address as well."""

    async def work(db: Connection) -> None:
        await Failure.filter(id=begun).using_db(db).update(address=network)

    await committed(work)


async def succeeded(key: str, network: str, now: datetime) -> None:
    """The password was right: the account's failures are forgotten.

    Raises TooMany where the address has gone over its limit meanwhile, so that a hundred tries sent at
    once are worth no more than ten; people who sign in at once behind one address are not kept out.
    """

    async def work(db: Connection) -> None:
        wait = await _wait(db, {"address": network}, ADDRESS, now)
        if wait:
            raise TooMany(wait)
        await Failure.filter(key=key).using_db(db).delete()

    await committed(work)


async def sweep(now: datetime) -> None:
    await expiry.delete_before("sign_in_failures", "at", now - KEPT)
