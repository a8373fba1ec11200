"""`journal backup` and `journal restore` as a host types them, and the sentences of what can't be done."""

import fcntl
import os
import resource
import subprocess
import sys
from ctypes import CDLL
from pathlib import Path

import pyrage
import pytest
from click.testing import CliRunner, Result

from journal import cli, database, schema
from journal.backups.manifest import BackupError
from journal.schema import FutureSchema
from journal.settings import SettingsError
from tests.backups.journals import attach
from tests.servers import NAMES, environment

pytestmark = pytest.mark.engine("sqlite")


NOBODY = 65534


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, empty_sqlite: str) -> Path:
    """A site's folder with an empty journal."""
    for name in NAMES:
        monkeypatch.delenv(name, raising=False)
    (tmp_path / ".env").write_text("FLASK_ENV=development\n")
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "journal.sqlite3").write_bytes(database.sqlite_file(empty_sqlite).read_bytes())
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(*arguments: str) -> Result:
    return CliRunner().invoke(cli.commands, arguments)


def refusal(*arguments: str) -> str:
    """One sentence, of an error that the command line knows."""
    error = run(*arguments).exception
    assert isinstance(error, cli.FORESEEN), error
    assert isinstance(error, BackupError | FutureSchema | SettingsError)
    return str(error)


def test_a_backup_is_made_verified_and_restored(folder: Path) -> None:
    made = run("backup").output
    (file,) = (folder / "data" / "backups").glob("journal-*.zip")
    assert made.startswith(f"Backup: {file} (")
    assert made.endswith(").\nIt was verified by a restore into a temporary place.\n")
    told = run("backup", "--verify", str(file)).output
    assert told.startswith(f"{file} is whole: 0 entries and 0 attachments on SQLite, made 20")
    (folder / "data" / "journal.sqlite3").unlink()
    assert run("restore", str(file)).output.startswith("Restored: 0 entries and 0 attachments on SQLite")


def test_a_backup_goes_into_a_folder_under_its_usual_name(folder: Path) -> None:
    (folder / "disk").mkdir()
    assert "Backup: disk/journal-2" in run("backup", "disk").output
    assert not list((folder / "data" / "backups").glob("*.zip"))


def test_what_can_not_be_done_is_said_in_a_sentence(folder: Path) -> None:
    (folder / "diary.txt").write_text("Dear diary")
    assert refusal("backup", "nowhere/x.zip") == "There is no folder nowhere for the backup; make it first."
    assert refusal("backup", "diary.txt") == "diary.txt exists already; choose another name for the backup."
    assert refusal("backup", "--verify", "diary.txt") == "diary.txt is no backup of Journal."
    assert refusal("restore", "none.zip") == "none.zip can't be read (No such file or directory)."
    assert "--verify needs the FILE of a backup." in run("backup", "--verify").output
    with (folder / "data" / "backups" / "backup.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        assert refusal("backup") == "Another backup or restore is under way; try again when it is done."
    (folder / "data" / "journal.sqlite3").write_bytes(b"")
    assert refusal("backup").startswith("The database holds no journal;")
    (folder / "data" / "journal.sqlite3").unlink()
    assert refusal("backup").startswith(f"There is no database {folder / 'data' / 'journal.sqlite3'};")


def test_an_encrypted_backup_needs_its_private_key(folder: Path) -> None:
    identity = pyrage.x25519.Identity.generate()
    (folder / "key.txt").write_text(str(identity))
    (folder / ".env").write_text(f"FLASK_ENV=development\nBACKUP_RECIPIENT={identity.to_public()}\n")
    run("backup", "x.zip.age")
    assert refusal("restore", "x.zip.age").endswith("name the file of its private key by --identity.")
    assert "is whole" in run("backup", "--verify", "x.zip.age", "--identity", "key.txt").output
    (folder / "data" / "journal.sqlite3").unlink()
    assert run("restore", "x.zip.age", "--identity", "key.txt").output.startswith("Restored: ")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("room", "sentence"),
    [
        (100_000, "can't be copied or read ("),  # for half a copy of the database
        (500_000, "The backup x.zip can't be written (File too large)."),
    ],
)
def test_a_disk_that_takes_no_more_leaves_no_backup_and_says_so(
    folder: Path, room: int, sentence: str
) -> None:
    """The limit of a file's size stands for the disk's."""
    attach(folder / "data", b"x" * 2_000_000)
    done = subprocess.run(
        [sys.executable, "-m", "journal", "backup", "x.zip"],
        env=environment(FLASK_ENV="development"),
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (room, room)),
        capture_output=True,
        text=True,
    )
    assert (done.returncode, len(done.stderr.splitlines())) == (1, 1), done.stderr
    assert sentence in done.stderr
    assert not list(folder.glob("x.zip*"))
    assert [path.name for path in (folder / "data" / "backups").iterdir()] == ["backup.lock"]


