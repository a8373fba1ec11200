"""Tortoise's SQLite client, mended: BEGIN IMMEDIATE, failed commits rolled back, scripts in a transaction."""

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

from journal.engines.query_counter import one_more


class Context(SqliteTransactionContext):
    async def __aenter__(self) -> Any:
        await self._trxlock.acquire()
        try:
            await self.ensure_connection()
            await self.connection.begin()
        except BaseException:
            self._trxlock.release()  # Tortoise keeps it for ever when the database is locked
            raise
        self.token = get_connections().set(self.connection_name, self.connection)
        return self.connection


class Client(SqliteClient):
    async def create_connection(self, with_db: bool) -> None:
        # What can't be opened fails here; there it would leave a thread that answers a loop which has ended.
        sqlite3.connect(self.filename).close()
        await super().create_connection(with_db)

    def _in_transaction(self) -> SqliteTransactionContext:
        return Context(Transaction(self), self._lock)

    async def execute_insert(self, query: str, values: list[Any]) -> int:
        one_more()
        return int(await super().execute_insert(query, values))

    async def execute_query(self, query: str, values: list[Any] | None = None) -> tuple[int, Sequence[Any]]:
        one_more()
        return await super().execute_query(query, values)  # type: ignore[no-any-return]

    async def execute_query_dict(self, query: str, values: list[Any] | None = None) -> list[dict[str, Any]]:
        one_more()
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
            # Else the one connection would stay inside the failed transaction, and later writes with it.
            await self.rollback()
            kind = IntegrityError if isinstance(error, sqlite3.IntegrityError) else OperationalError
            raise kind(error) from error
        self._finalized = True

    async def execute_script(self, query: str) -> None:
        """Statement by statement: sqlite3's executescript commits the open transaction first."""
        statement = ""
        for line in query.splitlines(keepends=True):
            statement += line
            if sqlite3.complete_statement(statement):
                await self.execute_query(statement)
                statement = ""
        if statement.strip():
            await self.execute_query(statement)


client_class = Client
