"""The old app's database, filled by its own script or from this repository's samples."""

import json
import shutil
import sqlite3
import sys
from datetime import datetime, timedelta
from pathlib import Path

from servers import run

SAMPLES = Path(__file__).resolve().parents[1] / "samples"
SAMPLE_DIARY = SAMPLES / "diary.jsonl"
TABLES = """
    CREATE TABLE user (id INTEGER PRIMARY KEY, username, email, password_hash, created_at DATETIME);
    CREATE TABLE journal_entry (
        id INTEGER PRIMARY KEY, user_id REFERENCES user (id), title, content, mood, tags,
        created_at DATETIME, updated_at DATETIME
    );
"""


def made(legacy: Path, diary: Path, folder: Path) -> Path:
    """Runs the old app's script in a copy of its folder."""
    home = folder / "legacy"
    shutil.copytree(legacy, home, copy_function=shutil.copyfile)
    home.chmod(0o755)  # copytree keeps the mode of a read-only folder
    run([sys.executable, "make_legacy_db.py", "legacy.db", "--diary", str(diary)], folder=home, env={})
    return home / "legacy.db"


def sampled(folder: Path) -> Path:
    """Creates a database of the same shape where the old app is not available."""
    home = folder / "legacy"
    home.mkdir()
    connection = sqlite3.connect(home / "legacy.db")
    connection.executescript(TABLES)
    people = [(p["username"], p["email"], p["password_hash"]) for p in _lines(SAMPLES / "people.jsonl")]
    connection.executemany("INSERT INTO user (username, email, password_hash) VALUES (?, ?, ?)", people)
    entries = [_row(line) for line in _lines(SAMPLE_DIARY)]
    connection.executemany(
        "INSERT INTO journal_entry (user_id, title, content, tags, created_at, updated_at)"
        " VALUES (1, ?, ?, '', ?, ?)",
        entries,
    )
    connection.commit()
    connection.close()
    return home / "legacy.db"


def _lines(path: Path) -> list[dict[str, str]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def _row(line: dict[str, str]) -> tuple[str, str, str, str]:
    # Moves days by whole 400-year cycles of the calendar, so that no 29 February is lost.
    written = (datetime.fromisoformat(line["date"]) + timedelta(days=146_097, hours=21)).isoformat(" ")
    return line["text"].split(". ", 1)[0][:80], line["text"], written, written
