"""Source database of an import: opened read-only by its path or URL, on any engine."""

import os
import re
from collections.abc import AsyncGenerator, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Protocol

from journal.transfer.legacy import mysql, postgres, sqlite
from journal.transfer.legacy.known_schemas import SourceRow, Table, TableMapping, UnreadableSource


class SourceDatabase(Protocol):
    label: str  # without any password

    async def tables(self) -> Sequence[Table]: ...

    async def count(self, table: Table) -> int: ...

    def batches(self, mapping: TableMapping, size: int) -> AsyncGenerator[list[SourceRow], None]:
        """People are ordered by id; entries by owner and time of writing."""
        ...


def opened(source: str) -> AbstractAsyncContextManager[SourceDatabase]:
    """`source` is a path, sqlite://…, postgres://… or mysql://…; raises UnreadableSource."""
    scheme, separator, rest = source.partition("://")
    kind = scheme.partition("+")[0].lower()  # SQLAlchemy names the driver behind the plus
    if not separator:
        return sqlite.opened([source])
    if kind == "sqlite":
        return sqlite.opened(_places(rest))
    if kind in ("postgres", "postgresql"):
        return postgres.opened(f"postgresql://{rest}")
    if kind in ("mysql", "mariadb"):
        return mysql.opened(f"mysql://{rest}")
    raise UnreadableSource(
        f"{scheme}:// can't be read; the old database should be SQLite, PostgreSQL, MySQL or MariaDB."
    )


def _places(rest: str) -> list[str]:
    """The paths to try. As in Flask, three slashes start a path relative to the folder or to its `instance`,
    and four an absolute path; an absolute path after three slashes is tried last."""
    path = rest.partition("?")[0]
    relative = path.removeprefix("/")
    if not path.startswith("/") or path.startswith("//"):
        return [re.sub("^/+", "/", path)]
    places = [relative, f"instance/{relative}"]
    if all(os.path.exists(place) for place in places):
        raise UnreadableSource(f"{' and '.join(places)} both exist; name the one to adopt by its path.")
    return [*places, path]
