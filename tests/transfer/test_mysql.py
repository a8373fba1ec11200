"""Databases of MySQL and MariaDB are read in one snapshot, and never written."""

import uuid
from collections.abc import Iterator
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import peewee
import pymysql
import pytest
import sqlalchemy
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

from journal.transfer.legacy import mysql, source_database, survey, timestamps
from journal.transfer.legacy.known_schemas import Table, TableMapping, UnreadableSource
from tests.mariadb import MariaDB
from tests.transfer.old_apps import OldApp
from tests.transfer.sites import Site, everybody, everything, said

pytestmark = [pytest.mark.slow, pytest.mark.engine("sqlite")]


@pytest.fixture(scope="session")
def server() -> Iterator[MariaDB]:
    with MariaDB.started() as server:
        yield server


@pytest.fixture
def name(server: MariaDB) -> str:
    """A new database on the server."""
    name = f"old_{uuid.uuid4().hex}"
    server.create(name)
    return name


def by_sqlalchemy(server: MariaDB, name: str) -> None:
    class Base(DeclarativeBase):
        pass

    class User(Base):
        __tablename__ = "user"
        id: Mapped[int] = mapped_column(primary_key=True)
        username: Mapped[str] = mapped_column(sqlalchemy.String(80))
        password: Mapped[str] = mapped_column(sqlalchemy.String(200))

    tie = sqlalchemy.Table(
        "entry_tags",
        Base.metadata,
        sqlalchemy.Column("entry_id", sqlalchemy.ForeignKey("entry.id"), primary_key=True),
        sqlalchemy.Column("tag_id", sqlalchemy.ForeignKey("tag.id"), primary_key=True),
    )

    class Tag(Base):
        __tablename__ = "tag"
        id: Mapped[int] = mapped_column(primary_key=True)
        name: Mapped[str] = mapped_column(sqlalchemy.String(80))

    class Entry(Base):
        __tablename__ = "entry"
        id: Mapped[int] = mapped_column(primary_key=True)
        user_id: Mapped[int] = mapped_column(sqlalchemy.ForeignKey("user.id"))
        content: Mapped[str] = mapped_column(sqlalchemy.Text)
        created_at: Mapped[datetime]
        tags: Mapped[list[Tag]] = sqlalchemy.orm.relationship(secondary=tie)

    engine = sqlalchemy.create_engine(server.url(name, "mysql+pymysql"))
    Base.metadata.create_all(engine)
    with Session(engine) as session:
        session.add(User(id=1, username="élodie", password="scrypt:odd$x"))
        session.flush()
        tags = [Tag(name="sea"), Tag(name='a "b" 🙂')]
        at = datetime(2016, 9, 2, 0, 30)
        session.add(Entry(id=5, user_id=1, content="Wörds 🙂\r\n'x'", created_at=at, tags=tags))
        session.commit()
    engine.dispose()


def by_peewee(server: MariaDB, name: str) -> None:
    db = peewee.MySQLDatabase(name, host="127.0.0.1", port=server.port, user="ann", password="x")

    class User(peewee.Model):
        username = peewee.CharField()
        password = peewee.CharField()

        class Meta:
            database = db

    class Entry(peewee.Model):
        user = peewee.ForeignKeyField(User)
        content = peewee.TextField()
        tags = peewee.CharField()
        created_at = peewee.DateTimeField()

        class Meta:
            database = db

    db.create_tables([User, Entry])
    User.create(id=1, username="élodie", password="scrypt:odd$x")
    at = datetime(2016, 9, 2, 0, 30)
    Entry.create(id=5, user=1, content="Wörds 🙂\r\n'x'", created_at=at, tags='sea, a "b" 🙂')
    db.close()


@pytest.mark.parametrize(
    ("made", "scheme"), [(by_sqlalchemy, "mysql+pymysql"), (by_peewee, "mysql"), (by_peewee, "mariadb")]
)
async def test_people_and_entries_of_mariadb_arrive_whole(
    server: MariaDB, name: str, site: Site, made: Any, scheme: str
) -> None:
    made(server, name)
    report = await site.adopts(OldApp(server.url(name, scheme)), stored_in="Europe/Berlin")
    person, entry = (await everybody(site))["1"], (await everything(site))["5"]
    assert (person.username, person.password_hash) == ("élodie", "scrypt:odd$x")
    assert (entry.body, entry.day, entry.tags) == ("Wörds 🙂\n'x'", date(2016, 9, 2), ["sea", 'a "b" 🙂'])
    assert "secret" not in "".join(report.lines())
    again = await site.adopts(OldApp(server.url(name, scheme)), stored_in="Europe/Berlin")
    assert said(again, "Entries: 0").endswith("0 were updated, 1 is here already.")


PLAIN = (
    "CREATE TABLE user (id INTEGER PRIMARY KEY, name VARCHAR(20), password VARCHAR(200))",
    "CREATE TABLE entry (id INTEGER PRIMARY KEY, user_id INTEGER, body TEXT, created TIMESTAMP NULL,"
    "updated DATETIME, day DATE, deleted BIT(1))",
    "INSERT INTO user VALUES (1, 'ann', NULL)",
)
TIMES = "'2016-09-02 00:30:00', '2016-09-02 00:30:00', '2016-09-02'"


