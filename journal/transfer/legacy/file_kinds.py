"""File kinds: recognises dumps and archives among files that are no SQLite database, and tells the host what
to do with them."""

import codecs
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path

from journal.transfer.legacy.values import read_text

HEAD = 4096  # bytes that are looked at
SHOWN = 5  # names of files in an archive
MARKS = (codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
PACKED = {
    b"\x1f\x8b": "gzip",
    b"BZh": "bzip2",
    b"\xfd7zXZ": "xz",
    b"\x28\xb5\x2f\xfd": "zstd",
    b"7z\xbc\xaf": "7z",
}
MYSQL = re.compile(r"-- (MySQL|MariaDB|phpMyAdmin)|/\*M?!|ENGINE ?=", re.IGNORECASE)
POSTGRES = re.compile(r"-- PostgreSQL|\bSET statement_timeout|\bpg_catalog\b", re.IGNORECASE)
STATEMENT = re.compile(
    r"(\s|--.*\n)*(PRAGMA \w+ *=|BEGIN( TRANSACTION)?;|(CREATE|DROP) (TABLE|INDEX|VIEW)\b|INSERT INTO\b)",
    re.IGNORECASE,
)


def decoded(raw: bytes) -> str:
    """The text of a dump; PowerShell writes it in UTF-16."""
    if raw.startswith(MARKS[1:]):
        return raw.decode("utf-16", "replace")
    return read_text(raw.removeprefix(codecs.BOM_UTF8))


def is_sqlite_dump(head: bytes) -> bool:
    text = decoded(head[: len(head) // 2 * 2])
    return bool(STATEMENT.match(text)) and not MYSQL.search(text) and not POSTGRES.search(text)


def described(path: Path, head: bytes) -> str:
    """What the file is and what to do with it; continues "PATH is"."""
    if head.startswith(b"PGDMP"):
        return (
            "a dump that pg_dump made: restore it by `createdb old` and "
            f"`pg_restore --no-owner --dbname old {path}`, and adopt postgres://…/old."
        )
    if head.startswith(b"PK\x03\x04") or head[257:262] == b"ustar":
        return f"an archive: unpack it, and adopt the database in it{_databases(path)}."
    if packer := next((name for start, name in PACKED.items() if head.startswith(start)), ""):
        return f"packed by {packer}: unpack it, and adopt what comes out."
    text = decoded(head[: len(head) // 2 * 2])
    if MYSQL.search(text):
        return (
            "a dump of MySQL or MariaDB: load it into a server and adopt mysql://…, or make a SQLite "
            f"database of it by `mysql2sqlite {path} | sqlite3 old.db`, and adopt that."
        )
    if POSTGRES.search(text):
        return (
            f"a dump of PostgreSQL: load it by `createdb old` and `psql --dbname old --file {path}`, and "
            "adopt postgres://…/old."
        )
    return "not a SQLite database."


def _databases(path: Path) -> str:
    try:
        with zipfile.ZipFile(path) as archive:
            found = list(_names(archive))[:SHOWN]
    except (zipfile.BadZipFile, OSError, NotImplementedError):
        return ""
    return f" ({', '.join(found)})" if found else ""


def _names(archive: zipfile.ZipFile) -> Iterator[str]:
    for item in archive.infolist():
        if re.search(r"\.(db|sqlite3?|sql|dump)$", item.filename, re.IGNORECASE):
            yield ascii(item.filename)[1:-1]
