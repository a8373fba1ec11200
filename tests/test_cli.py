"""What a host types: the people of a site, in processes of their own."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from journal import database
from journal.cli import commands
from journal.sessions.cookies import digest
from tests.servers import PASSWORD, environment, joined, serving

pytestmark = pytest.mark.slow


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where commands run, in which nothing is set."""
    (tmp_path / ".env").touch()
    monkeypatch.chdir(tmp_path)
    return tmp_path


def journal(folder: Path, url: str, *arguments: str, typed: str = "") -> "subprocess.CompletedProcess[str]":
    """`journal …` with something on its standard input."""
    env = environment(FLASK_ENV="development", DATABASE_URL=url)
    command = [sys.executable, "-m", "journal", *arguments]
    return subprocess.run(
        command, cwd=folder, env=env, input=typed, capture_output=True, text=True, timeout=30
    )


def says(done: "subprocess.CompletedProcess[str]") -> str:
    """What a command said that worked."""
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def refuses(done: "subprocess.CompletedProcess[str]") -> str:
    """The sentence of one that did not."""
    assert done.returncode != 0
    assert done.stdout == ""
    assert "Traceback" not in done.stderr
    assert len(done.stderr.splitlines()) == 1, done.stderr
    return done.stderr.strip()


def add(folder: Path, url: str, name: str, *options: str) -> "subprocess.CompletedProcess[str]":
    return journal(folder, url, "user", "add", name, *options, typed=f"{PASSWORD}\n")


def test_the_first_account_is_the_administrator_and_people_are_listed(
    folder: Path, database_url: str
) -> None:
    first = add(folder, database_url, "Ann", "--email", "ann@example.org")
    assert says(first) == "Ann can sign in now, and is the administrator.\n"
    second = invoked(database_url, "user", "add", "Bob Two", "--zone", "Europe/Berlin", typed=PASSWORD)
    assert second.output == "Bob Two can sign in now.\n"
    assert invoked(database_url, "user", "disable", "bob two").output.startswith("bob two can't sign in")
    listed = invoked(database_url, "user", "list").output
    assert listed == "Ann  ann@example.org  administrator\nBob Two  -  disabled\n"


def test_the_commands_and_the_site_know_the_same_people(folder: Path, database_url: str) -> None:
    invoked(database_url, "user", "add", "Bob", typed=PASSWORD)
    with serving(folder, DATABASE_URL=database_url) as server, joined(server, "Ann") as browser:
        assert "Ann" in invoked(database_url, "user", "list").output
        browser.cookies.clear()
        assert browser.post("/login", data={"username": "BOB", "password": PASSWORD}).status_code == 303
        new = "another horse battery"
        done = journal(folder, database_url, "user", "password", "Bob", typed=f"{new}\r\n")
        assert says(done) == "Bob has a new password; every browser has to sign in again.\n"
        browser.cookies.delete(f"access_token_{digest(server.url)}")
        assert browser.get("/settings").headers["Location"].startswith("/login")
        assert browser.post("/login", data={"username": "Bob", "password": PASSWORD}).status_code == 422
        assert browser.post("/login", data={"username": "Bob", "password": new}).status_code == 303
        invoked(database_url, "user", "disable", "Bob")
        browser.cookies.delete(f"access_token_{digest(server.url)}")
        assert browser.get("/settings").status_code == 303
        assert browser.post("/login", data={"username": "Bob", "password": new}).status_code == 422


