"""PostgreSQL is dumped before its migrations where pg_dump is there; elsewhere the start says so."""

import subprocess
from pathlib import Path

import pytest

from journal import schema
from journal.backups import before_migration, postgres_snapshot
from journal.backups.manifest import BackupError
from tests.backups.conftest import Place
from tests.migrating import made_by
from tests.postgres import program

pytestmark = [pytest.mark.engine("postgres"), pytest.mark.slow]


async def test_a_dump_is_made_before_a_database_is_migrated(place: Place, tmp_path: Path) -> None:
    older, restored = place("older"), place("restored")
    await made_by(older.url, schema.known()[-2])
    report = await schema.migrate(older.url, tmp_path, before_migration.dump)
    assert report.backup
    assert (report.applied, report.note) == ([schema.known()[-1]], "")
    assert report.backup.stat().st_mode & 0o777 == 0o600
    assert [path.name for path in (tmp_path / "backups").iterdir()] == [report.backup.name]
    command = [program("pg_restore"), "--exit-on-error", f"--dbname={restored.url}", str(report.backup)]
    subprocess.run(command, check=True)
    found = await postgres_snapshot.contents(restored.url)
    assert list(found.migrations) == schema.known()[:-1]


async def test_a_new_database_needs_no_dump(place: Place, tmp_path: Path) -> None:
    report = await schema.migrate(place("new").url, tmp_path, before_migration.dump)
    assert (report.backup, report.note, list(tmp_path.iterdir())) == (None, "", [])


async def test_without_pg_dump_it_migrates_and_says_so(
    place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    older = place("older")
    await made_by(older.url, schema.known()[-2])
    monkeypatch.setattr(postgres_snapshot, "_major", lambda _db: 99)
    report = await schema.migrate(older.url, tmp_path, before_migration.dump)
    assert (report.applied, report.backup) == ([schema.known()[-1]], None)
    assert report.note.startswith("No backup was made before the migration. PostgreSQL 99 needs pg_dump")


async def test_a_dump_that_fails_stops_the_migration(place: Place, tmp_path: Path) -> None:
    older = place("older")
    await made_by(older.url, schema.known()[-2])
    (tmp_path / "backups").mkdir()
    (tmp_path / "backups" / "full").symlink_to("/dev/full")

    async def dump(url: str, _target: Path) -> str:
        await postgres_snapshot.dump_to_file(url, tmp_path / "backups" / "full")
        return ""

    with pytest.raises(BackupError, match="pg_dump failed"):
        await schema.migrate(older.url, tmp_path, dump)
    assert list((await postgres_snapshot.contents(older.url)).migrations) == schema.known()[:-1]
