"""The type of a row as queries return it, on both engines."""

from collections.abc import Iterator
from typing import Any, Protocol


class Row(Protocol):
    """Columns by name or number: sqlite3.Row of SQLite, asyncpg.Record of PostgreSQL."""

    def __getitem__(self, column: str | int, /) -> Any: ...

    def keys(self) -> Any: ...

    def __iter__(self) -> Iterator[Any]: ...
