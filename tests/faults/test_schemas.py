"""A migration is killed at any moment, from each older schema on: the old is whole or the new is."""

import asyncio
import subprocess
import sys
from pathlib import Path

import pytest

from journal import schema
from tests.figures import Counted
from tests.migrating import made_by, throwaway
from tests.postgres import Postgres
from tests.servers import ROOT, environment
from tests.test_migrations import contents, copy, database_url, execute, filling, indexed, kept, names

pytestmark = pytest.mark.slow_on_postgres

__all__ = ["database_url"]  # a database in which nothing is
KILLS = 7
OLDER = schema.known()[:-1]


async def outlives_kills(
    url: str, empty: str, postgres: Postgres | None, folder: Path, older: str, kills: int
) -> int:
    """Kills that many migrators of databases of that version; how many of them were at work."""
    await made_by(url, schema.known()[0])
    await execute(url, *filling(url))
    await made_by(url, older)
    before = await contents(url)
    urls = [copy(url, n, postgres) for n in range(kills + 1)]
    command = [sys.executable, "-m", "tests.migrating", "killed", str(folder), str(throwaway(folder / "m"))]
    done = await asyncio.to_thread(
        subprocess.run, [*command, *urls], cwd=ROOT, env=environment(), capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    for url in urls:
        assert (await names(url))[-1] in (older, "9999_throwaway")
        assert kept(before, await contents(url))
    for url in urls:
        if (await names(url))[-1] == older:
            await schema.migrate(url, folder)
        assert kept(before, await contents(url))
    assert {frozenset(await indexed(url)) for url in urls} == {frozenset(await indexed(empty))}
    return int(done.stdout)


@pytest.mark.slow
@pytest.mark.parametrize("older", OLDER)
@pytest.mark.parametrize("kills", [2, pytest.param(KILLS, marks=pytest.mark.soak)])
async def test_a_journal_of_any_age_outlives_a_migration_that_is_killed(
    database_url: str,
    empty: str,
    postgres: Postgres | None,
    tmp_path: Path,
    older: str,
    kills: int,
    counted: Counted,
) -> None:
    died = await outlives_kills(database_url, empty, postgres, tmp_path, older, kills)
    assert died or kills < KILLS  # how many, depends on what else the machine does
    what = f"{kills} migrations from {older} on, killed"
    counted(what, f"{died} died in the middle: old whole or new whole")
