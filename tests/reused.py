"""What tests need not make anew: on PostgreSQL the database, which is emptied instead; compiled templates."""

import shutil
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from uuid import uuid4

import asyncpg
import pytest
from jinja2 import BytecodeCache, Environment
from jinja2.bccache import Bucket

from journal import database
from journal.web import pages
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


class Compiled(BytecodeCache):
    """Templates, compiled once for all the sites that the tests make."""

    def __init__(self) -> None:
        self.code: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        if bucket.key in self.code:
            bucket.bytecode_from_string(self.code[bucket.key])

    def dump_bytecode(self, bucket: Bucket) -> None:
        self.code[bucket.key] = bucket.bytecode_to_string()


@pytest.fixture(scope="session", autouse=True)
def compiled() -> Iterator[None]:
    made, cache = pages.environment, Compiled()

    def environment() -> Environment:
        env = made()
        env.bytecode_cache = cache
        return env

    pages.environment = environment
    yield
    pages.environment = made


async def _emptied(url: str) -> None:
    connection = await asyncpg.connect(url)
    tables = await connection.fetch(
        "SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'tortoise_migrations'"
    )
    # Rows one by one, in any order: for a few of them far quicker than TRUNCATE.
    deletions = [f'DELETE FROM "{table["tablename"]}"' for table in tables]
    await connection.execute("; ".join(["SET session_replication_role = replica", *deletions]))
    await connection.close()
