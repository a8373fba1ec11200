"""Reader of Day One: a zip or a folder with a JSON file for each journal, and folders of photos, films,
sounds and PDFs."""

import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from journal.entries.imported import ImportedAttachment, ImportedEntry, Place
from journal.transfer.archive import Archive, UnreadableArchive
from journal.transfer.formats import dates, day_one_rich_text, json_stream, reader, source_media
from journal.transfer.formats.reader import ContentIds, ReadOptions, entry_fields
from journal.transfer.formats.source_media import Media
from journal.transfer.formats.source_values import (
    UNREADABLE_FILE,
    Item,
    degrees,
    each,
    joined,
    miss_media,
    place,
    source_id,
    zone_of,
)
from journal.transfer.report import Report

NAME = "dayone"
LABEL = "Day One"
HEAD = 64 * 1024
BEGINNING = re.compile(rb'(?:\xef\xbb\xbf)?\s*\{\s*"(metadata|entries)"\s*:')
KINDS = ("photos", "videos", "audios", "pdfAttachments")
FOLDERS = ("photos", "videos", "audios", "pdfs")
MOMENT = re.compile(
    r"!?\[([^\[\]\n]{0,300})\]"
    r"\(dayone-(?:moment|photo|video|audio|pdf):/{1,3}(?:(?:photo|video|audio|pdfAttachment)/)?"
    r"([A-Za-z0-9_-]{1,200})\)",
    re.IGNORECASE,
)
LINK = re.compile(
    r"\(dayone2?:/{1,2}view\?entryId=([A-Za-z0-9-]{1,200})(?:&[^()\s]{0,200})?\)", re.IGNORECASE
)
# Day One leaves these at the ends of lines; elsewhere they are a matter of the script.
INVISIBLE = re.compile(r"^\u200b+|\u200b+$", re.MULTILINE)
TITLE = re.compile(r"# ([^\n]{1,300})(?:\n\s*|$)")
ESCAPE = re.compile(r"\\([!-/:-@\[-`{-~])")
MARKUP = re.compile(r"[*_`\[\]<>~|]|&\w+;")


def recognises(archive: Archive) -> bool:
    return bool(_journals(archive))


def _journals(archive: Archive) -> list[str]:
    return [name for name in archive.ending(".json") if _is_journal(archive.beginning(name, HEAD))]


def _is_journal(head: bytes) -> bool:
    begins = BEGINNING.match(head)
    if not begins:
        return False
    return b'"creationDate"' in head or (begins[1] == b"metadata" and b'"entries"' in head)


@dataclass
class _Export:
    """What is known of all journals: a photo that was copied to another entry is described only once."""

    media: Media
    described: dict[str, Item] = field(default_factory=dict)  # media by identifier
    ids: dict[str, str] = field(default_factory=dict)  # entries by their id without dashes
    made_ids: ContentIds = field(default_factory=ContentIds)

    def learn(self, value: object) -> None:
        item = Item.of(value)
        if uuid := item.text("uuid"):
            self.ids.setdefault(_folded(uuid), source_id(uuid))
        for kind in KINDS:
            for medium in item.items(kind):
                if identifier := medium.text("identifier"):
                    known = self.described.get(identifier)
                    if known is None or not known.text("md5"):
                        self.described[identifier] = medium


def read(archive: Archive, options: ReadOptions, report: Report) -> Iterator[ImportedEntry]:
    """Reads each journal twice: first what its entries may refer to."""
    export = _Export(Media(archive, FOLDERS))
    journals = _journals(archive)
    for name in journals:
        for value in _values(archive, name, Report(), len(journals) == 1):
            export.learn(value)
    for name in journals:
        convert = partial(_entry, export=export, near=posixpath.dirname(name), options=options, report=report)
        yield from each(_values(archive, name, report, len(journals) == 1), name, report, convert)


def _values(archive: Archive, name: str, report: Report, is_only: bool) -> Iterator[Any]:
    """The JSON objects of a journal. One that can't be read is told, unless it is the only one."""
    try:
        with archive.open(name) as file:
            yield from json_stream.items(file, "entries.item", name, report)
    except UnreadableArchive:
        if is_only:
            raise
        report.miss(UNREADABLE_FILE, name)


