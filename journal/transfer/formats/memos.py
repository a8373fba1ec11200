"""Reader of Memos' SQLite database, alone or in a zip with its assets. Its times are in UTC, so the zone of
the import decides the days."""

import json
import re
import sqlite3
from collections.abc import Iterator
from typing import Any

from journal.entries.imported import ImportedEntry, Place
from journal.transfer.archive import Archive, UnreadableArchive
from journal.transfer.formats import dates, json_values, reader, sqlite_copy
from journal.transfer.formats.dates import Moment
from journal.transfer.formats.json_values import mapping, number, text, texts
from journal.transfer.formats.memos_files import MemoFiles
from journal.transfer.formats.reader import ReadOptions, entry_fields
from journal.transfer.formats.sqlite_copy import SqliteCopy
from journal.transfer.report import Report

NAME = "memos"
LABEL = "Memos"
TABLE = re.compile(rb"CREATE TABLE (?:IF NOT EXISTS )?[\"'`\[]?memo[\"'`\]]?\s*\(", re.IGNORECASE)
FILE = re.compile(r"(?:.*/)?memos[^/]*\.db$", re.IGNORECASE)
ARCHIVED = "archived"  # a tag, since Memos keeps such memos
PEOPLE = "SELECT id, username FROM user WHERE id IN (SELECT creator_id FROM memo) ORDER BY username LIMIT 50"
DAMAGED = "Databases that are damaged, of which only the beginning is read"
RELATED = re.compile(r"!?\[\[(?:memos/)?([\w-]{1,64})(?:\?text=([^\[\]]{0,300}))?\]\]", re.ASCII)
COLUMNS = (
    "id", "uid", "resource_name", "creator_id", "created_ts", "updated_ts", "row_status", "content", "pinned",
    "payload",
)  # fmt: skip


def recognises(archive: Archive) -> bool:
    return bool(_databases(archive))


def _databases(archive: Archive) -> list[str]:
    found = []
    for name in archive.names:
        if sqlite_copy.is_sqlite(archive, name):
            is_named = FILE.match(name) is not None
            found += [name] if is_named or TABLE.search(sqlite_copy.head(archive, name)) else []
    return found


def read(archive: Archive, options: ReadOptions, report: Report) -> Iterator[ImportedEntry]:
    for name in _databases(archive):
        copy = SqliteCopy(archive, name)
        columns = [column for column in COLUMNS if column in copy.tables.get("memo", ())]
        if not {"id", "created_ts", "content"} <= set(columns):
            raise UnreadableArchive(f"{name} has no memos that this site knows how to read.")
        condition, values = _condition(copy, options, columns)
        memos = copy.rows(f"SELECT {', '.join(columns)} FROM memo {condition} ORDER BY id", values)
        files = MemoFiles(archive, copy)
        try:
            for memo in memos:
                if entry := _entry(memo, files, options, report):
                    yield entry
        except sqlite3.Error:
            report.note(DAMAGED, name)


def _condition(copy: SqliteCopy, options: ReadOptions, columns: list[str]) -> tuple[str, tuple[Any, ...]]:
    """Whose memos are read. Raises UnreadableArchive if several people wrote and none is named."""
    if "creator_id" not in columns or not {"id", "username"} <= set(copy.tables.get("user", ())):
        return "", ()
    try:
        people = {str(row["username"]): row["id"] for row in copy.rows(PEOPLE)}
    except sqlite3.Error as error:
        raise UnreadableArchive(f"{copy.label} can't be read as a database ({error}).") from None
    if options.owner in people:
        return "WHERE creator_id = ?", (people[options.owner],)
    if len(people) <= 1:
        return "", ()
    names = ", ".join(people)
    raise UnreadableArchive(
        f"{copy.label} has memos of {names}: name the person whose memos you import, like --owner "
        f"{next(iter(people), 'ann')}."
    )


def _entry(
    memo: dict[str, Any], files: MemoFiles, options: ReadOptions, report: Report
) -> ImportedEntry | None:
    uid = text(memo.get("uid") or memo.get("resource_name")) or str(memo["id"])
    times = _times(memo, options.zone)
    if not times:
        report.miss(reader.UNDATED, uid)
        return None
    when, updated = times
    body = RELATED.sub(lambda link: f"[{link[2] or link[1]}](entry:{link[1]})", text(memo["content"]))
    body, attachments, missing = files.of(memo["id"], body)
    for name in missing:
        report.note(reader.MISSING_MEDIA, f"{when.day} {uid}: {name}")
    if not body.strip() and not attachments:
        report.note(reader.EMPTY, uid)
        return None
    payload = _payload(memo.get("payload"))
    return ImportedEntry(
        fields=entry_fields(title="", body=body, day=when.day, zone=options.zone, tags=_tags(memo, payload)),
        written_at=when.at,
        updated_at=updated.at,
        source=NAME,
        source_id=uid[:200],
        starred=memo.get("pinned") == 1,
        place=_place(mapping(payload.get("location"))),
        attachments=attachments,
        record=json_values.record(memo),
    )


def _times(memo: dict[str, Any], zone: str) -> tuple[Moment, Moment] | None:
    """When the memo was created and updated."""
    created, updated = number(memo["created_ts"]), number(memo.get("updated_ts"))
    if created is None:
        return None
    try:
        return dates.of_epoch(created, zone), dates.of_epoch(updated or created, zone)
    except ValueError:
        return None


def _tags(memo: dict[str, Any], payload: dict[str, Any]) -> list[str]:
    return [*texts(payload.get("tags")), *([ARCHIVED] if memo.get("row_status") == "ARCHIVED" else [])]


def _place(location: dict[str, Any]) -> Place:
    latitude, longitude = number(location.get("latitude"), 90), number(location.get("longitude"), 180)
    return Place(text(location.get("placeholder")), latitude, longitude)


def _payload(value: object) -> dict[str, Any]:
    try:
        return mapping(json.loads(text(value) or "{}"))
    except (ValueError, RecursionError):
        return {}
