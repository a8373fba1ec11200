"""A backup or a restore that is killed at any moment leaves no half file under a final name, and can be made
again."""

import random
from pathlib import Path

import pytest

from journal import clock, database
from journal.backups import catalog, postgres_snapshot, verify
from journal.backups.create import Source, create
from tests.backups.conftest import Place
from tests.backups.journals import attach, held
from tests.backups.killing import Children
from tests.conftest import Person
from tests.figures import Counted

pytestmark = pytest.mark.slow

Kills = pytest.mark.parametrize("kills", [3, pytest.param(20, marks=pytest.mark.soak)])


@pytest.fixture
async def filled(ann: Person, source: Source) -> Source:
    """A journal whose backup takes a moment."""
    for _ in range(4):
        await ann.writes(random.randbytes(150_000).hex())
    attach(source.data_dir, *(random.randbytes(1_000_000) for _ in range(6)))
    return source


@pytest.mark.soak_on_postgres
@Kills
async def test_a_backup_that_is_killed_leaves_only_whole_ones_under_their_names(
    filled: Source, tmp_path: Path, kills: int, counted: Counted
) -> None:
    folder, died = catalog.folder(filled.data_dir), 0
    with Children() as children:
        whole = await children.finish("backup", filled, folder / "journal-whole.zip")
        for number in range(kills):
            file, seconds = folder / f"journal-{number}.zip", moment(number, kills, whole)
            died += await children.kill("backup", filled, file, seconds)
            if file.exists():
                await verify.verify(file, tmp_path, filled.url)
        await children.finish("backup", filled, folder / "journal-last.zip")
    assert [path.name for path in folder.iterdir() if path.suffix == ".part" or path.name == "work"] == []
    assert not await _left_behind(filled)
    counted(f"{kills} kill -9 of a backup", f"{died} in the middle: whole under its name, or no name")


def moment(number: int, kills: int, whole: float) -> float:
    """A random second of a share of the time that it takes; the shares make up the whole."""
    return (number + random.random()) / kills * whole


async def _left_behind(source: Source) -> list[str]:
    """Temporary databases."""
    if source.is_sqlite:
        return []
    found = await database.rows("SELECT datname FROM pg_database WHERE datname LIKE 'journal_verify%'")
    return [row["datname"] for row in found]


@Kills
async def test_a_restore_that_is_killed_leaves_nothing_or_all_and_can_be_made_again(
    filled: Source, place: Place, tmp_path: Path, kills: int, counted: Counted
) -> None:
    made = await create(filled, clock.now(), tmp_path / "backup.zip")
    expected, died = await held(filled), 0
    with Children() as children:
        whole = await children.finish("restore", place("whole"), made.file)
        for number in range(kills):
            restored, seconds = place(f"restored-{number}"), moment(number, kills, whole)
            died += await children.kill("restore", restored, made.file, seconds)
            if not await _is_there(restored):
                await children.finish("restore", restored, made.file)
            assert await held(restored) == expected
    counted(f"{kills} kill -9 of a restore", f"{died} in the middle: nothing or all, and all the next time")


async def _is_there(source: Source) -> bool:
    if source.is_sqlite:
        return database.sqlite_file(source.url).exists()
    return bool(await postgres_snapshot.tables(source.url))
