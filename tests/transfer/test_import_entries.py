"""Import of entries: their texts, times and tags arrive unchanged."""

import sqlite3
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from journal.accounts.models import User
from journal.entries import importing
from journal.entries.models import Entry
from journal.entries.values import EntryFields
from journal.text.analysis import Source
from journal.transfer.adoption import import_entries
from journal.transfer.legacy.known_schemas import Hints
from tests.transfer.old_apps import OldApp, usual_app
from tests.transfer.sites import NOW, Site, at, everybody, everything, one_entry, said, snapshot

pytestmark = pytest.mark.slow


async def test_an_entry_comes_with_its_words_its_day_and_its_instant(old: OldApp, site: Site) -> None:
    await old.person(1, "ann")
    body = "  *One*\n\ntwo <script>\tthree \U0001f600 End.  \n"
    await old.entry(
        5,
        title=" A title ",
        content=body,
        mood="good",
        tags="sea, Salt,,sea ",
        updated_at="2016-09-03 08:00:00",
    )
    report = await site.adopts(old)
    entry = await one_entry(site)
    assert (entry.title, entry.body, entry.mood, entry.tags) == (" A title ", body, "good", ["sea", "Salt"])
    assert (entry.day, entry.zone) == (date(2016, 9, 2), "UTC")
    assert entry.written_at == datetime(2016, 9, 2, 21, tzinfo=UTC)
    assert entry.updated_at == datetime(2016, 9, 3, 8, tzinfo=UTC)
    assert (entry.source, entry.source_id, entry.version) == ("flask", "5", 1)
    assert "<em>One</em>" in entry.html
    assert "<script>" not in entry.html
    assert entry.words == 5
    assert said(report, "Entries: 1").endswith(
        "1 came, 0 were updated, 0 are here already. They are from 2016-09-02 to 2016-09-02."
    )


async def test_a_zone_says_when_naive_times_were_and_on_which_day(old: OldApp, site: Site) -> None:
    await old.person(1, "ann", created_at="2016-01-01 00:30:00")
    await old.entry(1, created_at="2016-09-02 00:30:00")
    await site.adopts(old, stored_in="Europe/Berlin")
    entry, ann = await one_entry(site), (await everybody(site))["1"]
    assert (entry.day, entry.zone, ann.zone) == (date(2016, 9, 2), "Europe/Berlin", "Europe/Berlin")
    assert entry.written_at == datetime(2016, 9, 1, 22, 30, tzinfo=UTC)
    assert ann.created_at == datetime(2015, 12, 31, 23, 30, tzinfo=UTC)


async def test_entries_with_one_id_come_all_and_once(tmp_path: Path, site: Site) -> None:
    old = OldApp(tmp_path / "old.db")
    await old.run(
        "CREATE TABLE user (id INTEGER PRIMARY KEY, username TEXT, password_hash TEXT)",
        "CREATE TABLE entry (id INTEGER, user_id INTEGER, content TEXT, created_at TEXT)",
        "INSERT INTO user VALUES (1, 'ann', '')",
        "INSERT INTO entry VALUES (1, 1, 'One', '2016-09-01'), (1, 1, 'Two', NULL), (1, 1, 'Two', NULL)",
    )
    for _ in range(2):
        report = await site.adopts(old)
        assert sorted(entry.body for entry in (await everything(site)).values()) == ["One", "Two"]
        assert said(report, "Entries that have the same id").endswith("all of them came: 1 (1).")


DAYS = {
    "half past midnight in Berlin": ("2016-09-01 22:30:00", "Europe/Berlin", date(2016, 9, 2), "22:30"),
    "an evening in New York": ("2016-09-02 03:00:00", "America/New_York", date(2016, 9, 1), "03:00"),
    "midnight, which stands for a day": (
        "2016-09-02 00:00:00",
        "America/New_York",
        date(2016, 9, 2),
        "00:00",
    ),
    "a day": ("2016-09-02", "America/New_York", date(2016, 9, 2), "04:00"),
    "a day in the east": ("2016-09-02", "Asia/Tokyo", date(2016, 9, 2), "15:00"),
    "a time with a zone": ("2016-09-02T23:30:00+02:00", "Asia/Tokyo", date(2016, 9, 3), "21:30"),
}


