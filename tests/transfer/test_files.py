"""Files that are no SQLite database: dumps of SQLite are loaded, others are named with what to do."""

import bz2
import gzip
import lzma
import sqlite3
import tarfile
import zipfile
from pathlib import Path
from typing import Any

import pytest

from journal.transfer.legacy.known_schemas import UnreadableSource
from tests.transfer.old_apps import OldApp, unchanged, usual_app
from tests.transfer.sites import Site, everybody, everything, said

pytestmark = [pytest.mark.slow, pytest.mark.engine("sqlite")]


async def dump(folder: Path, encoding: str = "utf-8") -> Path:
    """The dump of a small old app, by the standard library."""
    old = await usual_app(folder / "made.db")
    await old.person(1, "élodie")
    await old.entry(1, content="It's\n🙂; COMMIT;")
    connection = sqlite3.connect(folder / "made.db")
    path = folder / "old.sql"
    path.write_bytes("\n".join(connection.iterdump()).encode(encoding))
    connection.close()
    (folder / "made.db").unlink()
    return path


async def refusal(site: Site, path: Path) -> str:
    with pytest.raises(UnreadableSource) as refused:
        await site.adopts(OldApp(path))
    return str(refused.value).replace(f"{path.parent}/", "")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
async def test_a_dump_of_sqlite_is_adopted_like_its_database(
    tmp_path: Path, site: Site, encoding: str
) -> None:
    (tmp_path / "old").mkdir()
    path = await dump(tmp_path / "old", encoding)
    async with unchanged(tmp_path / "old"):
        report = await site.adopts(OldApp(path))
    assert report.lines()[0].startswith(f"{path} is only read.")
    assert [person.username for person in (await everybody(site)).values()] == ["élodie"]
    assert [entry.body for entry in (await everything(site)).values()] == ["It's\n🙂; COMMIT;"]
    assert said(await site.adopts(OldApp(path)), "Entries: 0").endswith("1 is here already.")


async def test_control_characters_as_new_versions_of_sqlite_write_them_are_read(
    tmp_path: Path, site: Site
) -> None:
    path = await dump(tmp_path)
    text = path.read_text().replace("'It''s\n🙂; COMMIT;'", r"unistr('a\000a\u0009\\\+01f642')")
    path.write_text(text)
    await site.adopts(OldApp(path))
    assert [entry.body for entry in (await everything(site)).values()] == ["a\n\t\\🙂"]


CHANGES: dict[str, tuple[Any, str]] = {
    "damaged": (
        lambda text: text.replace("\nCOMMIT;", "\nROLLBACK; -- due to errors\n"),
        "old.sql is the dump of a damaged database, as it ends with ROLLBACK; adopt a backup of it.",
    ),
    "cut off": (
        lambda text: text.replace("\nCOMMIT;", "\n"),
        "old.sql is a dump that was cut off, as its COMMIT is missing; make it anew.",
    ),
    "cut off in a statement": (
        lambda text: text[: text.index("COMMIT;")],
        "old.sql is a dump that SQLite can't load (",
    ),
    "of no SQL": (
        lambda text: text.replace("INSERT INTO", "INSERT OUT OF"),
        "old.sql is a dump that SQLite can't load (",
    ),
}


@pytest.mark.parametrize(("change", "sentence"), CHANGES.values(), ids=CHANGES)
async def test_a_dump_that_is_not_whole_is_refused(
    tmp_path: Path, site: Site, change: Any, sentence: str
) -> None:
    path = await dump(tmp_path)
    path.write_text(change(path.read_text()))
    assert (await refusal(site, path)).startswith(sentence)


@pytest.mark.parametrize("statement", ["ATTACH '{}' AS other; CREATE TABLE other.x (y)", "VACUUM INTO '{}'"])
async def test_a_dump_can_write_no_other_file(tmp_path: Path, site: Site, statement: str) -> None:
    path = await dump(tmp_path)
    path.write_text(f"{path.read_text()}\n{statement.format(tmp_path / 'written.db')};")
    assert "authoriz" in await refusal(site, path)
    assert not (tmp_path / "written.db").exists()


def zipped(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("app/instance/site.db", b"SQLite format 3\0")
        archive.writestr("app/app.py", b"")


def tarred(path: Path) -> None:
    with tarfile.open(path, "w") as archive:
        archive.add(__file__, "app.py")


MARIADB = (
    "/*M!999999\\- enable the sandbox mode */ \n-- MariaDB dump 10.19\nCREATE TABLE `user` (`id` int);\n"
)
MYSQL = "CREATE TABLE `user` (\n  `id` int\n) ENGINE=InnoDB;\n"
OTHERS: dict[str, tuple[Any, str]] = {
    "zip": (zipped, "an archive: unpack it, and adopt the database in it (app/instance/site.db)."),
    "tar": (tarred, "an archive: unpack it, and adopt the database in it."),
    "gzip": (lambda p: p.write_bytes(gzip.compress(b"x")), "packed by gzip: unpack it, and adopt what"),
    "bzip2": (lambda p: p.write_bytes(bz2.compress(b"x")), "packed by bzip2: unpack it, and adopt what"),
    "xz": (lambda p: p.write_bytes(lzma.compress(b"x")), "packed by xz: unpack it, and adopt what"),
    "a dump of MariaDB": (
        lambda p: p.write_text(MARIADB),
        "a dump of MySQL or MariaDB: load it into a server",
    ),
    "a dump of MySQL": (lambda p: p.write_text(MYSQL), "a dump of MySQL or MariaDB: load it into a server"),
    "words": (lambda p: p.write_text("Drop me a line"), "not a SQLite database."),
}


@pytest.mark.parametrize(("make", "sentence"), OTHERS.values(), ids=OTHERS)
async def test_another_file_is_named_with_what_to_do(
    tmp_path: Path, site: Site, make: Any, sentence: str
) -> None:
    make(tmp_path / "old")
    assert (await refusal(site, tmp_path / "old")).startswith(f"old is {sentence}")


# The address of a SQLite database, as Flask reads it


async def made_at(path: Path) -> None:
    path.parent.mkdir(exist_ok=True)
    old = await usual_app(path)
    await old.person(1, path.parent.name)


async def test_three_slashes_begin_in_the_folder_then_in_instance(
    tmp_path: Path, site: Site, monkeypatch: Any
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UnreadableSource) as refused:
        await site.adopts(OldApp("sqlite:///x.db"))
    assert str(refused.value) == "x.db and instance/x.db and /x.db do not exist."
    await made_at(tmp_path / "instance" / "x.db")
    await site.adopts(OldApp("sqlite:///x.db"))
    assert [person.username for person in (await everybody(site)).values()] == ["instance"]
    await made_at(tmp_path / "x.db")
    with pytest.raises(UnreadableSource, match=r"x\.db and instance/x\.db both exist; name the one"):
        await site.adopts(OldApp("sqlite:///x.db"))
