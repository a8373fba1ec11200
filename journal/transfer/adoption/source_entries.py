"""Source entries: turns a row of the source database into an entry. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass

from journal.entries import mood
from journal.entries.imported import ImportedEntry
from journal.entries.values import EntryFields
from journal.text import tag_names
from journal.transfer.adoption import local_days
from journal.transfer.adoption.options import AdoptOptions
from journal.transfer.legacy import timestamps, values
from journal.transfer.legacy.known_schemas import SourceRow

LONGEST_TITLE = 1000


@dataclass(frozen=True)
class SourceEntry:
    owner: str
    imported: ImportedEntry
    dated_by: str  # "created", "updated" or ""
    is_deleted: bool


def read(row: SourceRow, options: AdoptOptions) -> SourceEntry:
    created, updated = (_moment(row.get(name), options) for name in ("created", "updated"))
    written = (
        created or updated or timestamps.Moment(options.now, options.now.astimezone(options.people_in).date())
    )
    about = timestamps.read(row.get("day"), options.people_in)
    title, body = _split(values.text(row.get("title")), values.text(row["body"]))
    known, tags = _mood(values.text(row.get("mood")))
    fields = EntryFields(
        title=title,
        body=body,
        day=about.day if about else written.day,
        zone=options.people_in.key,
        tags=_tags([*values.texts(row.get("tags")), *tags]),
        mood=known,
    )
    imported = ImportedEntry(
        fields=fields,
        written_at=written.at,
        updated_at=updated.at if updated else written.at,
        source=options.source,
        source_id=values.identity(row["id"]),
        is_undated=not created and not updated,
    )
    dated_by = "created" if created else "updated" if updated else ""
    return SourceEntry(values.identity(row["owner"]), imported, dated_by, values.is_true(row.get("deleted")))


def _moment(stored: object, options: AdoptOptions) -> timestamps.Moment | None:
    return local_days.moved(timestamps.read(stored, options.zone), stored, options)


def _split(title: str, body: str) -> tuple[str, str]:
    """Moves the part that is too long for a title to the start of the text."""
    rest = title[LONGEST_TITLE:]
    return title[:LONGEST_TITLE], f"{rest}\n\n{body}" if rest else body


def _mood(text: str) -> tuple[str, list[str]]:
    """The mood, or a tag with its name if it is none of our moods."""
    try:
        return mood.parse(text), []
    except ValueError:
        return "", [text]


def _tags(texts: Iterable[str]) -> list[str]:
    """Splits texts into tags as the editor does, without the editor's limits."""
    tags: dict[str, str] = {}
    for part in (part for text in texts for part in tag_names.COMMA.split(text)):
        try:
            names = tag_names.split(part)
        except ValueError:
            names = [" ".join(part.split())]
        for name in names:
            tags.setdefault(tag_names.key(name), name)
    return list(tags.values())
