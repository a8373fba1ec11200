"""Keeps the tables of tags in step with the entries, inside the transaction that changes them."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from journal.database import Connection, statement
from journal.derived.change import Change, EntryState
from journal.tags.models import EntryTag

SIZE = 300  # entries that one statement names


@dataclass(frozen=True)
class Tagged:
    """What is to be known of an entry: with its tags by their keys, or without any while it is in the bin."""

    entry_id: int
    user_id: int
    day: date
    tags: dict[str, str]


async def apply(db: Connection, changes: Sequence[Change]) -> None:
    """Entries without a tag that had none before cost no query."""
    tagged = [(change.before, wanted) for change in changes if (wanted := _tagged(change))]
    await relate(db, [wanted for before, wanted in tagged if _has_tags(before, wanted)])


def _tagged(change: Change) -> Tagged | None:
    """The tags that the entry has after the change; None if it was deleted for good, with its rows."""
    after, analysis = change.after, change.analysis
    if after is None or analysis is None:
        return None
    return Tagged(after.id, after.user_id, after.day, {} if after.is_binned else analysis.tags)


def _has_tags(before: EntryState | None, wanted: Tagged) -> bool:
    """Whether the entry has tags or may have had some: without a number sign no text has hashtags."""
    if wanted.tags:
        return True
    if before is None or before.is_binned:
        return False
    return bool(before.tags) or "#" in before.body or "＃" in before.body


async def relate(db: Connection, entries: Sequence[Tagged]) -> None:
    """Their rows become what is said here. What the table holds is asked and not believed, so that nothing
    which went wrong once stays."""
    for start in range(0, len(entries), SIZE):
        await _relate(db, entries[start : start + SIZE])


async def _relate(db: Connection, entries: Sequence[Tagged]) -> None:
    there = await _rows(db, entries)
    wanted = [_row(entry, key) for entry in entries for key in entry.tags]
    known = {_values(row) for row in there}
    gone = [row for row in there if _values(row) not in {_values(row) for row in wanted}]
    new = [row for row in wanted if _values(row) not in known]
    if gone:
        await EntryTag.filter(id__in=[row.id for row in gone]).using_db(db).delete()
    if new:
        await EntryTag.bulk_create(new, using_db=db)
    await _count(db, gone, new)


async def different(db: Connection, entries: Sequence[Tagged]) -> list[Tagged]:
    """Those whose rows are not what is said here."""
    there: dict[int, set[tuple[object, ...]]] = {}
    for row in await _rows(db, entries):
        there.setdefault(row.entry_id, set()).add(_values(row))
    return [
        entry
        for entry in entries
        if {_values(_row(entry, key)) for key in entry.tags} != there.get(entry.entry_id, set())
    ]


async def _rows(db: Connection, entries: Sequence[Tagged]) -> list[EntryTag]:
    return await EntryTag.filter(entry_id__in=[entry.entry_id for entry in entries]).using_db(db)


def _row(entry: Tagged, key: str) -> EntryTag:
    return EntryTag(
        entry_id=entry.entry_id, user_id=entry.user_id, day=entry.day, key=key, name=entry.tags[key]
    )


def _values(row: EntryTag) -> tuple[object, ...]:
    return row.entry_id, row.user_id, row.day, row.key, row.name


async def _count(db: Connection, gone: Sequence[EntryTag], new: Sequence[EntryTag]) -> None:
    more = Counter((row.user_id, row.key) for row in new)
    more.subtract(Counter((row.user_id, row.key) for row in gone))
    names = {(row.user_id, row.key): row.name for row in [*gone, *new]}
    for user_id, key in sorted(more):  # always in this order: two at once would else wait for each other
        await statement(
            db,
            "INSERT INTO tags (user_id, key, name, entries) VALUES (?, ?, ?, ?) ON CONFLICT (user_id, key) "
            "DO UPDATE SET entries = tags.entries + excluded.entries, name = excluded.name",
            *(user_id, key, names[user_id, key], more[user_id, key]),
        )
    for user_id, key in [place for place, change in more.items() if change < 0]:
        await statement(db, "DELETE FROM tags WHERE user_id = ? AND key = ? AND entries <= 0", user_id, key)
