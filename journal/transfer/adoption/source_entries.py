"""One entry as a row of the old database describes it. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from journal.entries import mood
from journal.entries.values import EntryFields, ImportedEntry
from journal.text import tag_names
from journal.transfer.adoption.options import AdoptOptions
from journal.transfer.legacy import timestamps, values

LONGEST_TITLE = 1000


@dataclass(frozen=True)
class SourceEntry:
    owner: str
    arrival: ImportedEntry
    dated_by: str  # created, updated or nothing
    is_deleted: bool

    def at(self, day: date, written_at: datetime) -> "SourceEntry":
        """The same, at the time that an undated one was given when it first came."""
        fields = replace(self.arrival.fields, day=day)
        return replace(self, arrival=replace(self.arrival, fields=fields, written_at=written_at))


def read(row: dict[str, Any], terms: AdoptOptions) -> SourceEntry:
    created, updated = (timestamps.read(row.get(name), terms.zone) for name in ("created", "updated"))
    written = created or updated or timestamps.Moment(terms.now, terms.now.astimezone(terms.zone).date())
    about = timestamps.read(row.get("day"), terms.zone)
    title, body = _split(values.words(row.get("title")), values.words(row["body"]))
    known, tags = _mood(values.words(row.get("mood")))
    fields = EntryFields(
        title=title,
        body=body,
        day=about.day if about else written.day,
        zone=terms.zone.key,
        tags=_tags([*values.listed(row.get("tags")), *tags]),
        mood=known,
    )
    arrival = ImportedEntry(
        fields=fields,
        written_at=written.at,
        updated_at=updated.at if updated else written.at,
        source=terms.source,
        source_id=values.identity(row["id"]),
    )
    dated_by = "created" if created else "updated" if updated else ""
    return SourceEntry(values.identity(row["owner"]), arrival, dated_by, values.is_yes(row.get("deleted")))


def _split(title: str, body: str) -> tuple[str, str]:
    """What is too long for a title goes on in the text."""
    rest = title[LONGEST_TITLE:]
    return title[:LONGEST_TITLE], f"{rest}\n\n{body}" if rest else body


def _mood(text: str) -> tuple[str, list[str]]:
    """One of ours, or a tag."""
    try:
        return mood.parse(text), []
    except ValueError:
        return "", [text]


def _tags(texts: Iterable[str]) -> list[str]:
    """As the editor would read them, but for its limits: what is too long there comes all the same."""
    tags: dict[str, str] = {}
    for part in (part for text in texts for part in tag_names.COMMA.split(text)):
        try:
            names = tag_names.split(part)
        except ValueError:
            names = [" ".join(part.split())]
        for name in names:
            tags.setdefault(tag_names.key(name), name)
    return list(tags.values())
