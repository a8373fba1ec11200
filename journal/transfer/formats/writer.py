"""Writer: the contract of a module that writes an export, and what all writers share."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import BinaryIO, Protocol
from uuid import UUID

from journal.attachments import content_types
from journal.entries.imported import ImportedRevision, Place
from journal.entries.values import EntryFields

NOWHERE = Place()
CHUNK = 192 * 1024  # bytes, divisible by three for base64
REFERENCE = re.compile(r"(?<=\()/attachments/([0-9a-f-]{36})(?=[)\s])", re.ASCII)  # in a link


class Sink(Protocol):
    """Where an export goes. `write` may block, and raises to stop the export."""

    def write(self, content: bytes, /) -> object: ...


@dataclass(frozen=True)
class ExportedAttachment:
    """A photo or file, to which the body refers as /attachments/UID. `opened` may be called several times; it
    raises OSError if the file is gone."""

    uid: UUID
    name: str
    content_type: str
    sha256: str  # of the content, in hex
    opened: Callable[[], BinaryIO]

    @property
    def extension(self) -> str:
        """Letters and digits without the dot; `bin` for a type that is not known."""
        known = content_types.EXTENSIONS.get(self.content_type)
        named = re.search(r"\.([A-Za-z0-9]{1,8})$", self.name)
        return known or (named[1].lower() if named else "bin")

    def chunks(self) -> Iterator[bytes]:
        """Raises OSError."""
        with self.opened() as file:
            while chunk := file.read(CHUNK):
                yield chunk

    def is_there(self) -> bool:
        try:
            self.opened().close()
        except OSError:
            return False
        return True


@dataclass(frozen=True)
class ExportedEntry:
    """An entry with all that is known of it. Every field of `fields` but the time is given; instants are
    aware. `html` is the rendered and sanitised body."""

    uid: UUID
    version: int
    fields: EntryFields
    html: str
    written_at: datetime
    updated_at: datetime
    starred: bool = False
    place: Place = NOWHERE
    weather: str = ""
    attachments: tuple[ExportedAttachment, ...] = ()
    revisions: tuple[ImportedRevision, ...] = ()
    deleted_at: datetime | None = None
    source: str = ""  # empty for an entry that was begun here
    source_id: str = ""
    record: str = ""  # the source's own record, as JSON text


@dataclass(frozen=True)
class About:
    """What an export says about itself. `months` are the entries by (year, month), for a table of contents
    that stands before them."""

    name: str  # of the person
    exported_at: datetime  # aware, in the person's zone
    months: Mapping[tuple[int, int], int] = field(default_factory=dict)


class Writer(Protocol):
    """A module with these names."""

    @property
    def NAME(self) -> str:
        """The format in the address and on the command line."""

    @property
    def LABEL(self) -> str:
        """The format in the list of formats."""

    @property
    def SUFFIX(self) -> str:
        """The end of the file's name, with its dot."""

    @property
    def CONTENT_TYPE(self) -> str: ...

    def write(self, entries: Iterator[ExportedEntry], sink: Sink, about: About, /) -> None:
        """Writes the export in memory that does not grow with the texts, its first bytes at once. Runs in a
        thread. Entries come in the order of their days. Raises what the sink and a file in use raise."""


def referenced(body: str, replace: Callable[[UUID], str | None]) -> str:
    """The body with other addresses of attachments in its links; None leaves an address as it is."""

    def replaced(found: re.Match[str]) -> str:
        try:
            return replace(UUID(found[1])) or found[0]
        except ValueError:
            return found[0]

    return REFERENCE.sub(replaced, body)


def unreferenced(body: str, attachments: Iterable[ExportedAttachment]) -> list[ExportedAttachment]:
    """The attachments that the body does not refer to."""
    named = set(REFERENCE.findall(body))
    return [attachment for attachment in attachments if str(attachment.uid) not in named]