def _entry(
    item: Item, export: _Export, near: str, options: ReadOptions, report: Report
) -> ImportedEntry | str:
    location = item.item("location")
    zone = zone_of(item.text("timeZone"), location.text("timeZoneName")) or options.zone
    moment = dates.parse(item.text("creationDate"), zone)
    if not moment:
        return reader.UNDATED
    modified = dates.parse(item.text("modifiedDate"), zone) or moment
    text = item.typed("text") or day_one_rich_text.to_markdown(item.values.get("richText"))
    label = f"{moment.day} {item.text('uuid')}".strip()
    body, attachments = _with_media(
        INVISIBLE.sub("", text), item, export, near, partial(miss_media, report, label)
    )
    title, body = _titled(LINK.sub(partial(_linked, export.ids), body))
    return ImportedEntry(
        fields=entry_fields(title=title, body=body, day=moment.day, zone=zone, tags=item.texts("tags")),
        written_at=moment.at,
        updated_at=max(modified.at, moment.at),
        source=NAME,
        source_id=source_id(item.text("uuid")) or export.made_ids.of(item.text("creationDate"), text),
        starred=item.flag("starred"),
        place=_place(location),
        weather=_weather(item.item("weather")),
        attachments=attachments,
        record=item.record(),
    )


def _titled(text: str) -> tuple[str, str]:
    """A heading in the first line is the title, unless it has marks, which a title can't show."""
    found = TITLE.match(text)
    if not found or MARKUP.search(ESCAPE.sub("", found[1])):
        return "", text
    return ESCAPE.sub(r"\1", found[1]).strip(), text[found.end() :]


def _with_media(
    text: str, item: Item, export: _Export, near: str, miss: "partial[None]"
) -> tuple[str, tuple[ImportedAttachment, ...]]:
    """The text with references to attachments. One that the text does not name goes to the end, in order."""
    found: dict[str, ImportedAttachment] = {}

    def attached(identifier: str) -> ImportedAttachment | None:
        medium = export.described.get(identifier)
        attachment = _attachment(export.media, medium, near) if medium else None
        if attachment is None:
            miss(identifier)
            return None
        return found.setdefault(attachment.key, attachment)

    def replaced(match: re.Match[str]) -> str:
        attachment = attached(match[2])
        return source_media.reference(attachment, match[1]) if attachment else match[0]

    named = {match[2] for match in MOMENT.finditer(text)}
    body = MOMENT.sub(replaced, text)
    for medium in _in_order(item):
        identifier = medium.text("identifier")
        if not identifier:
            attachment = _attachment(export.media, medium, near)
            found |= {attachment.key: attachment} if attachment else {}
            _ = attachment or miss(medium.text("md5") or "a file without a name")
        elif identifier not in named:
            attached(identifier)
    return body, tuple(found.values())


def _in_order(item: Item) -> list[Item]:
    media = [medium for kind in KINDS for medium in item.items(kind)]
    return sorted(media, key=lambda medium: medium.number("orderInEntry") or 0)


def _attachment(media: Media, medium: Item, near: str) -> ImportedAttachment | None:
    md5 = medium.text("md5")
    extension = medium.text("type", "format").lstrip(".")
    names = [f"{md5}.{extension}", md5] if md5 else []
    member = media.named(*names, medium.text("identifier"), near=near)
    return media.attachment(member, medium.text("filename", "pdfName", "title")) if member else None


def _linked(ids: dict[str, str], match: re.Match[str]) -> str:
    """A link to another entry of the export; any other stays as it is."""
    known = ids.get(_folded(match[1]))
    return f"(entry:{known})" if known and re.fullmatch(r"[A-Za-z0-9-]+", known) else match[0]


def _folded(uuid: str) -> str:
    return uuid.replace("-", "").upper()


def _place(location: Item) -> Place:
    names = [location.text(name) for name in ("placeName", "localityName", "administrativeArea", "country")]
    return place(joined(*names), location.number("latitude"), location.number("longitude"))


def _weather(weather: Item) -> str:
    return joined(weather.text("conditionsDescription"), degrees(weather.number("temperatureCelsius")))
