"""Looks whether the tables of tags say what the entries say, and puts right what they don't."""

from collections.abc import Sequence
from datetime import date
from functools import partial
from json import loads
from typing import Any

from journal.database import Connection, committed, rows, statement
from journal.tags import tag_index
from journal.tags.tag_index import SIZE, Tagged
from journal.text import hashtags
from journal.text.analysis import by_index_key


async def mend(repair: bool, rendering: int = 0) -> int:
    """How many entries and counts were wrong. Entries with an older `rendering` than this are left out: their
    tags are made anew when they are rendered anew."""
    wrong, last = 0, 0
    while True:
        found = await committed(partial(_batch, last=last, rendering=rendering, repair=repair))
        wrong += found[0]
        if found[1] is None:
            break
        last = found[1]
    for place in await _miscounted():
        wrong += 1
        if repair:
            await committed(partial(_count_anew, user_id=place["user_id"], key=place["key"]))
    return wrong


async def _batch(db: Connection, last: int, rendering: int, repair: bool) -> tuple[int, int | None]:
    """How many of the next entries have other rows than they should, and the last of them, if more follow."""
    columns = "id, user_id, day, tags, body, deleted_at, rendering"
    sql = f"SELECT {columns} FROM entries WHERE id > ? ORDER BY id LIMIT {SIZE}"
    found = await statement(db, sql, last)
    wanted = [_tagged(row) for row in found if row["rendering"] >= rendering]
    different = await tag_index.different(db, wanted) if wanted else []
    if repair and different:
        await tag_index.relate(db, different)
    return len(different), found[-1]["id"] if len(found) == SIZE else None


def _tagged(row: Any) -> Tagged:
    """SQLite's writing connection gives days and lists as texts."""
    day, tags = date.fromisoformat(str(row["day"])), row["tags"]
    if row["deleted_at"]:
        return Tagged(row["id"], row["user_id"], day, {})
    names = loads(tags) if isinstance(tags, str) else tags
    return Tagged(row["id"], row["user_id"], day, by_index_key([*names, *hashtags.found(row["body"])]))


async def _miscounted() -> Sequence[Any]:
    true = "SELECT user_id, key, count(*) AS entries FROM entry_tags GROUP BY user_id, key"
    kept = "SELECT user_id, key, entries FROM tags"
    return await rows(
        f"SELECT user_id, key FROM ({true} EXCEPT {kept}) AS uncounted "
        f"UNION SELECT user_id, key FROM ({kept} EXCEPT {true}) AS unfounded"
    )


async def _count_anew(db: Connection, user_id: int, key: str) -> None:
    # First the row is there and locked, so that whoever adds to it waits.
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