async def test_times_and_flags_of_mysql_are_read_by_their_type(server: MariaDB, name: str) -> None:
    zeros = "'0000-00-00 00:00:00', '0000-00-00 00:00:00', '0000-00-00'"
    rows = f"(1, 1, 'x', {TIMES}, 0), (2, 1, 'x', {zeros}, 1), (3, 1, 'x', NULL, NULL, NULL, NULL)"
    insert = f"INSERT INTO entry VALUES {rows}"
    server.run("SET sql_mode = '', time_zone = '+02:00'", *PLAIN, insert, database=name)
    columns = {role: role for role in ("id", "created", "updated", "day", "deleted")}
    async with source_database.opened(server.url(name)) as old:
        entry = next(table for table in await old.tables() if table.name == "entry")
        batches = [batch async for batch in old.batches(TableMapping(entry, columns), 2)]
    assert [len(batch) for batch in batches] == [2, 1]
    whole, zero, empty = (list(row.values())[1:] for batch in batches for row in batch)
    # The server keeps a TIMESTAMP in UTC, and a DATETIME as it was written.
    assert whole == ["2016-09-01 22:30:00+00:00", "2016-09-02 00:30:00", "2016-09-02", 0]
    assert timestamps.read(zero[0], ZoneInfo("UTC")) is timestamps.read(zero[1], ZoneInfo("UTC")) is None
    assert (zero[3], empty) == (1, [None] * 4)


async def test_a_source_in_mysql_is_read_at_one_moment_and_never_written(server: MariaDB, name: str) -> None:
    server.run(*PLAIN, f"INSERT INTO entry VALUES (1, 1, 'x', {TIMES}, 0)", database=name)
    async with source_database.opened(server.url(name)) as old:
        tables = {table.name: table for table in await old.tables()}
        server.run(f"INSERT INTO entry VALUES (2, 1, 'later', {TIMES}, 0)", database=name)
        assert await old.count(tables["entry"]) == 1
        assert isinstance(old, mysql.MysqlLegacy)
        with pytest.raises(pymysql.OperationalError, match="READ ONLY transaction"):
            old._fetched("DELETE FROM entry")
    assert server.run("SELECT count(*) FROM entry", database=name) == [(2,)]


async def test_keys_of_mysql_tables_are_found_like_those_of_others(server: MariaDB, name: str) -> None:
    server.run(
        "CREATE TABLE a (id INTEGER PRIMARY KEY)",
        "CREATE TABLE b (x INTEGER, y INTEGER, a_id INTEGER, PRIMARY KEY (x, y), "
        "FOREIGN KEY (a_id) REFERENCES a (id))",
        "CREATE TABLE c (id INTEGER PRIMARY KEY, x INTEGER, y INTEGER, "
        "FOREIGN KEY (x, y) REFERENCES b (x, y))",
        "CREATE VIEW d AS SELECT * FROM a",
        database=name,
    )
    async with source_database.opened(server.url(name)) as old:
        found = await old.tables()
    assert found == [
        Table("a", ("id",), "id"),
        Table("b", ("x", "y", "a_id"), "", {"a_id": ("a", "id")}),
        Table("c", ("id", "x", "y"), "id"),
    ]


async def test_a_mysql_that_can_not_be_read_is_one_sentence_without_the_password(server: MariaDB) -> None:
    addresses = {
        server.url("nothing_here"): "Unknown database 'nothing_here'",
        "mysql://ann:secret@127.0.0.1:1/old": "Can't connect to MySQL server",
        "mysql://ann:secret@127.0.0.1:port/old": "Port could not be cast",
    }
    for url, why in addresses.items():
        with pytest.raises(UnreadableSource, match=why) as refused:
            async with source_database.opened(url):
                pass
        assert "secret" not in str(refused.value)


async def test_without_the_driver_the_extra_and_another_way_are_named(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(mysql, "pymysql", None)
    with pytest.raises(UnreadableSource, match=r"journal\[mysql\].*mysql2sqlite"):
        async with source_database.opened("mysql://ann@localhost/old"):
            pass


async def test_a_large_table_of_mysql_is_surveyed_by_its_first_rows(server: MariaDB, name: str) -> None:
    rows = ", ".join(f"({id}, 'Words of day {id}')" for id in range(1, 1001))
    server.run(
        "CREATE TABLE entry (id INT PRIMARY KEY, text TEXT)",
        f"INSERT INTO entry VALUES {rows}",
        database=name,
    )
    async with source_database.opened(server.url(name)) as old:
        (entry,) = await survey.surveyed(old, await old.tables())
        assert (entry.rows, await old.count(entry)) == (1000, 1000)
    assert entry.lengths == {"id": 0, "text": pytest.approx(15, abs=1)}
