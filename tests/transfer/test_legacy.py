"""Source databases are read without a trace, and unreadable ones are refused with one sentence."""

import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from journal.transfer.legacy import private_copy, source_database, survey, values
from journal.transfer.legacy.known_schemas import Hints, UnreadableSource
from journal.transfer.legacy.schema_detection import detect
from tests.postgres import free_port, program
from tests.transfer.old_apps import OldApp, fingerprints, unchanged, usual_app

pytestmark = pytest.mark.slow


async def everything(place: str) -> list[Any]:
    """All rows of people and entries, as the reader of the source returns them."""
    async with source_database.opened(place) as legacy:
        understood = detect(await legacy.tables(), Hints())
        return [
            row
            for found in (understood.people, understood.entries)
            async for batch in legacy.batches(found, 2)
            for row in batch
        ]


async def refusal(place: str | Path) -> str:
    with pytest.raises(UnreadableSource) as refused:
        await everything(str(place))
    return str(refused.value)


async def test_what_is_no_database_is_one_clear_sentence(tmp_path: Path) -> None:
    (tmp_path / "empty.db").touch()
    (tmp_path / "text.db").write_text("Dear diary, " * 100)
    (tmp_path / "folder.db").mkdir()
    assert await refusal(tmp_path / "missing.db") == f"{tmp_path}/missing.db does not exist."
    assert await refusal(tmp_path / "empty.db") == f"{tmp_path}/empty.db is empty; there is nothing to adopt."
    assert await refusal(tmp_path / "text.db") == f"{tmp_path}/text.db is not a SQLite database."
    assert await refusal(tmp_path / "folder.db") == f"{tmp_path}/folder.db is not a file."
    assert (
        await refusal("oracle://host/db")
        == "oracle:// can't be read; the old database should be SQLite, PostgreSQL, MySQL or MariaDB."
    )
    assert sorted(path.name for path in tmp_path.iterdir()) == ["empty.db", "folder.db", "text.db"]


async def test_a_table_of_an_extension_that_is_not_here_is_passed_over(tmp_path: Path) -> None:
    """Such as a search index with a tokenizer for Japanese."""
    old = await usual_app(tmp_path / "old.db")
    await old.person(1, "ann")
    await old.entry(1)
    with closing(sqlite3.connect(old.place, isolation_level=None)) as db:
        db.execute("PRAGMA writable_schema = on")
        for name, module in (("places", "spatial"), ("texts", "fts5(content, tokenize=mecab)")):
            row = (name, name, f"CREATE VIRTUAL TABLE {name} USING {module}")
            db.execute("INSERT INTO sqlite_master VALUES ('table', ?, ?, 0, ?)", row)
    assert len(await everything(old.place)) == 2


