"""Departures: imported accounts and entries that were deleted here for good, which stay away at
the next import."""

from hashlib import sha256
from typing import TypeVar

from tortoise.models import Model
from tortoise.queryset import QuerySet

from journal.accounts.models import Departure
from journal.database import Connection

AnyModel = TypeVar("AnyModel", bound=Model)
LONGEST = 200  # characters of the column


async def remember_deleted(db: Connection, kind: str, deleted: QuerySet[AnyModel]) -> None:
    """Stores where deleted imports came from, so that the next import does not restore them."""
    came = deleted.filter(source__not_isnull=True)
    if kind == "entry":
        found = await came.values_list("source", "source_id", "user_id")
        ids = [(source, departure_id(user_id, source_id)) for source, source_id, user_id in found]
    else:
        ids = [(source, source_id) for source, source_id in await came.values_list("source", "source_id")]
    departures = [Departure(kind=kind, source=source, source_id=source_id) for source, source_id in ids]
    await Departure.bulk_create(departures, batch_size=500, ignore_conflicts=True, using_db=db)


def departure_id(user_id: int, source_id: str) -> str:
    """What is stored of a deleted entry: two people may import the same file."""
    whole = f"{user_id}/{source_id}"
    return whole if len(whole) <= LONGEST else sha256(whole.encode()).hexdigest()
