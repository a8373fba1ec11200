"""Tag index: which entries have a tag and how many do, written with the entries, checked and rebuilt."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from json import loads

from journal.database import Connection, committed, is_postgres, rows, statement
from journal.derived.change import Change, EntryState
from journal.derived.contract import Check, Progress
from journal.engines.row import Row
from journal.tags.models import EntryTag
from journal.text import analysis, hashtags

NAME = "tags"
VERSION = analysis.VERSION  # an entry that was rendered by an earlier version is indexed again with its HTML
SIZE = 300  # entries that one statement names


@dataclass(frozen=True)
class Tagged:
    """The rows that an entry has to have; none while it is in the bin."""

    entry_id: int
    user_id: int
    day: date
    tags: dict[str, str]  # spellings by key


async def apply(db: Connection, changes: Sequence[Change]) -> None:
    """Updates the rows of changed entries. An entry without tags before and after costs no query."""
    tagged = [(change.before, wanted) for change in changes if (wanted := _tagged(change))]
    await relate(db, [wanted for before, wanted in tagged if wanted.tags or _may_have_tags(before)])


def _tagged(change: Change) -> Tagged | None:
    """Returns None for an entry that was deleted for good: its rows go by the foreign key."""
    after, made = change.after, change.analysis
    if after is None or made is None:
        return None
    return Tagged(after.id, after.user_id, after.day, {} if after.is_binned else made.tags)


def _may_have_tags(before: EntryState | None) -> bool:
    """A text without a number sign has no hashtags."""
    if before is None or before.is_binned:
        return False
    return bool(before.tags) or "#" in before.body or "＃" in before.body


async def relate(db: Connection, entries: Sequence[Tagged]) -> None:
    """Replaces the rows of these entries. Reads the present ones from the table, so that a wrong row is
    corrected by the next save."""
    for start in range(0, len(entries), SIZE):
        await _relate(db, entries[start : start + SIZE])


async def _relate(db: Connection, entries: Sequence[Tagged]) -> None:
    present = await _rows(db, entries)
    wanted = [_row(entry, key) for entry in entries for key in entry.tags]
    known, kept = {_values(row) for row in present}, {_values(row) for row in wanted}
    gone = [row for row in present if _values(row) not in kept]
    new = [row for row in wanted if _values(row) not in known]
    if gone:
        await EntryTag.filter(id__in=[row.id for row in gone]).using_db(db).delete()
    if new:
        await EntryTag.bulk_create(new, using_db=db)
    await _count(db, gone, new)


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
    for user_id, key in sorted(more):  # in one order, or two transactions could wait for each other
        await statement(
            db,
            "INSERT INTO tags (user_id, key, name, entries) VALUES (?, ?, ?, ?) ON CONFLICT (user_id, key) "
            "DO UPDATE SET entries = tags.entries + excluded.entries, name = excluded.name",
            *(user_id, key, names[user_id, key], more[user_id, key]),
        )
    for user_id, key in [place for place, change in more.items() if change < 0]:
        await statement(db, "DELETE FROM tags WHERE user_id = ? AND key = ? AND entries <= 0", user_id, key)


# Checking and rebuilding


async def outdated() -> int:
    """Always 0: the migration that made the tables filled them."""
    return 0


async def check() -> Check:
    wrong = await _walk(repair=False) + len(await _miscounted())
    problems = [f"{wrong:,} tags or their numbers are not what the entries say."] if wrong else []
    sound = "The tag index agrees with the entries."
    return Check(problems, sound, "`journal doctor --repair` mends that.", "That is mended.")


async def rebuild(progress: Progress, *, only_outdated: bool = False) -> None:
    progress(await _walk(repair=True))
    for place in await _miscounted():
        await committed(partial(_count_again, user_id=place["user_id"], key=place["key"]))


async def _walk(repair: bool) -> int:
    """Returns how many entries have other rows than they should. Entries that were rendered by an earlier
    version are left out, because they are indexed again when they are rendered again."""
    wrong = 0
    last: int | None = 0
    while last is not None:
        batch = partial(_batch, last=last, repair=repair)
        different, last = await committed(batch)
        wrong += different
    return wrong


async def _batch(db: Connection, last: int, repair: bool) -> tuple[int, int | None]:
    """Returns the number of differences, and the id of the last entry if more follow."""
    columns = "id, user_id, day, tags, body, deleted_at, rendering"
    sql = f"SELECT {columns} FROM entries WHERE id > ? ORDER BY id LIMIT {SIZE}"
    if repair and is_postgres(db):  # or a save in between would be overwritten by its earlier tags
        sql += " FOR UPDATE"
    found = await statement(db, sql, last)
    wanted = [_wanted(row) for row in found if row["rendering"] >= VERSION]
    different = await _different(db, wanted) if wanted else []
    if repair:
        await relate(db, different)
    return len(different), found[-1]["id"] if len(found) == SIZE else None


def _wanted(row: Row) -> Tagged:
    """The rows that this entry should have. SQLite's writing connection returns days and lists as texts."""
    day, tags = date.fromisoformat(str(row["day"])), row["tags"]
    if row["deleted_at"]:
        return Tagged(row["id"], row["user_id"], day, {})
    names = loads(tags) if isinstance(tags, str) else tags
    found = analysis.by_index_key([*names, *hashtags.found(row["body"])])
    return Tagged(row["id"], row["user_id"], day, found)


async def _different(db: Connection, entries: Sequence[Tagged]) -> list[Tagged]:
    present: dict[int, set[tuple[object, ...]]] = {}
    for row in await _rows(db, entries):
        present.setdefault(row.entry_id, set()).add(_values(row))
    return [
        entry
        for entry in entries
        if {_values(_row(entry, key)) for key in entry.tags} != present.get(entry.entry_id, set())
    ]


async def _miscounted() -> Sequence[Row]:
    true = "SELECT user_id, key, count(*) AS entries FROM entry_tags GROUP BY user_id, key"
    kept = "SELECT user_id, key, entries FROM tags"
    return await rows(
        f"SELECT user_id, key FROM ({true} EXCEPT {kept}) AS uncounted "
        f"UNION SELECT user_id, key FROM ({kept} EXCEPT {true}) AS unfounded"
    )


async def _count_again(db: Connection, user_id: int, key: str) -> None:
    # The row is inserted and locked first, so that others who add to it wait.
    await statement(
        db,
        "INSERT INTO tags (user_id, key, name, entries) VALUES (?, ?, ?, 0) "
        "ON CONFLICT (user_id, key) DO UPDATE SET entries = 0",
        *(user_id, key, key),
    )
    of_it = "FROM entry_tags WHERE user_id = ? AND key = ?"
    await statement(
        db,
        f"UPDATE tags SET entries = (SELECT count(*) {of_it}), "
        f"name = coalesce((SELECT name {of_it} ORDER BY id DESC LIMIT 1), name) "
        "WHERE user_id = ? AND key = ?",
        *(user_id, key) * 3,
    )
    await statement(db, "DELETE FROM tags WHERE user_id = ? AND key = ? AND entries = 0", user_id, key)
