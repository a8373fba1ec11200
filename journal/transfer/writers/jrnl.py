"""jrnl writer: the text file that the command line program jrnl keeps its journal in."""

import re
from collections.abc import Iterator
from urllib.parse import quote
from uuid import UUID
from zoneinfo import ZoneInfo

from journal.text import tag_names
from journal.transfer.formats.jrnl import NO_STAR
from journal.transfer.formats.writer import About, ExportedEntry, Sink, referenced

NAME = "jrnl"
LABEL = "jrnl's text file"
SUFFIX = ".txt"
CONTENT_TYPE = "text/plain; charset=utf-8"

HEADER = re.compile(r"^\[", re.MULTILINE)  # how a line begins that jrnl may take for the next entry
UNTAGGED = re.compile(r"[^\w+*#/-]+")  # what ends a tag of jrnl
TAG = re.compile(r"(?<!\S)[#@]([-+*#/\w]+)")


def write(entries: Iterator[ExportedEntry], sink: Sink, about: About) -> None:
    for entry in entries:
        if not entry.deleted_at:
            sink.write(_text(entry).encode("utf-8", "replace"))


def _text(entry: ExportedEntry) -> str:
    fields = entry.fields
    names = {one.uid: one.name for one in entry.attachments}

    def address(uid: UUID) -> str | None:
        return quote(names[uid]) if uid in names else None

    title, body = " ".join((fields.title or "").split()), referenced(fields.body or "", address).strip("\n")
    if not title:
        title, _, body = body.partition("\n")
    body = HEADER.sub(" [", "\n".join(part for part in (body, _tags(entry, title, body)) if part))
    title = title.strip() + (NO_STAR if title.strip().endswith("*") else "") + (" *" if entry.starred else "")
    clock = entry.written_at.astimezone(ZoneInfo(fields.zone or "UTC"))
    header = f"[{fields.day} {clock:%H:%M:%S}] {title}\n"
    return f"{header}{body}\n\n" if body else f"{header}\n"


def _tags(entry: ExportedEntry, title: str, body: str) -> str:
    """A line with the tags that stand nowhere in the text."""
    fields = entry.fields
    mood = [f"mood_{fields.mood}"] if fields.mood else []
    names = [UNTAGGED.sub("_", name).strip("_") for name in [*(fields.tags or []), *mood]]
    present = {tag_names.key(name) for name in TAG.findall(f"{title}\n{body}")}
    return " ".join(f"@{name}" for name in names if name and tag_names.key(name) not in present)
