"""Imported entry: what a reader of another program's export yields, before the importer stores it."""

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime
from functools import cached_property
from hashlib import sha256
from typing import Any, BinaryIO
from uuid import UUID, uuid5

from journal.entries.values import Columns, EntryFields

NAMESPACE = UUID("5e0d4f0a-6f5b-4c55-9a1f-2f6a5d1b7c11")  # of uids that are made from a source


@dataclass(frozen=True)
class Place:
    name: str = ""
    latitude: float | None = None  # degrees
    longitude: float | None = None


@dataclass(frozen=True)
class ImportedAttachment:
    """A photo or file. The entry's body refers to it as `![alt](attachment:KEY)` or `[name](attachment:KEY)`;
    one that no body refers to is added at the end."""

    key: str  # identifies it within the source; letters, digits, - _ . only
    name: str  # of the file, without folders
    opened: Callable[[], BinaryIO]


@dataclass(frozen=True)
class ImportedRevision:
    """An earlier text. Every field of `fields` but the time is given."""

    fields: EntryFields
    written_at: datetime | None
    created_at: datetime
    version: int
    kind: str = "manual"


@dataclass(frozen=True)
class ImportedEntry:
    """An entry from another program, where (source, source_id) identifies it for good. The body may refer to
    another entry of the source as `entry:SOURCE_ID`. Instants are aware."""

    fields: EntryFields
    written_at: datetime
    updated_at: datetime
    source: str  # at most 64 characters
    source_id: str  # at most 200
    starred: bool = False
    place: Place = Place()
    weather: str = ""
    attachments: tuple[ImportedAttachment, ...] = ()
    revisions: tuple[ImportedRevision, ...] = ()
    deleted_at: datetime | None = None
    record: str = ""  # the source's own record, as JSON text
    is_undated: bool = False  # its day and instant are those of the import, and stay when it comes again
    # Of an export of this site only:
    uid: UUID | None = None
    version: int = 1

    @cached_property
    def digest(self) -> str:
        """Digest of everything that a person may change at the source."""
        extra: dict[str, Any] = {
            "starred": self.starred or None,
            "place": asdict(self.place) if self.place != Place() else None,
            "weather": self.weather or None,
            "attachments": sorted(attachment.key for attachment in self.attachments) or None,
            "deleted": bool(self.deleted_at) or None,
        }
        extra = {name: value for name, value in extra.items() if value is not None}
        if not extra:
            return self.fields.digest()
        return sha256((self.fields.digest() + json.dumps(extra, sort_keys=True)).encode()).hexdigest()

    def made_uid(self, user_id: int) -> UUID:
        """The uid of this entry in that account: the same at each import."""
        return uuid5(NAMESPACE, f"{user_id}/{self.source}/{self.source_id}")

    def columns(self) -> Columns:
        """The columns that say where the entry comes from."""
        return {
            "written_at": self.written_at,
            "updated_at": self.updated_at,
            "source": self.source,
            "source_id": self.source_id,
            "source_digest": self.digest,
        }
