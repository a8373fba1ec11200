"""Tortoise's asyncpg client with timeouts, queries counted, JSON read as such, and every instant kept."""

import asyncio
import json
import logging
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg
from tortoise.backends.asyncpg.client import AsyncpgDBClient, TransactionWrapper
from tortoise.backends.base.client import (
    ConnectionWrapper,
    NestedTransactionContext,
    PoolConnectionWrapper,
    TransactionContext,
    TransactionContextPooled,
)
from tortoise.connection import get_connections

from journal.engines import timeouts
from journal.engines.connection_shares import ConnectionShares
from journal.engines.failures import LOST, ConnectionLost, Unavailable, is_write_refused
from journal.engines.postgres_servers import Host, PostgresServers
from journal.engines.query_counter import one_more

log = logging.getLogger(__name__)

SHARE = 3  # of the ten connections, which one account may hold


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


class TimedConnection(asyncpg.Connection):  # type: ignore[misc]
    """A connection whose statements have a timeout, and which is terminated at once instead of closed."""

    _is_committing = False

    async def close(self, **_: Any) -> None:
        self.terminate()  # a server that is gone would never confirm that it is closed

    def get_reset_query(self) -> str:
        return ""  # we change no settings but by SET LOCAL; an open transaction is rolled back all the same

    async def execute(self, query: str, *values: Any, **options: Any) -> Any:
        self._is_committing = query == "COMMIT;"
        return await self._in_time(super().execute, options, query, *values)

    def _cancel_current_command(self, *waiters: Any) -> None:
        """A commit waits for the standby. If it were cancelled, the primary would show what the standby does
        not have yet; so no cancel is sent, and the connection is thrown away."""
        if not self._is_committing:
            super()._cancel_current_command(*waiters)

    async def executemany(self, command: str, rows: Any, **options: Any) -> Any:
        return await self._in_time(super().executemany, options, command, rows)

    async def fetch(self, query: str, *values: Any, **options: Any) -> Any:
        return await self._in_time(super().fetch, options, query, *values)

    async def fetchrow(self, query: str, *values: Any, **options: Any) -> Any:
        return await self._in_time(super().fetchrow, options, query, *values)

    async def _in_time(self, ask: Callable[..., Any], options: dict[str, Any], *values: Any) -> Any:
        seconds = options.get("timeout") or timeouts.for_statement() or self._config.command_timeout
        # asyncpg closes statements that its cache has no room for without any limit, before it asks.
        async with asyncio.timeout(seconds + timeouts.RELEASE):
            return await ask(*values, **options | {"timeout": seconds})


class Lease(PoolConnectionWrapper[Any]):
    """A connection of the pool, within the asker's share, for as long as a `with` block lasts."""

    __slots__ = ("_is_long", "_pool", "_share")

    async def __aenter__(self) -> Any:
        client: Any = self.client
        self._share = client.shares.mine()
        async with asyncio.timeout(timeouts.for_acquiring()):
            await self._share.acquire()
            try:
                await self.ensure_connection()
                self._pool = client._pool
                self.connection: Any = await self._pool.acquire()
            except BaseException:
                self._share.release()
                raise
        await self._lengthen()
        return self.connection

    async def _lengthen(self) -> None:
        """Raises the server's statement_timeout where the present task may take longer than a page."""
        seconds = timeouts.for_statement() or 0
        self._is_long = seconds > timeouts.STATEMENT
        if self._is_long:
            try:
                await self.connection.execute(f"SET statement_timeout = {timeouts.milliseconds(seconds)}")
            except BaseException as error:
                await self.__aexit__(type(error), error, None)
                raise

    async def __aexit__(self, kind: Any, error: Any, trace: Any) -> None:
        try:
            if is_write_refused(error):
                await self.drop_others()
            if self._is_long:
                self.connection.terminate()  # the next one has the usual limit
            await self._pool.release(self.connection, timeout=timeouts.at_most(timeouts.RELEASE))
        except (*LOST, asyncpg.PostgresError) as why:
            log.warning("a connection to PostgreSQL is thrown away: %s", str(why) or type(why).__name__)
            await self.drop_others()
        finally:
            self._share.release()

    async def drop_others(self) -> None:
        """Expires the pool's connections: where one is silent, or leads to a server that takes no writes, the
        others are or do as well."""
        await self._pool.expire_connections()


class Context(TransactionContextPooled):
    async def __aenter__(self) -> Any:
        try:
            await self._begin()
        except LOST:
            await self._begin()  # nothing was done yet
        self.token = get_connections().set(self.connection_name, self.client)
        return self.client

    async def _begin(self) -> None:
        self.lease = Lease(self.client._parent, self._pool_init_lock)
        try:
            self.client._connection = await self.lease.__aenter__()
        except LOST as error:
            raise Unavailable(str(error) or "no connection to PostgreSQL was free in time") from error
        try:
            self.pid = self.client._connection.get_server_pid()
            with timeouts.limited(timeouts.at_most(timeouts.BEGIN)):
                await self.client.begin()
        except BaseException as error:
            await self.lease.__aexit__(type(error), error, None)  # Tortoise keeps it when BEGIN fails
            raise

    async def __aexit__(self, kind: Any, error: Any, trace: Any) -> None:
        is_lost = False
        try:
            if not self.client._finalized:
                if kind is None:
                    await self.client.commit()
                else:
                    is_lost = not await self._rolled_back()
        finally:
            get_connections().reset(self.token)
            await self.lease.__aexit__(kind, error, trace)
        if is_lost and isinstance(error, Exception):
            raise ConnectionLost(str(error) or type(error).__name__) from error

    async def _rolled_back(self) -> bool:
        """Whether the server has confirmed it; a session that is silent is ended by another connection."""
        try:
            with timeouts.limited(timeouts.at_most(timeouts.RELEASE)):
                await self.client.rollback()
        except (*LOST, asyncpg.PostgresError) as why:
            if isinstance(why, TimeoutError):
                client: Any = self.client._parent
                await self.lease.drop_others()
                await client.servers.end(self.pid)
            return False
        return True


class Client(AsyncpgDBClient):
    """`hosts`, `must_write`: see Servers."""

    connection_class = TimedConnection

    def __init__(self, *, hosts: Sequence[Host] = (), must_write: bool = False, **options: Any) -> None:
        super().__init__(**options)
        self.servers = PostgresServers(hosts, must_write)
        self.shares = ConnectionShares(SHARE)

    async def create_pool(self, **options: Any) -> Any:
        return await asyncpg.create_pool(None, init=_prepare, connect=self.servers.connect, **options)

    def acquire_connection(self) -> Any:
        return Lease(self, self._pool_init_lock)

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

    def acquire_connection(self) -> Any:
        return ConnectionWrapper(self._lock, self)

    def _in_transaction(self) -> TransactionContext:
        return NestedTransactionContext(Transaction(self))


client_class = Client
