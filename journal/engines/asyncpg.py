"""PostgreSQL engine: Tortoise's asyncpg client with timeouts, a share of the connection pool for each user,
counted queries, decoded JSON, and timestamps in UTC over the whole calendar."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable, Sequence
from types import TracebackType
from typing import Any, TypeVar

import asyncpg
from tortoise.backends.asyncpg.client import AsyncpgDBClient, TransactionWrapper
from tortoise.backends.base.client import (
    ConnectionWrapper,
    NestedTransactionContext,
    PoolConnectionWrapper,
    TransactionalDBClient,
    TransactionContext,
    TransactionContextPooled,
)
from tortoise.connection import get_connections

from journal.engines import codecs, timeouts
from journal.engines.connection_shares import ConnectionShares
from journal.engines.failures import LOST, ConnectionLost, Unavailable, is_write_refused
from journal.engines.postgres_servers import Host, PostgresServers
from journal.engines.query_counter import count_query
from journal.engines.row import Row

T = TypeVar("T")
log = logging.getLogger(__name__)

SHARE = 3  # connections of the pool of ten that one account, or one network without an account, may hold


class TimedConnection(asyncpg.Connection):  # type: ignore[misc]
    """A connection with a timeout for each statement. It is terminated instead of closed, which
    sends no closing message."""

    _is_committing = False

    async def close(self, **_: object) -> None:
        self.terminate()  # a dead server would never confirm the end

    def get_reset_query(self) -> str:
        return ""  # nothing to reset: asyncpg rolls back an open transaction in any case

    async def execute(self, query: str, *values: object, **options: Any) -> str:
        self._is_committing = query == "COMMIT;"
        status: str = await self._in_time(super().execute, options, query, *values)
        return status

    def _cancel_current_command(self, *waiters: object) -> None:
        """Sends no cancel request during COMMIT, which waits for the standby: cancelled, the primary would
        show data that the standby does not have yet. The connection is discarded instead."""
        if not self._is_committing:
            super()._cancel_current_command(*waiters)

    async def executemany(self, command: str, rows: Iterable[Sequence[object]], **options: Any) -> None:
        await self._in_time(super().executemany, options, command, rows)

    async def fetch(self, query: str, *values: object, **options: Any) -> Sequence[Row]:
        rows: Sequence[Row] = await self._in_time(super().fetch, options, query, *values)
        return rows

    async def fetchrow(self, query: str, *values: object, **options: Any) -> Row | None:
        row: Row | None = await self._in_time(super().fetchrow, options, query, *values)
        return row

    async def _in_time(self, ask: Callable[..., Awaitable[T]], options: dict[str, Any], *values: object) -> T:
        seconds = options.get("timeout") or timeouts.for_statement() or self._config.command_timeout
        # Before the query, asyncpg closes statements that were evicted from its cache, without a timeout.
        async with asyncio.timeout(seconds + timeouts.RELEASE):
            return await ask(*values, **options | {"timeout": seconds})


class PooledConnection(PoolConnectionWrapper[asyncpg.Connection]):
    """A connection of the pool, held for the length of a `with` block, within the requester's share."""

    __slots__ = ("_is_long", "_pool", "_share")

    async def __aenter__(self) -> asyncpg.Connection:
        client: Any = self.client
        self._share = client.shares.mine()
        async with asyncio.timeout(timeouts.for_acquiring()):
            await self._share.acquire()
            try:
                await self.ensure_connection()
                self._pool = client._pool
                self.connection: asyncpg.Connection = await self._pool.acquire()
            except BaseException:
                self._share.release()
                raise
        await self._lengthen()
        return self.connection

    async def _lengthen(self) -> None:
        """Raises the server's statement_timeout if the present task may take longer than a page."""
        seconds = timeouts.for_statement() or 0
        self._is_long = seconds > timeouts.STATEMENT
        if self._is_long:
            try:
                await self.connection.execute(f"SET statement_timeout = {timeouts.milliseconds(seconds)}")
            except BaseException as error:
                await self.__aexit__(type(error), error, None)
                raise

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if is_write_refused(error):
                await self.expire_pool()
            if self._is_long:
                self.connection.terminate()  # a new connection has the usual timeout
            await self._pool.release(self.connection, timeout=timeouts.at_most(timeouts.RELEASE))
        except (*LOST, asyncpg.PostgresError) as why:
            log.warning("a connection to PostgreSQL is thrown away: %s", str(why) or type(why).__name__)
            await self.expire_pool()
        finally:
            self._share.release()

    async def expire_pool(self) -> None:
        """Expires all connections of the pool: the others lead to the same server, so they
        are silent too, or take no writes either."""
        await self._pool.expire_connections()


