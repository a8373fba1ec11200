"""Migrations keep every row and every index, also if they are killed or run concurrently."""

import asyncio
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from hashlib import sha256
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from tortoise.context import TortoiseContext

from journal import database, schema, schema_snapshot
from journal.entries import day_counts, hour_counts
from journal.schema import Damaged, FutureSchema, NotOurs
from tests.describing import described
from tests.figures import Counted
from tests.migrating import made_by, made_by_the_first, only, throwaway
from tests.postgres import Postgres
from tests.servers import ROOT, environment

pytestmark = pytest.mark.slow

ALTER = 'ops.AlterField(model_name="User", name="zone", field=fields.CharField(max_length=64, null=True))'
ADD = 'ops.AddField(model_name="Entry", name="place", field=fields.CharField(max_length=80, null=True))'
REMOVE = 'ops.RemoveField(model_name="Entry", name="place")'
WHEN = "2024-05-31 10:00:00+00:00"


@pytest.fixture
def database_url(postgres: Postgres | None, tmp_path: Path) -> Iterator[str]:
    """An empty database, in place of a migrated one."""
    if postgres is None:
        yield f"sqlite://{tmp_path / 'data' / 'fresh.sqlite3'}"
    else:
        name = f"fresh_{uuid4().hex}"
        yield postgres.create(name)
        postgres.drop(name)


async def execute(url: str, *statements: str) -> None:
    async with database.connected(url):
        for statement in statements:
            await database.connection().execute_query(statement)


async def contents(url: str) -> dict[str, list[dict[str, Any]]]:
    """Every row of every table."""
    async with database.connected(url):
        db = database.connection()
        found = {}
        for table in sorted(set(await schema_snapshot.tables(db)) - {"tortoise_migrations"}):
            _, rows = await db.execute_query(f'SELECT * FROM "{table}" ORDER BY id')
            found[table] = [dict(row) for row in rows]
        return found


async def names(url: str) -> list[str]:
    async with database.connected(url):
        return await schema.applied(database.connection())


def filling(url: str) -> list[str]:
    """Rows for all tables of the first migration, which never changes: 3 people with 60 entries."""
    people = {"session_stamp": "s", "zone": "UTC", "created_at": WHEN, "source": "old"}
    texts = {"day": "2024-05-31", "zone": "UTC", "mood": "good", "tags": '["a"]'}
    statements = []
    for n in (1, 2, 3):
        flag = int(n == 1) if database.is_sqlite(url) else n == 1
        user = {"id": n, "username": f"Ann {n}", "username_key": f"ann {n}", "source_id": f"{n}"}
        statements.append(insert("users", people | user | {"is_admin": flag, "is_active": flag}))
    for n in range(1, 61):
        uid, user_id = f"00000000-0000-4000-8000-{n:012}", n % 3 + 1
        entry = texts | {
            "id": n,
            "uid": uid,
            "user_id": user_id,
            "title": f"Title {n}",
            "body": f"Text {n} ✓",
        }
        entry |= {"html": "<p>…</p>", "words": 2, "version": 1, "written_at": WHEN, "updated_at": WHEN}
        revision = texts | {"id": n, "entry_id": n, "number": 1, "kind": "start", "version": 1}
        save = {"id": n, "user_id": user_id, "save_id": uid, "entry_uid": uid, "digest": "d", "version": 1}
        statements += [
            insert("entries", entry),
            insert("revisions", revision | {"title": "", "body": "Before.", "created_at": WHEN}),
            insert("saves", save | {"outcome": "saved", "created_at": WHEN}),
        ]
    return statements


def insert(table: str, row: dict[str, Any]) -> str:
    return f"INSERT INTO {table} ({', '.join(row)}) VALUES ({', '.join(map(repr, row.values()))})"


@pytest.fixture
async def full(database_url: str, tmp_path: Path) -> str:
    """A database of the first migration, filled with rows."""
    await made_by_the_first(database_url)
    await execute(database_url, *filling(database_url))
    return database_url


def kept(before: dict[str, list[dict[str, Any]]], after: dict[str, list[dict[str, Any]]]) -> bool:
    """Whether every row is still there, with the same values in the columns that remain."""
    return all(
        [
            {name: new[name] for name in old if name in new}
            for old, new in zip(rows, after[table], strict=True)
        ]
        == [{name: old[name] for name in old if name in after[table][0]} for old in rows]
        for table, rows in before.items()
        if table in after or table not in schema.DROPPED
    )


