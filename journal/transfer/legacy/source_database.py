"""The old app's database, which is only ever read: opened by its path or address, its tables, its rows."""

import re
from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Any, Protocol

from journal.transfer.legacy import postgres, sqlite
from journal.transfer.legacy.known_schemas import Found, Table, UnreadableSource

Row = dict[str, Any]  # by role


class Legacy(Protocol):
    label: str  # without any password

    async def tables(self) -> Sequence[Table]: ...

    async def count(self, table: Table) -> int: ...

    def batches(self, found: Found, size: int) -> AsyncIterator[list[Row]]:
        """People by id; entries by owner, then in the order in which they were written."""
        ...


def opened(source: str) -> AbstractAsyncContextManager[Legacy]:
    """`source` is a path, sqlite://… or postgres://…; raises UnreadableSource."""
    scheme, separator, rest = source.partition("://")
    kind = scheme.partition("+")[0].lower()  # SQLAlchemy names the driver behind the plus
    if not separator:
        return sqlite.opened([source])
    if kind == "sqlite":
        return sqlite.opened(_places(rest))
    if kind in ("postgres", "postgresql"):
        return postgres.opened(f"postgresql://{rest}")
    raise UnreadableSource(f"{scheme}:// can't be read; the old database should be SQLite or PostgreSQL.")


def _places(rest: str) -> list[str]:
    """Three slashes begin an absolute path here, and a relative one in the old app's own setting."""
    path = rest.partition("?")[0]
    relative = path.removeprefix("/")
    if not path.startswith("/") or path.startswith("//"):
        return [re.sub("^/+", "/", path)]
    return [path, relative, f"instance/{relative}"]
