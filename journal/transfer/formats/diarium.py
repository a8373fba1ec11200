"""Reader of Diarium: its JSON export, a file or a zip with photos, and its backup (diarium_backup)."""

import json
import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any

from journal.entries import mood
from journal.entries.imported import ImportedAttachment, ImportedEntry, Place
from journal.entries.values import EntryFields
from journal.transfer.archive import Archive, UnreadableArchive
from journal.transfer.formats import dates, diarium_backup, json_stream, reader
from journal.transfer.formats.reader import ReadOptions, entry_fields
from journal.transfer.formats.source_media import Media
from journal.transfer.formats.source_values import UNREADABLE_FILE, Item, each, joined, place, typed
from journal.transfer.html_to_markdown import to_markdown
from journal.transfer.report import Report

NAME = "diarium"
LABEL = "Diarium"
HEAD = 64 * 1024
TRIED = 20  # files, to recognise the export
LARGEST = 32 * 1024 * 1024  # bytes of a file with one entry
BEGINNING = re.compile(rb'(?:\xef\xbb\xbf)?\s*(\[\s*)?\{\s*"(?:date|heading|html)"\s*:')
DATE = re.compile(r"(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}):(\d{2}):(\d{2})(?:\.(\d{1,9}))?)?.{0,10}", re.ASCII)
COORDINATES = re.compile(r"\s*(-?\d{1,3}(?:\.\d+)?)\s*[,;]\s*(-?\d{1,3}(?:\.\d+)?)\s*", re.ASCII)
TICKS = 10_000_000  # in a second, from the year 1 on


def recognises(archive: Archive) -> bool:
    names = archive.ending(".json")[:TRIED]
    return any(_beginning(archive, name) for name in names) or bool(diarium_backup.files(archive))


def _beginning(archive: Archive, name: str) -> re.Match[bytes] | None:
    """How an export begins; None if the file is none."""
    head = archive.beginning(name, HEAD)
    found = BEGINNING.match(head)
    return found if found and b'"date"' in head and (b'"html"' in head or b'"heading"' in head) else None


def read(archive: Archive, options: ReadOptions, report: Report) -> Iterator[ImportedEntry]:
    folders = _folders(archive)
    for name in archive.ending(".json"):
        if not _beginning(archive, name):
            continue
        convert = partial(_from_json, folders=folders, options=options)
        yield from each(_values(archive, name, report), name, report, convert)
    for name in diarium_backup.files(archive):
        with diarium_backup.opened(archive, name) as backup:
            convert = partial(_from_backup, backup=backup, options=options)
            yield from each(backup.entries(), name, report, convert)


def _values(archive: Archive, name: str, report: Report) -> Iterator[Any]:
    found = _beginning(archive, name)
    if found and found[1]:
        with archive.open(name) as file:
            yield from json_stream.items(file, "item", name, report)
        return
    try:
        yield json.loads(archive.read(name, LARGEST).decode("utf-8-sig", "replace"))
    except (UnreadableArchive, ValueError, RecursionError):
        report.miss(UNREADABLE_FILE, name)


