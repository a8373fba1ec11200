"""Values of saving: the fields of an entry, a save request and its result."""

import json
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from typing import Any, Literal
from uuid import UUID

from journal.entries import moments

Way = Literal["", "join", "add"]
Columns = dict[str, Any]  # of the table `entries`, by name


class EntryNotFound(Exception):
    """No entry of this person has that id."""


@dataclass(frozen=True)
class EntryFields:
    """The fields of an entry. In a save, None leaves a field as it is."""

    title: str | None = None
    body: str | None = None
    day: date | None = None
    zone: str | None = None
    tags: list[str] | None = None
    mood: str | None = None
    time: str | None = None  # HH:MM, local time of the zone

    def given(self) -> dict[str, Any]:
        return {name: value for name, value in vars(self).items() if value is not None}

    def over(self, entry: Any) -> dict[str, Any]:
        """The columns that these fields change in an entry. Raises NoSuchTime."""
        given = self.given()
        clock, day = given.pop("time", None), given.get("day", entry.day)
        moment = moments.moved(entry.written_at, entry.zone, day, clock, self.zone)
        return given | ({"written_at": moment} if moment != entry.written_at else {})

    def digest(self) -> str:
        return sha256(json.dumps(self.given(), default=str, sort_keys=True).encode()).hexdigest()


@dataclass(frozen=True)
class SaveRequest:
    """One save as it was sent. `version` is the one it is based on, 0 for a new entry."""

    fields: EntryFields
    version: int
    save_id: UUID
    kind: str = "manual"  # or auto, leave, restore
    after: UUID | None = None  # an earlier save whose answer the page has not seen
    # The writer's day and zone, for a new entry. They are not part of the digest: the same request sent again
    # after midnight or from another zone is the same save.
    today: date | None = None
    zone: str = "UTC"
    way: Way = ""  # join: merged with the text of that version; add: appended to the present text
    is_again: bool = False  # the page has sent another text under the same save id before

    def digest(self) -> str:
        """Digest of the request as it was sent."""
        return self.fields.digest()[: -len(self.way) or None] + self.way

    def is_overtaken(self, entry: Any) -> bool:
        """Whether the page has since sent a longer text, which begins with this one, when it was left."""
        texts = ((self.fields.title, entry.title), (self.fields.body, entry.body))
        return self.is_again and all(whole.startswith(part or "") for part, whole in texts)

    def beginning(self) -> EntryFields:
        """The fields of a new entry, which is about today if no day is given."""
        return EntryFields(**{"day": self.today, "zone": self.zone} | self.fields.given())


@dataclass(frozen=True)
class SaveResult:
    answer: str  # saved, replay, unchanged or conflict
    version: int  # the entry's present one
    words: int  # how many the present text has
