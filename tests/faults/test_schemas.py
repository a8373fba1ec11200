"""A migration is killed at any moment, from each older schema on: the old is whole or the new is."""

import asyncio
import subprocess
import sys
from pathlib import Path

import pytest

from journal import schema
from tests.migrating import made_by, throwaway
from tests.postgres import Postgres
from tests.servers import ROOT, environment
from tests.test_migrations import contents, copy, database_url, execute, filling, indexed, kept, names

pytestmark = pytest.mark.slow_on_postgres

__all__ = ["database_url"]  # a database in which nothing is
KILLS = 60
OLDER = schema.known()[:-1]


@pytest.mark.slow
@pytest.mark.parametrize("older", OLDER)
async def test_a_journal_of_any_age_outlives_a_migration_that_is_killed(
    database_url: str, empty: str, postgres: Postgres | None, tmp_path: Path, older: str
) -> None:
    await made_by(database_url, schema.known()[0])
    await execute(database_url, *filling(database_url))
    await made_by(database_url, older)
    before, kills = await contents(database_url), -(-KILLS // len(OLDER))
    urls = [copy(database_url, n, postgres) for n in range(kills + 1)]
    command = [
        sys.executable,
        "-m",
        "tests.migrating",
        "killed",
        str(tmp_path),
        str(throwaway(tmp_path / "m")),
    ]
    done = await asyncio.to_thread(
        subprocess.run, [*command, *urls], cwd=ROOT, env=environment(), capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    print(f"\n{older}: {done.stdout.strip()} of {kills} died")
    for url in urls:
        assert (await names(url))[-1] in (older, "9999_throwaway")
        assert kept(before, await contents(url))
    for url in urls:
        if (await names(url))[-1] == older:
            await schema.migrate(url, tmp_path)
        assert kept(before, await contents(url))
    assert {frozenset(await indexed(url)) for url in urls} == {frozenset(await indexed(empty))}
    assert int(done.stdout)  # how many, depends on what else the machine does
