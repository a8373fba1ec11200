"""Manifest of our Markdown export: each entry as in the JSON format, with the name and digest of its file. A
file that was edited since is read instead, and the text of the manifest becomes a revision."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from hashlib import sha256
from typing import BinaryIO

from journal.entries.imported import ImportedEntry, ImportedRevision
from journal.transfer.archive import Archive, UnreadableArchive
from journal.transfer.formats import document, journal, markdown_file, reader
from journal.transfer.formats.document import Document
from journal.transfer.formats.markdown_file import MarkdownFiles

GONE = "Entries whose file is not in the export; their text is taken from its manifest"
EDITED = "Entries whose file was edited after the export; the text before is kept as an earlier version"


def manifests(archive: Archive) -> list[str]:
    return [
        name
        for name in archive.names
        if name.rpartition("/")[2] == journal.MANIFEST and journal.has_mark(archive, name)
    ]


class Manifest:
    def __init__(self, archive: Archive, name: str, files: MarkdownFiles) -> None:
        self.archive, self.name, self.files = archive, name, files
        self.folder = name[: -len(journal.MANIFEST)]
        self.members = set(archive.names)

    def entries(self, done: set[str]) -> Iterator[ImportedEntry]:
        """Adds the names of the entries' files to `done`."""
        report = self.files.report
        for number, found in enumerate(journal.documents(self.archive, self.name, report), 1):
            try:
                entry = journal.imported(found, self.files.options, report, self._opened)
            except document.Damaged as error:
                report.miss(reader.UNREADABLE, f"{self.name}, entry {number} ({error})")
                continue
            name = self.folder + str(found.get("file"))
            done.add(name)
            yield self._checked(entry, found, name)

    def _opened(self, attachment: Document) -> Callable[[], BinaryIO] | None:
        name = self.folder + str(attachment.get("file"))
        if name not in self.members:
            return None
        self.files.links.keys[name] = str(attachment["uid"])
        return partial(self.archive.open, name)

    def _checked(self, entry: ImportedEntry, found: Document, name: str) -> ImportedEntry:
        """The entry as the file has it now."""
        if name not in self.members:
            self.files.report.note(GONE, name)
            return entry
        try:
            content = self.archive.read(name)
        except UnreadableArchive:
            self.files.report.note(GONE, name)
            return entry
        if sha256(content).hexdigest() == found.get("file_sha256"):
            return entry
        self.files.report.note(EDITED, name)
        return self._edited(entry, content, name)

    def _edited(self, entry: ImportedEntry, content: bytes, name: str) -> ImportedEntry:
        parsed = markdown_file.parse(content, name, self.files.report)
        fields = entry.fields
        new = self.files.entry(parsed, name, entry.source_id, fields.day)
        before = ImportedRevision(fields, entry.written_at, entry.updated_at, entry.version)
        is_kept = any(revision.version == entry.version for revision in entry.revisions)
        media = {one.key: one for one in (*entry.attachments, *new.attachments)}
        return replace(
            new,
            source=entry.source,
            attachments=tuple(media.values()),
            revisions=entry.revisions if is_kept else (*entry.revisions, before),
            record=entry.record,
            uid=entry.uid,
            version=entry.version + 1,
        )
