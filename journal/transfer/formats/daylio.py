"""Reader of Daylio: its backup, a zip with base64 of JSON and photos, and its CSV export."""

import base64
import csv
import io
import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from journal.entries.imported import ImportedAttachment, ImportedEntry
from journal.text import plain
from journal.transfer.archive import Archive, UnreadableArchive
from journal.transfer.formats import dates, json_stream, reader
from journal.transfer.formats.reader import ContentIds, ReadOptions, entry_fields
from journal.transfer.formats.source_media import Media
from journal.transfer.formats.source_values import Item, each, miss_media, source_id, typed, zone_of
from journal.transfer.html_to_markdown import to_markdown
from journal.transfer.report import Report

NAME = "daylio"
LABEL = "Daylio"
BACKUP = "backup.daylio"
CSV_HEAD = re.compile(rb'(?:\xef\xbb\xbf)?"?full_date"?,"?date"?,"?weekday"?,"?time"?,"?mood"?,')
MOODS = ("great", "good", "okay", "bad", "awful")  # by Daylio's number, from 1
WORDS = {"rad": "great", "good": "good", "meh": "okay", "bad": "bad", "awful": "awful"}
CLOCK = re.compile(r"(\d{1,2})[:.](\d{2})")
HALF = re.compile(r"([ap])\.?\s?m\b", re.IGNORECASE)
HTML = re.compile(r"</?[a-zA-Z][^<>]*>|&#?\w+;")
NO_TIME = "Entries whose time can't be read; their day is right"


def recognises(archive: Archive) -> bool:
    return bool(_backups(archive) or _tables(archive))


def _backups(archive: Archive) -> list[str]:
    return [name for name in archive.names if name.lower().split("/")[-1] == BACKUP]


def _tables(archive: Archive) -> list[str]:
    return [name for name in archive.ending(".csv") if CSV_HEAD.match(archive.beginning(name, 200))]


def read(archive: Archive, options: ReadOptions, report: Report) -> Iterator[ImportedEntry]:
    for name in _backups(archive):
        content = _decoded(archive, name)
        backup = _Backup(Media(archive))
        for prefix in ("customMoods", "tags", "assets"):
            stream = json_stream.items(io.BytesIO(content), f"{prefix}.item", name, Report())
            known = backup.known.setdefault(prefix, {})
            with suppress(UnreadableArchive):  # a backup that was cut off may end before them
                for value in stream:
                    known[Item.of(value).whole("id")] = Item.of(value)
        convert = partial(_entry, backup=backup, options=options, report=report)
        values = json_stream.items(io.BytesIO(content), "dayEntries.item", name, report)
        yield from each(values, name, report, convert)
    for name in _tables(archive):
        convert = partial(_from_row, ids=ContentIds(), options=options, report=report)
        with io.TextIOWrapper(archive.open(name), "utf-8-sig", "replace", newline="") as text:
            yield from each(_rows(text, name, report), name, report, convert)