@pytest.mark.parametrize(("stored", "people_in", "day", "utc"), DAYS.values(), ids=DAYS)
async def test_the_day_of_an_entry_is_that_of_its_writer(
    tmp_path: Path, site: Site, stored: str, people_in: str, day: date, utc: str
) -> None:
    old = OldApp(tmp_path / "old.db")
    await old.run(
        "CREATE TABLE user (id INTEGER PRIMARY KEY, name TEXT)",
        "CREATE TABLE entries (id INTEGER PRIMARY KEY, user_id INTEGER, text TEXT, created TEXT)",
        "INSERT INTO user VALUES (1, 'ann')",
        f"INSERT INTO entries VALUES (1, 1, 'a', '{stored}')",
    )
    report = await site.adopts(old, stored_in="UTC", people_in=people_in)
    entry, ann = await one_entry(site), (await everybody(site))["1"]
    assert (entry.day, entry.zone, ann.zone) == (day, people_in, people_in)
    assert f"{entry.written_at:%H:%M}" == utc
    assert report.lines()[0].endswith(f"are taken as UTC, and days are those in {people_in}.")


async def test_times_that_say_their_zone_are_those_instants(place: str, site: Site) -> None:
    old = await usual_app(place)
    await old.run(
        f"ALTER TABLE journal_entry ADD COLUMN posted {'TEXT' if 'old.db' in place else 'TIMESTAMPTZ'}"
    )
    await old.person(1, "ann")
    await old.insert("journal_entry", id=1, user_id=1, content="x", posted="2016-09-02T23:30:00+02:00")
    await site.adopts(old, stored_in="Asia/Tokyo", hints=Hints(columns={"entries.created": "posted"}))
    entry = await one_entry(site)
    assert (entry.written_at, entry.day) == (datetime(2016, 9, 2, 21, 30, tzinfo=UTC), date(2016, 9, 3))


async def test_entries_without_a_date_are_dated_and_named(place: str, site: Site) -> None:
    old = OldApp(place)
    await old.run(
        "CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT, password TEXT)",
        "CREATE TABLE entries (id INTEGER PRIMARY KEY, user_id INTEGER, text TEXT, created TEXT)",
        "ALTER TABLE entries ADD COLUMN updated TEXT",
        "INSERT INTO users VALUES (1, 'ann', NULL)",
        "INSERT INTO entries VALUES (1, 1, 'a', NULL, '2016-09-02 21:00:00')",
        "INSERT INTO entries VALUES (2, 1, 'b', '', NULL), (3, 1, 'c', 'soon', 'x')",
    )
    report = await site.adopts(old, stored_in="Europe/Berlin")
    days = {id: entry.day for id, entry in (await everything(site)).items()}
    # At the time of the import it is the next day in Berlin.
    assert days == {"1": date(2016, 9, 2), "2": date(2024, 6, 1), "3": date(2024, 6, 1)}
    assert said(report, "Entries without a readable date, which are dated by their last change").endswith(
        "1 (1)."
    )
    assert said(report, "Entries without any readable date").endswith("2 (2, 3).")
    before = await snapshot(site)
    report = await site.adopts(old, now=NOW + timedelta(days=9), stored_in="Europe/Berlin")
    assert await snapshot(site) == before, "an undated entry keeps the day that it was given"
    assert said(report, "Entries: 0").endswith("3 are here already.")


async def test_the_day_that_an_entry_is_about_is_its_day(place: str, site: Site) -> None:
    old = await usual_app(place)
    await old.run("ALTER TABLE journal_entry ADD COLUMN entry_date DATE")
    await old.person(1, "ann")
    await old.entry(1, entry_date="2016-08-01")
    await old.entry(2, entry_date=None)
    await site.adopts(old)
    found = await everything(site)
    assert (found["1"].day, found["2"].day) == (date(2016, 8, 1), date(2016, 9, 2))
    assert found["1"].written_at == datetime(2016, 9, 2, 21, tzinfo=UTC)


