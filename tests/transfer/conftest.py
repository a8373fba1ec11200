"""Fixtures of import tests: source databases on each engine, and the site that imports them."""

import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.postgres import Postgres
from tests.transfer.old_apps import OldApp, usual_app
from tests.transfer.sites import Site

SOURCES = ["sqlite", pytest.param("postgres", marks=pytest.mark.engine("postgres"))]


@pytest.fixture(params=SOURCES)
def place(request: Any, database_url: str, postgres: Postgres | None, tmp_path: Path) -> Iterator[str]:
    """The path or URL of a new source database, on either engine."""
    if request.param == "postgres":
        assert postgres
        name = f"old_{uuid.uuid4().hex}"
        yield postgres.create(name)
        postgres.drop(name)
    else:
        (tmp_path / "old").mkdir()
        yield str(tmp_path / "old" / "old.db")


@pytest.fixture
def postgres_place(database_url: str, postgres: Postgres | None) -> Iterator[str]:
    """The URL of a new source database on PostgreSQL. Tests that use it run on this engine only."""
    assert postgres
    name = f"old_{uuid.uuid4().hex}"
    yield postgres.create(name)
    postgres.drop(name)


@pytest.fixture
async def old(place: str) -> OldApp:
    return await usual_app(place)


@pytest.fixture
def site(database_url: str, tmp_path: Path) -> Site:
    return Site(database_url, tmp_path / "data")
