"""What is in a journal, to be compared: its rows and its attachments."""

import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from threading import Event
from typing import Any

import asyncpg

from journal import database
from journal.backups import archive
from journal.backups.archive import ArchiveWriter
from journal.backups.create import Source


async def held(source: Source) -> dict[str, Any]:
    """Every row of every table, and every attachment by its path."""
    found = _sqlite(source.url) if source.is_sqlite else await _postgres(source.url)
    return found | {"attachments": attachments(source.data_dir)}


def _sqlite(url: str) -> dict[str, Any]:
    catalog = "SELECT name FROM sqlite_master WHERE type = 'table' AND name <> 'search_words'"
    with closing(sqlite3.connect(database.sqlite_file(url))) as db:
        tables = [name for (name,) in db.execute(catalog).fetchall()]
        return {table: sorted(map(str, db.execute(f'SELECT * FROM "{table}"'))) for table in tables}


async def _postgres(url: str) -> dict[str, Any]:
    db = await asyncpg.connect(url)
    try:
        tables = await db.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        names = [row["tablename"] for row in tables]
        return {name: sorted(map(str, await db.fetch(f'SELECT * FROM "{name}"'))) for name in names}
    finally:
        await db.close()


def attachments(data_dir: Path) -> dict[str, bytes]:
    folder = data_dir / "attachments"
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def attach(data_dir: Path, *contents: bytes) -> None:
    for number, content in enumerate(contents):
        file = data_dir / "attachments" / f"{number:02x}" / "cdef"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)


def rewritten(file: Path, target: Path, **changes: Any) -> Path:
    """The same backup, whole but for its manifest, which says something else about the database."""
    with (
        archive.opened(file, Event()) as old,
        target.open("wb+") as raw,
        ArchiveWriter(raw, Event()) as new,
    ):
        with old.open(old.manifest.database) as copied:
            new.add(old.manifest.database, copied)
        contents = replace(old.manifest.contents, **changes)
        new.finish(replace(old.manifest, contents=contents, members=new.members))
    return target