async def test_a_damaged_database_is_refused_before_anything_is_taken_from_it(tmp_path: Path) -> None:
    old = await usual_app(tmp_path / "old.db")
    await old.person(1, "ann")
    for number in range(200):
        await old.entry(number, content="x" * 1000)
    whole = (tmp_path / "old.db").read_bytes()
    (tmp_path / "old.db").write_bytes(
        whole[: len(whole) // 2] + b"\xff" * 20_000 + whole[len(whole) // 2 + 20_000 :]
    )
    assert "is damaged" in await refusal(old.place)
    (tmp_path / "cut.db").write_bytes(whole[: len(whole) // 2])
    assert str(tmp_path / "cut.db") in await refusal(tmp_path / "cut.db")


async def test_sqlite_addresses_are_read_as_we_and_as_flask_write_them(
    tmp_path: Path, monkeypatch: Any
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "instance").mkdir()
    for path in ("old.db", "instance/site.db", "a b?c#d%20.db"):
        old = await usual_app(tmp_path / path)
        await old.person(1, "ann")
    for place in (
        *("old.db", "sqlite://old.db", "sqlite:///old.db", "sqlite+pysqlite:///old.db?timeout=5"),
        *(
            f"sqlite://{tmp_path}/old.db",
            f"sqlite:///{tmp_path}/old.db",
            "sqlite:///site.db",
            "a b?c#d%20.db",
        ),
    ):
        assert [row["name"] for row in await everything(place)] == ["ann"], place


async def test_people_come_by_id_and_entries_by_owner_and_time(old: OldApp) -> None:
    for number in (10, 9, 2):
        await old.person(number, f"p{number}")
    await old.entry(1, 10, created_at="2020-01-01 00:00:00")
    await old.entry(2, 2, created_at="2021-01-01 00:00:00")
    await old.entry(3, 2, created_at="2020-01-01 00:00:00")
    await old.entry(4, 2, created_at="2020-01-01 00:00:00")
    assert [row["id"] for row in await everything(old.place)] == [2, 9, 10, 3, 4, 2, 1]


async def test_tags_of_a_third_table_come_with_their_entry(place: str) -> None:
    old = OldApp(place)
    await old.run(
        "CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT, pw_hash TEXT)",
        "CREATE TABLE posts (id INTEGER PRIMARY KEY, author_id INTEGER REFERENCES users (id), body TEXT)",
        "CREATE TABLE tag (id INTEGER PRIMARY KEY, name TEXT)",
        "CREATE TABLE post_tag (post INTEGER REFERENCES posts (id), tag INTEGER REFERENCES tag (id))",
        "INSERT INTO users VALUES (1, 'ann', NULL)",
        "INSERT INTO posts VALUES (1, 1, 'one'), (2, 1, 'two')",
        "INSERT INTO tag VALUES (1, 'sea, salt'), (2, 'wind')",
        "INSERT INTO post_tag VALUES (1, 1), (1, 2)",
    )
    one, two = (await everything(place))[1:]
    assert sorted(values.texts(one["tags.1"])) == ["sea, salt", "wind"]
    assert [tag for tag in values.texts(two["tags.1"]) if tag] == []


# SQLite is read without a trace


@pytest.fixture
async def file(tmp_path: Path) -> Path:
    (tmp_path / "home").mkdir()
    old = await usual_app(tmp_path / "home" / "old.db")
    await old.person(1, "ann")
    return tmp_path / "home" / "old.db"


WRITER = """
import os, sqlite3, sys, time
db = sqlite3.connect(sys.argv[1], isolation_level=None)
for statement in sys.argv[2:]:
    db.execute(statement)
print("ready", flush=True)
time.sleep(60)
"""
ENTRY = "INSERT INTO journal_entry (id, user_id, content) VALUES (1, 1, 'late')"


@contextmanager
def writing(path: Path, *statements: str) -> Iterator[subprocess.Popen[str]]:
    """Runs another program that executes these statements and keeps the database open."""
    command = [sys.executable, "-c", WRITER, str(path), *statements]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout
            assert process.stdout.readline() == "ready\n"
            yield process
        finally:
            process.kill()


async def test_a_database_at_rest_is_read_without_a_trace(file: Path) -> None:
    async with unchanged(file.parent):
        assert [row["name"] for row in await everything(str(file))] == ["ann"]


async def test_a_database_in_wal_mode_at_rest_is_read_without_a_trace(file: Path) -> None:
    with sqlite3.connect(file) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
    connection.close()
    async with unchanged(file.parent):
        assert [row["name"] for row in await everything(str(file))] == ["ann"]


async def test_what_stands_in_the_wal_of_a_running_app_is_read(file: Path) -> None:
    with writing(file, "PRAGMA journal_mode = WAL", ENTRY):
        before = file.read_bytes()
        names = sorted(path.name for path in file.parent.iterdir())
        assert names == ["old.db", "old.db-shm", "old.db-wal"]
        wal = (file.parent / "old.db-wal").read_bytes()
        assert [row.get("body") for row in await everything(str(file))] == [None, "late"]
        assert (file.read_bytes(), (file.parent / "old.db-wal").read_bytes()) == (before, wal)
        assert sorted(path.name for path in file.parent.iterdir()) == names


@pytest.mark.parametrize("ends", [("", "-wal"), ("", "-wal", "-shm")])
async def test_a_wal_left_by_a_crash_is_read_without_a_trace(
    file: Path, tmp_path: Path, ends: tuple[str, ...]
) -> None:
    copies = tmp_path / "copies"
    copies.mkdir()
    with writing(file, "PRAGMA journal_mode = WAL", ENTRY):
        for end in ends:
            shutil.copy(f"{file}{end}", copies)
    before = without_index(copies)
    assert [row.get("body") for row in await everything(str(copies / "old.db"))] == [None, "late"]
    assert without_index(copies) == before


def without_index(folder: Path) -> dict[str, str]:
    """SQLite recreates the index of its WAL, which holds no data, after a crash."""
    return {name: digest for name, digest in fingerprints(folder).items() if not name.endswith("-shm")}


async def test_a_half_written_change_left_by_a_crash_is_not_read(file: Path, tmp_path: Path) -> None:
    with sqlite3.connect(file) as connection:
        rows = ((n, 1, f"first {n} {'x' * 500}") for n in range(500))
        connection.executemany("INSERT INTO journal_entry (id, user_id, content) VALUES (?, ?, ?)", rows)
    connection.close()
    crashed = tmp_path / "crashed"
    change = "UPDATE journal_entry SET content = replace(content, 'first', 'second')"
    with writing(file, "PRAGMA cache_size = 2", "BEGIN", change):
        assert b"second" in file.read_bytes()
        shutil.copytree(file.parent, crashed)
    async with unchanged(crashed):
        found = await everything(str(crashed / "old.db"))
    assert [row["body"][:5] for row in found[1:]] == ["first"] * 500


async def test_a_database_that_is_being_changed_is_read_as_it_was_before(file: Path) -> None:
    with writing(file, "BEGIN", ENTRY):
        assert [row["name"] for row in await everything(str(file))] == ["ann"]


async def test_a_locked_database_is_one_clear_sentence(file: Path, monkeypatch: Any) -> None:
    monkeypatch.setattr(private_copy, "PATIENCE", 0.2)
    with writing(file, "BEGIN EXCLUSIVE"):
        assert await refusal(file) == f"{file} is locked by another program: stop the old app and try again."


async def test_no_room_for_the_copy_is_one_clear_sentence(file: Path, monkeypatch: Any) -> None:
    def full(*_: Any) -> None:
        raise sqlite3.OperationalError("database or disk is full")

    monkeypatch.setattr(private_copy, "copy", full)
    assert "no room for its private copy" in await refusal(file)


async def test_a_file_that_changes_while_it_is_copied_is_refused(file: Path, monkeypatch: Any) -> None:
    with sqlite3.connect(file) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
    connection.close()
    copyfile = shutil.copyfile

    def changing(source: Any, target: Any) -> None:
        copyfile(source, target)
        with file.open("ab") as handle:
            handle.write(b"\0" * 4096)

    monkeypatch.setattr(shutil, "copyfile", changing)
    assert await refusal(file) == f"{file} is being written all the time: stop the old app first."


# PostgreSQL


async def test_a_postgres_that_does_not_answer_is_one_clear_sentence() -> None:
    said = await refusal(f"postgres://ann:secret@127.0.0.1:{free_port()}/old")
    assert "can't be read" in said
    assert "secret" not in said


@pytest.mark.engine("postgres")
async def test_a_missing_postgres_database_is_one_clear_sentence(postgres_place: str) -> None:
    said = await refusal(f"{postgres_place}_missing")
    name = postgres_place.rpartition("/")[2]
    label = postgres_place.replace("journal@", "")
    assert said == f'{label}_missing can\'t be read (database "{name}_missing" does not exist).'


@pytest.mark.engine("postgres")
async def test_postgres_can_only_be_read_through_the_reader(postgres_place: str) -> None:
    await usual_app(postgres_place)
    async with source_database.opened(postgres_place) as legacy:
        with pytest.raises(asyncpg.ReadOnlySQLTransactionError):
            await legacy.connection.execute("DELETE FROM journal_entry")  # type: ignore[attr-defined]


@pytest.mark.engine("postgres")
async def test_a_user_who_may_not_read_is_one_clear_sentence(postgres_place: str) -> None:
    old = await usual_app(postgres_place)
    await old.run("DROP ROLE IF EXISTS nobody", "CREATE ROLE nobody LOGIN")
    assert "does not let this user read it" in await refusal(postgres_place.replace("journal@", "nobody@"))


@pytest.mark.engine("postgres")
async def test_tables_that_this_user_may_not_read_are_passed_over(postgres_place: str) -> None:
    old = await usual_app(postgres_place)
    await old.person(1, "ann")
    await old.run(
        "CREATE TABLE secret (id INTEGER)",
        "DROP ROLE IF EXISTS clerk",
        "CREATE ROLE clerk LOGIN",
        'GRANT SELECT ON "user", journal_entry TO clerk',
    )
    async with source_database.opened(postgres_place.replace("journal@", "clerk@")) as legacy:
        tables = await survey.surveyed(legacy, await legacy.tables())
    assert {table.name: table.rows for table in tables} == {"journal_entry": 0, "secret": None, "user": 1}
    await old.run("DROP OWNED BY clerk", "DROP ROLE clerk")


@pytest.mark.engine("postgres")
async def test_the_types_of_postgres_are_read_as_what_they_mean(postgres_place: str) -> None:
    ann, sea = "00000000-0000-4000-8000-00000000000a", "00000000-0000-4000-8000-00000000000b"
    await OldApp(postgres_place).run(
        "CREATE TYPE feeling AS ENUM ('good', 'bad')",
        "CREATE TABLE users (id UUID PRIMARY KEY, name TEXT, password BYTEA)",
        """CREATE TABLE posts (id UUID PRIMARY KEY, body JSONB, mood feeling, tags TEXT[], date DATE,
           time TIME, deleted BOOLEAN)""",
        "CREATE TABLE user_posts (user_id UUID REFERENCES users (id), post_id UUID REFERENCES posts (id))",
        f"INSERT INTO users VALUES ('{ann}', 'ann', NULL)",
        f"""INSERT INTO posts VALUES ('{sea}', '"It was blue."', 'good', '{{salt,wind}}', '2024-08-24',
            '21:30', false)""",
        f"INSERT INTO user_posts VALUES ('{ann}', '{sea}')",
    )
    async with source_database.opened(postgres_place) as legacy:
        tables = await survey.surveyed(legacy, await legacy.tables())
    assert {table.name: table.rows for table in tables} == {"posts": 1, "user_posts": 1, "users": 1}
    _, row = await everything(postgres_place)
    assert (str(row["owner"]), row["owners"], row["mood"], row["tags"]) == (ann, 1, "good", ["salt", "wind"])
    assert (row["created"], row["time"], row["deleted"]) == ("2024-08-24", "21:30:00", False)


@pytest.mark.engine("postgres")
@pytest.mark.parametrize(
    ("options", "way"), [(["-Fc"], "pg_restore --no-owner --dbname old"), ([], "psql --dbname old --file")]
)
async def test_a_dump_of_postgres_is_named_with_what_to_do(
    postgres_place: str, tmp_path: Path, options: list[str], way: str
) -> None:
    await usual_app(postgres_place)
    dump = tmp_path / "old.dump"
    command = [program("pg_dump"), *options, "--file", str(dump), "--dbname", postgres_place]
    subprocess.run(command, check=True)
    assert way in await refusal(dump)


@pytest.mark.engine("postgres")
async def test_tables_in_a_schema_of_their_own_are_found(postgres_place: str) -> None:
    await OldApp(postgres_place).run(
        "CREATE SCHEMA diary",
        'CREATE TABLE diary."User" (id INTEGER PRIMARY KEY, "userName" TEXT, password TEXT)',
        "CREATE TABLE diary.posts (id INTEGER PRIMARY KEY, writer INTEGER, body TEXT)",
        'ALTER TABLE diary.posts ADD FOREIGN KEY (writer) REFERENCES diary."User" (id)',
        "INSERT INTO diary.\"User\" VALUES (1, 'ann', NULL)",
        "INSERT INTO diary.posts VALUES (1, 1, 'one')",
    )
    async with source_database.opened(
        postgres_place.replace("postgres://", "postgresql+psycopg2://")
    ) as legacy:
        tables = await legacy.tables()
        assert [table.label for table in tables] == ["diary.User", "diary.posts"]
        assert detect(tables, Hints(people="diary.user")).entries.columns["owner"] == "writer"
    assert [row.get("body") for row in await everything(postgres_place)] == [None, "one"]


@pytest.mark.engine("postgres")
async def test_dates_that_the_driver_refuses_do_not_lose_their_batch(postgres_place: str) -> None:
    old = await usual_app(postgres_place)
    await old.person(1, "ann")
    for number, time in enumerate(("0044-03-15 12:00:00 BC", "infinity", "2016-09-02 21:00:00.5")):
        await old.entry(number, created_at=time)
    assert [row.get("created") for row in await everything(postgres_place)][1:] == [
        *("0044-03-15 12:00:00 BC", "2016-09-02 21:00:00.5", "infinity")
    ]