# Empty and current databases


async def test_migrating_makes_the_very_schema_that_the_models_have(database_url: str, empty: str) -> None:
    if database.is_sqlite(database_url):
        database.sqlite_file(database_url).parent.mkdir()
    async with TortoiseContext() as context:
        await context.init(database.config(database_url))
        await context.generate_schemas()
    assert await described(database_url) == await described(empty)


async def test_a_fresh_database_needs_no_backup_and_a_current_one_nothing_at_all(
    database_url: str, tmp_path: Path
) -> None:
    assert await schema.migrate(database_url, tmp_path) == schema.Report(schema.known(), None, is_new=True)
    assert await schema.migrate(database_url, tmp_path) == schema.Report([], None)
    assert not (tmp_path / "backups").exists()


@pytest.mark.engine("sqlite")
async def test_others_on_the_computer_can_not_read_the_journals(database_url: str, tmp_path: Path) -> None:
    await schema.migrate(database_url, tmp_path)
    assert database.sqlite_file(database_url).parent.stat().st_mode & 0o077 == 0


def test_migrations_follow_each_other_in_one_line() -> None:
    names = schema.known()
    assert [name[:4] for name in names] == [f"{n:04}" for n in range(1, len(names) + 1)]


# Filled databases


async def test_every_row_and_every_index_outlives_all_migrations(
    full: str, empty: str, tmp_path: Path
) -> None:
    before = await contents(full)
    assert {table: len(rows) for table, rows in before.items()} == {
        "users": 3,
        "entries": 60,
        "revisions": 60,
        "saves": 60,
    }
    await schema.migrate(full, tmp_path)
    assert kept(before, await contents(full))
    assert await described(full) == await described(empty)


async def test_entries_that_are_here_already_are_counted_by_day(full: str, tmp_path: Path) -> None:
    await execute(
        full,
        "UPDATE entries SET day = '1660-12-31', mood = 'awful' WHERE id IN (3, 6)",
        "UPDATE entries SET mood = '' WHERE id = 9",
        "UPDATE entries SET day = '0400-02-29' WHERE id = 12",
        f"UPDATE entries SET deleted_at = '{WHEN}' WHERE id IN (15, 60)",
    )
    await schema.migrate(full, tmp_path)
    async with database.connected(full):
        assert await day_counts.wrong() == []
        columns = ", ".join(("month_day", *day_counts.COLUMNS))
        counts = await database.rows(f"SELECT {columns} FROM day_counts WHERE user_id = 1 ORDER BY day")
        assert [tuple(row) for row in counts] == [
            (229, 1, 2, 1, 4),
            (1231, 2, 4, 2, 2),
            (531, 15, 30, 14, 56),
        ]
        days = await database.rows("SELECT day, month_day FROM entries")
        assert all(row["month_day"] == day_counts.month_day(row["day"]) for row in days)


@pytest.mark.parametrize("state", ["0001_first", "0011_years", "0014_rendering"])
async def test_the_sums_of_years_are_dropped_and_every_other_row_stays(
    full: str, empty: str, tmp_path: Path, state: str
) -> None:
    await made_by(full, state)
    before = await contents(full)
    assert ("year_counts" in before) is (state != "0001_first")
    assert before.pop("year_counts", [None])
    await schema.migrate(full, tmp_path)
    after = await contents(full)
    assert kept(before, after)
    assert "year_counts" not in after
    assert await described(full) == await described(empty)
    async with database.connected(full):
        assert (await day_counts.wrong(), await hour_counts.wrong()) == ([], {})


@pytest.mark.parametrize("operations", [[ALTER], [ADD, REMOVE], [ALTER, ADD, REMOVE]])
async def test_a_table_that_is_made_anew_keeps_its_rows_their_children_and_its_indexes(
    full: str, tmp_path: Path, operations: list[str]
) -> None:
    """SQLite alters a table by dropping it, and Tortoise forgets foreign keys and indexes."""
    await schema.migrate(full, tmp_path)
    before, indexes = await contents(full), await indexed(full)
    with only(throwaway(tmp_path / "more", *operations)):
        assert (await schema.migrate(full, tmp_path)).applied == ["9999_throwaway"]
    assert await contents(full) == before
    assert await indexed(full) == indexes