async def test_ids_follow_the_order_of_writing_for_each_person(
    old: OldApp, site: Site, monkeypatch: Any
) -> None:
    monkeypatch.setattr(import_entries, "SIZE", 3)
    for id in (1, 2):
        await old.person(id, f"p{id}")
    for id in range(1, 11):
        await old.entry(id, id % 2 + 1, created_at=f"2016-09-02 {20 - id:02}:00:00")
    await site.adopts(old)
    async with at(site):
        for user in await User.all():
            times = await Entry.filter(user_id=user.id).order_by("id").values_list("written_at", flat=True)
            assert len(times) == 5
            assert times == sorted(times)


async def test_empty_titles_and_texts_arrive_as_they_are(old: OldApp, site: Site) -> None:
    await old.person(1, "ann")
    await old.entry(1, title=None, content="")
    await old.entry(2, title="", content=None)
    await site.adopts(old)
    assert [(entry.title, entry.body) for entry in (await everything(site)).values()] == [("", ""), ("", "")]


async def test_what_is_too_long_for_a_title_goes_on_in_the_text(old: OldApp, site: Site) -> None:
    await old.person(1, "ann")
    await old.entry(1, title="t" * 300, content="Body.")
    await old.entry(2, title="t" * 1000 + "rest", content="Body.")
    await site.adopts(old)
    one, two = (await everything(site)).values()
    assert (one.title, one.body) == ("t" * 300, "Body.")
    assert (two.title, two.body) == ("t" * 1000, "rest\n\nBody.")


async def test_moods_that_are_not_ours_stay_as_tags(old: OldApp, site: Site) -> None:
    await old.person(1, "ann")
    moods = ["awful", "Good", " great ", "merry", "sad, tired", "", None, "happy"]
    for id, mood in enumerate(moods, 1):
        await old.entry(id, mood=mood, tags="sea,Happy")
    await site.adopts(old)
    found = [(entry.mood, entry.tags[2:]) for entry in (await everything(site)).values()]
    assert found == [
        *(("awful", []), ("good", []), ("great", []), ("", ["merry"]), ("", ["sad", "tired"])),
        *(("", []), ("", []), ("good", [])),
    ]


async def test_tags_come_from_commas_and_from_lists_and_none_is_lost(old: OldApp, site: Site) -> None:
    await old.run("DROP TABLE journal_entry")
    await old.run(
        "CREATE TABLE journal_entry (id INTEGER PRIMARY KEY, user_id INTEGER, body TEXT, tags TEXT)"
    )
    await old.person(1, "ann")
    many = ",".join(f"t{n}" for n in range(60))
    stored = [
        "#sea, sky",
        '["a b", "c", 3]',
        "[]",
        "[broken, ",
        "日本,雨、風",
        "x" * 200,
        many,
        None,
        '[{"name": "n"}]',
    ]
    for id, tags in enumerate(stored, 1):
        await old.insert("journal_entry", id=id, user_id=1, body="x", tags=tags)
    await site.adopts(old)
    found = [entry.tags for entry in (await everything(site)).values()]
    assert found[:5] == [["sea", "sky"], ["a b", "c", "3"], [], ["[broken"], ["日本", "雨", "風"]]
    assert found[5:] == [["x" * 200], many.split(","), [], ["n"]]


async def test_damaged_text_arrives_with_what_can_be_kept(tmp_path: Path, site: Site) -> None:
    old = await usual_app(tmp_path / "old.db")
    await old.person(1, "ann")
    await old.entry(1)
    with sqlite3.connect(old.place) as connection:
        body = b"one\r\ntwo\rthree\0 \xed\xa0\x80 \xe9"
        connection.execute(
            "UPDATE journal_entry SET content = CAST(? AS TEXT), title = ?, tags = x'73656100'",
            (body, b"\xff\xfe"),
        )
    connection.close()
    await site.adopts(old)
    entry = await one_entry(site)
    assert entry.body == "one\ntwo\nthree\ufffd í\xa0€ é"
    assert entry.title == "ÿþ"


async def test_entries_of_nobody_stay_there_and_are_named_by_id(old: OldApp, site: Site) -> None:
    await old.person(1, "ann")
    for id, owner in ((1, None), (2, 99), (3, 1), (4, 99)):
        await old.entry(id, owner)
    report = await site.adopts(old)
    assert list(await everything(site)) == ["3"]
    assert said(report, "Entries without an owner") == "Entries without an owner, which stay there: 1 (1)."
    assert said(report, "Entries of an owner who is not among the people").endswith("2 (2, 4).")


