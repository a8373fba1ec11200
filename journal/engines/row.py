"""Row: the type of the rows that queries return on both engines."""

from collections.abc import Iterable, Iterator
from typing import Any, Protocol


class Row(Protocol):
    """Columns by name or number, of any type: sqlite3.Row of SQLite, asyncpg.Record of PostgreSQL."""

    def __getitem__(self, column: str | int, /) -> Any: ...

    def keys(self) -> Iterable[str]: ...

    def __iter__(self) -> Iterator[Any]: ...