async def indexed(url: str) -> set[tuple[Any, ...]]:
    """Tables and columns that have an index, with its name unless it belongs to a constraint."""
    facts = {fact for fact in await described(url) if fact[0] == "index"}
    return {fact[:-1] if not str(fact[-1]).startswith("idx_") else fact for fact in facts}


# Backups


@pytest.mark.engine("sqlite")
async def test_a_backup_is_made_before_a_database_with_rows_is_migrated(full: str, tmp_path: Path) -> None:
    before = await contents(full)
    with only(throwaway(tmp_path / "more", ALTER)):
        report = await schema.migrate(full, tmp_path)
    assert report.backup
    assert report.backup.parent == tmp_path / "backups"
    assert report.backup.stat().st_mode & 0o777 == 0o600
    assert await names(f"sqlite://{report.backup}") == schema.known()[:1]
    assert await contents(f"sqlite://{report.backup}") == before


@pytest.mark.engine("sqlite")
async def test_without_a_backup_nothing_is_migrated(full: str, tmp_path: Path) -> None:
    (tmp_path / "backups").write_text("in the way")
    with only(throwaway(tmp_path / "more", ALTER)), pytest.raises(database.Unavailable, match="backups"):
        await schema.migrate(full, tmp_path)
    assert await names(full) == schema.known()[:1]


# Migrations that lose something


@pytest.mark.parametrize(
    ("operation", "sentence"),
    [
        ("ops.RunSQL('DELETE FROM revisions WHERE id = 7')", "lose rows of revisions; nothing was changed"),
        ("ops.RunSQL('DELETE FROM users WHERE id = 1')", "nothing was changed"),
    ],
)
async def test_a_migration_that_loses_rows_is_undone_as_a_whole(
    full: str, tmp_path: Path, operation: str, sentence: str
) -> None:
    await schema.migrate(full, tmp_path)
    before, described_before = await contents(full), await described(full)
    with only(throwaway(tmp_path / "more", ALTER, operation)), pytest.raises(Damaged, match=sentence):
        await schema.migrate(full, tmp_path)
    assert await names(full) == schema.known()
    assert await contents(full) == before
    assert await described(full) == described_before


async def test_a_migration_that_loses_a_column_is_undone(tmp_path: Path) -> None:
    url = f"sqlite://{tmp_path / 'journal.sqlite3'}"
    await schema.migrate(url, tmp_path)
    remove = 'ops.RemoveField(model_name="User", name="zone")'
    with only(throwaway(tmp_path / "more", remove)), pytest.raises(Damaged, match=r"leave out users\.zone"):
        await schema.migrate(url, tmp_path)
    assert any(fact[1:3] == ("users", "zone") for fact in await described(url))


async def test_a_migration_that_fails_half_way_is_undone(full: str, tmp_path: Path) -> None:
    before, described_before = await contents(full), await described(full)
    failing = "ops.RunSQL('INSERT INTO nowhere VALUES (1)')"
    with only(throwaway(tmp_path / "more", ALTER, failing)), pytest.raises(Exception, match="nowhere"):
        await schema.migrate(full, tmp_path)
    assert await contents(full) == before
    assert await described(full) == described_before


# Databases of other versions and programs


async def test_a_database_from_the_future_is_refused_and_stays_as_it_is(
    database_url: str, tmp_path: Path
) -> None:
    await schema.migrate(database_url, tmp_path)
    await from_the_future(database_url)
    before = fingerprint(database_url)
    with pytest.raises(FutureSchema, match="newer version of Journal \\(it has 9999_from_the_future\\)"):
        await schema.migrate(database_url, tmp_path)
    whole = database_url.replace("sqlite:///", "sqlite:////")
    done = journal("serve", "--bind", "127.0.0.1:0", folder=tmp_path, DATABASE_URL=whole)
    assert done.returncode != 0
    assert done.stdout == ""
    assert done.stderr.startswith("journal: The database was made by a newer version of Journal")
    assert len(done.stderr.splitlines()) == 1
    assert fingerprint(database_url) == before
    assert not (tmp_path / "backups").exists()


async def from_the_future(url: str) -> None:
    await execute(
        url,
        "INSERT INTO tortoise_migrations (app, name, applied_at) "
        f"VALUES ('journal', '9999_from_the_future', '{WHEN}')",
    )


