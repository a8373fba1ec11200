"""Reader of Journiv's export, of which three generations differ in shape: entries within journals, entries
beside moments, and moments that may hold an entry."""

import posixpath
import re
from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any

from journal.entries import mood
from journal.entries.imported import ImportedEntry, Place
from journal.transfer.archive import Archive
from journal.transfer.formats import dates, json_stream, quill, reader
from journal.transfer.formats.dates import Moment
from journal.transfer.formats.journiv_media import Media, MediaFiles
from journal.transfer.formats.json_values import (
    first_text,
    items,
    mapping,
    mappings,
    number,
    record,
    text,
    texts,
)
from journal.transfer.formats.reader import ReadOptions, content_id, entry_fields
from journal.transfer.formats.source_values import typed
from journal.transfer.report import Report

NAME = "journiv"
LABEL = "Journiv"
FILES = ("data.json", "journiv.json")
MARK = re.compile(rb'"export_version"\s*:')
ITEMS = ("journals.item.entries.item", "entries.item", "moments.item")
NOTHING = "Exports without a single entry where this site looks for them"
DRAFTS = "Drafts, which come as entries"
PICTURE = re.compile(r"!\[([^\[\]]{0,300})\]\(([^()\s]{1,1000})\)")

Record = dict[str, Any]


def recognises(archive: Archive) -> bool:
    return bool(_files(archive))


def _files(archive: Archive) -> list[str]:
    names = archive.ending(".json")
    named = [name for name in names if archive.is_single_file or posixpath.basename(name) in FILES]
    return [name for name in named if _is_export(archive.beginning(name))]


def _is_export(head: bytes) -> bool:
    return MARK.search(head) is not None and b"user_email" in head


def read(archive: Archive, options: ReadOptions, report: Report) -> Iterator[ImportedEntry]:
    media = MediaFiles(archive)
    for name in _files(archive):
        export = _Export(archive, name, options, report, media)
        count = 0
        for count, (prefix, item) in enumerate(_items(archive, name, ITEMS, report), 1):
            entry = export.entry(prefix, item)
            if isinstance(entry, str):
                report.miss(entry, f"{name}, number {count}")
            else:
                yield entry
        if not count:
            report.miss(NOTHING, name)


def _items(
    archive: Archive, name: str, prefixes: tuple[str, ...], report: Report
) -> Iterator[tuple[str, Any]]:
    with archive.open(name) as file:
        yield from json_stream.whole(json_stream.named(json_stream.events(file), prefixes), name, report)


class _Export:
    def __init__(
        self, archive: Archive, name: str, options: ReadOptions, report: Report, media: MediaFiles
    ) -> None:
        self.options, self.report, self.media = options, report, media
        self.scores: dict[str, float] = {}  # of moods, by name, key and id
        self.people: dict[str, str] = {}  # names by id
        for prefix, item in _items(archive, name, ("mood_definitions.item", "people.item"), report):
            found = mapping(item)
            if prefix.startswith("people"):
                self.people[text(found.get("external_id"))] = text(found.get("name"))
            elif score := number(found.get("score")):
                keys = (text(found.get(key)) for key in ("name", "key", "external_id"))
                self.scores |= {key: score for key in keys if key}

    def entry(self, prefix: str, item: Any) -> ImportedEntry | str:
        """The entry, or the sentence why it is left out."""
        moment, entry = _parts(prefix, mapping(item))
        zone = dates.known_zone(first_text(moment, "logged_timezone", "entry_timezone"), self.options.zone)
        when = _when(moment, entry, zone)
        if not when:
            return reader.UNDATED
        media = self._media(moment, entry)
        fields = entry_fields(
            title=text(entry.get("title")),
            body=self._body(moment, entry, media),
            day=when.day,
            zone=zone,
            tags=self._tags(moment, entry),
            mood_name=self._mood(moment),
        )
        self._tell(f"{when.day} {fields.title}".strip(), entry, media)
        own_id = content_id(when.at, fields.title, fields.body)
        return ImportedEntry(
            fields=fields,
            written_at=when.at,
            updated_at=_instant(_either(entry, moment, "updated_at")) or when.at,
            source=NAME,
            source_id=_either(entry, moment, "external_id", "id")[:200] or own_id,
            starred=moment.get("is_pinned") is True or entry.get("is_pinned") is True,
            place=_place(moment),
            weather=_weather(moment),
            attachments=tuple(media.found.values()),
            record=record(item),
        )

    def _tell(self, label: str, entry: Record, media: Media) -> None:
        for missing in media.missing:
            self.report.note(reader.MISSING_MEDIA, f"{label}: {missing}")
        if entry.get("is_draft") is True:
            self.report.note(DRAFTS, label)

    def _media(self, moment: Record, entry: Record) -> Media:
        listed = [*mappings(moment.get("media"))]
        if entry is not moment:
            listed += mappings(entry.get("media"))
        owners = [first_text(one, "external_id", "id") for one in (entry, moment)]
        return self.media.of(listed, owners)

    def _body(self, moment: Record, entry: Record, media: Media) -> str:
        prompt = _either(moment, entry, "prompt_text").strip()
        asked = "\n".join(f"> {typed(line)}" for line in prompt.split("\n") if line.strip())
        note = typed(text(moment.get("note")).strip())
        return "\n\n".join(part for part in (asked, note, _text(entry, media)) if part.strip())

    def _tags(self, moment: Record, entry: Record) -> list[str]:
        links = [*mappings(moment.get("mood_activity"))]
        people = [self.people.get(one, "") for one in texts(moment.get("people_external_ids"))]
        activities = [text(link.get("activity_name")) for link in links]
        return [
            tag
            for tag in (*_names(moment.get("tags")), *_names(entry.get("tags")), *activities, *people)
            if tag
        ]

    def _mood(self, moment: Record) -> str:
        log = mapping(moment.get("mood_log"))
        links = [text(one.get("mood_name")) for one in mappings(moment.get("mood_activity"))]
        names = [first_text(moment, "primary_mood_name"), first_text(log, "mood_name"), *links]
        name = next((name for name in names if name), "")
        score = self.scores.get(first_text(moment, "primary_mood_external_id")) or self.scores.get(name)
        return mood.mean(round(score), 1) if score and 1 <= score <= 5 else name


