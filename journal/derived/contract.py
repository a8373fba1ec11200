"""Derived data: rows that are computed from entries and stored beside them, such as day counts and indexes.
Each kind is a module that fulfils this contract, so the code that writes entries knows none of them."""

from collections.abc import Callable, Sequence
from typing import NamedTuple, Protocol

from journal.database import Connection
from journal.derived.change import Change

Progress = Callable[[int], None]  # is told how many entries are done


class Check(NamedTuple):
    """Sentences for the person who hosts the site."""

    problems: Sequence[str]
    sound: str  # said where there is no problem
    advice: str  # said after each problem,
    repaired: str  # or this, once `rebuild` has run


class DerivedData(Protocol):
    @property
    def NAME(self) -> str: ...

    async def apply(self, db: Connection, changes: Sequence[Change], /) -> None:
        """Brings the rows up to date inside the transaction of the changes, just before COMMIT. The writer
        waits, so this takes a few short statements for all changes together. An exception undoes the changes.
        """

    async def outdated(self) -> int:
        """How many entries `journal migrate` has to rebuild: rows are missing or of an older version. A kind
        whose table is filled by the migration that makes it has none."""

    async def check(self) -> Check:
        """Compares the rows with the entries."""

    async def rebuild(self, progress: Progress, /, *, only_outdated: bool = False) -> None:
        """Puts right what `check` finds. It may be interrupted, and runs while others write."""


_registered: tuple[DerivedData, ...] = ()


def register(kinds: Sequence[DerivedData]) -> None:
    global _registered
    _registered = tuple(kinds)


async def apply(db: Connection, changes: Sequence[Change]) -> None:
    """Called after the rows of `after` are in the table, and those that were deleted for good are not."""
    if not _registered:
        raise RuntimeError("journal.composition is not imported, so no derived data would be written")
    for kind in _registered:
        await kind.apply(db, changes)


def silent(_done: int) -> None:
    """Progress that nobody watches."""
