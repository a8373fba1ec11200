"""Reader of our own JSON export, which gives back every entry with its revisions and attachments."""

import binascii
import re
from base64 import b64decode
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import Any, BinaryIO

from journal.entries.imported import ImportedAttachment, ImportedEntry
from journal.transfer.archive import Archive, UnreadableArchive
from journal.transfer.formats import document, json_stream, json_values, reader
from journal.transfer.formats.document import Document
from journal.transfer.formats.reader import ReadOptions
from journal.transfer.formats.spool import Spool
from journal.transfer.report import Report

NAME = document.FORMAT
LABEL = "Journal (JSON)"
MANIFEST = "manifest.json"
CONTENT = "entries.item.attachments.item.content"
MARK = re.compile(rb'"format"\s*:\s*"journal"')
DOUBTFUL = "Entries of which a part can't be read"

Opened = Callable[[Document], Callable[[], BinaryIO] | None]


def recognises(archive: Archive) -> bool:
    return bool(_files(archive))


def read(archive: Archive, options: ReadOptions, report: Report) -> Iterator[ImportedEntry]:
    for name in _files(archive) or [name for name in archive.names if name.lower().endswith(".json")]:
        for number, found in enumerate(documents(archive, name, report), 1):
            try:
                yield imported(found, options, report, spooled)
            except document.Damaged as error:
                report.miss(reader.UNREADABLE, f"{name}, entry {number} ({error})")


def _files(archive: Archive) -> list[str]:
    return [
        name
        for name in archive.ending(".json")
        if name.rpartition("/")[2] != MANIFEST and has_mark(archive, name)
    ]


def has_mark(archive: Archive, name: str) -> bool:
    """Whether a file begins as our exports do."""
    head = archive.beginning(name)
    return head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{") and MARK.search(head) is not None


def documents(archive: Archive, name: str, report: Report) -> Iterator[Any]:
    """The entries of a file, with each content of an attachment as a Spool. Raises UnreadableArchive for a
    file of a later version of the format, and if it is damaged before its first entry."""
    with archive.open(name) as file:
        events = _checked(json_stream.events(file), name)
        yield from json_stream.whole(json_stream.built(_spooling(events), "entries.item"), name, report)


def _checked(events: Iterable[json_stream.Event], name: str) -> Iterator[json_stream.Event]:
    for event in events:
        if event[0] == "format_version" and event[2] != document.VERSION:
            raise UnreadableArchive(
                f"{name} has version {str(event[2])[:20]} of the format, and this site reads version "
                f"{document.VERSION} only: upgrade the site first."
            )
        yield event


def _spooling(events: Iterable[json_stream.Event]) -> Iterator[json_stream.Event]:
    """Moves contents to temporary files, so that an entry with many photos takes the memory of one."""
    for prefix, kind, value in events:
        if prefix == CONTENT and kind == "string":
            try:
                yield prefix, kind, Spool(b64decode(value, validate=True))
            except (binascii.Error, ValueError):
                yield prefix, "null", None
        else:
            yield prefix, kind, value


def imported(found: object, options: ReadOptions, report: Report, opened: Opened) -> ImportedEntry:
    """The entry of a document, with the attachments of which `opened` finds the content. Raises Damaged."""
    label = _label(found)
    doubt = partial(_doubt, report, label)
    return document.imported(found, options.zone, attachments(found, label, report, opened), doubt)


def attachments(found: object, label: str, report: Report, opened: Opened) -> Iterator[ImportedAttachment]:
    for attachment in json_values.items(json_values.mapping(found).get("attachments")):
        if not isinstance(attachment, dict) or not document.is_uid(attachment.get("uid")):
            _doubt(report, label, "an attachment without uid")
            continue
        name = json_values.text(attachment.get("name")).replace("\\", "/").rpartition("/")[2] or str(
            attachment["uid"]
        )
        if content := opened(attachment):
            yield ImportedAttachment(str(attachment["uid"]), name, content)
        else:
            report.note(reader.MISSING_MEDIA, f"{label}: {name}")


def spooled(attachment: Document) -> Callable[[], BinaryIO] | None:
    content = attachment.get("content")
    return content.open if isinstance(content, Spool) else None


def _label(found: object) -> str:
    fields = json_values.mapping(found)
    return " ".join(str(fields.get(name))[:80] for name in ("day", "title") if fields.get(name)) or "?"


def _doubt(report: Report, label: str, part: str) -> None:
    report.note(DOUBTFUL, f"{label}: {part}")
