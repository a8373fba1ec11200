"""Readers: every format that can be imported, in the order in which a file is tried."""

from journal.transfer.archive import Archive
from journal.transfer.formats import (
    apple_journal,
    dailytxt,
    day_one,
    daylio,
    diarium,
    journal,
    journey,
    journiv,
    jrnl,
    markdown,
    memos,
)
from journal.transfer.formats.reader import Reader

# Our own export first, and Markdown last: other exports may hold files that look like its own.
READERS: tuple[Reader, ...] = (
    journal,
    jrnl,
    journiv,
    dailytxt,
    memos,
    day_one,
    apple_journal,
    journey,
    daylio,
    diarium,
    markdown,
)


class UnknownFormat(Exception):
    """The message says what can be read."""


def reader_for(archive: Archive, name: str = "") -> Reader:
    """The reader of that name, or the one that recognises the archive. Raises UnknownFormat."""
    if name:
        found = next((reader for reader in READERS if name == reader.NAME), None)
    else:
        found = next((reader for reader in READERS if reader.recognises(archive)), None)
    if found:
        return found
    what = f"{name!r} is no format that can be read" if name else f"{archive.name} is not recognised"
    known = ", ".join(reader.NAME if name else reader.LABEL for reader in READERS)
    raise UnknownFormat(f"{what}. These exports can be read: {known}.")
