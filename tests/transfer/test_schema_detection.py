"""Schema detection: tables of people and entries are found by their columns, or asked for."""

from itertools import product

import pytest

from journal.transfer.legacy.known_schemas import Hints, Table
from journal.transfer.legacy.schema_detection import UnknownSchema, detect

pytestmark = pytest.mark.slow

USERS = Table("users", ("id", "username", "email", "password_hash"), "id")
POSTS = Table("posts", ("id", "user_id", "title", "body", "created_at"), "id")


def test_people_are_found_by_the_shapes_that_apps_have() -> None:
    tables = ("user", "users", "User", "Users", "auth_user", "app_users", "accounts")
    names = ("username", "name", "email", "UserName", "user_name")
    hashes = ("password", "password_hash", "pw_hash", "passwordHash", "PASSWORD")
    for table, name, password in product(tables, names, hashes):
        people = detect([POSTS, Table(table, ("id", name, password), "id")], Hints()).people
        assert people.table.name == table
        assert (people.columns["name"], people.columns["password"]) == (name, password)


def test_entries_are_found_by_the_shapes_that_apps_have() -> None:
    tables = ("entry", "entries", "Entries", "journal_entry", "JournalEntries", "post", "posts", "blog_post")
    owners = ("user_id", "author_id", "owner_id", "userid", "UserID")
    bodies = ("content", "body", "text", "Content")
    times = ("created_at", "timestamp", "date_posted", "dateCreated")
    roles = ("id", "owner", "title", "body", "created", "mood", "tags")
    for table, owner, body, created in product(tables, owners, bodies, times):
        columns = ("id", owner, "title", body, created, "mood", "tags")
        entries = detect([USERS, Table(table, columns, "id")], Hints()).entries
        assert entries.table.name == table
        assert entries.columns == dict(zip(roles, columns, strict=True))


def test_a_declared_reference_shows_the_owner_whatever_it_is_called() -> None:
    entries = Table("entry", ("id", "schreiber", "text", "user_id"), "id", {"schreiber": ("USERS", "id")})
    assert detect([USERS, entries], Hints()).entries.columns["owner"] == "schreiber"


def test_of_two_declared_references_the_usual_name_is_the_owner() -> None:
    refers = {"reviewer_id": ("users", "id"), "author_id": ("users", "id")}
    entries = Table("entry", ("id", "reviewer_id", "author_id", "user_id", "text"), "id", refers)
    assert detect([USERS, entries], Hints()).entries.columns["owner"] == "author_id"


def test_entries_that_refer_to_names_are_matched_by_name() -> None:
    by_declaration = Table("entry", ("id", "writer", "text"), "id", {"writer": ("users", "username")})
    by_custom = Table("entry", ("id", "username", "text"), "id")
    for entries in (by_declaration, by_custom):
        assert detect([USERS, entries], Hints()).people.columns["key"] == "username"
    assert detect([USERS, POSTS], Hints()).people.columns["key"] == "id"


def test_the_owner_is_not_taken_for_the_id_of_entries_without_one() -> None:
    days = Table("diary", ("user_id", "date", "text"))
    with pytest.raises(UnknownSchema, match=r"no column that looks like entries\.id"):
        detect([USERS, days], Hints())
    entries = detect([USERS, days], Hints(columns={"entries.id": "date"})).entries
    assert entries.columns == {"id": "date", "owner": "user_id", "body": "text", "created": "date"}


def test_comments_and_likes_are_not_taken_for_entries() -> None:
    comments = Table("comment", ("id", "user_id", "text"), "id")
    likes = Table("post_like", ("id", "user_id", "post_id"), "id")
    assert detect([comments, USERS, likes, POSTS], Hints()).entries.table == POSTS


def test_an_odd_name_is_taken_where_only_one_table_has_the_shape() -> None:
    odd = Table("eintrag", ("id", "user_id", "text"), "id")
    assert detect([USERS, odd, Table("likes", ("id", "user_id"))], Hints()).entries.table == odd


def test_two_tables_that_fit_are_asked_about_and_an_option_decides() -> None:
    notes = Table("note", ("id", "user_id", "text"), "id")
    with pytest.raises(UnknownSchema, match=r"\(note, posts\): choose one with --entries TABLE"):
        detect([USERS, POSTS, notes], Hints())
    assert detect([USERS, POSTS, notes], Hints(entries="NOTE")).entries.table == notes
    members = Table("members", ("id", "email", "password"), "id")
    with pytest.raises(UnknownSchema, match=r"\(members, users\): choose one with --people TABLE"):
        detect([USERS, members, POSTS], Hints())
    assert detect([USERS, members, POSTS], Hints(people="members")).people.table == members


def test_options_name_columns_that_are_not_recognised() -> None:
    people = Table("leute", ("nr", "rufname", "geheim"), "nr")
    entries = Table("seiten", ("nr", "wer", "texte", "mood"), "nr")
    with pytest.raises(UnknownSchema, match="None of its tables looks like people"):
        detect([people, entries], Hints())
    columns = {"people.name": "rufname", "people.password": "geheim"}
    columns |= {"entries.owner": "wer", "entries.body": "texte", "entries.mood": ""}
    understood = detect([people, entries], Hints("leute", "seiten", columns))
    assert understood.people.columns == {"id": "nr", "name": "rufname", "password": "geheim", "key": "nr"}
    assert understood.entries.columns == {"id": "nr", "owner": "wer", "body": "texte"}


SONGS = Table("songs", ("id", "title"))
OURS = Table("entries", ("id", "user_id", "body", "source_digest"))


@pytest.mark.parametrize(
    ("tables", "hints", "sentence"),
    [
        ([], Hints(), "It holds no tables at all"),
        ([SONGS], Hints(), r"None of its tables looks like people \(songs\)"),
        ([USERS, SONGS], Hints(), r"no other table looks like their entries \(songs\)"),
        ([USERS], Hints(), r"no other table looks like their entries \(there is none\)"),
        ([USERS, POSTS], Hints(people="us"), r"It has no one table 'us'; it has posts, users"),
        ([USERS, POSTS], Hints(columns={"entries.body": "x"}), "posts has no column 'x'; it has id, user_id"),
        (
            [USERS, POSTS],
            Hints(columns={"body": "body"}),
            "There is no 'body' to name a column for; there are",
        ),
        ([USERS, POSTS], Hints(columns={"entries.body": ""}), "name it with --column entries.body=COLUMN"),
        ([USERS, OURS], Hints(), "tables of Journal itself"),
    ],
)
def test_unknown_shapes_are_one_clear_sentence(tables: list[Table], hints: Hints, sentence: str) -> None:
    with pytest.raises(UnknownSchema, match=sentence):
        detect(tables, hints)


def test_tags_in_tables_of_their_own_are_found() -> None:
    refers = {"post_id": ("posts", "id"), "tag_id": ("tags", "")}
    ties = Table("post_tags", ("post_id", "tag_id"), "", refers)
    (joined,) = detect([USERS, POSTS, ties, Table("tags", ("id", "name"), "id")], Hints()).entries.joined
    assert (joined.join, joined.entry, joined.tag, joined.key, joined.name) == (
        ties,
        "post_id",
        "tag_id",
        "id",
        "name",
    )
