"""Document: an entry as JSON, in our own format, of which docs/export.md has the schema."""

from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from journal.accounts.users import zones
from journal.entries import mood
from journal.entries.imported import ImportedAttachment, ImportedEntry, ImportedRevision, Place
from journal.entries.values import EntryFields
from journal.text import tag_names
from journal.transfer.formats import json_values
from journal.transfer.formats.writer import ExportedAttachment, ExportedEntry, referenced

FORMAT = "journal"
VERSION = 1  # grows when readers of the one before would lose something
LONGEST_TITLE = 1000  # characters that a title may have since it was adopted
LARGEST_VERSION = 2**31 - 1
LONGEST_SOURCE, LONGEST_SOURCE_ID = 64, 200

Document = dict[str, Any]


# Writing


def of(entry: ExportedEntry) -> Document:
    """The entry without its attachments."""
    document = {"uid": str(entry.uid), "version": entry.version} | _of_fields(entry.fields)
    return document | {
        "written_at": _of_instant(entry.written_at),
        "updated_at": _of_instant(entry.updated_at),
        "starred": entry.starred,
        "place": _of_place(entry.place),
        "weather": entry.weather,
        "deleted_at": _of_instant(entry.deleted_at),
        "source": {"name": entry.source, "id": entry.source_id} if entry.source else None,
        "source_record": entry.record or None,
        "revisions": [_of_revision(revision) for revision in entry.revisions],
    }


def of_attachment(attachment: ExportedAttachment) -> Document:
    return {
        "uid": str(attachment.uid),
        "name": attachment.name,
        "content_type": attachment.content_type,
        "sha256": attachment.sha256,
    }


def _of_fields(fields: EntryFields) -> Document:
    return {
        "day": fields.day.isoformat() if fields.day else None,
        "zone": fields.zone,
        "title": fields.title,
        "body": fields.body,
        "tags": fields.tags,
        "mood": fields.mood,
    }


def _of_revision(revision: ImportedRevision) -> Document:
    return _of_fields(revision.fields) | {
        "written_at": _of_instant(revision.written_at),
        "created_at": _of_instant(revision.created_at),
        "version": revision.version,
        "kind": revision.kind,
    }


def _of_instant(moment: datetime | None) -> str | None:
    return moment.astimezone(UTC).isoformat() if moment else None


def _of_place(place: Place) -> Document | None:
    latitude, longitude = json_values.number(place.latitude), json_values.number(place.longitude)
    if not place.name and latitude is None and longitude is None:
        return None
    return {"name": place.name, "latitude": latitude, "longitude": longitude}


# Reading


class Damaged(ValueError):
    """A value without which an entry can't be imported; the message says which."""


def imported(
    document: object, zone: str, media: Iterable[ImportedAttachment], doubt: Callable[[str], None]
) -> ImportedEntry:
    """The entry of a document. `zone` stands in for one that is not known, which `doubt` is told, and so is
    each revision that is left out. Raises Damaged."""
    if not isinstance(document, dict):
        raise Damaged("no object")
    attachments = tuple(media)
    keys = {attachment.key for attachment in attachments}
    uid = _uid(document.get("uid"))
    fields = _fields(document, zone, keys, doubt)
    written_at = _instant(document.get("written_at"), "written_at")
    source = json_values.mapping(document.get("source"))
    return ImportedEntry(
        fields=fields,
        written_at=written_at,
        updated_at=_optional_instant(document.get("updated_at")) or written_at,
        source=json_values.text(source.get("name"))[:LONGEST_SOURCE] or FORMAT,
        source_id=json_values.text(source.get("id"))[:LONGEST_SOURCE_ID] or str(uid),
        starred=document.get("starred") is True,
        place=_place(document.get("place")),
        weather=json_values.text(document.get("weather")),
        attachments=attachments,
        revisions=tuple(_revisions(document.get("revisions"), zone, keys, doubt)),
        deleted_at=_optional_instant(document.get("deleted_at")),
        record=json_values.text(document.get("source_record")),
        uid=uid,
        version=_version(document.get("version")),
    )


def _uid(value: object) -> UUID:
    try:
        return UUID(json_values.text(value))
    except ValueError:
        raise Damaged("no uid") from None


def is_uid(value: object) -> bool:
    """Whether it is a uid in the form in which bodies name it."""
    try:
        return str(_uid(value)) == value
    except Damaged:
        return False


def _fields(document: Document, zone: str, keys: set[str], doubt: Callable[[str], None]) -> EntryFields:
    given = json_values.text(document.get("zone"))
    if given not in zones():
        doubt(f"the time zone {given[:64]!r}")
    title = json_values.text(document.get("title"))
    body = referenced(json_values.text(document.get("body")), lambda uid: _key(uid, keys))
    return EntryFields(
        title=title[:LONGEST_TITLE],
        body=f"{title[LONGEST_TITLE:]}\n\n{body}" if title[LONGEST_TITLE:] else body,
        day=_day(document.get("day")),
        zone=given if given in zones() else zone,
        tags=_tags(document.get("tags")),
        mood=_mood(document.get("mood")),
    )


def _key(uid: UUID, keys: set[str]) -> str | None:
    return f"attachment:{uid}" if str(uid) in keys else None


def _revisions(
    values: object, zone: str, keys: set[str], doubt: Callable[[str], None]
) -> Iterable[ImportedRevision]:
    for number, value in enumerate(json_values.items(values), 1):
        try:
            if not isinstance(value, dict):
                raise Damaged("no object")
            yield ImportedRevision(
                fields=_fields(value, zone, keys, doubt),
                written_at=_optional_instant(value.get("written_at")),
                created_at=_instant(value.get("created_at"), "created_at"),
                version=_version(value.get("version")),
                kind=json_values.text(value.get("kind"))[:8] or "manual",
            )
        except Damaged as error:
            doubt(f"revision {number}: {error}")


def _tags(values: object) -> list[str]:
    """The tags as they are; only what could not be a tag at all is tidied."""
    tags: dict[str, str] = {}
    for value in json_values.items(values):
        if name := tag_names.tidy(json_values.text(value)):
            tags.setdefault(tag_names.key(name), name)
    return list(tags.values())


def _mood(value: object) -> str:
    try:
        return mood.parse(json_values.text(value))
    except ValueError:
        return ""


def _day(value: object) -> date:
    try:
        return date.fromisoformat(json_values.text(value))
    except ValueError:
        raise Damaged("no day") from None


def _instant(value: object, name: str) -> datetime:
    moment = _optional_instant(value)
    if moment is None:
        raise Damaged(f"no {name}")
    return moment


def _optional_instant(value: object) -> datetime | None:
    try:
        moment = datetime.fromisoformat(json_values.text(value))
        return moment.astimezone(UTC) if moment.tzinfo else None
    except (ValueError, OverflowError):
        return None


def _place(value: object) -> Place:
    place = json_values.mapping(value)
    latitude, longitude = (json_values.number(place.get(name)) for name in ("latitude", "longitude"))
    return Place(json_values.text(place.get("name")), latitude, longitude)


def _version(value: object) -> int:
    is_number = isinstance(value, int) and not isinstance(value, bool)
    return value if is_number and 0 < value <= LARGEST_VERSION else 1  # type: ignore[operator,return-value]
