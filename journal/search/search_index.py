"""Search index: the search tokens of each entry, written with the entry, checked and rebuilt."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from json import loads
from typing import Protocol

from journal.database import Connection, committed, connection, is_postgres, numbered, rows
from journal.derived.change import Change
from journal.derived.contract import Check, Progress
from journal.engines.row import Row
from journal.search.sort_key import owner, place, year_of
from journal.text import tokenizer
from journal.text.analysis import Analysis, Source, analyse

NAME = "search"
VERSION = tokenizer.VERSION
BATCH = 200  # entries held in memory at a time
PUT = (
    "INSERT INTO search_texts (id, entry_id, user_id, folding, words) VALUES (?, ?, ?, ?, ?) "
    "ON CONFLICT (entry_id) DO UPDATE "
    "SET id = excluded.id, folding = excluded.folding, words = excluded.words "
    "WHERE search_texts.id <> excluded.id OR search_texts.words <> excluded.words "
    "OR search_texts.folding <> excluded.folding"
)
COLUMNS = "e.id, e.user_id, e.day, e.title, e.body, e.tags, e.mood, e.deleted_at"
OUTDATED = "LEFT JOIN search_texts t ON t.entry_id = e.id WHERE coalesce(t.folding, 0) <> ?"
FIRST = "SELECT id FROM entries ORDER BY id LIMIT 1"
LATER = "SELECT e.id FROM (SELECT id FROM entries WHERE id < ?) e"
COMPARED = (
    f"SELECT {COLUMNS}, t.id AS place, t.words FROM entries e LEFT JOIN search_texts t ON t.entry_id = e.id"
)


class Place(Protocol):
    """The columns of an entry that the index holds beside its text."""

    @property
    def id(self) -> int: ...
    @property
    def user_id(self) -> int: ...
    @property
    def day(self) -> date: ...
    @property
    def mood(self) -> str: ...
    @property
    def deleted_at(self) -> datetime | None: ...


async def apply(db: Connection, changes: Sequence[Change]) -> None:
    """An entry that is deleted for good takes its row along, by a foreign key."""
    await put(db, [(change.after, change.analysis) for change in changes if change.after and change.analysis])


async def put(db: Connection, entries: Sequence[tuple[Place, Analysis]]) -> None:
    """Inserts or updates the rows of these entries."""
    if entries:
        written = [_columns(entry, analysis) for entry, analysis in entries]
        await db.execute_many(numbered(PUT) if is_postgres(db) else PUT, written)


def _columns(entry: Place, analysis: Analysis) -> list[object]:
    at = place(entry.user_id, entry.day, entry.id)
    return [at, entry.id, entry.user_id, VERSION, text_of(entry, analysis)]


def text_of(entry: Place, analysis: Analysis) -> str:
    """The facets owner, year, tags and mood, then the tokens of the text, each between spaces."""
    facets = [owner(entry.user_id, entry.deleted_at is not None)]
    facets += [] if entry.deleted_at else [year_of(entry.user_id, entry.day.year)]
    facets += [analysis.facets] if analysis.facets else []
    facets += [f"_m{entry.mood}"] if entry.mood else []  # the token that tokenizer.facet makes of a mood
    return f" {' '.join([*facets, analysis.tokens])} "


# Checking and rebuilding


@dataclass(frozen=True)
class StoredEntry:
    """An entry as it stands in its table."""

    id: int
    user_id: int
    day: date
    title: str
    body: str
    tags: list[str]
    mood: str
    deleted_at: datetime | None

    @classmethod
    def of(cls, row: Row) -> "StoredEntry":
        """Inside a transaction SQLite returns texts where `rows` returns dates and lists."""
        columns = {name: row[name] for name in cls.__dataclass_fields__}
        if isinstance(columns["day"], str):
            columns |= {"day": date.fromisoformat(columns["day"]), "tags": loads(columns["tags"])}
        return cls(**columns)

    def analysis(self) -> Analysis:
        return analyse(Source(self.title, self.body, self.tags), None)


@dataclass
class Comparison:
    entries: int = 0  # that were compared
    missing: list[int] = field(default_factory=list)  # ids of entries
    different: list[int] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)  # of the full-text index itself


async def outdated() -> int:
    """Counts only if the first entry is outdated: it is the last that a rebuild comes to."""
    if not await rows(f"SELECT e.id FROM ({FIRST}) e {OUTDATED}", VERSION):
        return 0
    return int((await rows(f"SELECT count(*) AS n FROM entries e {OUTDATED}", VERSION))[0]["n"])


async def check() -> Check:
    found = await compare()
    problems = [*found.faults]
    if found.missing:
        problems.append(f"Entries that can't be found by searching: {len(found.missing):,}.")
    if found.different:
        problems.append(f"Entries that are found by words which they don't hold: {len(found.different):,}.")
    sound = f"Entries that can be found by searching: all, {found.entries:,}."
    return Check(problems, sound, "`journal doctor --repair` mends it.", "Mended.")


async def compare() -> Comparison:
    """Tokenizes each entry again. Differences are looked at twice, as others may write in between."""
    found, last = Comparison(faults=await _faults()), 0
    while batch := await rows(f"{COMPARED} WHERE e.id > ? ORDER BY e.id LIMIT {BATCH}", last):
        found.entries, last = found.entries + len(batch), batch[-1]["id"]
        wrong = ", ".join(str(row["id"]) for row in batch if not _agrees(row))
        again = await rows(f"{COMPARED} WHERE e.id IN ({wrong}) ORDER BY e.id") if wrong else []
        for row in (row for row in again if not _agrees(row)):
            (found.missing if row["words"] is None else found.different).append(row["id"])
    return found


def _agrees(row: Row) -> bool:
    entry = StoredEntry.of(row)
    at, text = place(entry.user_id, entry.day, entry.id), text_of(entry, entry.analysis())
    return (row["place"], row["words"]) == (at, text)


async def _faults() -> list[str]:
    """Compares SQLite's full-text index with the texts it is made from; PostgreSQL keeps its own in step."""
    if is_postgres(connection()):
        return []
    try:
        sql = "INSERT INTO search_index (search_index, rank) VALUES ('integrity-check', 1)"
        await connection().execute_query(sql)
    except Exception as error:
        return [f"The full-text index does not hold what it should ({error})."]
    return []


