"""Source databases of import tests, made by SQL that SQLite and PostgreSQL both accept."""

import hashlib
import json
import os
import sqlite3
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import asyncpg

from tests.conftest import SHARED

SAMPLES = Path(__file__).resolve().parent.parent / "samples"

# The old app's schema with wider columns, so that tests can exceed our limits.
PEOPLE = """CREATE TABLE "user" (
    id INTEGER NOT NULL, username VARCHAR(80) NOT NULL, email VARCHAR(400), password_hash VARCHAR(256),
    created_at TIMESTAMP, PRIMARY KEY (id))"""
ENTRIES = """CREATE TABLE journal_entry (
    id INTEGER NOT NULL, user_id INTEGER, title VARCHAR(2000), content TEXT,
    mood VARCHAR(20), tags VARCHAR(200),
    created_at TIMESTAMP, updated_at TIMESTAMP, PRIMARY KEY (id))"""


class OldApp:
    """A source database. `place` is the argument of `journal adopt`."""

    def __init__(self, place: str | Path) -> None:
        self.place = str(place)

    async def run(self, *statements: str) -> None:
        if self.place.startswith("postgres://"):
            connection = await asyncpg.connect(self.place)
            for statement in statements:
                await connection.execute(statement)
            await connection.close()
        else:
            sqlite = sqlite3.connect(self.place)
            for statement in statements:
                sqlite.execute(statement)
            sqlite.commit()
            sqlite.close()

    async def insert(self, table: str, **values: Any) -> None:
        columns = ", ".join(f'"{name}"' for name in values)
        await self.run(f"INSERT INTO {table} ({columns}) VALUES ({', '.join(map(literal, values.values()))})")

    async def person(self, id: int, username: str, **values: Any) -> None:
        usual = {
            "email": f"{id}@example.org",
            "password_hash": "sha256$salt$00",
            "created_at": "2010-01-01 09:00:00",
        }
        await self.insert('"user"', id=id, username=username, **usual | values)

    async def entry(
        self, id: int, user_id: int | None = 1, content: str | None = "Words.", **values: Any
    ) -> None:
        usual = {"created_at": "2016-09-02 21:00:00.000000"}
        await self.insert("journal_entry", id=id, user_id=user_id, content=content, **usual | values)


def literal(value: Any) -> str:
    if value is None:
        return "NULL"
    return str(value) if isinstance(value, int | float) else "'" + str(value).replace("'", "''") + "'"


async def usual_app(place: str | Path) -> OldApp:
    """Creates the old app's schema without any rows."""
    old = OldApp(place)
    await old.run(PEOPLE, ENTRIES)
    return old


@asynccontextmanager
async def unchanged(folder: Path) -> AsyncIterator[None]:
    """Asserts that the block changes, adds and removes no file in the folder."""
    before = fingerprints(folder)
    yield
    assert fingerprints(folder) == before


def fingerprints(folder: Path) -> dict[str, str]:
    files = [path for path in folder.rglob("*") if path.is_file()]
    return {str(path): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def whole_diary(folder: Path) -> Path:
    """Creates the old app's real database with ten years of a diary, by its own script."""
    maker = SHARED / "legacy" / "make_legacy_db.py"
    path = folder / "legacy.db"
    environment = os.environ | {"PYTHONWARNINGS": "default"}
    subprocess.run(
        [sys.executable, maker, path], check=True, capture_output=True, env=environment, cwd=folder
    )
    return path


def sample_diary(folder: Path) -> Path:
    """Creates a small database of the same shape from this repository's samples."""
    path = folder / "sample.db"
    connection = sqlite3.connect(path)
    connection.execute(SAMPLE_PEOPLE)
    connection.execute(SAMPLE_ENTRIES)
    joined = "2010-01-01 09:00:00.000000"
    for id, person in enumerate(read_lines("people.jsonl"), 1):
        row = (id, person["username"], person["email"], person["password_hash"], joined)
        connection.execute("INSERT INTO user VALUES (?, ?, ?, ?, ?)", row)
    rows = [*map(_samuels, read_lines("diary.jsonl")), *JANES]
    insert = "INSERT INTO journal_entry (user_id, title, content, mood, tags, created_at, updated_at)"
    connection.executemany(f"{insert} VALUES (?, ?, ?, ?, ?, ?, ?)", rows)
    connection.commit()
    connection.close()
    return path


def read_lines(name: str) -> list[dict[str, str]]:
    return [json.loads(line) for line in (SAMPLES / name).read_text(encoding="utf-8").splitlines()]


def _samuels(entry: dict[str, str]) -> tuple[Any, ...]:
    """Moves an entry 350 years ahead. A 29th of February becomes the 1st of March where it does not exist."""
    day = date.fromisoformat(entry["date"])
    later = (
        date(day.year + 350, 3, 1) if (day.month, day.day) == (2, 29) else day.replace(year=day.year + 350)
    )
    written = datetime(later.year, later.month, later.day) + timedelta(hours=21)
    words = entry["text"]
    tags = ",".join(tag for tag in ("office", "church", "theatre", "music") if tag in words)
    mood = "merry" if "merry" in words else None
    at = written.isoformat(" ", "microseconds")
    return 1, words.split(". ", 1)[0][:80], words, mood, tags, at, at


JANES = [
    (
        7,
        None,
        "No title, and <script>alert(1)</script> in the text.",
        None,
        None,
        "2010-01-01 09:00:00.000000",
        None,
    ),
    (7, "", "", None, None, "2010-01-02 09:00:00.000000", None),
    (
        7,
        "今日は",
        "東京は雨。カフェで本を読んだ。 École, naïve, Straße.",
        None,
        "日本,雨",
        "2010-01-03 09:00:00.000000",
        None,
    ),
]
# A test compares these with the real app's.
SAMPLE_PEOPLE = """CREATE TABLE user (
    id INTEGER NOT NULL,
    username VARCHAR(80) NOT NULL,
    email VARCHAR(120) NOT NULL,
    password_hash VARCHAR(256) NOT NULL,
    created_at DATETIME,
    PRIMARY KEY (id),
    UNIQUE (username),
    UNIQUE (email)
)"""
SAMPLE_ENTRIES = """CREATE TABLE journal_entry (
    id INTEGER NOT NULL,
    user_id INTEGER NOT NULL,
    title VARCHAR(200),
    content TEXT NOT NULL,
    mood VARCHAR(20),
    tags VARCHAR(200),
    created_at DATETIME,
    updated_at DATETIME,
    PRIMARY KEY (id),
    FOREIGN KEY(user_id) REFERENCES user (id)
)"""
