"""A journal to back up, and an empty place on the same engine to restore it into."""

from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from journal.backups.create import Source
from journal.settings import Settings
from tests.postgres import Postgres

Place = Callable[[str], Source]


@pytest.fixture
def source(settings: Settings) -> Source:
    return Source(settings.database_url, settings.data_dir)


@pytest.fixture
def place(tmp_path: Path, postgres: Postgres | None) -> Iterator[Place]:
    """Makes empty places by their names."""
    made = []

    def make(name: str) -> Source:
        data = tmp_path / name / "data"
        if postgres is None:
            return Source(f"sqlite://{data / 'journal.sqlite3'}", data)
        made.append(f"restored_{uuid4().hex}")
        return Source(postgres.create(made[-1]), data)

    yield make
    for database in made:
        assert postgres
        postgres.drop(database)
