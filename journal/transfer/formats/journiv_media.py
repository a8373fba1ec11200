"""Media of Journiv's export: finds the file that an entry lists, and the one that a text shows."""

import posixpath
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import partial
from hashlib import sha256
from typing import Any

from journal.entries.imported import ImportedAttachment
from journal.transfer.archive import Archive
from journal.transfer.formats.json_values import first_text, text
from journal.transfer.markdown_escape import image

SHORTEST = 6  # characters of an id or name by which a text's address is told


@dataclass
class Media:
    """The attachments of one entry. `marks` are ids and names by which the text may show one of them."""

    found: dict[str, ImportedAttachment] = field(default_factory=dict)
    marks: list[tuple[str, str]] = field(default_factory=list)  # a mark and the key
    missing: list[str] = field(default_factory=list)

    def linked(self, url: str, alt: str = "") -> str:
        """The Markdown of an address in the text, or "" if it is none of the attachments."""
        key = next((key for mark, key in self.marks if mark in url), "")
        return f"![{alt}](attachment:{key})" if key else ""

    def embedded(self, kind: str, value: Any) -> str:
        """The Markdown of an object in a Quill text."""
        if kind in ("divider", "hr"):
            return "\n\n---\n\n"
        url = value if isinstance(value, str) else first_text(value, "src", "url", "id") if value else ""
        if found := self.linked(url):
            return found
        if url.startswith(("http://", "https://")):
            return image("", url)
        self.missing.append(f"{kind} {url[:80]}".strip())
        return ""


class MediaFiles:
    """The files of an archive, by their paths and by their names."""

    def __init__(self, archive: Archive) -> None:
        self.archive = archive
        self.names = set(archive.names)
        self.by_name: dict[str, list[str]] = {}
        for name in archive.names:
            self.by_name.setdefault(posixpath.basename(name), []).append(name)

    def of(self, listed: Iterable[dict[str, Any]], owners: Sequence[str]) -> Media:
        """The media of an entry; `owners` are the ids by which its folder may be named."""
        media = Media()
        for described in listed:
            path = text(described.get("file_path")).replace("\\", "/")
            label = posixpath.basename(text(described.get("filename")).replace("\\", "/"))
            name = self._name(path, label, owners)
            if not name:
                media.missing.append(
                    label or path or first_text(described, "external_url", "external_id") or "?"
                )
                continue
            key = sha256(name.encode(errors="surrogatepass")).hexdigest()[:32]
            opened = partial(self.archive.open, name)
            media.found[key] = ImportedAttachment(key, label or posixpath.basename(name), opened)
            marks = (first_text(described, "external_id"), first_text(described, "id", "checksum"))
            media.marks += [
                (mark, key) for mark in (*marks, posixpath.basename(path), label) if len(mark) >= SHORTEST
            ]
        return media

    def _name(self, path: str, label: str, owners: Sequence[str]) -> str:
        paths = [path, f"media/{path}", *(f"media/{owner}/{label}" for owner in owners if owner)]
        if found := next((name for name in paths if name in self.names), ""):
            return found
        for base in (posixpath.basename(path), label):
            several = self.by_name.get(base, [])
            owned = [name for name in several if any(owner and owner in name for owner in owners)]
            if len(several) == 1 or len(owned) == 1:
                return (owned or several)[0]
        return ""
