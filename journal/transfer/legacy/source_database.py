"""Source database of an import: opened read-only by its path or URL, on either engine."""

import re
from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Protocol

from journal.transfer.legacy import postgres, sqlite
from journal.transfer.legacy.known_schemas import SourceRow, Table, TableMapping, UnreadableSource


class SourceDatabase(Protocol):
    label: str  # without any password

    async def tables(self) -> Sequence[Table]: ...

    async def count(self, table: Table) -> int: ...

    def batches(self, mapping: TableMapping, size: int) -> AsyncIterator[list[SourceRow]]:
        """People are ordered by id; entries by owner and time of writing."""
        ...


def opened(source: str) -> AbstractAsyncContextManager[SourceDatabase]:
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
    """The paths to try: three slashes start an absolute path here and a relative one in SQLAlchemy."""
    path = rest.partition("?")[0]
    relative = path.removeprefix("/")
    if not path.startswith("/") or path.startswith("//"):
        return [re.sub("^/+", "/", path)]
    return [path, relative, f"instance/{relative}"]
