"""Databases of any size for growth benchmarks: one account's entries, and any number of other accounts."""

import json
import random
import sqlite3
import uuid
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from itertools import accumulate
from pathlib import Path
from typing import Any, NamedTuple

import asyncpg
import filled

from journal import database, schema
from journal.accounts import users
from journal.derived.contract import silent
from journal.entries import hour_counts
from journal.search import search_index
from journal.search.sort_key import place
from journal.text import tag_names, tokenizer
from journal.text.analysis import Source, analyse

NEWEST = date(2024, 5, 31)
A_DAY = 3  # entries of each account
CHUNK = 25  # words; a text is made of ten of them, as choosing each word would take an hour for a million
TEXTS = 4_000  # chunks
VOCABULARY = 20_000
RARE, RARE_TIMES = "zyzzyva", 10  # in 10 entries of each account, whatever its size
SOME, SOME_EVERY = "quillwort", 40
PAIR, PAIR_EVERY = "copper kettle", 10
# The most frequent words are in nearly all entries, the others in a half, a third and a quarter of them.
RANKS = {0: "andor", 1: "thator", 40: "garden", 60: "copper", 80: "kettle"}
MOODS = ["", "good", "bad", "okay"]
TAGS = [f"tag{n}" for n in range(20)]


class Size(NamedTuple):
    """The number of entries of each account, and the number of accounts."""

    entries: int
    accounts: int = 1

    def __str__(self) -> str:
        return f"{self.entries:,}" + (f" beside {self.accounts - 1:,} others" if self.accounts > 1 else "")


def vocabulary(seed: random.Random) -> list[str]:
    """Invented words that share beginnings as real words do, the most frequent first."""
    starts = [c + v for c in "bdfghklmnprstvw" for v in "aeiou"] + ["the", "wh", "str", "an", "in"]
    parts = [v + c for v in "aeiou" for c in "bdklmnrst"]
    words = dict.fromkeys(RANKS.values())
    while len(words) < VOCABULARY:
        words[seed.choice(starts) + "".join(seed.choices(parts, k=seed.randint(0, 3)))] = None
    ordered = [word for word in words if word not in RANKS.values()]
    for rank, word in sorted(RANKS.items()):
        ordered.insert(rank, word)
    return ordered


def texts() -> list[str]:
    seed = random.Random(7)
    words = vocabulary(seed)
    weights = list(accumulate(1 / (rank + 2.7) for rank in range(len(words))))  # Zipf's law
    return [" ".join(seed.choices(words, cum_weights=weights, k=CHUNK)) for _ in range(TEXTS)]


class Entry(NamedTuple):
    """A row to insert, with the attributes that the search index needs."""

    id: int
    uid: str
    user_id: int
    day: date
    month_day: int
    written_at: datetime
    mood: str
    tags: list[str]
    title: str
    body: str
    deleted_at: None = None


