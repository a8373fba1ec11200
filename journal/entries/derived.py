"""What follows every change of an entry, inside its transaction: the one place to keep something in step."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID

from journal.database import Connection
from journal.entries import day_counts, hour_counts
from journal.entries.models import Entry
from journal.search import index
from journal.tags import tag_index
from journal.tags.tag_index import Tagged
from journal.text import analysis


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
    deleted_at: datetime | None  # in the bin since
    rendering: int

    @classmethod
    def of(cls, entry: Entry) -> "EntryState":
        columns = {name: getattr(entry, name) for name in cls.__dataclass_fields__}
        return cls(**columns | {"tags": tuple(entry.tags)})

    @property
    def is_binned(self) -> bool:
        return self.deleted_at is not None


class Change(NamedTuple):
    """One of both is there. Begun or brought from elsewhere: no `before`; gone for good: no `after`.

    Both are exact, whoever else writes at the same moment: what was before is what the change replaced.
    """

    before: EntryState | None
    after: EntryState | None


async def follow(db: Connection, changes: Sequence[Change]) -> None:
    """Called by journal.entries.store, and by nobody else, after each change of rows and before COMMIT:
    saving, putting an earlier text back, into the bin and out of it, purging, adopting, adding many.

    The rows of `after` are in the table, those that went for good are not. Whatever is raised here undoes
    the change; and the writer waits for it, so it should be a few short statements for all of them together.
    """
    await day_counts.count(db, changes)
    await hour_counts.count(db, changes)
    # What goes for good takes its words along by itself, with the account as well.
    await index.put(db, [change.after for change in changes if change.after])
    labelled = [tagged for change in changes if (tagged := _tagged(change))]
    if labelled:
        await tag_index.relate(db, labelled)


def _tagged(change: Change) -> Tagged | None:
    """What its rows of tags become, or None where they stay as they are."""
    sides = [side for side in change if side and not side.is_binned]
    said = [_said(side) for side in sides]
    before, after = change
    if after is None:
        return None
    # By other rules the text before may have had other tags than are found in it now.
    is_same = not any(tagged.tags for tagged in said) or said[:1] == said[1:]
    if is_same and (before is None or before.rendering == after.rendering):
        return None
    return Tagged(after.id, after.user_id, after.day, {}) if after.is_binned else said[-1]


def _said(side: EntryState) -> Tagged:
    names = (*side.tags, *analysis.tags(side.body))
    return tag_index.tagged(side.id, side.user_id, side.day, names, "")


async def forget(db: Connection, user_id: int) -> None:
    """All entries of this person are about to go with the account, without a change for each of them."""
