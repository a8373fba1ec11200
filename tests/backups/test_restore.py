"""A backup restores to the same journal, in an empty place and nowhere else."""

import asyncio
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import asyncpg
import pytest

from journal import clock, database, schema
from journal.attachments import store
from journal.backups import verify
from journal.backups.create import Source, create
from journal.backups.manifest import BackupError
from journal.backups.restore import restore
from tests.backups.conftest import Place
from tests.backups.journals import attach, attachments, held, rewritten
from tests.conftest import PASSWORD, Person
from tests.migrating import made_by
from tests.servers import browser_at, serving

OTHER_DISK = "/dev/shm" if Path("/dev/shm").is_dir() else None  # a file system in memory, on Linux


async def test_a_restored_backup_has_every_row_and_attachment(
    ann: Person, source: Source, place: Place, tmp_path: Path
) -> None:
    for number in range(3):
        await ann.writes(f"Entry {number} #walk\n\nÉté, 日本語", day=f"2024-05-0{number + 1}", mood="good")
    attach(source.data_dir, b"a photo", b"x" * 3_000_000)
    (source.data_dir / "attachments" / "half.part").write_bytes(b"being stored")
    made = await create(source, clock.now(), tmp_path / "backup.zip")
    (source.data_dir / "attachments" / "half.part").unlink()
    assert (made.verified.note, made.file.stat().st_mode & 0o777) == ("", 0o600)
    restored = place("restored")
    assert (await restore(restored, made.file)).entries == 3
    assert await held(restored) == await held(source)
    files = [path for path in restored.data_dir.rglob("*") if "backups" not in path.parts]
    assert [path for path in files if path.stat().st_mode & 0o077] == []
    assert {path.name for path in restored.data_dir.iterdir()} <= {
        *("attachments", "backups", "journal.sqlite3", "journal.sqlite3.lock"),
    }


@pytest.mark.slow
@pytest.mark.engine("sqlite")
async def test_people_sign_in_to_a_restored_journal(
    ann: Person, source: Source, place: Place, tmp_path: Path
) -> None:
    await ann.writes("Before the backup.")
    await restore(place("restored"), (await create(source, clock.now(), tmp_path / "backup.zip")).file)
    with serving(tmp_path / "restored") as server, browser_at(server) as browser:
        answer = browser.post("/login", data={"username": "Ann", "password": PASSWORD})
        assert answer.status_code == 303
        assert "Before the backup." in browser.get("/").text


async def test_a_backup_of_an_older_version_is_migrated_after_its_restore(
    place: Place, tmp_path: Path
) -> None:
    older, restored = place("older"), place("restored")
    await made_by(older.url, schema.known()[3])
    made = await create(older, clock.now(), tmp_path / "backup.zip")
    await restore(restored, made.file)
    assert (await schema.migrate(restored.url, restored.data_dir)).applied == schema.known()[4:]


# What a restore refuses


IN_THE_WAY = ["journal.sqlite3", "journal.sqlite3-wal", "attachments/00/cdef", "attachments/99/cdef"]


@pytest.mark.engine("sqlite")
@pytest.mark.parametrize("name", IN_THE_WAY)
async def test_a_restore_overwrites_nothing(
    ann: Person, source: Source, place: Place, tmp_path: Path, name: str
) -> None:
    attach(source.data_dir, b"a photo")
    made = await create(source, clock.now(), tmp_path / "backup.zip")
    restored = place("restored")
    present = restored.data_dir / name
    present.parent.mkdir(parents=True)
    present.write_bytes(b"something")
    with pytest.raises(BackupError, match="Nothing was restored") as refused:
        await restore(restored, made.file)
    assert str(present) in str(refused.value)
    assert present.read_bytes() == b"something"
    left = [path for path in restored.data_dir.rglob("*") if path.is_file() and path.stat().st_size]
    assert left == [present]


@pytest.mark.engine("postgres")
async def test_a_restore_into_a_database_with_tables_is_refused(
    ann: Person, source: Source, tmp_path: Path
) -> None:
    made = await create(source, clock.now(), tmp_path / "backup.zip")
    with pytest.raises(BackupError, match=r"Nothing was restored, because there is the table \w+ in "):
        await restore(source, made.file)


async def test_a_restore_under_a_running_site_is_refused(ann: Person, source: Source, tmp_path: Path) -> None:
    await ann.writes("Before the backup.")
    made = await create(source, clock.now(), tmp_path / "backup.zip")
    path = await ann.writes("After the backup.")
    with pytest.raises(BackupError, match="Nothing was restored"):
        await restore(source, made.file)
    assert "After the backup." in await (await ann.get(path)).get_data(as_text=True)


async def test_attachments_of_the_same_backup_are_no_hindrance(
    ann: Person, source: Source, place: Place, tmp_path: Path
) -> None:
    """A restore that was killed may have left them."""
    attach(source.data_dir, b"a photo", b"a sound")
    made = await create(source, clock.now(), tmp_path / "backup.zip")
    restored = place("restored")
    attach(restored.data_dir, b"a photo")
    await restore(restored, made.file)
    assert attachments(restored.data_dir) == attachments(source.data_dir)


