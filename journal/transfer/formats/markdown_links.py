"""Links of Markdown files: finds the photos, files and notes that a text names, as Obsidian, Logseq and plain
Markdown do, and names them as an import does."""

import posixpath
import re
import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import partial
from hashlib import sha256
from urllib.parse import unquote

from journal.entries.imported import ImportedAttachment
from journal.transfer.archive import Archive
from journal.transfer.formats.source_media import PICTURES

NOTES = (".md", ".markdown")
FENCE = re.compile(r"[ \t>]*(?:[-*+][ \t]+)?(`{3,}|~{3,})")
LINK = re.compile(
    r"`[^`]{1,300}`"
    r"|(?P<wiki>!?)\[\[(?P<to>[^\[\]|#]{1,300})?(?:#[^\[\]|]{0,300})?(?:\|(?P<label>[^\[\]]{0,300}))?\]\]"
    r"|(?P<mark>!?)\[(?P<text>[^\[\]]{0,300})\]"
    r"\((?P<url><[^<>]{1,1000}>|(?:[^()\s<>]|\([^()\s]{0,300}\)){1,1000})"
    r"(?:\s{1,9}(?:\"[^\"]{0,300}\"|'[^']{0,300}'))?\)(?:\{:[^{}]{0,100}\})?"
)
ELSEWHERE = re.compile(r"[A-Za-z][A-Za-z0-9+.-]{1,30}:|//|#")
SIZE = re.compile(r"[0-9]{1,5}(?:x[0-9]{1,5})?")


@dataclass
class Found:
    """What the text of one file names."""

    media: dict[str, ImportedAttachment] = field(default_factory=dict)
    missing: list[str] = field(default_factory=list)


class Links:
    """The names of an archive's members. `id_of` is the source id of a note, `keys` are the keys of
    attachments that have one already, by the member's name."""

    def __init__(self, archive: Archive, id_of: Callable[[str], str]) -> None:
        self.archive, self.id_of = archive, id_of
        self.keys: dict[str, str] = {}
        self.paths = {folded(name): name for name in archive.names}
        self.files: dict[str, str] = {}
        for name in archive.names:
            self.files.setdefault(folded(posixpath.basename(name)), name)

    def rewritten(self, body: str, file: str) -> tuple[str, Found]:
        """The text of a file with links to attachments and entries."""
        found = Found()
        if "](" not in body and "[[" not in body:
            return body, found
        replace = partial(self._replaced, folder=posixpath.dirname(file), found=found)
        lines, fence = body.split("\n"), ""
        for number, line in enumerate(lines):
            mark = FENCE.match(line)
            if mark and (not fence or mark[1].startswith(fence)):
                fence = "" if fence else mark[1]
            elif not fence and "[" in line:
                lines[number] = LINK.sub(replace, line)
        return "\n".join(lines), found

    def _replaced(self, match: re.Match[str], folder: str, found: Found) -> str:
        if match["to"]:
            return self._wiki(match, folder, found)
        if not match["url"]:
            return match[0]
        url = match["url"].strip("<>")
        if ELSEWHERE.match(url):
            return match[0]
        if name := self.named(unquote(url.partition("#")[0]), folder):
            return self._link(name, match["mark"], match["text"], found)
        found.missing += [url] if match["mark"] else []
        return match[0]

    def _wiki(self, match: re.Match[str], folder: str, found: Found) -> str:
        to, label = match["to"].strip(), (match["label"] or "").strip()
        name = self.named(to, folder) or self.named(f"{to}.md", folder)
        if not name:
            found.missing += [to] if match["wiki"] and "." in to else []
            return match[0]
        is_note = is_markdown(name)
        if match["wiki"] and is_note:
            return match[0]  # a note inside another
        mark = "!" if match["wiki"] and folded(name).endswith(PICTURES) else ""
        text = "" if SIZE.fullmatch(label) else label
        return self._link(name, mark, text or ("" if mark else posixpath.basename(to)), found)

    def _link(self, name: str, mark: str, text: str, found: Found) -> str:
        if is_markdown(name):
            return f"{mark}[{text}](entry:{self.id_of(name)})"
        media = self.attachment(name)
        found.media.setdefault(media.key, media)
        return f"{mark}[{text}](attachment:{media.key})"

    def named(self, target: str, folder: str) -> str | None:
        """The member that a text in this folder means: by its path, else by its file name alone."""
        target = target.replace("\\", "/")
        for path in (posixpath.join(folder, target), target.lstrip("/")):
            if name := self.paths.get(folded(posixpath.normpath(path))):
                return name
        return self.files.get(folded(posixpath.basename(target)))

    def attachment(self, name: str) -> ImportedAttachment:
        key = self.keys.get(name) or sha256(name.encode(errors="surrogatepass")).hexdigest()[:32]
        return ImportedAttachment(key, posixpath.basename(name), partial(self.archive.open, name))


def is_markdown(name: str) -> bool:
    return name.lower().endswith(NOTES)


def folded(name: str) -> str:
    """The same for names that a file system may take for one."""
    return unicodedata.normalize("NFC", name).lower()


def markdown_names(names: Iterable[str]) -> list[str]:
    """The Markdown files without those of programs' own folders, such as .obsidian and logseq/bak."""
    return [name for name in names if is_markdown(name) and not _is_own(name)]


def _is_own(name: str) -> bool:
    folders = name.split("/")[:-1]
    is_hidden = any(folder.startswith(".") for folder in folders)
    return is_hidden or "/".join(folders[-2:]) == "logseq/bak" or "logseq/bak/" in f"{name}/"
