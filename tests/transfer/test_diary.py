"""Import of the old app's real database: the whole diary if it is there, a sample of it everywhere."""

import re
import sqlite3
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from shutil import copy
from typing import Any

import asyncpg
import pytest

from journal.accounts import passwords
from journal.accounts.models import User
from journal.app import create_app
from journal.entries.models import Entry
from journal.settings import Settings
from tests.conftest import SHARED
from tests.transfer.old_apps import (
    SAMPLE_ENTRIES,
    SAMPLE_PEOPLE,
    OldApp,
    sample_diary,
    unchanged,
    whole_diary,
)
from tests.transfer.sites import NOW, Site, at, everybody, everything, said, snapshot

pytestmark = pytest.mark.slow

NAMES = ["samuel", "elisabeth", "will", "mercer", "Élodie", "tom", "jane"]


@dataclass
class Diary:
    path: Path
    entries: int


MISSING = not (SHARED / "legacy").is_dir()
WHOLE = pytest.param(
    "whole",
    marks=[
        pytest.mark.shared,
        pytest.mark.soak_on_postgres,
        pytest.mark.skipif(MISSING, reason="the old app and its whole diary are not beside this checkout"),
    ],
)


@pytest.fixture(scope="session")
def made_sample(tmp_path_factory: pytest.TempPathFactory) -> Diary:
    return Diary(sample_diary(tmp_path_factory.mktemp("diary")), 32)


@pytest.fixture(scope="session", params=["sample", WHOLE])
def made(request: Any, made_sample: Diary, tmp_path_factory: pytest.TempPathFactory) -> Diary:
    if request.param == "whole":
        return Diary(whole_diary(tmp_path_factory.mktemp("whole")), 3416)
    return made_sample


@pytest.fixture
def diary(made: Diary, tmp_path: Path) -> Diary:
    return copied(made, tmp_path)


@pytest.fixture
def sample(made_sample: Diary, tmp_path: Path) -> Diary:
    return copied(made_sample, tmp_path)


def copied(made: Diary, folder: Path) -> Diary:
    """A copy that a test may change, alone in its folder."""
    (folder / "old").mkdir()
    return Diary(Path(copy(made.path, folder / "old" / "legacy.db")), made.entries)


async def test_everybody_and_everything_comes_and_the_old_database_stays(diary: Diary, site: Site) -> None:
    async with unchanged(diary.path.parent):
        report = await site.adopts(OldApp(diary.path))
    found = await everything(site)
    assert len(found) == diary.entries
    assert [person.username for person in (await everybody(site)).values()] == NAMES
    with sqlite3.connect(diary.path) as connection:
        rows = connection.execute("SELECT id, content, coalesce(title, ''), created_at FROM journal_entry")
        for id, body, title, created in rows:
            entry = found[str(id)]
            assert (entry.body, entry.title) == (body, title)
            assert f"{entry.written_at:%Y-%m-%d %H:%M:%S.%f}" == created
            assert f"{entry.day:%Y-%m-%d}" == created[:10]
            assert (entry.mood, "merry" in entry.tags) == ("", "merry" in body)
    connection.close()
    assert said(report, f"Entries: {diary.entries:,} came").endswith(
        "They are from 2010-01-01 to 2019-05-31."
    )
    assert ": 1 (" in said(report, "Entries that come without any text")
    assert len(report.lines()) == 6, "there is nothing else to say"


async def test_each_password_of_the_old_app_verifies(sample: Diary, site: Site) -> None:
    await site.adopts(OldApp(sample.path))
    for person in (await everybody(site)).values():
        assert await passwords.verify(f"correct horse {person.username}", person.password_hash)
        assert not await passwords.verify("correct horse", person.password_hash)


async def test_hostile_empty_and_japanese_entries_arrive(sample: Diary, site: Site) -> None:
    await site.adopts(OldApp(sample.path))
    async with at(site):
        jane = await User.get(username="jane")
        hostile, empty, japanese = await Entry.filter(user_id=jane.id).order_by("id")
    assert hostile.body == "No title, and <script>alert(1)</script> in the text."
    assert "<script" not in hostile.html
    assert (hostile.title, empty.title, empty.body) == ("", "", "")
    assert japanese.title == "今日は"
    assert "東京は雨。" in japanese.html
    assert japanese.tags == ["日本", "雨"]