async def test_locks_and_halves_of_attachments_are_no_hindrance(
    ann: Person, source: Source, place: Place, tmp_path: Path
) -> None:
    attach(source.data_dir, b"a photo")
    made = await create(source, clock.now(), tmp_path / "backup.zip")
    restored = place("restored")
    folder = store.folder_in(restored.data_dir)
    folder.mkdir(parents=True)
    for name in (store.LOCK, f"{store.PART}x"):
        (folder / name).write_bytes(b"")
    await restore(restored, made.file)
    assert attachments(source.data_dir).items() <= attachments(restored.data_dir).items()


async def test_attachments_may_lie_on_a_disk_of_their_own(
    ann: Person, source: Source, place: Place, tmp_path: Path
) -> None:
    attach(source.data_dir, b"a photo", b"a sound")
    made = await create(source, clock.now(), tmp_path / "backup.zip")
    restored = place("restored")
    restored.data_dir.mkdir(parents=True)
    with TemporaryDirectory(dir=OTHER_DISK) as other:
        store.folder_in(restored.data_dir).symlink_to(other)
        await restore(restored, made.file)
        found = {str(path.relative_to(other)): path.read_bytes() for path in Path(other).rglob("*/*")}
    assert found == attachments(source.data_dir)


async def test_a_backup_of_a_newer_version_is_refused(
    ann: Person, source: Source, place: Place, tmp_path: Path
) -> None:
    made = await create(source, clock.now(), tmp_path / "backup.zip")
    later = rewritten(made.file, tmp_path / "later.zip", migrations=(*schema.known(), "9999_later"))
    restored = place("restored")
    with pytest.raises(schema.FutureSchema, match="9999_later"):
        await restore(restored, later)
    assert not database.sqlite_file(restored.url).exists()


@pytest.mark.engine("sqlite")
async def test_a_backup_of_another_engine_is_refused_with_a_sentence(
    ann: Person, source: Source, tmp_path: Path
) -> None:
    made = await create(source, clock.now(), tmp_path / "backup.zip")
    elsewhere = Source("postgres://me@127.0.0.1:1/none", tmp_path / "restored")
    with pytest.raises(BackupError, match="is of SQLite, and DATABASE_URL names PostgreSQL"):
        await restore(elsewhere, made.file)


# What a backup refuses


@pytest.mark.engine("sqlite")
async def test_a_backup_overwrites_no_file(ann: Person, source: Source, tmp_path: Path) -> None:
    (tmp_path / "backup.zip").write_bytes(b"the last one")
    with pytest.raises(BackupError, match="exists already"):
        await create(source, clock.now(), tmp_path / "backup.zip")
    assert (tmp_path / "backup.zip").read_bytes() == b"the last one"


@pytest.mark.engine("sqlite")
async def test_a_damaged_database_gets_no_backup(ann: Person, source: Source, tmp_path: Path) -> None:
    """Rows whose index lacks them are copied as they are, and found by the verification."""
    await database.connection().execute_query("PRAGMA foreign_keys = OFF")
    await database.connection().execute_query("DELETE FROM users")
    with pytest.raises(BackupError, match="rows refer to others"):
        await create(source, clock.now(), tmp_path / "backup.zip")
    assert not list(tmp_path.glob("backup.zip*"))


@pytest.mark.engine("postgres")
async def test_a_role_that_may_not_create_databases_gets_a_backup_that_was_read(
    ann: Person, source: Source, tmp_path: Path, postgres: object
) -> None:
    await database.connection().execute_script(
        "DROP ROLE IF EXISTS plain; CREATE ROLE plain LOGIN IN ROLE pg_read_all_data"
    )
    plain = replace(source, url=source.url.replace("journal@", "plain@"))
    made = await create(plain, clock.now(), tmp_path / "backup.zip")
    assert "may not create a temporary database" in made.verified.note
    whole = await verify.verify(made.file, tmp_path, source.url)
    assert whole.note == ""
    await database.connection().execute_script("DROP OWNED BY plain; DROP ROLE plain")


@pytest.mark.engine("postgres")
async def test_a_backup_during_a_migration_has_the_rows_of_tables_that_it_rewrites(
    ann: Person, source: Source, tmp_path: Path
) -> None:
    await ann.writes("A text.")
    migration = await asyncpg.connect(source.url)
    async with migration.transaction():
        await migration.execute("SELECT pg_advisory_xact_lock($1)", schema.LOCK)
        await migration.execute("ALTER TABLE revisions ALTER COLUMN kind TYPE text USING kind || ''")
        making = asyncio.create_task(create(source, clock.now(), tmp_path / "backup.zip"))
        await asyncio.sleep(1)
    await migration.close()
    assert (await making).verified.manifest.contents.rows["revisions"] == 1
