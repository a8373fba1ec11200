"""Tortoise's asyncpg client with queries counted, JSON read as what it holds, and every instant kept."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg
from tortoise.backends.asyncpg.client import AsyncpgDBClient, TransactionWrapper
from tortoise.backends.base.client import (
    NestedTransactionContext,
    TransactionContext,
    TransactionContextPooled,
)
from tortoise.connection import get_connections

from journal.engines.counting import one_more


def _as_is(text: str) -> str:
    return text


EPOCH = datetime(2000, 1, 1, tzinfo=UTC)  # from which PostgreSQL counts
TICK = timedelta(microseconds=1)
FIRST = (datetime.min.replace(tzinfo=UTC) - EPOCH) // TICK
LAST = (datetime.max.replace(tzinfo=UTC) - EPOCH) // TICK


def _ticks(moment: datetime) -> tuple[int]:
    return ((moment - EPOCH) // TICK,)


def _moment(ticks: tuple[int]) -> datetime:
    """What is beyond the calendar, as infinity is, becomes its first instant or its last."""
    return EPOCH + timedelta(microseconds=min(max(ticks[0], FIRST), LAST))


async def _prepare(connection: Any) -> None:
    # Tortoise hands over JSON as text already and takes what was read either way.
    await connection.set_type_codec("jsonb", encoder=_as_is, decoder=json.loads, schema="pg_catalog")
    # asyncpg takes the calendar's first instant for an infinity, and gives it back without a zone.
    await connection.set_type_codec(
        "timestamptz", encoder=_ticks, decoder=_moment, schema="pg_catalog", format="tuple"
    )


class Context(TransactionContextPooled):
    async def __aenter__(self) -> Any:
        await self.ensure_connection()
        pool = self.client._parent._pool
        self.client._connection = await pool.acquire()
        try:
            await self.client.begin()
        except BaseException:
            await pool.release(self.client._connection)  # Tortoise keeps the slot when BEGIN fails
            raise
        self.token = get_connections().set(self.connection_name, self.client)
        return self.client


class Client(AsyncpgDBClient):
    async def create_pool(self, **options: Any) -> Any:
        return await asyncpg.create_pool(None, init=_prepare, **options)

    def _in_transaction(self) -> TransactionContext:
        return Context(Transaction(self), self._pool_init_lock)

    async def execute_insert(self, query: str, values: list[Any]) -> Any:
        one_more()
        return await super().execute_insert(query, values)

    async def execute_query(self, query: str, values: list[Any] | None = None) -> tuple[int, list[Any]]:
        one_more()
        return await super().execute_query(query, values)  # type: ignore[no-any-return]

    async def execute_query_dict(self, query: str, values: list[Any] | None = None) -> list[dict[str, Any]]:
        one_more()
        return await super().execute_query_dict(query, values)  # type: ignore[no-any-return]


class Transaction(Client, TransactionWrapper):
    def __init__(self, connection: AsyncpgDBClient) -> None:
        TransactionWrapper.__init__(self, connection)

    def _in_transaction(self) -> TransactionContext:
        return NestedTransactionContext(Transaction(self))


client_class = Client
