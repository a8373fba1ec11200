"""Renaming a tag, or merging it into another: a new version of each entry that has it."""

from collections.abc import Sequence
from datetime import datetime
from functools import partial
from itertools import accumulate
from typing import Any, NamedTuple

from journal.database import Connection, committed, rows, translate_errors
from journal.entries import history, reading, store
from journal.entries.merging import MAX_BODY
from journal.entries.models import Entry
from journal.entries.rendered import Rendered, rendered
from journal.entries.saving import Overtaken
from journal.text import analysis, hashtags, tag_names

SIZE = 20  # entries of one transaction,
TEXT = 200_000  # or fewer, with so many characters: others wait for it
BATCHES = 25  # of one request,
TEXTS = 2_000_000  # or fewer, with so many characters


class RenameProgress(NamedTuple):
    changed: int  # entries
    after: str  # where to go on; empty when none is left


async def rename(user_id: int, old: str, new: str, after: str, now: datetime) -> RenameProgress:
    """In the fields of the entries and, where the new name can stand in a text, in their texts: what was
    there before is kept as an earlier text of each entry. A damaged cursor is a ValueError."""
    changed = size = batches = 0
    while size < TEXTS and batches < BATCHES:
        found = await _behind(user_id, old, after)
        batch = first_of(found)
        ids = [row["id"] for row in batch]
        changed += await _batch(user_id, ids, old, new, now)
        if len(batch) == len(found):
            return RenameProgress(changed, "")
        after = reading.cursor(batch[-1])
        size, batches = size + sum(row["size"] for row in batch), batches + 1
    return RenameProgress(changed, after)


def first_of(found: Sequence[Any]) -> Sequence[Any]:
    """The first of them that go into one transaction: one at least, however long."""
    sizes = list(accumulate(row["size"] for row in found[:SIZE]))
    return found[: max(1, sum(size <= TEXT for size in sizes))]


async def _behind(user_id: int, old: str, after: str) -> Sequence[Any]:
    """The next entries that have the tag, oldest first, and one more."""
    where = "t.user_id = ? AND t.key = ?"
    values: list[Any] = [user_id, tag_names.index_key(old)]
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


Looks = dict[tuple[int, str], Rendered]  # of each entry with its new text


async def _batch(user_id: int, ids: Sequence[int], old: str, new: str, now: datetime) -> int:
    """How many of them there was something to change in."""
    while True:
        texts, looks = await _looks(user_id, ids, old, new)
        work = partial(_rename, ids=ids, old=old, new=new, looks=looks, now=now)
        try:
            async with analysis.cut_ahead(user_id, *texts):
                return await committed(work)
        except Overtaken:  # what was rendered is not what is there: once more
            continue


async def _looks(user_id: int, ids: Sequence[int], old: str, new: str) -> tuple[list[str], Looks]:
    """All texts as they will be, and what the changed ones look like: others write while these are made."""
    with translate_errors():
        entries = await Entry.filter(id__in=ids)
    texts, looks = [], Looks()
    for entry in entries:
        columns = _columns(entry, old, new)
        texts.append(columns.get("body", entry.body))
        if "body" in columns:
            looks[entry.id, texts[-1]] = await rendered(user_id, texts[-1], entry.uid)
    return texts, looks


async def _rename(db: Connection, ids: Sequence[int], old: str, new: str, looks: Looks, now: datetime) -> int:
    pasts, changed = [], []
    for entry in await store.locked(db, ids):
        columns = _columns(entry, old, new)
        if "body" in columns:
            if (entry.id, columns["body"]) not in looks:
                raise Overtaken
            columns |= looks[entry.id, columns["body"]]._asdict()
        if columns:
            pasts.append(history.snapshot(entry))
            changed.append((entry, columns | {"updated_at": now}))
    await store.change_all(db, changed)
    for past in pasts:
        await history.keep(db, past, "before", now)
    return len(changed)


def _columns(entry: Entry, old: str, new: str) -> dict[str, Any]:
    """What becomes of the entry, if anything does."""
    tags: dict[str, str] = {}
    for name in entry.tags:
        name = new if tag_names.key(name) == tag_names.key(old) else name
        tags.setdefault(tag_names.key(name), name)
    body = hashtags.renamed(entry.body, old, new)
    if len(body) > len(entry.body) and len(body.encode()) > MAX_BODY:
        body = entry.body  # or its writer could save it no more
    columns = {"tags": list(tags.values()), "body": body}
    return {name: value for name, value in columns.items() if value != getattr(entry, name)}
