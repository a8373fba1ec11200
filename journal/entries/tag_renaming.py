"""Renaming a tag, or merging it into another: writes a new version of each entry that has it."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import partial
from itertools import accumulate
from typing import NamedTuple

from journal.database import Connection, committed, rows, translate_errors
from journal.engines.row import Row
from journal.entries import history, reading, store
from journal.entries.merging import MAX_BODY
from journal.entries.models import Entry
from journal.entries.store import Overtaken
from journal.entries.values import Columns
from journal.text import analysis, hashtags, tag_names
from journal.text.analysis import Analysis, Source

SIZE = 20  # entries of one transaction,
TEXT = 200_000  # or fewer, with so many characters: others wait for it
BATCHES = 25  # of one request,
TEXTS = 2_000_000  # or fewer, with so many characters


class RenameProgress(NamedTuple):
    changed: int  # entries
    after: str  # the cursor to go on from; empty when no entry is left


class Renaming(NamedTuple):
    """What is to be written into one entry, made of its text at that version."""

    version: int
    columns: Columns
    analysis: Analysis | None  # None if nothing changes


async def rename(user_id: int, old: str, new: str, after: str, now: datetime) -> RenameProgress:
    """Renames the tag in the entries' fields and, where the new name can be a hashtag, in their bodies. The
    text before is kept as a revision of each entry. Raises ValueError for a damaged cursor."""
    changed = size = batches = 0
    while size < TEXTS and batches < BATCHES:
        found = await _behind(user_id, old, after)
        batch = first_of(found)
        ids = [row["id"] for row in batch]
        changed += await store.until_current(partial(_batch, user_id, ids, old, new, now))
        if len(batch) == len(found):
            return RenameProgress(changed, "")
        after = reading.cursor(batch[-1])
        size, batches = size + sum(row["size"] for row in batch), batches + 1
    return RenameProgress(changed, after)


def first_of(found: Sequence[Row]) -> Sequence[Row]:
    """Returns the entries that go into one transaction: at least one, however long."""
    sizes = list(accumulate(row["size"] for row in found[:SIZE]))
    return found[: max(1, sum(size <= TEXT for size in sizes))]


async def _behind(user_id: int, old: str, after: str) -> Sequence[Row]:
    """The next entries that have the tag, oldest first, and one more."""
    where = "t.user_id = ? AND t.key = ?"
    values: list[object] = [user_id, tag_names.index_key(old)]
    if after:
        day, uid = reading.read_cursor(after)
        entry = "(SELECT id FROM entries WHERE uid = ? AND user_id = ?)"
        where += f" AND (t.day, t.entry_id) > (?, coalesce({entry}, 0))"
        values += [day, str(uid), user_id]
    return await rows(
        "SELECT e.id, e.uid, e.day, length(e.body) AS size "
        "FROM entry_tags t JOIN entries e ON e.id = t.entry_id "
        f"AND e.user_id = t.user_id WHERE {where} ORDER BY t.day, t.entry_id LIMIT ?",
        *values,
        SIZE + 1,
    )


async def _batch(user_id: int, ids: Sequence[int], old: str, new: str, now: datetime) -> int:
    """Returns how many of the entries were changed. Raises Overtaken."""
    prepared = await _prepared(user_id, ids, old, new)
    return await committed(partial(_rename, ids=ids, prepared=prepared, now=now))


async def _prepared(user_id: int, ids: Sequence[int], old: str, new: str) -> dict[int, Renaming]:
    """Renders the changed texts before the transaction, while others may write."""
    with translate_errors():
        entries = await Entry.filter(id__in=ids)
    prepared = {}
    for entry in entries:
        columns = _columns(entry, old, new)
        made = await _analysed(user_id, entry, columns) if columns else None
        prepared[entry.id] = Renaming(entry.version, columns, made)
    return prepared


async def _analysed(user_id: int, entry: Entry, columns: Columns) -> Analysis:
    source = Source(entry.title, columns.get("body", entry.body), columns.get("tags", entry.tags))
    return await analysis.analysed(user_id, source, str(entry.uid) if "body" in columns else None)


async def _rename(db: Connection, ids: Sequence[int], prepared: Mapping[int, Renaming], now: datetime) -> int:
    pasts, changed = [], []
    for entry in await store.locked(db, ids):
        renaming = prepared.get(entry.id)
        if renaming is None or renaming.version != entry.version:
            raise Overtaken
        if renaming.analysis:
            pasts.append(history.snapshot(entry))
            changed.append((entry, renaming.analysis, renaming.columns | {"updated_at": now}))
    await store.change_all(db, changed)
    for past in pasts:
        await history.keep(db, past, "before", now)
    return len(changed)


def _columns(entry: Entry, old: str, new: str) -> Columns:
    """The columns that change, if any."""
    tags: dict[str, str] = {}
    for name in entry.tags:
        name = new if tag_names.key(name) == tag_names.key(old) else name
        tags.setdefault(tag_names.key(name), name)
    body = hashtags.renamed(entry.body, old, new)
    if len(body) > len(entry.body) and len(body.encode()) > MAX_BODY:
        body = entry.body  # or its writer could save it no more
    columns: Columns = {"tags": list(tags.values()), "body": body}
    return {name: value for name, value in columns.items() if value != getattr(entry, name)}
