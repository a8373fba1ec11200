"""What tests share: routes, models, templates, and on PostgreSQL the database, which is emptied."""

import shutil
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import asyncpg
import pytest
from jinja2 import BytecodeCache, Environment
from jinja2.bccache import Bucket
from tortoise.apps import Apps
from tortoise.backends.base.executor import EXECUTOR_CACHE
from werkzeug.routing import Rule

from journal import database
from journal.web import pages
from tests.postgres import Postgres


@pytest.fixture(scope="session")
def reused_database(empty_postgres: str, postgres_server: Postgres) -> str:
    return postgres_server.create(f"reused_{uuid4().hex}", template=empty_postgres.rpartition("/")[2])


@pytest.fixture(scope="module")
def reused(engine: str, request: pytest.FixtureRequest) -> str | None:
    return str(request.getfixturevalue("reused_database")) if engine == "postgres" else None


@pytest.fixture
async def database_url(empty: str, reused: str | None, tmp_path: Path) -> AsyncIterator[str]:
    """A migrated database without rows, for this test alone."""
    if reused:
        yield reused
        await _emptied(reused)
    else:
        shutil.copy(database.sqlite_file(empty), tmp_path / "journal.sqlite3")
        yield f"sqlite://{tmp_path / 'journal.sqlite3'}"


@pytest.fixture(scope="session", autouse=True)
def prepared() -> Iterator[None]:
    """Two thirds of what a site costs at its start is the same each time: its routes and its models."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Rule, "_compile_builder", _remembered(Rule._compile_builder))
        patch.setattr(Apps, "_build_initial_querysets", _built_once(Apps._build_initial_querysets))
        yield


def _remembered(compile_builder: Any) -> Any:
    """Werkzeug compiles two functions for each route."""
    compiled: dict[tuple[object, ...], Any] = {}

    def remembered(rule: Rule, append_unknown: bool = True) -> Any:
        key = (rule.rule, rule.endpoint, str(rule.defaults), append_unknown)
        return compiled.get(key) or compiled.setdefault(key, compile_builder(rule, append_unknown))

    return remembered


def _built_once(build: Any) -> Any:
    """Tortoise writes SQL for each model, which it keeps by the name of the connection: it has to be
    written anew when a test on the one engine follows one on the other.
    """
    built = ""

    def build_for_engine(apps: Any) -> None:
        nonlocal built
        dialect = apps._connections.get("default").capabilities.dialect
        if dialect != built:
            EXECUTOR_CACHE.clear()
            build(apps)
            built = dialect

    return build_for_engine


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
    left = await connection.fetch("SELECT 1 FROM pg_views WHERE schemaname = 'public'")
    assert not left, "a test changed the tables of the database that all tests use"
    sequences = await connection.fetch("SELECT sequencename FROM pg_sequences WHERE schemaname = 'public'")
    # Rows one by one, in any order: for a few of them far quicker than TRUNCATE.
    deletions = [f'DELETE FROM "{table["tablename"]}"' for table in tables]
    restarts = [f"SELECT setval('{found['sequencename']}', 1, false)" for found in sequences]
    await connection.execute("; ".join(["SET session_replication_role = replica", *deletions, *restarts]))
    await connection.close()
