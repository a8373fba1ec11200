"""Front matter that we write: the fields of an entry, and those of its source that we don't know."""

import json
from datetime import datetime
from zoneinfo import ZoneInfo

from journal.transfer.formats import front_matter, markdown_file
from journal.transfer.formats.writer import ExportedEntry


def front_matter_of(entry: ExportedEntry) -> str:
    fields = entry.fields
    zone = fields.zone or "UTC"
    texts = {
        "title": fields.title or "",
        "date": str(fields.day),
        "created": local(entry.written_at, zone),
        "updated": local(entry.updated_at, zone),
        "timezone": zone,
        "mood": fields.mood or None,
        "starred": "true" if entry.starred else None,
        "location": entry.place.name or None,
        "latitude": _degrees(entry.place.latitude),
        "longitude": _degrees(entry.place.longitude),
        "weather": entry.weather or None,
        "uuid": str(entry.uid),
        "version": str(entry.version),
        "deleted": local(entry.deleted_at, zone) if entry.deleted_at else None,
    }
    lines = "".join(front_matter.line(key, value) for key, value in texts.items() if value is not None)
    lines = lines.replace('starred: "true"', "starred: true")
    tags = front_matter.listing("tags", fields.tags) if fields.tags else ""
    return lines + tags + front_matter.again(_raw(entry), markdown_file.READ)


def local(moment: datetime, zone: str) -> str:
    """The instant in the zone, with its offset; in UTC where the calendar ends."""
    try:
        return moment.astimezone(ZoneInfo(zone)).isoformat()
    except OverflowError:
        return moment.isoformat()


def _degrees(number: float | None) -> str | None:
    return None if number is None else str(number)


def _raw(entry: ExportedEntry) -> dict[str, str]:
    """The front matter of the file that the entry was imported from."""
    if entry.source != markdown_file.NAME:
        return {}
    try:
        raw = json.loads(entry.record)["front_matter"]
        return {key: value for key, value in raw.items() if isinstance(value, str)}
    except (ValueError, KeyError, TypeError, AttributeError):
        return {}
