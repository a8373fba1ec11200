"""JSON writer: everything as one document, whose list `entries` is plain and complete (docs/export.md)."""

import json
from base64 import b64encode
from collections.abc import Iterator

from journal.transfer.formats import document
from journal.transfer.formats.writer import About, ExportedAttachment, ExportedEntry, Sink

NAME = "json"
LABEL = "JSON, with everything"
SUFFIX = ".json"
CONTENT_TYPE = "application/json"


def write(entries: Iterator[ExportedEntry], sink: Sink, about: About) -> None:
    sink.write(opening(about) + b'"entries": [')
    separator = b"\n"
    for entry in entries:
        sink.write(separator)
        _write_entry(entry, sink)
        separator = b",\n"
    sink.write(b"\n]\n}\n")


def opening(about: About) -> bytes:
    """The document up to its entries."""
    head = {
        "format": document.FORMAT,
        "format_version": document.VERSION,
        "exported_at": about.exported_at.isoformat(),
        "name": about.name,
    }
    return b"{\n" + b"".join(b"%s: %s,\n" % (dumped(key), dumped(value)) for key, value in head.items())


def dumped(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, allow_nan=False).encode("utf-8", "replace")


def _write_entry(entry: ExportedEntry, sink: Sink) -> None:
    sink.write(dumped(document.of(entry))[:-1] + b', "attachments": [')
    separator = b""
    for attachment in entry.attachments:
        sink.write(separator)
        _write_attachment(attachment, sink)
        separator = b", "
    sink.write(b"]}")


def _write_attachment(attachment: ExportedAttachment, sink: Sink) -> None:
    described = dumped(document.of_attachment(attachment))
    if not attachment.is_there():
        sink.write(described[:-1] + b', "content": null}')
        return
    sink.write(described[:-1] + b', "content": "')
    for chunk in attachment.chunks():
        sink.write(b64encode(chunk))
    sink.write(b'"}')
