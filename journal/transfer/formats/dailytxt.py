"""Reader of DailyTxT's backup, which has to be made without encryption: one file a month, and the tags."""

import html
import json
import re
from collections.abc import Iterator
from contextlib import suppress
from datetime import date
from functools import partial
from hashlib import sha256
from posixpath import basename
from typing import Any

from journal.entries.imported import ImportedAttachment, ImportedEntry
from journal.transfer.archive import Archive, UnreadableArchive
from journal.transfer.formats import dates, json_values, reader
from journal.transfer.formats.json_values import items, mapping, mappings, text
from journal.transfer.formats.reader import ReadOptions, entry_fields
from journal.transfer.report import Report

NAME = "dailytxt"
LABEL = "DailyTxT"
MONTH = re.compile(r"(.*/)?([0-9]{4})/([0-9]{2})\.json", re.ASCII)
DAYS = re.compile(rb'\s*\{[^[]{0,2000}"days"\s*:')
DAMAGED = "Months whose file is damaged, and are left out"


def recognises(archive: Archive) -> bool:
    first = next((name for name in archive.names if MONTH.fullmatch(name)), None)
    return first is not None and DAYS.match(archive.beginning(first)) is not None


def read(archive: Archive, options: ReadOptions, report: Report) -> Iterator[ImportedEntry]:
    months = [match for name in archive.names if (match := MONTH.fullmatch(name))]
    root = (months[0][1] or "") if months else ""
    if f"{root}user.json" in archive.names:
        raise UnreadableArchive(
            f"{archive.name} is an encrypted backup, which only DailyTxT can read: make one there without "
            "encryption, and import that."
        )
    tags = _tags(archive, f"{root}tags.json")
    for month in months:
        for found in items(mapping(_json(archive, month[0], report)).get("days")):
            record = mapping(found)
            if day := _day(month, record.get("day")):
                media = tuple(_attachments(archive, month[1] or "", record, str(day), report))
                names = [tags.get(str(one), "") for one in items(record.get("tags"))]
                yield from _entry(record, day, names, media, options, report)
            else:
                report.miss(reader.UNDATED, f"{month[0]}: day {str(record.get('day'))[:20]}")


def _json(archive: Archive, name: str, report: Report) -> Any:
    try:
        return json.loads(archive.read(name))
    except (UnreadableArchive, ValueError, RecursionError):
        report.miss(DAMAGED, name)
        return None


def _tags(archive: Archive, name: str) -> dict[str, str]:
    """The names of tags by their ids, which are numbers."""
    if name not in archive.names:
        return {}
    listed = mapping(_json(archive, name, Report())).get("tags")
    return {str(tag.get("id")): text(tag.get("name")) for tag in mappings(listed)}


def _entry(
    record: dict[str, Any],
    day: date,
    tags: list[str],
    media: tuple[ImportedAttachment, ...],
    options: ReadOptions,
    report: Report,
) -> Iterator[ImportedEntry]:
    body, at = text(record.get("text")), dates.of_day(day, options.zone)
    if not (body.strip() or media or any(tags) or record.get("isBookmarked") is True):
        report.note(reader.EMPTY, str(day))
        return
    written = html.unescape(text(record.get("date_written")))  # localised words, which stay words
    yield ImportedEntry(
        fields=entry_fields(title="", body=body, day=day, zone=options.zone, tags=tags),
        written_at=at,
        updated_at=at,
        source=NAME,
        source_id=str(day),  # DailyTxT has one text a day
        starred=record.get("isBookmarked") is True,
        attachments=media,
        record=json_values.record({**record, "date_written": written}),
    )


def _day(month: re.Match[str], number: object) -> date | None:
    with suppress(ValueError, TypeError, OverflowError):
        if not isinstance(number, bool):
            return date(int(month[2]), int(month[3]), int(str(number)))
    return None


def _attachments(
    archive: Archive, root: str, record: dict[str, Any], label: str, report: Report
) -> Iterator[ImportedAttachment]:
    for file in mappings(record.get("files")):
        name = text(file.get("filename"))
        path = f"{root}files/{name}"
        if path in archive.names:
            key = sha256(path.encode(errors="surrogatepass")).hexdigest()[:32]
            yield ImportedAttachment(key, basename(name), partial(archive.open, path))
        else:
            report.note(reader.MISSING_MEDIA, f"{label}: {name or '?'}")
