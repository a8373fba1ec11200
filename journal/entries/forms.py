"""Forms of entries: validation of what the editor sends, and the fields that it shows."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import TypeVar
from uuid import UUID, uuid4

from journal.accounts.users import zones
from journal.engines.row import Row
from journal.entries import moments, mood
from journal.entries.merging import MAX_BODY
from journal.entries.values import EntryFields, SaveRequest, Way
from journal.forms import Form
from journal.text import plain, tag_names

MAX_TITLE = 300  # characters
MAX_TAGS = 20_000  # characters of the field; four million commas take seconds
T = TypeVar("T")
NOTHING = "Write something first."
KINDS = ("auto", "manual", "leave", "restore")
CARRIED = ("title", "body", "day", "tags", "mood", "time", "zone", "version", "owner", "kind")
FIELDS = {"title", "body", "day", "time", "zone", "tags", "mood"}


def parse_day(typed: str) -> date:
    """Parses `YYYY-MM-DD`, and no other format that Python takes for a date. Raises ValueError."""
    if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", typed, re.ASCII):
        raise ValueError(typed)
    return date.fromisoformat(typed)


class EntryForm(Form):
    """The fields of an entry. A field that is absent or invalid is None, and is not changed."""

    def check(self) -> None:
        self.title = self._optional("title", self._title)
        self.body = self._optional("body", self._body)
        self.day = self._optional("day", self._day)
        self.tags = self._optional("tags", self._tags)
        self.mood = self._optional("mood", mood.parse)
        self.time = self._optional("time", self._time)
        self.zone = self._optional("zone", self._zone)

    def _optional(self, name: str, parse: Callable[[str], T]) -> T | None:
        if name not in self.typed:
            return None
        try:
            return parse(self.typed[name])
        except ValueError as error:
            self.wrong(name, str(error))
            return None

    def _title(self, typed: str) -> str:
        title = " ".join(plain.clean(typed).split())
        if len(title) > MAX_TITLE:
            raise ValueError(f"A title may have {MAX_TITLE} characters at most; this one has {len(title)}.")
        return title

    def _body(self, typed: str) -> str:
        body = plain.clean(typed)
        if (size := len(body.encode())) > MAX_BODY:
            raise ValueError(f"An entry may have 1 MB of text at most; this one has {size / 1e6:.1f} MB.")
        return body

    def _day(self, typed: str) -> date | None:
        try:
            return parse_day(typed) if typed else None
        except ValueError:
            raise ValueError("This day is not in the calendar; write it like 2024-05-31.") from None

    def _time(self, typed: str) -> str | None:
        try:
            return moments.parse_time(typed) if typed else None
        except ValueError:
            raise ValueError("This is no time of a day; write it like 21:04.") from None

    def _zone(self, typed: str) -> str | None:
        zone = typed.strip().replace(" ", "_")
        if zone and zone not in zones():
            raise ValueError("There is no time zone of that name; write it like Europe/Berlin.")
        return zone or None

    def _tags(self, typed: str) -> list[str]:
        if len(typed) > MAX_TAGS:
            raise ValueError(f"An entry may have {tag_names.COUNT} tags at most.")
        return tag_names.split(typed)

    def fields(self) -> EntryFields:
        return EntryFields(self.title, self.body, self.day, self.zone, self.tags, self.mood, self.time)

    @property
    def has_content(self) -> bool:
        """Whether there is something to save: a new entry may be a mood or a tag alone, but not empty."""
        return bool(self.title or (self.body or "").strip() or self.tags or self.mood)

    def refuse(self, name: str, sentence: str) -> None:
        """Refuses one field; the others can still be saved."""
        self.wrong(name, sentence)
        setattr(self, name, None)


class SaveForm(EntryForm):
    """A save of the editor, as `PUT /entries/<uid>` receives it."""

    def check(self) -> None:
        super().check()
        self.version = self._number("version")
        self.save_id = self._id("save") or uuid4()
        self.after = self._id("after")
        self.owner = self.text("owner")
        self.way: Way = "join" if self.text("join") else ""
        self.kind = self.text("kind") if self.text("kind") in KINDS else "manual"
        # A page that sends this knows that single fields may be refused. A page of an earlier version would
        # take the answer for a save of all fields, and delete its draft.
        self.is_partial = self.text("partial") == "yes"

    @property
    def can_save(self) -> bool:
        """Whether anything is left to save without the invalid fields."""
        wrong = self.errors.keys() - FIELDS if self.is_partial else self.errors
        return not wrong and (self.version > 0 or self.has_content)

    def _number(self, name: str) -> int:
        typed = self.text(name) or "0"
        if not re.fullmatch(r"[0-9]{1,9}", typed, re.ASCII):
            self.wrong(name, "The version of this page is damaged; reload it to go on.")
            return 0
        return int(typed)

    def _id(self, name: str) -> UUID | None:
        typed = self.text(name)
        try:
            return UUID(typed) if typed else None
        except ValueError:
            self.wrong(name, "The mark of this save is damaged; reload the page to go on.")
            return None

    def save_request(self, today: date, zone: str) -> SaveRequest:
        sent = (self.fields(), self.version, self.save_id, self.kind, self.after)
        return SaveRequest(*sent, today=today, zone=zone, way=self.way)


class LineForm(SaveForm):
    """A line that is typed on the timeline; `to` is the entry that it is appended to, if it is no new one."""

    def check(self) -> None:
        super().check()
        self.to = self._id("to")
        self.way = "add" if self.to else ""
        self.version = 0
        if self.is_valid and not (self.body or "").strip():
            self.wrong("body", NOTHING)


@dataclass(frozen=True)
class EditorFields:
    """The values of the editor's fields."""

    uid: UUID | str
    day: str
    version: int | str = 0
    title: str = ""
    body: str = ""
    tags: str = ""
    mood: str = ""
    time: str = ""  # empty: the time of the first save
    zone: str = ""
    save: UUID | str = field(default_factory=uuid4)
    owner: str = ""  # the account that wrote them, if the page has sent it
    is_saved: bool = True  # False: the page has text that the server lacks

    @property
    def written_day(self) -> date | None:
        try:
            return parse_day(self.day)
        except ValueError:
            return None

    @classmethod
    def of(cls, entry: Row) -> "EditorFields":
        return cls(
            uid=entry["uid"],
            day=entry["day"].isoformat(),
            version=entry["version"],
            title=entry["title"],
            body=entry["body"],
            tags=tag_names.join(entry["tags"]),
            mood=entry["mood"],
            time=moments.clock_time(entry["written_at"], entry["zone"]),
            zone=entry["zone"],
        )

    @classmethod
    def typed(cls, fields: Mapping[str, str], uid: UUID | str, day: date) -> "EditorFields":
        """The fields as they were typed, if they could not be saved."""
        shown = {
            name: fields[name]
            for name in ("title", "body", "tags", "mood", "time", "zone", "version", "owner")
            if name in fields
        }
        return cls(uid=uid, day=fields.get("day") or day.isoformat(), is_saved=False, **shown)


def resumable(sent: Mapping[str, str]) -> dict[str, str]:
    """The fields of an editor that are carried through the sign-in page; empty if there is no text."""
    fields = {name: sent[name] for name in CARRIED if name in sent}
    return fields if "title" in fields or "body" in fields else {}


def resumed(path: str, fields: Mapping[str, str], today: date) -> EditorFields:
    """The editor as it was before the writer had to sign in again."""
    found = re.fullmatch(r"/entries/([0-9a-fA-F-]{36})(?:/preview)?", path)
    return EditorFields.typed(fields, found[1].lower() if found else uuid4(), today)
