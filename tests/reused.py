"""The database of a test: on SQLite a fresh copy, on PostgreSQL one that was emptied, which is quicker."""

import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import uuid4

import asyncpg
import pytest

from journal import database
from tests.postgres import Postgres


@pytest.fixture(scope="session")
def reused(empty: str, postgres: Postgres | None) -> str | None:
    return postgres.create(f"reused_{uuid4().hex}", template="empty") if postgres else None


@pytest.fixture
async def database_url(empty: str, reused: str | None, tmp_path: Path) -> AsyncIterator[str]:
    if reused:
        yield reused
        await _emptied(reused)
    else:
        shutil.copy(database.sqlite_file(empty), tmp_path / "journal.sqlite3")
        yield f"sqlite://{tmp_path / 'journal.sqlite3'}"


async def _emptied(url: str) -> None:
    connection = await asyncpg.connect(url)
    tables = await connection.fetch(
        "SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'tortoise_migrations'"
    )
    # Rows one by one, in any order: for a few of them far quicker than TRUNCATE.
    deletions = [f'DELETE FROM "{table["tablename"]}"' for table in tables]
    await connection.execute("; ".join(["SET session_replication_role = replica", *deletions]))
    await connection.close()
