"""Spool: a temporary file for a part of an export that can't be read where it lies."""

import os
import weakref
from contextlib import suppress
from pathlib import Path
from tempfile import mkstemp
from typing import BinaryIO


class Spool:
    """A file that may be opened as often as one likes and is deleted with the object."""

    def __init__(self, content: bytes = b"") -> None:
        handle, name = mkstemp(prefix="journal-import-")
        self.path = Path(name)
        weakref.finalize(self, _delete, self.path)
        with os.fdopen(handle, "wb") as file:
            file.write(content)

    def open(self) -> BinaryIO:
        return self.path.open("rb")


def _delete(path: Path) -> None:
    with suppress(OSError):
        path.unlink()