def entries(size: Size) -> Iterator[Entry]:
    """Yields the oldest entries first, one of each account in turn, in the order of writing."""
    seed, chunks = random.Random(11), texts()
    rare = {round((n + 0.5) * size.entries / RARE_TIMES) for n in range(RARE_TIMES)}
    for n in range(size.entries):
        day = NEWEST - timedelta(days=(size.entries - 1 - n) // A_DAY)
        for account in range(1, size.accounts + 1):
            body = [". ".join(seed.choices(chunks, k=10))]
            body += [PAIR] * (n % PAIR_EVERY == 3) + [SOME] * (n % SOME_EVERY == 5) + [RARE] * (n in rare)
            yield Entry(
                id=n * size.accounts + account,
                uid=str(uuid.UUID(int=seed.getrandbits(128), version=4)),
                user_id=account,
                day=day,
                month_day=day.month * 100 + day.day,
                written_at=datetime(day.year, day.month, day.day, 9 + n % A_DAY, tzinfo=UTC),
                mood=MOODS[n % 4],
                tags=[TAGS[n % 20]] if n % 2 else [],
                title=f"Entry {n}" if n % 3 else "",
                body="\n\n".join(body),
            )


# The tables to fill, with their columns and a function that returns the rows of an entry.
Rows = Iterator[tuple[Any, ...]]


def of_entries(entry: Entry) -> Rows:
    at, tags = entry.written_at, json.dumps(entry.tags)
    html = f"<p>{entry.body}</p>"
    yield (
        *(entry.id, entry.uid, entry.user_id, entry.day, entry.month_day, "UTC", at, at, 1, entry.mood),
        *(entry.id % 10 == 0, 250, tags, entry.title, html, entry.body),
    )


def of_search_texts(entry: Entry) -> Rows:
    analysis = analyse(Source(entry.title, entry.body, entry.tags), None)
    words = search_index.text_of(entry, analysis)
    yield place(entry.user_id, entry.day, entry.id), entry.id, entry.user_id, tokenizer.VERSION, words


def of_entry_tags(entry: Entry) -> Rows:
    for tag in entry.tags:
        yield entry.id, entry.user_id, entry.day, tag_names.index_key(tag), tag


TABLES: list[tuple[str, str, Callable[[Entry], Rows]]] = [
    (
        "entries",
        "id uid user_id day month_day zone written_at updated_at version mood starred "
        "words tags title html body",
        of_entries,
    ),
    ("search_texts", "id entry_id user_id folding words", of_search_texts),
    ("entry_tags", "entry_id user_id day key name", of_entry_tags),
]
# Statements that fill derived tables as a whole.
DERIVED = [
    "INSERT INTO day_counts (user_id, day, month_day, entries, words, moods, mood_sum) "
    "SELECT user_id, day, min(month_day), count(*), sum(words), sum(CASE WHEN mood = '' THEN 0 ELSE 1 END), "
    "sum(CASE mood WHEN '' THEN 0 WHEN 'bad' THEN 2 WHEN 'okay' THEN 3 ELSE 4 END) "
    "FROM entries GROUP BY user_id, day ORDER BY user_id, day",
    "INSERT INTO tags (user_id, key, name, entries) "
    "SELECT user_id, key, name, count(*) FROM entry_tags GROUP BY user_id, key, name",
]
BATCH = 2_000


async def fill(url: str, folder: Path, size: Size) -> None:
    await schema.migrate(url, folder)
    async with database.connected(url):
        for n in range(size.accounts):
            person = await users.create(f"reader{n}", None, filled.PASSWORD, "UTC", datetime.now(UTC))
            assert person.id == n + 1
        await users.change(filled.READER, session_stamp=filled.STAMP)
    if database.is_sqlite(url):
        _fill_sqlite(database.sqlite_file(url), size)
    else:
        await _fill_postgres(url, size)
    async with database.connected(url, synchronous="OFF"):
        await hour_counts.rebuild(silent)


def _fill_sqlite(file: Path, size: Size) -> None:
    """Drops the triggers and builds the search index once at the end."""
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("PRAGMA synchronous = OFF")
        triggers = connection.execute(
            "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'search_texts'"
        ).fetchall()
        for name, _ in triggers:
            connection.execute(f"DROP TRIGGER {name}")
        for batch in _batches(entries(size)):
            for name, columns, rows in TABLES:
                marks = ", ".join("?" * len(columns.split()))
                made = (tuple(map(_stored, row)) for entry in batch for row in rows(entry))
                sql = f"INSERT INTO {name} ({columns.replace(' ', ', ')}) VALUES ({marks})"
                connection.executemany(sql, made)
            connection.commit()
        connection.execute("INSERT INTO search_index (search_index) VALUES ('rebuild')")
        for statement in (*DERIVED, *(sql for _, sql in triggers)):  # without ANALYZE, as on real sites
            connection.execute(statement)
        connection.commit()


async def _fill_postgres(url: str, size: Size) -> None:
    """Drops the indexes of the search texts and creates them again at the end."""
    connection = await asyncpg.connect(url)
    indexes = await connection.fetch(
        "SELECT indexname, indexdef FROM pg_indexes WHERE tablename = 'search_texts' "
        "AND indexname LIKE 'search_texts_%' AND indexdef NOT LIKE '%UNIQUE%'"
    )
    for row in indexes:
        await connection.execute(f'DROP INDEX "{row["indexname"]}"')
    for batch in _batches(entries(size)):
        for name, columns, rows in TABLES:
            made = [row for entry in batch for row in rows(entry)]
            await connection.copy_records_to_table(name, records=made, columns=columns.split())
    for statement in (*(row["indexdef"] for row in indexes), *DERIVED):
        await connection.execute(statement)
    last = size.entries * size.accounts + 1
    await connection.execute(f"SELECT setval(pg_get_serial_sequence('entries', 'id'), {last})")
    await connection.execute("VACUUM ANALYZE")
    await connection.close()


def _stored(value: Any) -> Any:
    return str(value) if isinstance(value, date) else value


def _batches(rows: Iterator[Entry]) -> Iterator[list[Entry]]:
    batch: list[Entry] = []
    for row in rows:
        batch.append(row)
        if len(batch) == BATCH:
            yield batch
            batch = []
    yield batch
