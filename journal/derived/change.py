"""Change of an entry: what the code that keeps derived data in step is told."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID

from journal.text.analysis import Analysis


@dataclass(frozen=True)
class EntryState:
    """An entry as it stood at one moment."""

    id: int
    uid: UUID
    user_id: int
    day: date
    zone: str
    written_at: datetime
    version: int
    mood: str
    words: int  # how many
    tags: tuple[str, ...]
    title: str
    body: str
    deleted_at: datetime | None  # since then the entry has been in the bin
    rendering: int

    @property
    def is_binned(self) -> bool:
        return self.deleted_at is not None


class Change(NamedTuple):
    """A new entry has no `before`; one that was deleted for good has no `after` and no `analysis`.

    Both states are exact, whoever else writes at the same moment: `before` is the state that the change
    replaced, and `analysis` is made of the text of `after`.
    """

    before: EntryState | None
    after: EntryState | None
    analysis: Analysis | None
