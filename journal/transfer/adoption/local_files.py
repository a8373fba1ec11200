"""Local files of an old app: the images and files that its entries name, found in the folder that the host
gives, which become attachments."""

import re
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import BinaryIO
from urllib.parse import unquote

from journal.entries.imported import ImportedAttachment

# A link or an image in Markdown, with its address in the second group.
LINK = re.compile(r"(!?\[[^\]\n]{0,1000}\]\()<?([^()\s<>]{1,2000})>?((?:\s+\"[^\"\n]*\")?\))")
ELSEWHERE = re.compile(r"[a-z][a-z0-9+.-]*:|//|#", re.I)


class LocalFiles:
    """The folder may be that of the old app, or the one of its uploads alone."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder.resolve()
        self._found: dict[str, Path | None] = {}

    def find(self, address: str) -> Path | None:
        """The file of an address in a text; never one outside the folder."""
        if address not in self._found:
            self._found[address] = self._find(address)
        return self._found[address]

    def _find(self, address: str) -> Path | None:
        if ELSEWHERE.match(address):
            return None
        parts = [part for part in re.split(r"[?#]", unquote(address))[0].split("/") if part not in ("", ".")]
        if ".." in parts or any("\0" in part for part in parts):
            return None
        places = (self.folder.joinpath(*parts[start:]) for start in range(len(parts)))
        return next((place for place in places if self._is_inside(place)), None)

    def _is_inside(self, place: Path) -> bool:
        try:
            return place.is_file() and place.resolve().is_relative_to(self.folder)
        except OSError:  # a name that is too long
            return False

    def attached(self, body: str) -> tuple[str, tuple[ImportedAttachment, ...]]:
        """The text with references to attachments in place of local addresses, and those attachments."""
        attachments: dict[str, ImportedAttachment] = {}

        def replaced(link: re.Match[str]) -> str:
            path = self.find(link[2])
            if path is None:
                return link[0]
            key = sha256(str(path.relative_to(self.folder)).encode(errors="surrogateescape")).hexdigest()[:24]
            attachments[key] = ImportedAttachment(key, path.name, partial(_opened, path))
            return f"{link[1]}attachment:{key}{link[3]}"

        return LINK.sub(replaced, body), tuple(attachments.values())


def _opened(path: Path) -> BinaryIO:
    return path.open("rb")