@pytest.mark.parametrize(
    ("arguments", "typed", "said"),
    [
        (("add", "ANN"), PASSWORD, "Somebody here has this name already."),
        (("add", "Bob", "--email", "Ann@Example.org"), PASSWORD, "Somebody here has this address already."),
        (("add", "Аnn"), PASSWORD, "A name can't mix letters or digits of different scripts."),
        (("add", "Αηη"), PASSWORD, "This looks too much like the name of somebody here; choose another."),
        (("add", "Bob"), "short", "A password needs at least 8 characters."),
        (("add", "Bob"), "", "A password needs at least 8 characters."),
        (("add", "Bob"), "password123", "This password is among the first that anybody would try."),
        (("add", "  "), PASSWORD, "Choose a name."),
        (("add", "bob@example.org"), PASSWORD, "A name can't have @ or invisible characters in it."),
        (("add", "Bob", "--email", "nonsense"), PASSWORD, "This is not an e-mail address."),
        (("add", "Bob", "--zone", "Mars/Base"), PASSWORD, "Mars/Base is not a time zone that is known here."),
        (("password", "Nobody"), PASSWORD, "Nobody here is called Nobody."),
        (("password", "Ann"), "short", "A password needs at least 8 characters."),
        (("disable", "Nobody"), "", "Nobody here is called Nobody."),
    ],
)
def test_what_can_not_be_done_is_said_in_a_sentence_and_changes_nothing(
    people: str, folder: Path, arguments: tuple[str, ...], typed: str, said: str
) -> None:
    answer = invoked(people, "user", *arguments, typed=typed)
    assert (answer.exit_code, answer.stdout, answer.stderr) == (1, "", f"Error: {said}\n")
    assert invoked(people, "user", "list").stdout == "Ann  ann@example.org  administrator\n"


def invoked(url: str, *arguments: str, typed: str = "") -> Result:
    """In this process, which is quicker, on a loop of its own."""
    env = {"FLASK_ENV": "development", "SECRET_KEY": "", "DATABASE_URL": url}
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(CliRunner().invoke, commands, arguments, input=typed, env=env).result()


@pytest.fixture(scope="module")
def people(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A database in which Ann is."""
    folder = tmp_path_factory.mktemp("people")
    (folder / ".env").touch()
    url = f"sqlite://{folder / 'journal.sqlite3'}"
    says(add(folder, url, "Ann", "--email", "ann@example.org"))
    return url


def test_a_password_is_never_an_argument(folder: Path) -> None:
    """Everybody on the computer can read the arguments of a process."""
    done = journal(folder, f"sqlite://{folder}/journal.sqlite3", "user", "add", "Ann", PASSWORD)
    assert done.returncode == 2
    assert not (folder / "journal.sqlite3").exists()


def test_a_password_may_have_blanks_and_letters_of_any_script(folder: Path) -> None:
    url = f"sqlite://{folder / 'journal.sqlite3'}"
    says(journal(folder, url, "user", "add", "Ann", typed="  秘密の 言葉  \n"))
    with serving(folder, DATABASE_URL=url) as server, joined(server, "Bob") as browser:
        browser.cookies.clear()
        asked = [("秘密の 言葉", 422), ("  秘密の 言葉  ", 303)]
        for password, status in asked:
            assert (
                browser.post("/login", data={"username": "Ann", "password": password}).status_code == status
            )


def test_migrating_says_what_it_does_and_where_the_backup_lies(folder: Path, database_url: str) -> None:
    told = says(journal(folder, database_url, "migrate"))
    assert told == "The database is up to date.\n"
    if database.is_sqlite(database_url):
        told = says(journal(folder, f"sqlite://{folder}/new.sqlite3", "migrate"))
        assert told.splitlines()[0] == "Migrated: 0001_first"


def test_a_database_that_is_away_is_said_in_a_sentence(folder: Path) -> None:
    told = refuses(journal(folder, "postgres://ann:hush@127.0.0.1:1/journal", "user", "list"))
    assert told.startswith("journal: the database 127.0.0.1:1/journal can't be used (")


def test_the_command_knows_its_version_and_its_commands(folder: Path) -> None:
    assert says(journal(folder, "", "--version")).startswith("journal 0.")
    told = says(journal(folder, "", "--help"))
    for command in ("serve", "migrate", "adopt", "user"):
        assert f"\n  {command} " in told
