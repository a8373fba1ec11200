"""Finds what the index and the entries disagree about, and mends it, some entries at a time."""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from json import loads
from typing import Any

from journal.database import Connection, committed, connection, is_postgres, rows
from journal.search import index
from journal.search.sort_key import place
from journal.text import tokenizer
from journal.text.analysis import Analysis, Source, analyse

BATCH = 200  # entries held in memory at a time
COLUMNS = "e.id, e.user_id, e.day, e.title, e.body, e.tags, e.mood, e.deleted_at"
JOIN = "LEFT JOIN search_texts t ON t.entry_id = e.id WHERE coalesce(t.folding, 0) <> ?"
FIRST = "SELECT id FROM entries ORDER BY id LIMIT 1"
LATER = "SELECT e.id FROM (SELECT id FROM entries WHERE id < ?) e"


@dataclass(frozen=True)
class Row:
    """An entry as it stands in its table; see index.Place."""

    id: int
    user_id: int
    day: date
    title: str
    body: str
    tags: list[str]
    mood: str
    deleted_at: datetime | None

    @classmethod
    def of(cls, columns: Any) -> "Row":
        """Inside a transaction SQLite hands over texts where `rows` has made values of them."""
        entry = {name: columns[name] for name in cls.__dataclass_fields__}
        if isinstance(entry["day"], str):
            entry |= {"day": date.fromisoformat(entry["day"]), "tags": loads(entry["tags"])}
        return cls(**entry)

    def analysis(self) -> Analysis:
        return analyse(Source(self.title, self.body, self.tags), None)


@dataclass
class Report:
    entries: int = 0  # that were looked at
    missing: int = 0
    different: int = 0
    mended: int = 0
    faults: list[str] = field(default_factory=list)  # of the index itself

    @property
    def is_sound(self) -> bool:
        return not (self.missing or self.different or self.faults)


Progress = Callable[[int], None]


async def missing() -> int:
    """How many entries can't be found yet: after a migration, or cut into words by an older version.

    They are counted only if the first entry is one of them: it is the last that `complete` comes to.
    """
    if not await rows(f"SELECT e.id FROM ({FIRST}) e {JOIN}", tokenizer.VERSION):
        return 0
    found = await rows(f"SELECT count(*) AS n FROM entries e {JOIN}", tokenizer.VERSION)
    return int(found[0]["n"])


async def complete(progress: Progress) -> int:
    """Adds what is missing. It may be stopped at any time, and goes on from there when it is run again."""
    done, before = 0, 2**62
    while found := await rows(f"{LATER} {JOIN} ORDER BY e.id DESC LIMIT {BATCH}", before, tokenizer.VERSION):
        before = found[-1]["id"]
        done += await _put_again([row["id"] for row in found])
        progress(done)
    return done


async def _put_again(ids: list[int]) -> int:
    """As the entries stand at the moment of writing, which may be later than when they were looked at."""
    marks = ", ".join(map(str, ids))

    async def work(db: Connection) -> int:
        # On PostgreSQL somebody may be saving one of them: whoever comes second waits for the first.
        lock = " FOR UPDATE" if is_postgres(db) else ""
        _, found = await db.execute_query(f"SELECT {COLUMNS} FROM entries e WHERE id IN ({marks}){lock}")
        await index.put(db, [(entry, entry.analysis()) for entry in map(Row.of, found)])
        return len(found)

    return await committed(work)


async def check(*, repair: bool, progress: Progress) -> Report:
    """Cuts each entry into words anew and compares. What is being written meanwhile is looked at twice."""
    report = Report(faults=await _faults(repair))
    async for batch in _batches():
        report.entries += len(batch)
        wrong = [row["id"] for row in batch if not _agrees(row)]
        wrong = [row["id"] for row in await _of(wrong) if not _agrees(row)] if wrong else []
        report.missing += sum(row["words"] is None for row in batch if row["id"] in wrong)
        report.different += sum(row["words"] is not None for row in batch if row["id"] in wrong)
        report.mended += await _put_again(wrong) if repair and wrong else 0
        progress(report.entries)
    return report


COMPARED = (
    f"SELECT {COLUMNS}, t.id AS place, t.words FROM entries e LEFT JOIN search_texts t ON t.entry_id = e.id"
)


async def _batches() -> AsyncIterator[Any]:
    last = 0
    while found := await rows(f"{COMPARED} WHERE e.id > ? ORDER BY e.id LIMIT {BATCH}", last):
        yield found
        last = found[-1]["id"]


async def _of(ids: list[int]) -> Any:
    return await rows(f"{COMPARED} WHERE e.id IN ({', '.join(map(str, ids))})")


def _agrees(row: Any) -> bool:
    entry = Row.of(row)
    text = index.text_of(entry, entry.analysis())
    return (row["place"], row["words"]) == (place(entry.user_id, entry.day, entry.id), text)


async def _faults(repair: bool) -> list[str]:
    """SQLite's full-text index against the texts it was made from; PostgreSQL keeps its own in step."""
    if is_postgres(connection()):
        return []
    try:
        await connection().execute_query(
            "INSERT INTO search_index (search_index, rank) VALUES ('integrity-check', 1)"
        )
    except Exception as error:
        if repair:
            await connection().execute_query("INSERT INTO search_index (search_index) VALUES ('rebuild')")
        return [f"The full-text index does not hold what it should ({error})."]
    return []
