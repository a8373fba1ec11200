"""Reader of Journey.cloud: a zip or a folder with a JSON file for each entry, and photos, films and sounds
beside them."""

import json
import posixpath
import re
from collections.abc import Iterator
from functools import partial
from typing import Any

from journal.entries.imported import ImportedAttachment, ImportedEntry
from journal.transfer.archive import Archive, UnreadableArchive
from journal.transfer.formats import dates, reader
from journal.transfer.formats.reader import ContentIds, ReadOptions, entry_fields
from journal.transfer.formats.source_media import Media
from journal.transfer.formats.source_values import (
    UNREADABLE_FILE,
    Item,
    degrees,
    each,
    joined,
    miss_media,
    place,
    source_id,
    zone_of,
)
from journal.transfer.html_to_markdown import to_markdown
from journal.transfer.report import Report

NAME = "journey"
LABEL = "Journey"
HEAD = 64 * 1024
LARGEST = 32 * 1024 * 1024  # bytes of one entry
TRIED = 20  # files, to recognise the export
FIELD = b'"date_journal"'
HTML = re.compile(
    r"</?(?:p|div|br|span|strong|em|b|i|u|ul|ol|li|h[1-6]|a|img|blockquote|table)\b[^<>]*>", re.I
)


def recognises(archive: Archive) -> bool:
    return any(_is_entry(archive.beginning(name, HEAD)) for name in archive.ending(".json")[:TRIED])


def _is_entry(head: bytes) -> bool:
    return head.lstrip(b"\xef\xbb\xbf \r\n\t").startswith(b"{") and FIELD in head


def read(archive: Archive, options: ReadOptions, report: Report) -> Iterator[ImportedEntry]:
    media, ids = Media(archive), ContentIds()
    for name in archive.ending(".json"):
        convert = partial(_entry, name=name, media=media, ids=ids, options=options, report=report)
        yield from each(_values(archive, name, report), name, report, convert)


def _values(archive: Archive, name: str, report: Report) -> Iterator[Any]:
    try:
        value = json.loads(archive.read(name, LARGEST).decode("utf-8-sig", "replace"))
    except (UnreadableArchive, ValueError, RecursionError):
        report.miss(UNREADABLE_FILE, name)
        return
    yield from value if isinstance(value, list) else [value]


def _entry(
    item: Item, name: str, media: Media, ids: ContentIds, options: ReadOptions, report: Report
) -> ImportedEntry | str:
    zone = zone_of(item.text("timezone")) or options.zone
    milliseconds = item.number("date_journal")
    if milliseconds is None:
        return reader.UNDATED
    try:
        moment = dates.of_epoch(milliseconds, zone, 0.001)
    except ValueError:
        return reader.UNDATED
    body, attachments = _with_media(_text(item), item, name, media, report)
    stem = posixpath.splitext(posixpath.basename(name))[0]
    return ImportedEntry(
        fields=entry_fields(
            title=item.text("title"), body=body, day=moment.day, zone=zone, tags=item.texts("tags")
        ),
        written_at=moment.at,
        updated_at=_modified(item, moment),
        source=NAME,
        source_id=source_id(item.text("id") or stem) or ids.of(milliseconds, body),
        starred=item.flag("favourite"),
        place=place(item.text("address"), item.number("lat"), item.number("lon")),
        weather=_weather(item.item("weather")),
        attachments=attachments,
        record=item.record(),
    )


def _modified(item: Item, moment: dates.Moment) -> Any:
    try:
        return max(moment.at, dates.of_epoch(item.number("date_modified") or 0, "UTC", 0.001).at)
    except ValueError:
        return moment.at


def _text(item: Item) -> str:
    """HTML as Markdown. Older entries are plain text or Markdown, and stay as they are."""
    text = item.typed("text")
    return to_markdown(text) if item.text("type") == "html" or HTML.search(text) else text


def _with_media(
    text: str, item: Item, name: str, media: Media, report: Report
) -> tuple[str, tuple[ImportedAttachment, ...]]:
    folder = posixpath.dirname(name)
    body, found = media.pictures(text, folder)
    for file in item.texts("photos"):
        member = media.named(file, near=folder)
        if member and member != name:
            found.append(media.attachment(member))
        else:
            miss_media(report, name, file)
    return body, tuple({attachment.key: attachment for attachment in found}.values())


def _weather(weather: Item) -> str:
    return joined(weather.text("description"), degrees(weather.number("degree_c")))
