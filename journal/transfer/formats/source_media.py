"""Media of other programs' exports: finds photos and files of an archive by the names that entries use, and
gives files without an extension one."""

import posixpath
import re
from collections.abc import Iterable
from functools import partial
from hashlib import sha256
from urllib.parse import unquote

from journal.attachments.content_types import EXTENSIONS, HEAD, content_type
from journal.entries.imported import ImportedAttachment
from journal.text import plain
from journal.transfer.archive import Archive

PICTURES = (
    *(".png", ".jpg", ".jpeg", ".gif", ".webp", ".avif", ".heic", ".heif"),
    *(".svg", ".bmp", ".tif", ".tiff"),
)
PICTURE = re.compile(r"!\[([^\[\]\n]{0,300})\]\(([^()\s]{1,1000})\)")
KEY = re.compile(r"[^A-Za-z0-9_.-]+")


class Media:
    """The files of an archive, found by their names without regard to case, folders and extensions."""

    def __init__(self, archive: Archive, folders: Iterable[str] = ()) -> None:
        """Only files in one of these folders, or in any if none are given."""
        self.archive = archive
        wanted = {folder.lower() for folder in folders}
        self._by_name: dict[str, list[str]] = {}
        self._by_stem: dict[str, list[str]] = {}
        for name in archive.names:
            if wanted and not wanted & set(name.lower().split("/")[:-1]):
                continue
            base = posixpath.basename(name).lower()
            self._by_name.setdefault(base, []).append(name)
            self._by_stem.setdefault(base.rpartition(".")[0] or base, []).append(name)

    def named(self, *names: str, near: str = "") -> str:
        """The member with one of these file names; rather one in the folder `near`. "" if there is none."""
        for name in names:
            base = posixpath.basename(name.replace("\\", "/")).lower()
            found = self._by_name.get(base) or self._by_stem.get(base) or []
            for member in found:
                if near and member.startswith(f"{near}/"):
                    return member
            if base and found:
                return found[0]
        return ""

    def pictures(self, text: str, near: str = "") -> tuple[str, list[ImportedAttachment]]:
        """Markdown whose pictures of the archive are attachments, and these."""
        found: list[ImportedAttachment] = []

        def replaced(match: re.Match[str]) -> str:
            member = "" if "://" in match[2] else self.named(unquote(match[2]), near=near)
            if not member:
                return match[0]
            found.append(self.attachment(member))
            return reference(found[-1], match[1])

        return PICTURE.sub(replaced, text), found

    def all_named(self, stem: str) -> list[str]:
        """Every member with this name and any extension."""
        return self._by_stem.get(stem.lower(), [])

    def attachment(self, member: str, name: str = "", key: str = "") -> ImportedAttachment:
        """`name` is the one to show, if it is another than the member's. The key is made of the member's file
        name, or of `key` if that name is not unique in the export."""
        shown = clean_name(name) or posixpath.basename(member)
        extension = posixpath.splitext(member)[1] or extension_of(self.archive.beginning(member, HEAD))
        if not posixpath.splitext(shown)[1]:
            shown += extension
        return ImportedAttachment(
            key_of(key or posixpath.basename(member)), shown, partial(self.archive.open, member)
        )


def extension_of(head: bytes) -> str:
    """The extension, with its dot, of a file that begins with these bytes; "" if it is of no known kind."""
    extension = EXTENSIONS.get(content_type(head))
    return f".{extension}" if extension else ""


def clean_name(name: str) -> str:
    """A file's name without folders and control characters."""
    name = posixpath.basename(plain.clean(name).replace("\\", "/"))
    return "".join(letter for letter in name if letter.isprintable())[:200].strip()


def key_of(name: str) -> str:
    """A key of letters, digits, - _ and dots: the name, with a digest if it has other characters."""
    key = KEY.sub("-", name)[-80:]
    return key if key == name else f"{sha256(name.encode(errors='replace')).hexdigest()[:12]}-{key}"


def reference(attachment: ImportedAttachment, text: str = "") -> str:
    """Markdown that shows a picture, or links to another file."""
    if attachment.name.lower().endswith(PICTURES):
        return f"![{text}](attachment:{attachment.key})"
    return f"[{text or _label(attachment.name)}](attachment:{attachment.key})"


def _label(name: str) -> str:
    return re.sub(r"[\[\]\\`*_<]", "-", name)
