"""What a person writes, how it is sent, and what becomes of it: the values that writing takes and gives."""

import json
from dataclasses import asdict, dataclass
from datetime import date, datetime
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
    """What a person writes in an entry. In a save, None leaves a field as it is."""

    title: str | None = None
    body: str | None = None
    day: date | None = None
    zone: str | None = None
    tags: list[str] | None = None
    mood: str | None = None
    time: str | None = None  # HH:MM on the clock in the zone

    def given(self) -> dict[str, Any]:
        return {name: value for name, value in asdict(self).items() if value is not None}

    def over(self, entry: Any) -> dict[str, Any]:
        """The columns that they give to an entry as it stands. Raises NoSuchTime."""
        given = self.given()
        clock, day = given.pop("time", None), given.get("day", entry.day)
        moment = moments.moved(entry.written_at, entry.zone, day, clock, self.zone)
        return given | ({"written_at": moment} if moment != entry.written_at else {})

    def digest(self) -> str:
        return sha256(json.dumps(self.given(), default=str, sort_keys=True).encode()).hexdigest()


@dataclass(frozen=True)
class SaveRequest:
    """One save as it was sent. `version` is the one it is based on, 0 for a new entry."""

    words: EntryFields
    version: int
    save_id: UUID
    kind: str = "manual"  # or auto, leave, restore
    after: UUID | None = None  # an earlier save whose answer the page has not seen
    # Where and when the writer is, for an entry that this save begins. Not among the words: sent again
    # after midnight or from elsewhere, it is the same save all the same.
    today: date | None = None
    zone: str = "UTC"
    way: Way = ""  # with the text of that version beneath, or at the end of the present
    is_again: bool = False  # other words of the same page came under this id before

    def digest(self) -> str:
        """Of what was sent, whatever becomes of it."""
        return self.words.digest()[: -len(self.way) or None] + self.way

    def is_overtaken(self, entry: Any) -> bool:
        """Whether the texts are but the beginning of what the same page has sent on its way out."""
        texts = ((self.words.title, entry.title), (self.words.body, entry.body))
        return self.is_again and all(whole.startswith(part or "") for part, whole in texts)

    def beginning(self) -> EntryFields:
        """The words of a new entry: without a day of their own they are today's."""
        return EntryFields(**{"day": self.today, "zone": self.zone} | self.words.given())


@dataclass(frozen=True)
class SaveResult:
    answer: str  # saved, replay, unchanged or conflict
    version: int  # the entry's present one
    words: int  # in the present text


@dataclass(frozen=True)
class ImportedEntry:
    """An entry that comes from elsewhere; (source, source_id) names it there for ever."""

    words: EntryFields
    written_at: datetime
    updated_at: datetime
    source: str
    source_id: str

    def columns(self) -> dict[str, Any]:
        """Of where it comes from, and as what."""
        return {
            "written_at": self.written_at,
            "updated_at": self.updated_at,
            "source": self.source,
            "source_id": self.source_id,
            "source_digest": self.words.digest(),
        }
