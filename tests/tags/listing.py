"""What the tables of tags hold, and what they should hold by the entries themselves."""

from collections import Counter
from typing import Any

from journal.database import rows
from journal.text import hashtags
from journal.text.analysis import by_index_key

Row = tuple[Any, ...]


async def held() -> tuple[set[Row], dict[Row, int]]:
    """Rows of entries, and counts by person and key."""
    related = await rows("SELECT entry_id, user_id, day, key, name FROM entry_tags")
    counted = await rows("SELECT user_id, key, entries FROM tags")
    return {tuple(row) for row in related}, {(row["user_id"], row["key"]): row["entries"] for row in counted}


async def owed() -> tuple[set[Row], dict[Row, int]]:
    entries = await rows("SELECT id, user_id, day, tags, body FROM entries WHERE deleted_at IS NULL")
    related = {
        (entry["id"], entry["user_id"], entry["day"], key, name)
        for entry in entries
        for key, name in by_index_key([*entry["tags"], *hashtags.found(entry["body"])]).items()
    }
    return related, dict(Counter((row[1], row[3]) for row in related))