def fingerprint(url: str) -> str:
    """The hash of a SQLite file, or "" on PostgreSQL."""
    return sha256(database.sqlite_file(url).read_bytes()).hexdigest() if database.is_sqlite(url) else ""


def journal(*arguments: str, folder: Path, **settings: str) -> "subprocess.CompletedProcess[str]":
    (folder / ".env").touch()
    given = {"FLASK_ENV": "development", "DATA_DIR": str(folder), **settings}
    command = [sys.executable, "-m", "journal", *arguments]
    return subprocess.run(command, env=environment(**given), cwd=folder, capture_output=True, text=True)


async def test_another_programs_database_is_refused_and_stays_as_it_is(
    database_url: str, tmp_path: Path
) -> None:
    file = database.sqlite_file(database_url)
    if database.is_sqlite(database_url):
        file.parent.mkdir()
    await execute(database_url, "CREATE TABLE posts (id integer)", "INSERT INTO posts VALUES (7)")
    before = fingerprint(database_url)
    with pytest.raises(NotOurs, match=r"another program's tables \(posts\)"):
        await schema.migrate(database_url, tmp_path)
    assert fingerprint(database_url) == before
    assert await contents(database_url) == {"posts": [{"id": 7}]}


# Concurrent migrations


def migrator(url: str, folder: Path, migrations: Path) -> "subprocess.Popen[str]":
    command = [sys.executable, "-m", "tests.migrating", "migrate", url, str(folder), str(migrations)]
    pipes: Any = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    return subprocess.Popen(command, cwd=ROOT, env=environment(), text=True, **pipes)


@pytest.mark.parametrize("is_full", [False, True])
async def test_six_migrators_at_once_do_the_work_of_one(
    full: str, postgres: Postgres | None, tmp_path: Path, is_full: bool
) -> None:
    url = full if is_full else (postgres.create(f"six_{uuid4().hex}") if postgres else f"{full}.six")
    migrations = throwaway(tmp_path / "more", ALTER)
    started = [migrator(url, tmp_path, migrations) for _ in range(6)]
    told = await asyncio.gather(*(asyncio.to_thread(process.communicate) for process in started))
    assert [process.returncode for process in started] == [0] * 6, told
    todo = [*schema.known()[1 if is_full else 0 :], "9999_throwaway"]
    assert sorted(output.strip() for output, _ in told) == [""] * 5 + [" ".join(todo)]
    assert await names(url) == [*schema.known(), "9999_throwaway"]
    if is_full:
        assert len((await contents(url))["entries"]) == 60


# Killed migrations


@pytest.mark.parametrize("times", [4, pytest.param(60, marks=pytest.mark.soak)])
async def test_a_migration_that_is_killed_leaves_the_old_whole_or_the_new_whole(
    full: str, empty: str, postgres: Postgres | None, tmp_path: Path, times: int, counted: Counted
) -> None:
    before, migrations = await contents(full), throwaway(tmp_path / "more", ALTER, ADD, REMOVE)
    urls = [copy(full, n, postgres) for n in range(times + 1)]
    command = [sys.executable, "-m", "tests.migrating", "killed", str(tmp_path), str(migrations), *urls]
    done = await asyncio.to_thread(
        subprocess.run, command, cwd=ROOT, env=environment(), capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) >= times // 3
    for url in urls:
        assert await names(url) in (schema.known()[:1], [*schema.known(), "9999_throwaway"])
        assert kept(before, await contents(url))
        with only(migrations):
            await schema.migrate(url, tmp_path)
        assert kept(before, await contents(url))
    assert {frozenset(await indexed(url)) for url in urls} == {frozenset(await indexed(empty))}
    outcome = f"{int(done.stdout)} died in the middle: old whole or new whole"
    counted(f"{times} migrations from the first schema on to one that rebuilds tables, killed", outcome)


def copy(url: str, n: int, postgres: Postgres | None) -> str:
    if postgres:
        return postgres.create(f"killed_{uuid4().hex}", template=url.rpartition("/")[2])
    with closing(sqlite3.connect(database.sqlite_file(url))) as original:
        original.execute("VACUUM INTO ?", [f"{database.sqlite_file(url)}.{n}"])
    return f"{url}.{n}"
