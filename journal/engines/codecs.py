"""PostgreSQL codecs: decode JSON, and timestamps in UTC over the whole calendar."""

import json
from datetime import UTC, datetime, timedelta

import asyncpg


def _as_is(text: str) -> str:
    return text


EPOCH = datetime(2000, 1, 1, tzinfo=UTC)  # of PostgreSQL's timestamps
TICK = timedelta(microseconds=1)
FIRST = (datetime.min.replace(tzinfo=UTC) - EPOCH) // TICK
LAST = (datetime.max.replace(tzinfo=UTC) - EPOCH) // TICK


def _ticks(moment: datetime) -> tuple[int]:
    return ((moment - EPOCH) // TICK,)


def _moment(ticks: tuple[int]) -> datetime:
    """Decodes a timestamp; values outside of Python's calendar, like infinity, become its first or last."""
    return EPOCH + timedelta(microseconds=min(max(ticks[0], FIRST), LAST))


async def install(connection: asyncpg.Connection) -> None:
    """Installs both codecs on a new connection."""
    # Tortoise passes JSON as encoded text, and accepts both text and decoded values when reading.
    await connection.set_type_codec("jsonb", encoder=_as_is, decoder=json.loads, schema="pg_catalog")
    # asyncpg reads the calendar's first instant as -infinity, and returns it without a time zone.
    await connection.set_type_codec(
        "timestamptz", encoder=_ticks, decoder=_moment, schema="pg_catalog", format="tuple"
    )
