"""Source entries: turns a row of the source database into an entry. Pure."""

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date

from journal.entries.imported import ImportedEntry
from journal.entries.values import EntryFields
from journal.text import tag_names
from journal.transfer.adoption import bodies, local_days, moods, states
from journal.transfer.adoption.options import AdoptOptions
from journal.transfer.legacy import timestamps, values
from journal.transfer.legacy.known_schemas import SourceRow

LONGEST_TITLE = 1000


@dataclass(frozen=True)
class SourceEntry:
    owner: str
    imported: ImportedEntry
    dated_by: str  # "created", "updated" or ""


def read(row: SourceRow, options: AdoptOptions) -> SourceEntry:
    reading = options.reading
    created = _moment(row.get("created"), options, row.get("time"))
    updated = _moment(row.get("updated"), options)
    about = timestamps.read(row.get("day"), options.people_in, reading.dates)
    written = created or updated or _now(options)
    fields = _fields(row, options, about.day if about else written.day)
    body, attachments = options.files.attached(fields.body or "") if options.files else (fields.body, ())
    imported = ImportedEntry(
        fields=replace(fields, body=body),
        attachments=attachments,
        written_at=written.at,
        updated_at=updated.at if updated else written.at,
        source=options.source,
        source_id=values.identity(row["id"]),
        # Now, so that it stays in the bin for the usual time.
        deleted_at=options.now if states.is_deleted(row) else None,
        record=_record(row) if reading.is_html else "",
        is_undated=not created and not updated,
    )
    owner = values.identity(row.get("owner")) or reading.owner
    dated_by = "created" if created else "updated" if updated else ""
    return SourceEntry(owner, imported, dated_by)


def _record(row: SourceRow) -> str:
    """The HTML that became Markdown, which can't say everything."""
    text = bodies.joined(row)
    return json.dumps({"html": text}, ensure_ascii=False) if bodies.is_html(text) else ""


def _now(options: AdoptOptions) -> timestamps.Moment:
    return timestamps.Moment(options.now, options.now.astimezone(options.people_in).date())


def _fields(row: SourceRow, options: AdoptOptions, day: date) -> EntryFields:
    title, body = _split(values.text(row.get("title")), bodies.joined(row, options.reading.is_html))
    known, moods_tags = moods.read(row.get("mood"), options.reading.mood_scale)
    stored = [text for role in row if role.partition(".")[0] == "tags" for text in values.texts(row[role])]
    return EntryFields(
        title=title,
        body=body,
        day=day,
        zone=options.people_in.key,
        tags=_tags([*stored, *_category(row), *moods_tags]),
        mood=known,
    )


def _category(row: SourceRow) -> list[str]:
    """The category as a tag; a number is one that only the old app understood."""
    text = values.text(row.get("category")).strip()
    return [] if text.isdigit() else [text]


def _moment(stored: object, options: AdoptOptions, clock: object = None) -> timestamps.Moment | None:
    found = timestamps.read(stored, options.zone, options.reading.dates, clock)
    return local_days.moved(found, stored, options)


def _split(title: str, body: str) -> tuple[str, str]:
    """Moves the part that is too long for a title to the start of the text."""
    rest = title[LONGEST_TITLE:]
    return title[:LONGEST_TITLE], f"{rest}\n\n{body}" if rest else body


def _tags(texts: Iterable[str]) -> list[str]:
    """Splits texts into tags as the editor does, without the editor's limits."""
    tags: dict[str, str] = {}
    for part in (part for text in texts for part in _parts(text)):
        try:
            names = tag_names.split(part)
        except ValueError:
            names = [" ".join(part.split())]
        for name in names:
            tags.setdefault(tag_names.key(name), name)
    return list(tags.values())


def _parts(text: str) -> list[str]:
    """Tags are separated by commas; where there is none, by semicolons, bars, or the # before each."""
    if tag_names.COMMA.search(text):
        return tag_names.COMMA.split(text)
    if re.fullmatch(r"\s*#\S+(\s+#\S+)+\s*", text):
        return text.split()
    return re.split(r"[;|]", text)