async def rebuild(progress: Progress, *, only_outdated: bool = False) -> None:
    if only_outdated:
        return await _rebuild(_outdated(), progress)
    found = await compare()
    if found.faults:
        await connection().execute_query("INSERT INTO search_index (search_index) VALUES ('rebuild')")
    wrong = [*found.missing, *found.different]
    await _rebuild(_batches(wrong), progress)


async def _outdated() -> AsyncIterator[Sequence[int]]:
    before, sql = 2**62, f"{LATER} {OUTDATED} ORDER BY e.id DESC LIMIT {BATCH}"
    while found := await rows(sql, before, VERSION):
        before = found[-1]["id"]
        yield [row["id"] for row in found]


async def _batches(ids: Sequence[int]) -> AsyncIterator[Sequence[int]]:
    for start in range(0, len(ids), BATCH):
        yield ids[start : start + BATCH]


async def _rebuild(batches: AsyncIterator[Sequence[int]], progress: Progress) -> None:
    done = 0
    async for ids in batches:
        await _put_again(ids)
        done += len(ids)
        progress(done)


async def _put_again(ids: Sequence[int]) -> None:
    """Writes the entries as they stand now, which may be later than when they were compared."""

    async def work(db: Connection) -> None:
        # On PostgreSQL another request may be saving one of them: the second waits for the first.
        lock = " FOR UPDATE" if is_postgres(db) else ""
        sql = f"SELECT {COLUMNS} FROM entries e WHERE id IN ({', '.join(map(str, ids))}){lock}"
        _, found = await db.execute_query(sql)
        entries = [StoredEntry.of(row) for row in found]
        await put(db, [(entry, entry.analysis()) for entry in entries])

    await committed(work)