def _decoded(archive: Archive, name: str) -> bytes:
    """The JSON of a backup. Raises UnreadableArchive."""
    content = archive.read(name)
    if content.lstrip()[:1] == b"{":
        return content
    letters = b"".join(content.split())
    try:
        return base64.b64decode(letters[: len(letters) // 4 * 4])
    except ValueError as error:
        raise UnreadableArchive(f"{name} can't be read: it is not base64 ({error}).") from None


@dataclass
class _Backup:
    """What entries refer to by its number. The backup also holds the app's PIN, which is never read."""

    media: Media
    known: dict[str, dict[int | None, Item]] = field(default_factory=dict)

    def find(self, kind: str, number: object) -> Item:
        is_number = isinstance(number, int | float) and not isinstance(number, bool)
        return self.known.get(kind, {}).get(int(number) if is_number else None, Item({}))  # type: ignore[call-overload]


def _entry(item: Item, backup: _Backup, options: ReadOptions, report: Report) -> ImportedEntry | str:
    try:
        day, zone, at = _when(item, options)
    except (ValueError, OverflowError, TypeError, KeyError):
        return reader.UNDATED
    mood, word = _mood(backup.find("customMoods", item.values.get("mood")))
    names = [backup.find("tags", number).text("name") for number in item.array("tags")]
    identity = item.whole("id")
    label = f"{day} {at:%H:%M}"
    return ImportedEntry(
        fields=entry_fields(
            title=item.typed("note_title"),
            body=_note(item.typed("note")),
            day=day,
            zone=zone,
            tags=[*names, word],
            mood_name=mood,
        ),
        written_at=at,
        updated_at=at,
        source=NAME,
        source_id=source_id(str(identity)) if identity else reader.content_id(at, item.record()),
        attachments=tuple(_attachments(item, backup, label, report)),
        record=item.record(),
    )


def _when(item: Item, options: ReadOptions) -> tuple[date, str, datetime]:
    """The local day, the zone and the instant. Months count from 0. Raises ValueError, and the errors of
    values that are no numbers."""
    day = date(*(int(item.values[part]) + (part == "month") for part in ("year", "month", "day")))
    milliseconds, offset = item.number("datetime"), item.number("timeZoneOffset")
    if milliseconds is None:
        clock = datetime(day.year, day.month, day.day, item.whole("hour") or 0, item.whole("minute") or 0)  # noqa: DTZ001
        return day, options.zone, dates.of_day(day, options.zone, clock.time())
    at = dates.of_epoch(milliseconds, "UTC", 0.001).at
    return day, _zone(at, offset, options.zone), at


def _zone(at: datetime, offset: float | None, zone: str) -> str:
    """The person's zone, if it had that offset at the time; else one that always has it, if there is one."""
    if offset is None or at.astimezone(ZoneInfo(zone)).utcoffset() == timedelta(milliseconds=offset):
        return zone
    minutes = round(offset / 60_000)
    return zone_of(f"{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02}:{abs(minutes) % 60:02}") or zone


def _mood(mood: Item) -> tuple[str, str]:
    """One of our moods, and the person's own word for it."""
    number = mood.whole("mood_group_id") or mood.whole("predefined_name_id") or 0
    return MOODS[number - 1] if 1 <= number <= 5 else "", mood.text("custom_name")


def _note(text: str) -> str:
    """Notes are simple HTML, in which line breaks may be typed as well."""
    return to_markdown(re.sub(r"\r?\n", "<br>", text)) if HTML.search(text) else typed(text)


def _attachments(item: Item, backup: _Backup, label: str, report: Report) -> Iterator[ImportedAttachment]:
    for number in item.array("assets"):
        checksum = backup.find("assets", number).text("checksum")
        member = backup.media.named(checksum) if checksum else ""
        if member:
            yield backup.media.attachment(member)
        else:
            miss_media(report, label, checksum or "a photo")


# CSV


def _rows(text: io.TextIOBase, name: str, report: Report) -> Iterator[dict[str, str]]:
    rows = csv.DictReader(text)
    while True:
        try:
            yield {key: value or "" for key, value in next(rows).items() if isinstance(key, str)}
        except StopIteration:
            return
        except csv.Error as error:
            report.miss(reader.UNREADABLE, f"{name}, line {rows.line_num} ({error})")


def _from_row(item: Item, ids: ContentIds, options: ReadOptions, report: Report) -> ImportedEntry | str:
    found = dates.parse(item.text("full_date"), options.zone)
    if not found:
        return reader.UNDATED
    at = found.at
    try:
        at = dates.of_day(found.day, options.zone, _clock(item.text("time")))
    except ValueError:
        report.note(NO_TIME, plain.clean(f"{found.day} {item.text('time')}").strip()[:100])
    mood = item.text("mood").strip()
    return ImportedEntry(
        fields=entry_fields(
            title=item.typed("note_title"),
            body=_note(item.typed("note")),
            day=found.day,
            zone=options.zone,
            tags=item.text("activities").split(" | "),
            mood_name=WORDS.get(mood.lower(), mood),
        ),
        written_at=at.astimezone(UTC),
        updated_at=at.astimezone(UTC),
        source=NAME,
        source_id=ids.of(*item.values.values()),
        record=item.record(),
    )


def _clock(text: str) -> Any:
    """The time of a 12- or 24-hour clock. Raises ValueError."""
    found = CLOCK.search(text)
    if not found:
        raise ValueError(text)
    hour, half = int(found[1]), HALF.search(text)
    if half:
        hour = hour % 12 + (12 if half[1].lower() == "p" else 0)
    return datetime(2000, 1, 1, hour, int(found[2])).time()  # noqa: DTZ001