async def test_entries_that_were_deleted_there_come_into_the_bin(place: str, site: Site) -> None:
    old = await usual_app(place)
    await old.run("ALTER TABLE journal_entry ADD COLUMN deleted_at TIMESTAMP")
    await old.person(1, "ann")
    await old.entry(1, deleted_at="2020-01-01 00:00:00")
    await old.entry(2)
    await old.entry(3)
    report = await site.adopts(old)
    found = await everything(site)
    assert (found["1"].deleted_at, found["2"].deleted_at) == (NOW, None)
    assert said(report, "Entries that are deleted there, and come into the bin").endswith("1 (1).")
    await old.run("UPDATE journal_entry SET deleted_at = '2020-01-01 00:00:00' WHERE id = 2")
    await site.adopts(old, now=NOW + timedelta(days=1))
    found = await everything(site)
    assert (found["1"].deleted_at, found["2"].deleted_at) == (NOW, NOW + timedelta(days=1))
    before = await snapshot(site)
    report = await site.adopts(old, now=NOW + timedelta(days=2))
    assert await snapshot(site) == before
    assert said(report, "Entries: 0").endswith("3 are here already.")


async def test_all_entries_of_an_app_without_people_go_to_one_account(place: str, site: Site) -> None:
    old = OldApp(place)
    await old.run(
        "CREATE TABLE entries (id INTEGER PRIMARY KEY, title TEXT, text TEXT)",
        "INSERT INTO entries VALUES (1, 'Sea', 'It was blue.')",
    )
    for hour in range(2):  # the account is made by the first run, and found by the second
        report = await site.adopts(old, now=NOW + timedelta(hours=hour), hints=Hints(owner="ann"))
        (ann,) = (await everybody(site)).values()
        entry = await one_entry(site)
        assert (ann.username, entry.user_id, entry.title) == ("ann", ann.id, "Sea")
        assert said(report, "All entries go to") == "All entries go to ann."


async def test_entries_of_a_table_between_come_to_their_owners(place: str, site: Site) -> None:
    old = OldApp(place)
    await old.run(
        "CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT, password TEXT)",
        "CREATE TABLE posts (id INTEGER PRIMARY KEY, body TEXT, category_id INTEGER)",
        "CREATE TABLE categories (id INTEGER PRIMARY KEY, name TEXT)",
        "CREATE TABLE user_posts (user_id INTEGER, post_id INTEGER)",
        "INSERT INTO users VALUES (1, 'ann', NULL), (2, 'bob', NULL)",
        "INSERT INTO posts VALUES (1, 'one', 1), (2, 'two', NULL), (3, 'three', 1)",
        "INSERT INTO categories VALUES (1, 'travels')",
        "INSERT INTO user_posts VALUES (2, 1), (1, 2), (2, 2)",
    )
    report = await site.adopts(old)
    names = {person.id: person.username for person in (await everybody(site)).values()}
    found = {entry.body: (names[entry.user_id], entry.tags) for entry in (await everything(site)).values()}
    assert found == {"one": ("bob", ["travels"]), "two": ("ann", [])}
    assert said(report, "Entries of several people").endswith(": 1 (2).")
    assert said(report, "Entries without an owner").endswith(": 1 (3).")


async def test_one_bad_row_does_not_keep_out_the_others(old: OldApp, site: Site, monkeypatch: Any) -> None:
    source_of = importing.source_of

    def fails(fields: EntryFields) -> Source:
        if fields.body == "bad":
            raise RuntimeError
        return source_of(fields)

    monkeypatch.setattr(importing, "source_of", fails)
    await old.person(1, "ann")
    for id in range(1, 6):
        await old.entry(id, content="bad" if id == 3 else "good")
    report = await site.adopts(old)
    assert list(await everything(site)) == ["1", "2", "4", "5"]
    assert said(report, "Entries that can't be stored").endswith("1 (3).")
    assert said(report, "Entries: 4")


async def test_everything_that_did_not_come_is_named(old: OldApp, site: Site) -> None:
    await old.person(1, "ann")
    await old.entry(50)
    for id in range(50):
        await old.entry(id, None)
    report = await site.adopts(old)
    assert said(report, "Entries without an owner").count(",") == 50
