"""Databases of many kinds of Flask apps are understood unaided, or by the option that the refusal names."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from journal.transfer.adoption import source_entries
from journal.transfer.adoption.options import AdoptOptions
from journal.transfer.adoption.source_entries import SourceEntry
from journal.transfer.adoption.study import Study, studied
from journal.transfer.legacy import source_database, values
from journal.transfer.legacy.known_schemas import Hints, UnreadableSource
from tests.transfer.kinds import ANN, BOB, KINDS, USER, Kind
from tests.transfer.old_apps import OldApp
from tests.transfer.sites import NOW

OPTIONS = AdoptOptions("flask", ZoneInfo("UTC"), ZoneInfo("UTC"), NOW)


class Found:
    """What is understood of a source."""

    def __init__(self, study: Study, entries: list[SourceEntry], names: dict[str, str]) -> None:
        self.study, self.entries, self.names = study, entries, names

    def rows(self) -> tuple[tuple[str, ...], ...]:
        return tuple(self._row(entry) for entry in self.entries)

    def _row(self, entry: SourceEntry) -> tuple[str, ...]:
        fields = entry.imported.fields
        more = (fields.mood or "", *(fields.tags or ())) if fields.mood or fields.tags else ()
        owner = self.names.get(entry.owner, entry.owner)
        return (owner, fields.title or "", fields.body or "", str(fields.day), *more)

    def said(self, part: str) -> str:
        (line,) = [line for line in self.study.lines if part in line]
        return line


async def found(place: str, hints: Hints | None = None, dry_run: bool = False) -> Found:
    async with source_database.opened(place) as old:
        study = await studied(old, replace(OPTIONS, dry_run=dry_run), hints or Hints())
        batches = [batch async for batch in old.batches(study.schema.entries, 100)]
        entries = [source_entries.read(row, study.options) for batch in batches for row in batch]
        people = [batch async for batch in old.batches(study.schema.people, 9)] if study.schema.people else []
        names = {values.identity(row["key"]): str(row["name"]) for batch in people for row in batch}
        return Found(study, entries, names)


async def made(folder: Path, *statements: str) -> str:
    old = OldApp(folder / "old.db")
    await old.run(*statements)
    return old.place


async def refusal(place: str, hints: Hints | None = None) -> str:
    with pytest.raises(UnreadableSource) as refused:
        await found(place, hints)
    return str(refused.value)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
async def test_each_kind_of_app_comes_whole(kind: Kind, tmp_path: Path) -> None:
    place = await made(tmp_path, *kind.sql)
    if kind.hints != Hints():
        said = await refusal(place)
        assert kind.named in said.splitlines()[-1]
        assert said.splitlines()[-1].startswith(f"Try: journal adopt {place} --dry-run ")
    assert (await found(place, kind.hints)).rows() == kind.entries


def test_most_kinds_of_apps_need_no_option() -> None:
    assert len(KINDS) == 21
    assert sum(kind.hints == Hints() for kind in KINDS) == 18


# The right table, its owners and its columns

NOTE = "CREATE TABLE note (id INTEGER PRIMARY KEY, user_id INTEGER, body TEXT, created_at TEXT)"


async def test_the_refusal_shows_every_table_with_its_columns_and_a_command(tmp_path: Path) -> None:
    place = await made(
        tmp_path,
        USER,
        ANN,
        "CREATE TABLE days (nr INTEGER PRIMARY KEY, what TEXT)",
        "INSERT INTO days VALUES (1, 'It was blue, and we swam.')",
    )
    assert (await refusal(place)).splitlines() == [
        f"{place} can't be adopted as it is. People are in the table user, but no other table looks like "
        "their entries (days): name it with --entries TABLE.",
        "Its tables:",
        "  user (1 row): id, username, email, password",
        "  days (1 row): nr, what",
        f"Try: journal adopt {place} --dry-run --entries days --column entries.body=what",
    ]
    hints = Hints(entries="days", columns={"entries.body": "what"})
    assert (await found(place, hints)).rows() == (("ann", "", "It was blue, and we swam.", "2024-05-31"),)


@pytest.mark.parametrize(
    ("table", "column"),
    [("comment", "entry_id"), ("replies", "entry_id"), ("message", "to_id"), ("story", "journal_id")],
)
async def test_what_may_be_a_comment_is_never_taken_unasked(tmp_path: Path, table: str, column: str) -> None:
    parent = "CREATE TABLE journal (id INTEGER PRIMARY KEY, user_id INTEGER, title TEXT, description TEXT)"
    child = f"CREATE TABLE {table} (id INTEGER PRIMARY KEY, user_id INTEGER, {column} INTEGER, body TEXT)"
    rows = [f"INSERT INTO {table} VALUES (1, 1, 1, 'It was blue.')"]
    rows += ["INSERT INTO journal VALUES (1, 1, 'Travels', 'What I saw')"] if table == "story" else []
    place = await made(tmp_path, USER, ANN, *([parent] if table == "story" else []), child, *rows)
    assert f"--entries {table}" in await refusal(place) or "--entries journal" in await refusal(place)
    (row,) = (await found(place, Hints(entries=table))).rows()
    assert row[2] == "It was blue."


async def test_an_empty_table_is_refused_where_another_holds_texts(tmp_path: Path) -> None:
    texts = "CREATE TABLE memo (id INTEGER PRIMARY KEY, user_id INTEGER, content TEXT)"
    place = await made(tmp_path, USER, ANN, NOTE, texts, "INSERT INTO memo VALUES (1, 1, 'It was blue.')")
    said = await refusal(place)
    assert "0 entries would come, for the table note is empty; there are texts in memo" in said
    assert said.endswith("--entries memo")


async def test_entries_of_nobody_who_is_known_are_refused_with_what_was_seen(tmp_path: Path) -> None:
    place = await made(tmp_path, USER, ANN, NOTE, "INSERT INTO note VALUES (1, 99, 'It was blue.', NULL)")
    assert "0 of the 1 entries in note would come, for user_id holds '99'" in await refusal(place)


async def test_an_option_gives_ownerless_entries_to_a_person(tmp_path: Path) -> None:
    notes = "INSERT INTO note VALUES (1, 1, 'mine', NULL), (2, NULL, 'whose?', NULL)"
    place = await made(tmp_path, USER, ANN, BOB, NOTE, notes)
    owners = {row[2]: row[0] for row in (await found(place, Hints(owner="Bob"))).rows()}
    assert owners == {"mine": "ann", "whose?": "bob"}
    assert "nobody called 'zoe' among the people in user" in await refusal(place, Hints(owner="zoe"))


async def test_entries_of_an_app_whose_people_are_gone_go_to_one_account(tmp_path: Path) -> None:
    place = await made(tmp_path, USER, NOTE, "INSERT INTO note VALUES (1, 7, 'It was blue.', NULL)")
    said = await refusal(place)
    assert "There is nobody in its table user: give all entries to one account" in said
    assert said.endswith("--owner NAME")
    assert (await found(place, Hints(owner="ann"))).rows()[0][:3] == ("owner", "", "It was blue.")


async def test_several_columns_become_one_text(tmp_path: Path) -> None:
    place = await made(
        tmp_path,
        USER,
        ANN,
        "CREATE TABLE entry (id INTEGER PRIMARY KEY, user_id INTEGER, long_text TEXT, short_text TEXT)",
        "INSERT INTO entry VALUES (1, 1, 'It was blue.', 'Sea'), (2, 1, NULL, 'Sky'), (3, 1, '', NULL)",
    )
    understood = await found(place, Hints(columns={"entries.body": "long_text, short_text"}))
    assert [row[2] for row in understood.rows()] == ["It was blue.\n\nSea", "Sky", ""]
    assert understood.said("without any text").endswith(": 1 (3).")


async def test_texts_in_further_columns_are_named_with_the_option_that_joins_them(tmp_path: Path) -> None:
    place = await made(
        tmp_path,
        USER,
        ANN,
        "CREATE TABLE entry (id INTEGER PRIMARY KEY, user_id INTEGER, learned TEXT, resources TEXT, color)",
        "INSERT INTO entry VALUES (1, 1, 'It was blue.', 'A long book on how ships are built', 'blue')",
    )
    said = (await found(place)).said("stay there")
    assert said.startswith("Texts in resources of entry stay there")
    assert said.endswith("add --column entries.body=learned,resources.")


# Dates, states and moods


async def noted(folder: Path, *dates: str) -> str:
    rows = ", ".join(f"({id}, 1, 'It was blue.', '{date}')" for id, date in enumerate(dates, 1))
    return await made(folder, USER, ANN, NOTE, f"INSERT INTO note VALUES {rows}")


@pytest.mark.parametrize(
    ("dates", "days"),
    [
        (("03/04/2024", "24/08/2024"), ["2024-04-03", "2024-08-24"]),
        (("03/04/2024", "08/24/2024"), ["2024-03-04", "2024-08-24"]),
        (("10/02/2024", "11/02/2024", "01/03/2024"), ["2024-02-10", "2024-02-11", "2024-03-01"]),
        (("04/04/2024",), ["2024-04-04"]),
        (("1724533200", "1724533200000"), ["2024-08-24"] * 2),
    ],
)
async def test_all_dates_together_say_which_comes_first(
    tmp_path: Path, dates: tuple[str, ...], days: list[str]
) -> None:
    assert sorted(row[3] for row in (await found(await noted(tmp_path, *dates))).rows()) == days


async def test_dates_of_two_readings_are_asked_about(tmp_path: Path) -> None:
    place = await noted(tmp_path, "03/04/2024")
    said = await refusal(place)
    assert "Dates like '03/04/2024' in note.created_at can be read with the day or with the month" in said
    assert said.endswith("--date-format %d/%m/%Y")
    for format, day in (("%d/%m/%Y", "2024-04-03"), ("%m/%d/%Y", "2024-03-04")):
        assert (await found(place, Hints(date_format=format))).rows()[0][3] == day


async def test_more_than_a_few_unreadable_dates_are_asked_about(tmp_path: Path) -> None:
    place = await noted(tmp_path, *(f"24 août {year}" for year in range(2020, 2024)), "2024-08-24")
    said = await refusal(place)
    assert "4 of 5 dates can't be read, as '24 août 2020', " in said
    assert "--column entries.created=" in said
    assert len((await found(place, Hints(date_format="%d août %Y"))).rows()) == 5
    assert "'%Q' is no format of dates" in await refusal(place, Hints(date_format="%Q"))


@pytest.mark.parametrize(
    ("column", "there", "gone"),
    [
        *(("deleted", 0, 1), ("trashed", "NULL", "'2024-01-01 10:00:00'"), ("removed", "'no'", "'yes'")),
        *(("is_active", "NULL", 0), ("status", "'open'", "'Deleted'")),
        ("deleted_at", "'0000-00-00 00:00:00'", "'2024-01-01 10:00:00'"),
    ],
)
async def test_what_is_deleted_there_goes_to_the_bin(
    tmp_path: Path, column: str, there: Any, gone: Any
) -> None:
    place = await made(
        tmp_path,
        USER,
        ANN,
        NOTE,
        f"ALTER TABLE note ADD COLUMN {column}",
        f"INSERT INTO note VALUES (1, 1, 'a', NULL, {there}), (2, 1, 'b', NULL, {gone})",
    )
    understood = await found(place)
    assert [entry.imported.deleted_at for entry in understood.entries] == [None, NOW]
    assert understood.said("come into the bin").endswith(": 1 (2).")


async def test_a_column_by_which_everything_is_deleted_is_asked_about(tmp_path: Path) -> None:
    rows = "INSERT INTO note VALUES (1, 1, 'a', NULL, 0)"
    place = await made(tmp_path, USER, ANN, NOTE, "ALTER TABLE note ADD COLUMN is_active", rows)
    assert (await refusal(place)).endswith("--column entries.active=")


@pytest.mark.parametrize(
    ("column", "value"), [("is_draft", 1), ("draft", "'true'"), ("published", 0), ("status", "'Draft'")]
)
async def test_drafts_come_and_are_counted(tmp_path: Path, column: str, value: Any) -> None:
    rows = f"INSERT INTO note VALUES (1, 1, 'a', NULL, {value}), (2, 1, 'b', NULL, NULL)"
    place = await made(tmp_path, USER, ANN, NOTE, f"ALTER TABLE note ADD COLUMN {column}", rows)
    understood = await found(place)
    assert len(understood.entries) == 2
    assert understood.said("are drafts there").endswith(": 1 (1).")


async def test_a_mood_that_is_a_number_is_read_by_the_scale_of_all(tmp_path: Path) -> None:
    stored = {"'1'": "awful", "'2/10'": "awful", "'7'": "good", "0": "", "'10'": "great", "NULL": ""}
    rows = ", ".join(f"({id}, 1, 'a', NULL, {mood})" for id, mood in enumerate(stored, 1))
    place = await made(
        tmp_path, USER, ANN, NOTE, "ALTER TABLE note ADD COLUMN mood", f"INSERT INTO note VALUES {rows}"
    )
    understood = await found(place)
    by_id = {entry.imported.source_id: entry.imported.fields for entry in understood.entries}
    assert [by_id[str(id)].mood for id in range(1, 7)] == list(stored.values())
    assert by_id["3"].tags == ["mood 7/10"]
    assert understood.said("Moods") == "Moods are read as numbers up to 10."


HTML = "<p>It was <b>blue</b>.</p><ul><li>sea</li></ul>"
MARKDOWN = "It was **blue**.\n\n- sea"


async def test_texts_in_html_become_markdown_where_most_of_them_are(tmp_path: Path) -> None:
    rows = f"(1, 1, '{HTML}', NULL), (2, 1, '<div>a</div>', NULL), (3, 1, '1 < 2\n& so', NULL)"
    place = await made(tmp_path, USER, ANN, NOTE, f"INSERT INTO note VALUES {rows}")
    understood = await found(place, dry_run=True)
    assert [row[2] for row in understood.rows()] == [MARKDOWN, "a", "1 < 2\n& so"]
    records = [entry.imported.record for entry in understood.entries]
    assert (json.loads(records[0]), records[2]) == ({"html": HTML}, "")
    assert understood.said("HTML") == "Most texts in note are HTML, and become Markdown."
    assert understood.said("1, there: ") == f"Entry 1, there: {HTML}"
    assert understood.said("1, here: ") == f"Entry 1, here: {MARKDOWN}"


async def test_html_in_a_few_texts_stays_as_it_is(tmp_path: Path) -> None:
    rows = f"(1, 1, '{HTML}', NULL), (2, 1, 'a', NULL), (3, 1, 'b', NULL)"
    place = await made(tmp_path, USER, ANN, NOTE, f"INSERT INTO note VALUES {rows}")
    assert [row[2] for row in (await found(place)).rows()] == [HTML, "a", "b"]


async def test_images_beside_the_old_app_are_listed(tmp_path: Path) -> None:
    body = '![a](/static/a.png) <img alt="b" src="uploads/b.jpg"> ![c](https://example.org/c.png)'
    place = await made(tmp_path, USER, ANN, NOTE, f"INSERT INTO note VALUES (1, 1, '{body}', NULL)")
    assert (await found(place)).said("Images").endswith(": 2 (/static/a.png, uploads/b.jpg).")