@dataclass(frozen=True)
class _Folders:
    """The photos of each entry, by the name of their folder: 2010-10-26_154753488."""

    media: Media
    members: dict[str, list[str]]

    def attachments(self, ticks: int) -> tuple[ImportedAttachment, ...]:
        second = datetime(1, 1, 1) + timedelta(seconds=ticks // TICKS)  # noqa: DTZ001
        rest = ticks % TICKS // 10_000
        names = dict.fromkeys(
            f"{second + timedelta(seconds=(rest + more) // 1000):%Y-%m-%d_%H%M%S}{(rest + more) % 1000:03}"
            for more in (0, 1)  # milliseconds may have been rounded up
        )
        for name in names:
            if members := self.members.get(name):
                return tuple(
                    self.media.attachment(member, key=f"{name}-{posixpath.basename(member)}")
                    for member in sorted(members)
                )
        return ()


def _folders(archive: Archive) -> _Folders:
    members: dict[str, list[str]] = {}
    for name in archive.names:
        parts = name.split("/")
        if len(parts) > 2 and parts[-3].lower() == "media":
            members.setdefault(parts[-2], []).append(name)
    return _Folders(Media(archive), members)


def _from_json(item: Item, folders: _Folders, options: ReadOptions) -> ImportedEntry | str:
    ticks = _ticks(item.text("date"))
    if ticks is None:
        return reader.UNDATED
    return _entry(
        ticks, item, options, folders.attachments(ticks), tags=[*item.texts("tags"), *item.texts("people")]
    )


def _from_backup(item: Item, backup: diarium_backup.Backup, options: ReadOptions) -> ImportedEntry | str:
    ticks = item.values.get("ticks")
    if not isinstance(ticks, int):
        return reader.UNDATED
    return _entry(ticks, item, options, backup.attachments(ticks), tags=[])


def _entry(
    ticks: int,
    item: Item,
    options: ReadOptions,
    attachments: tuple[ImportedAttachment, ...],
    tags: list[str],
) -> ImportedEntry | str:
    """Diarium knows an entry by its local time in ticks."""
    try:
        local = datetime(1, 1, 1) + timedelta(microseconds=ticks // 10)  # noqa: DTZ001
        at = dates.of_day(local.date(), options.zone, local.time())
    except (OverflowError, ValueError):
        return reader.UNDATED
    return ImportedEntry(
        fields=_fields(item, local.date(), tags, options.zone),
        written_at=at,
        updated_at=at,
        source=NAME,
        source_id=str(ticks),
        place=_place(item),
        weather=joined(
            *(word for name in ("weather", "sun", "lunar") for word in _words(item.values.get(name)))
        ),
        attachments=attachments,
        record=item.record(),
    )


def _fields(item: Item, day: date, tags: list[str], zone: str) -> EntryFields:
    """The number of stars is a mood, and what trackers say stands below the text."""
    texts = [to_markdown(item.typed("html")), *map(typed, _words(item.values.get("tracker")))]
    rating = item.whole("rating") or 0
    return entry_fields(
        title=item.typed("heading"),
        body="\n\n".join(text for text in texts if text),
        day=day,
        zone=zone,
        tags=tags,
        mood_name=list(mood.SYMBOLS)[rating - 1] if 1 <= rating <= 5 else "",
    )


def _ticks(text: str) -> int | None:
    """The local time in ticks. Fractions of a second have 5 to 7 digits; zeros at the end are left out."""
    found = DATE.fullmatch(text.strip()[:60])
    if not found:
        return None
    try:
        second = datetime(*(int(part or 0) for part in found.groups()[:6]))  # type: ignore[arg-type] # noqa: DTZ001
    except ValueError:
        return None
    seconds = (second - datetime(1, 1, 1)) // timedelta(seconds=1)  # noqa: DTZ001
    return seconds * TICKS + int(f"{found[7] or '':0<7}"[:7])


def _words(value: Any) -> list[str]:
    """The words of a field that may be a text, a list of texts, or a list of named values."""
    if isinstance(value, str):
        return [value] if value.strip() else []
    if isinstance(value, list):
        return [word for part in value for word in _words(part) if not isinstance(part, list)]
    if isinstance(value, dict):
        return [": ".join(str(part) for part in value.values() if isinstance(part, str | int | float))]
    return []


def _place(item: Item) -> Place:
    value = item.values.get("location")
    if isinstance(value, list) and len(value) == 2:
        pair = Item({"latitude": value[0], "longitude": value[1]})
        return place("", pair.number("latitude"), pair.number("longitude"))
    text = value if isinstance(value, str) else ""
    if found := COORDINATES.fullmatch(text[:100]):
        return place("", float(found[1]), float(found[2]))
    return place(text, None, None)