async def test_again_nothing_changes_until_something_changes_there(diary: Diary, site: Site) -> None:
    old = OldApp(diary.path)
    dry = await site.adopts(old, dry_run=True)
    assert said(dry, f"Entries: {diary.entries:,} would come")
    assert await snapshot(site) == [[], []]
    await site.adopts(old)
    before = await snapshot(site)
    report = await site.adopts(old, now=NOW + timedelta(days=1))
    assert await snapshot(site) == before
    assert said(report, "Entries: 0").endswith(f"{diary.entries:,} are here already.")
    await old.run(
        "UPDATE journal_entry SET content = 'Changed there.' WHERE id = 2",
        "INSERT INTO journal_entry (user_id, content, created_at) VALUES (7, 'New.', '2020-01-01 09:00:00')",
    )
    report = await site.adopts(old)
    assert "1 came, 1 were updated" in said(report, "Entries: 1")
    found = await everything(site)
    assert (found["2"].body, len(found)) == ("Changed there.", diary.entries + 1)


async def test_samuel_signs_in_and_finds_his_ten_years(sample: Diary, site: Site, settings: Settings) -> None:
    await site.adopts(OldApp(sample.path))
    app = create_app(settings)
    async with app.test_app():
        browser = app.test_client()
        form = {"username": "samuel", "password": "correct horse samuel"}
        assert (await browser.post("/login", form=form)).status_code in (303, 204)
        page = await (await browser.get("/")).get_data(as_text=True)
        assert "Up very betimes, and so continued all the morning with W. Hewer" in page
        fire = await (await browser.get("/days/2016-09-02")).get_data(as_text=True)
        assert "Jane called us up about three in the morning, to tell us of a great fire" in fire
        while older := re.search(r'href="(/\?before=[^"]+)"', page):
            page = await (await browser.get(older[1])).get_data(as_text=True)
        assert "This morning (we living lately in the garret) I rose" in page


@pytest.mark.engine("postgres")
async def test_the_same_comes_from_postgres(sample: Diary, site: Site, postgres_place: str) -> None:
    await to_postgres(sample.path, postgres_place)
    await site.adopts(OldApp(postgres_place))
    from_postgres = await everything(site)
    assert len(from_postgres) == sample.entries
    # Source ids and digests are the same, so the file has nothing new or changed.
    before = await snapshot(site)
    await site.adopts(OldApp(sample.path))
    assert await snapshot(site) == before


async def to_postgres(path: Path, place: str) -> None:
    """Creates the old app's tables on PostgreSQL and copies all rows."""
    sqlite, postgres = sqlite3.connect(path), await asyncpg.connect(place)
    for table, schema in (("user", SAMPLE_PEOPLE), ("journal_entry", SAMPLE_ENTRIES)):
        quoted = schema.replace("TABLE user", 'TABLE "user"').replace("REFERENCES user", 'REFERENCES "user"')
        await postgres.execute(quoted.replace("DATETIME", "TIMESTAMP"))
        rows = sqlite.execute(f'SELECT * FROM "{table}"').fetchall()
        times = 1 if table == "user" else 2
        dated = [(*row[:-times], *(at and datetime.fromisoformat(at) for at in row[-times:])) for row in rows]
        await postgres.copy_records_to_table(table, records=dated)
    await postgres.close()
    sqlite.close()


def test_the_sample_has_the_schema_of_the_old_app(made: Diary) -> None:
    with sqlite3.connect(made.path) as connection:
        stored = [sql for (sql,) in connection.execute("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL")]
    connection.close()
    assert [" ".join(sql.split()) for sql in stored] == [
        " ".join(sql.split()) for sql in (SAMPLE_PEOPLE, SAMPLE_ENTRIES)
    ]
