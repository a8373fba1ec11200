"""Day One writer: a zip of Journal.json and the media, as Day One and its readers take it."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import md5
from tempfile import SpooledTemporaryFile
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from journal.transfer.formats import dates
from journal.transfer.formats.writer import (
    CHUNK,
    About,
    ExportedAttachment,
    ExportedEntry,
    Sink,
    referenced,
    unreferenced,
)
from journal.transfer.formats.zip_stream import ZipStream, zipped

NAME = "dayone"
LABEL = "Day One"
SUFFIX = ".zip"
CONTENT_TYPE = "application/zip"

JSON = "Journal.json"
IN_MEMORY = 1024 * 1024  # bytes of the JSON
LINK = re.compile(
    r"!?\[[^\[\]]{0,300}\]\(/attachments/([0-9a-f-]{36})(?:\s{1,9}\"[^\"]{0,300}\")?\)", re.ASCII
)
OWN_ID = re.compile(r"[0-9A-F]{32}", re.ASCII)


@dataclass(frozen=True)
class Kind:
    """How Day One keeps a kind of media: the list in an entry, the folder, the link, the key of the type."""

    listed: str
    folder: str
    link: str
    type_key: str


PHOTO = Kind("photos", "photos", "dayone-moment://", "type")
VIDEO = Kind("videos", "videos", "dayone-moment:/video/", "type")
AUDIO = Kind("audios", "audios", "dayone-moment:/audio/", "format")
PDF = Kind("pdfAttachments", "pdfs", "dayone-moment:/pdfAttachment/", "type")


def write(entries: Iterator[ExportedEntry], sink: Sink, about: About) -> None:
    """The media come first; the JSON, which names them by their MD5, waits in a temporary file."""
    with zipped(sink) as stream, SpooledTemporaryFile(IN_MEMORY, prefix="journal-export-") as spooled:
        stream.add_folder("photos", about.exported_at)
        media = _Media(stream)
        spooled.write(b'{"metadata": {"version": "1.0"}, "entries": [')
        separator = b"\n"
        for entry in entries:
            if not entry.deleted_at:
                found = json.dumps(_entry(entry, media), ensure_ascii=False, allow_nan=False)
                spooled.write(separator + found.encode("utf-8", "replace"))
                separator = b",\n"
        spooled.write(b"\n]}\n")
        spooled.seek(0)
        stream.add(JSON, iter(lambda: spooled.read(CHUNK), b""), about.exported_at)


@dataclass
class _Media:
    stream: ZipStream
    names: set[str] = field(default_factory=set)

    def add(self, attachment: ExportedAttachment, moment: datetime) -> tuple[Kind, dict[str, Any]] | None:
        """The description for the entry; None for what Day One can't hold and for a file that is gone."""
        kind = _kind(attachment)
        if not kind or not attachment.is_there():
            return None
        digest = md5(usedforsecurity=False)
        for chunk in attachment.chunks():
            digest.update(chunk)
        name = f"{kind.folder}/{digest.hexdigest()}.{attachment.extension}"
        if name not in self.names:
            self.names.add(name)
            self.stream.add(name, attachment.chunks(), moment, is_packed=True)
        described = {
            "identifier": attachment.uid.hex.upper(),
            "md5": digest.hexdigest(),
            kind.type_key: attachment.extension,
            "filename": attachment.name,
        }
        return kind, described


def _kind(attachment: ExportedAttachment) -> Kind | None:
    if attachment.content_type == "application/pdf":
        return PDF
    kinds = {"image": PHOTO, "video": VIDEO, "audio": AUDIO}
    return kinds.get(attachment.content_type.partition("/")[0])


def _entry(entry: ExportedEntry, media: _Media) -> dict[str, Any]:
    fields, zone = entry.fields, entry.fields.zone or "UTC"
    added = {one.uid: found for one in entry.attachments if (found := media.add(one, entry.updated_at))}
    at, is_all_day = _created(entry, zone)
    is_own = entry.source == NAME and OWN_ID.fullmatch(entry.source_id)
    described: dict[str, Any] = {
        "uuid": entry.source_id if is_own else entry.uid.hex.upper(),
        "creationDate": _utc(at),
        "modifiedDate": _utc(entry.updated_at),
        "timeZone": zone,
        "text": _text(entry, added),
        "starred": entry.starred,
        "isPinned": False,
        "isAllDay": is_all_day,
        "tags": [*(fields.tags or []), *([f"mood_{fields.mood}"] if fields.mood else [])],
    }
    if entry.place.latitude is not None and entry.place.longitude is not None:
        described["location"] = {"latitude": entry.place.latitude, "longitude": entry.place.longitude}
    if entry.place.name:
        described["location"] = described.get("location", {}) | {"placeName": entry.place.name}
    if entry.weather:
        described["weather"] = {"conditionsDescription": entry.weather}
    for order, (kind, one) in enumerate(added.values()):
        described.setdefault(kind.listed, []).append(one | {"orderInEntry": order})
    return described


def _created(entry: ExportedEntry, zone: str) -> tuple[datetime, bool]:
    """The instant by whose local date Day One finds the day. If the entry is about another day than it was
    written on, noon of that day, as an entry without a time."""
    day = entry.fields.day
    assert day
    try:
        if entry.written_at.astimezone(ZoneInfo(zone)).date() == day:
            return entry.written_at, False
    except OverflowError:
        pass
    return dates.of_day(day, zone), True


def _utc(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%S}Z".zfill(20)


def _text(entry: ExportedEntry, added: dict[UUID, tuple[Kind, dict[str, Any]]]) -> str:
    """The text with Day One's links. What it can't hold is named."""
    names = {one.uid: one.name for one in entry.attachments}

    def link(uid: UUID) -> str | None:
        if uid in added:
            kind, described = added[uid]
            return f"![]({kind.link}{described['identifier']})"
        return names.get(uid)

    def replaced(found: re.Match[str]) -> str:
        try:
            return link(UUID(found[1])) or found[0]
        except ValueError:
            return found[0]

    body = entry.fields.body or ""
    last = [link(one.uid) or "" for one in unreferenced(body, entry.attachments)]
    text = referenced(LINK.sub(replaced, body), names.get)
    title = " ".join((entry.fields.title or "").split())
    title = f"# {title}" if title else ""
    return "\n\n".join(part for part in (title, text, *last) if part)