def _either(one: Record, other: Record, *names: str) -> str:
    return first_text(one, *names) or first_text(other, *names)


def _parts(prefix: str, item: Record) -> tuple[Record, Record]:
    """What the two generations of entries, and the moments, call moment and entry."""
    if prefix == "moments.item":
        return item, mapping(item.get("entry"))
    return mapping(item.get("moment")) or item, item


def _when(moment: Record, entry: Record, zone: str) -> Moment | None:
    at = _instant(first_text(moment, "logged_at_utc", "logged_at", "entry_datetime_utc"))
    day = _day(first_text(moment, "logged_date_tz", "logged_date", "entry_date"))
    at = at or (
        None if day else _instant(first_text(entry, "created_at") or first_text(moment, "created_at"))
    )
    if day:
        return Moment(day, at or dates.of_day(day, zone), at is not None)
    try:
        return dates.of_instant(at, zone) if at else None
    except ValueError:
        return None


def _instant(given: str) -> datetime | None:
    """Journiv's instants are in UTC, also those without a zone."""
    try:
        found = datetime.fromisoformat(given)
        return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return None


def _day(given: str) -> date | None:
    try:
        return date.fromisoformat(given[:10])
    except ValueError:
        return None


def _text(entry: Record, media: Media) -> str:
    operations = items(mapping(entry.get("content_delta")).get("ops"))
    if found := quill.to_markdown(operations, media.embedded):
        return found
    if found := text(entry.get("content")):
        return PICTURE.sub(lambda link: media.linked(link[2], link[1]) or link[0], found)
    return typed(text(entry.get("content_plain_text")).strip())


def _names(values: object) -> list[str]:
    """Tags as texts, or as objects with a name."""
    named = [text(one.get("name")) for one in mappings(values)]
    return [*texts(values), *named]


def _place(moment: Record) -> Place:
    found = mapping(moment.get("location_json")) or mapping(moment.get("location_data"))
    keys = (("name", "street"), ("locality", "city"), ("country",))
    parts = [first_text(found, *names) for names in keys]
    name = first_text(moment, "location") or ", ".join(part for part in parts if part)
    latitude, longitude = (
        number(moment.get(key), most) if key in moment else number(found.get(key), most)
        for key, most in (("latitude", 90), ("longitude", 180))
    )
    return Place(name, latitude, longitude)


def _weather(moment: Record) -> str:
    found = mapping(moment.get("weather_json")) or mapping(moment.get("weather_data"))
    return first_text(moment, "weather_summary") or first_text(found, "summary", "condition", "description")
