"""SQLite engine: Tortoise's client with BEGIN IMMEDIATE, rollback of failed commits, and scripts that stay in
their transaction."""

import sqlite3
from collections.abc import Sequence
from typing import Any

from tortoise.backends.sqlite.client import (
    SqliteClient,
    SqliteTransactionContext,
    SqliteTransactionWrapper,
)
from tortoise.connection import get_connections
from tortoise.exceptions import IntegrityError, OperationalError, TransactionManagementError

from journal.engines.query_counter import count_query


class Context(SqliteTransactionContext):
    async def __aenter__(self) -> SqliteTransactionWrapper:
        await self._trxlock.acquire()
        try:
            await self.ensure_connection()
            await self.connection.begin()
        except BaseException:
            self._trxlock.release()  # Tortoise would never release it if the database is locked
            raise
        self.token = get_connections().set(self.connection_name, self.connection)
        transaction: SqliteTransactionWrapper = self.connection
        return transaction


class Client(SqliteClient):
    async def create_connection(self, with_db: bool) -> None:
        # A file that can't be opened fails here; in Tortoise it would leave a thread running.
        sqlite3.connect(self.filename).close()
        await super().create_connection(with_db)

    def _in_transaction(self) -> SqliteTransactionContext:
        return Context(Transaction(self), self._lock)

    async def execute_insert(self, query: str, values: list[Any]) -> int:
        count_query()
        return int(await super().execute_insert(query, values))

    async def execute_query(self, query: str, values: list[Any] | None = None) -> tuple[int, Sequence[Any]]:
        count_query()
        return await super().execute_query(query, values)  # type: ignore[no-any-return]

    async def execute_query_dict(self, query: str, values: list[Any] | None = None) -> list[dict[str, Any]]:
        count_query()
        return await super().execute_query_dict(query, values)  # type: ignore[no-any-return]


class Transaction(Client, SqliteTransactionWrapper):
    def __init__(self, connection: SqliteClient) -> None:
        SqliteTransactionWrapper.__init__(self, connection)

    _in_transaction = SqliteTransactionWrapper._in_transaction  # type: ignore[assignment]

    async def begin(self) -> None:
        # A deferred BEGIN that reads and then writes fails with "database is locked" as soon as another
        # process has written in between, whatever the timeout.
        try:
            await self._connection.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError as error:
            raise OperationalError(error) from error

    async def commit(self) -> None:
        if self._finalized:
            raise TransactionManagementError("Transaction already finalised")
        try:
            await self._connection.commit()
        except sqlite3.Error as error:
            # Otherwise the connection, and with it later writes, would stay in the failed transaction.
            await self.rollback()
            kind = IntegrityError if isinstance(error, sqlite3.IntegrityError) else OperationalError
            raise kind(error) from error
        self._finalized = True

    async def execute_script(self, query: str) -> None:
        """Runs a script statement by statement, because sqlite3's executescript commits the open
        transaction."""
        statement = ""
        for line in query.splitlines(keepends=True):
            statement += line
            if sqlite3.complete_statement(statement):
                await self.execute_query(statement)
                statement = ""
        if statement.strip():
            await self.execute_query(statement)


client_class = Client
