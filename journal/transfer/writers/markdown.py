"""Markdown writer: a zip with one file an entry, the media, and a manifest with what Markdown can't hold."""

import re
import unicodedata
from collections.abc import Iterator
from datetime import datetime
from hashlib import sha256
from tempfile import SpooledTemporaryFile
from typing import IO
from uuid import UUID
from zoneinfo import ZoneInfo

from journal.transfer.formats import document
from journal.transfer.formats.journal import MANIFEST
from journal.transfer.formats.writer import (
    CHUNK,
    About,
    ExportedAttachment,
    ExportedEntry,
    Sink,
    referenced,
    unreferenced,
)
from journal.transfer.formats.zip_stream import ZipStream, zipped
from journal.transfer.writers import json as json_writer
from journal.transfer.writers.markdown_text import front_matter_of

NAME = "markdown"
LABEL = "Markdown files, with everything"
SUFFIX = ".zip"
CONTENT_TYPE = "application/zip"

IN_MEMORY = 1024 * 1024  # bytes of the manifest
LONGEST_NAME = 60  # characters of a title in a file's name
# What Windows or Obsidian's links can't have in a name.
UNUSABLE = re.compile(r"[\\/:*?\"<>|#^\[\]%`\s]+")


def write(entries: Iterator[ExportedEntry], sink: Sink, about: About) -> None:
    with (
        zipped(sink) as stream,
        SpooledTemporaryFile(IN_MEMORY, prefix="journal-export-") as manifest,
    ):
        stream.add_folder("media", about.exported_at)
        manifest.write(json_writer.opening(about) + b'"entries": [')
        files = _Files(stream, manifest)
        for entry in entries:
            files.add(entry)
        manifest.write(b"\n]\n}\n")
        manifest.seek(0)
        stream.add(MANIFEST, iter(lambda: manifest.read(CHUNK), b""), about.exported_at)


class _Files:
    """The files of a zip, of which no two have the same name on any file system."""

    def __init__(self, stream: ZipStream, manifest: IO[bytes]) -> None:
        self.stream, self.manifest = stream, manifest
        self.names: set[str] = set()
        self.numbers: dict[str, int] = {}  # the last number behind a name
        self.media: set[str] = set()
        self.separator = b"\n"

    def add(self, entry: ExportedEntry) -> None:
        media = {one.uid: self._add_media(one, entry) for one in entry.attachments}
        folder, name = _folder(entry), _name(entry)
        file = self._free(f"{folder}/{name}")
        content = _text(entry, media, "../" * file.count("/")).encode("utf-8", "replace")
        self.stream.add(file, [content], _local(entry))
        described: document.Document = {
            "file": file,
            "file_sha256": sha256(content).hexdigest(),
        } | document.of(entry)
        described["attachments"] = [
            document.of_attachment(one) | {"file": media[one.uid]} for one in entry.attachments
        ]
        self.manifest.write(self.separator + json_writer.dumped(described))
        self.separator = b",\n"

    def _free(self, path: str) -> str:
        key, name = _folded(path), path
        while _folded(name) in self.names:
            self.numbers[key] = self.numbers.get(key, 1) + 1
            name = f"{path} ({self.numbers[key]})"
        self.names.add(_folded(name))
        return f"{name}.md"

    def _add_media(self, attachment: ExportedAttachment, entry: ExportedEntry) -> str | None:
        """The name of the file; None if it is gone."""
        if not attachment.is_there():
            return None
        name = f"media/{attachment.sha256}.{attachment.extension}"
        if name not in self.media:
            self.stream.add(name, attachment.chunks(), _local(entry), is_packed=True)
            self.media.add(name)
        return name


def _folded(path: str) -> str:
    return unicodedata.normalize("NFC", path).casefold()


def _folder(entry: ExportedEntry) -> str:
    day = entry.fields.day
    assert day
    return "bin" if entry.deleted_at else f"{day.year:04}/{day.month:02}"


def _name(entry: ExportedEntry) -> str:
    title = UNUSABLE.sub(" ", entry.fields.title or "")
    title = "".join(
        letter for letter in title if unicodedata.category(letter)[0] not in "CZ" or letter == " "
    )
    return f"{entry.fields.day} {title.strip()[:LONGEST_NAME]}".rstrip(" .")


def _local(entry: ExportedEntry) -> datetime:
    try:
        return entry.updated_at.astimezone(ZoneInfo(entry.fields.zone or "UTC"))
    except OverflowError:
        return entry.updated_at


def _text(entry: ExportedEntry, media: dict[UUID, str | None], up: str) -> str:
    def address(uid: UUID) -> str | None:
        name = media.get(uid)
        return up + name if name else None

    body = referenced(entry.fields.body or "", address)
    for one in unreferenced(entry.fields.body or "", entry.attachments):
        mark = "!" if one.content_type.startswith("image/") else ""
        label = re.sub(r"[\[\]\\\n]", " ", one.name)
        body += f"\n\n{mark}[{label}]({address(one.uid)})" if media[one.uid] else ""
    return f"---\n{front_matter_of(entry)}---\n\n{body}\n"