def test_an_attachment_that_can_not_be_read_is_named(folder: Path) -> None:
    attach(folder / "data", b"a photo")
    photo = folder / "data" / "attachments" / "00" / "cdef"
    photo.chmod(0)
    done = subprocess.run(
        [sys.executable, "-m", "journal", "backup", "x.zip"],
        env=environment(FLASK_ENV="development"),
        preexec_fn=without_the_rights_of_root,
        capture_output=True,
        text=True,
    )
    assert done.stderr == (
        f"journal: The backup x.zip can't be made: {photo} can't be used (Permission denied).\n"
    )


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can make files of others")
def test_what_root_makes_belongs_to_the_owner_of_the_folder(folder: Path) -> None:
    """Otherwise the site's user could not use the catalog, or the restored database, any more."""
    attach(folder / "data", b"a photo")
    for path in (folder, folder / "data"):
        os.chown(path, NOBODY, NOBODY)
    run("backup")
    (folder / "data").rename(folder / "before")
    (made,) = (folder / "before" / "backups").glob("*.zip")
    run("restore", str(made))
    found = [*(folder / "before" / "backups").rglob("*"), folder / "data", *(folder / "data").rglob("*")]
    assert folder / "data" / "attachments" / "00" / "cdef" in found
    assert {path.stat().st_uid for path in found} == {NOBODY}
    assert not [path for path in found if path.stat().st_mode & 0o077]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can make files of others")
@pytest.mark.parametrize("command", ["backup", "doctor"])
def test_a_data_folder_that_is_closed_to_this_user_is_told_in_a_sentence(folder: Path, command: str) -> None:
    (folder / "data").chmod(0)
    done = subprocess.run(
        [sys.executable, "-m", "journal", command],
        env=environment(FLASK_ENV="development"),
        preexec_fn=without_the_rights_of_root,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1
    assert "can't be written (Permission denied): this program runs as root" in done.stdout + done.stderr
    assert "Traceback" not in done.stderr


def without_the_rights_of_root() -> None:
    """Takes the capabilities to read and search everything from the program that starts next."""
    for capability in (1, 2):
        CDLL(None).prctl(24, capability)


def test_a_disk_that_is_full_is_not_taken_for_a_damaged_backup(folder: Path) -> None:
    run("backup", "x.zip")
    done = subprocess.run(
        [sys.executable, "-m", "journal", "backup", "--verify", "x.zip"],
        env=environment(FLASK_ENV="development"),
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000)),
        capture_output=True,
        text=True,
    )
    assert "can't be read or written (File too large)" in done.stderr
    assert "x.zip" not in done.stderr


def test_a_newer_schema_is_refused_before_anything_is_unpacked(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run("backup", "x.zip")
    (folder / "data" / "journal.sqlite3").unlink()
    monkeypatch.setattr(schema, "known", lambda: ["0001_first"])
    assert "was made by a newer version of Journal" in refusal("restore", "x.zip")
    assert not (folder / "data" / "restoring").exists()