class Context(TransactionContextPooled):
    """A transaction in a `with` block. Raises ConnectionLost if the connection broke before COMMIT."""

    async def __aenter__(self) -> TransactionalDBClient:
        try:
            await self._begin()
        except LOST:
            await self._begin()  # a retry is safe: nothing was done yet
        self.token = get_connections().set(self.connection_name, self.client)
        return self.client

    async def _begin(self) -> None:
        self.lease = PooledConnection(self.client._parent, self._pool_init_lock)
        try:
            self.client._connection = await self.lease.__aenter__()
        except LOST as error:
            raise Unavailable(str(error) or "no connection to PostgreSQL was free in time") from error
        try:
            self.pid = self.client._connection.get_server_pid()
            with timeouts.time_limit(timeouts.at_most(timeouts.BEGIN)):
                await self.client.begin()
        except BaseException as error:
            # Tortoise would not release the connection after a failed BEGIN.
            await self.lease.__aexit__(type(error), error, None)
            raise

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        is_lost = False
        try:
            if not self.client._finalized:
                if kind is None:
                    await self.client.commit()
                else:
                    is_lost = not await self._roll_back()
        finally:
            get_connections().reset(self.token)
            await self.lease.__aexit__(kind, error, trace)
        if is_lost and isinstance(error, Exception):
            raise ConnectionLost(str(error) or type(error).__name__) from error

    async def _roll_back(self) -> bool:
        """Whether the server confirmed the rollback. A silent session is ended by another connection."""
        try:
            with timeouts.time_limit(timeouts.at_most(timeouts.RELEASE)):
                await self.client.rollback()
        except (*LOST, asyncpg.PostgresError) as why:
            if isinstance(why, TimeoutError):
                client: Any = self.client._parent
                await self.lease.expire_pool()
                await client.servers.end(self.pid)
            return False
        return True


class Client(AsyncpgDBClient):
    """The client of one database; PostgresServers explains `hosts` and `must_write`."""

    connection_class = TimedConnection

    def __init__(self, *, hosts: Sequence[Host] = (), must_write: bool = False, **options: Any) -> None:
        super().__init__(**options)
        self.servers = PostgresServers(hosts, must_write)
        self.shares = ConnectionShares(SHARE)

    async def create_pool(self, **options: Any) -> asyncpg.Pool:
        return await asyncpg.create_pool(None, init=codecs.install, connect=self.servers.connect, **options)

    def acquire_connection(self) -> Any:
        return PooledConnection(self, self._pool_init_lock)

    def _in_transaction(self) -> TransactionContext:
        return Context(Transaction(self), self._pool_init_lock)

    async def execute_insert(self, query: str, values: list[Any]) -> Any:
        count_query()
        return await super().execute_insert(query, values)

    async def execute_query(self, query: str, values: list[Any] | None = None) -> tuple[int, list[Any]]:
        count_query()
        return await super().execute_query(query, values)  # type: ignore[no-any-return]

    async def execute_query_dict(self, query: str, values: list[Any] | None = None) -> list[dict[str, Any]]:
        count_query()
        return await super().execute_query_dict(query, values)  # type: ignore[no-any-return]


class Transaction(Client, TransactionWrapper):
    def __init__(self, connection: AsyncpgDBClient) -> None:
        TransactionWrapper.__init__(self, connection)

    def acquire_connection(self) -> Any:
        return ConnectionWrapper(self._lock, self)

    def _in_transaction(self) -> TransactionContext:
        return NestedTransactionContext(Transaction(self))


client_class = Client
