"""Reader of Markdown files in a folder or zip: Obsidian, Logseq, jimmy, YYYY/MM/DD.md, and our own export,
whose manifest gives back what Markdown can't hold."""

import re
from collections.abc import Iterator
from posixpath import commonpath, dirname

from journal.entries.imported import ImportedEntry
from journal.transfer.archive import Archive, UnreadableArchive
from journal.transfer.formats import front_matter, markdown_file, reader
from journal.transfer.formats.markdown_file import MarkdownFiles
from journal.transfer.formats.markdown_links import Links, markdown_names
from journal.transfer.formats.markdown_manifest import Manifest, manifests
from journal.transfer.formats.reader import ReadOptions
from journal.transfer.report import Report

NAME = markdown_file.NAME
LABEL = "Markdown files (Obsidian, Logseq and others)"
NUMBER = re.compile(r"[0-9]{1,4}")


def recognises(archive: Archive) -> bool:
    return bool(markdown_names(archive.names) or manifests(archive))


def read(archive: Archive, options: ReadOptions, report: Report) -> Iterator[ImportedEntry]:
    names = markdown_names(archive.names)
    ids = SourceIds(archive)
    files = MarkdownFiles(Links(archive, ids.of), options, report)
    done: set[str] = set()
    for name in manifests(archive):
        yield from Manifest(archive, name, files).entries(done)
    for name in names:
        if name not in done and (entry := _entry(archive, name, files, ids)):
            yield entry


def _entry(archive: Archive, name: str, files: MarkdownFiles, ids: "SourceIds") -> ImportedEntry | None:
    try:
        parsed = markdown_file.parse(archive.read(name), name, files.report)
        entry = files.entry(parsed, name, ids.taken(name))
    except UnreadableArchive:
        files.report.miss(reader.UNREADABLE, name)
    except markdown_file.Undated:
        files.report.miss(reader.UNDATED, name)
    else:
        if not markdown_file.has_nothing(entry):
            return entry
        files.report.note(reader.EMPTY, name)
    return None


class SourceIds:
    """Source ids of files: their uuid, else their path without the folder that holds all of them."""

    def __init__(self, archive: Archive) -> None:
        self.archive = archive
        self.root = _root(archive.names)
        self.known: dict[str, str] = {}
        self.used: set[str] = set()

    def of(self, name: str) -> str:
        if name not in self.known:
            self.known[name] = self._uuid(name) or self._path_id(name)
        return self.known[name]

    def taken(self, name: str) -> str:
        """The id for an entry that is read now; a copy of a file has the uuid of another."""
        found = self.of(name)
        if found in self.used:
            found = self._path_id(name)
        self.used.add(found)
        return found

    def _uuid(self, name: str) -> str:
        try:
            head = self.archive.head(name, 16_384).decode("utf-8-sig", "replace").replace("\r\n", "\n")
        except UnreadableArchive:
            return ""
        found = front_matter.split(head)[0].text(*markdown_file.IDS)
        return found if markdown_file.SAFE_ID.fullmatch(found) else ""

    def _path_id(self, name: str) -> str:
        path = name[len(self.root) :]
        return path if markdown_file.SAFE_ID.fullmatch(path) else reader.content_id(path)


def _root(names: list[str]) -> str:
    """The folder that holds all files, as `export/`. One that is named by a year or month tells the day."""
    folder = commonpath([dirname(name) for name in names]) if names else ""
    parts = folder.split("/") if folder else []
    while parts and NUMBER.fullmatch(parts[-1]):
        parts.pop()
    return "".join(f"{part}/" for part in parts)
