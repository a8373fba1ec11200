"""Markdown file: one entry from its front matter, its text and its place in the folders."""

import re
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from posixpath import basename

from journal.entries.imported import ImportedEntry, Place
from journal.transfer.formats import dates, front_matter, json_values, reader
from journal.transfer.formats.dates import Moment
from journal.transfer.formats.front_matter import FrontMatter
from journal.transfer.formats.markdown_links import Links
from journal.transfer.formats.reader import ReadOptions, entry_fields
from journal.transfer.report import Report

NAME = "markdown"
DATE = ("date", "created", "creation_date", "created_at", "creation date", "date created", "created at")
UPDATED = ("updated", "modified", "last_modified", "lastmod", "updated_at", "date modified", "last modified")
ZONE = ("timezone", "time_zone", "tz")
TAGS = ("tags", "tag", "journal", "folder")
STARRED = ("starred", "favorite", "favourite", "star")
PLACE = ("location", "place", "address")
LATITUDE, LONGITUDE = ("latitude", "lat"), ("longitude", "lon", "lng")
IDS = ("uuid", "id")
# The fields that our own export writes from the entry itself.
OURS = {"title", "date", "created", "updated", "timezone", "tags", "mood", "starred", "location", "latitude"}
OURS |= {"longitude", "weather", "uuid", "version", "deleted"}
# The fields that become something of the entry, under any of their names.
READ = {*OURS, *DATE, *UPDATED, *ZONE, *TAGS, *STARRED, *PLACE, *LATITUDE, *LONGITUDE, *IDS, "body"}
YES = {"true", "yes", "on", "1", "y"}
HEADING = re.compile(r"\s*#[ \t]+([^\n]+?)[ \t]*#*[ \t]*(?:\n|$)")
PROPERTY = re.compile(r"(?:- )?([A-Za-z][\w-]{0,40}):: (.*)")
SAFE_ID = re.compile(r"[A-Za-z0-9._/-]{1,200}", re.ASCII)
ALTERED = "Files with letters that can't be decoded, which are shown as �"


class Undated(Exception):
    """Neither the file nor its name or folders tell a day."""


@dataclass(frozen=True)
class Parsed:
    head: FrontMatter
    title: str
    body: str


def parse(content: bytes, name: str, report: Report) -> Parsed:
    """Reads the file as text, and takes it apart."""
    text = _decoded(content, name, report)
    head, body = front_matter.split(text)
    if not head.raw:
        head, body = _properties(body)
    if not body.strip():
        body = head.text("body")
    title = head.text("title")
    if "title" not in head.texts:
        heading = HEADING.match(body)
        title, body = (heading[1], body[heading.end() :]) if heading else (_title(name), body)
    return Parsed(head, title, body.strip("\n"))


def _decoded(content: bytes, name: str, report: Report) -> str:
    codec = "utf-16" if content[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    try:
        text = content.decode(codec)
    except UnicodeError:
        report.note(ALTERED, name)
        text = content.decode(codec, "replace")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _properties(body: str) -> tuple[FrontMatter, str]:
    """The properties of Logseq's pages, `key:: value` at the beginning of the text."""
    lines, found = body.split("\n"), FrontMatter()
    while lines and (match := PROPERTY.fullmatch(lines[0])):
        key, value = match[1].lower(), match[2].strip()
        found.texts[key], found.raw[match[1]] = value.replace("[[", "").replace("]]", ""), f" {value}"
        lines.pop(0)
    return found, "\n".join(lines) if found.raw else body


def _title(name: str) -> str:
    """The file's name without its date, if that leaves anything."""
    stem = re.sub(r"\.(md|markdown)$", "", basename(name), flags=re.IGNORECASE)
    if re.fullmatch(r"[0-9]{1,2}", stem):
        return ""
    return dates.FILE.sub("", stem).strip(" -_.–—")


class MarkdownFiles:
    """Turns files into entries; what is doubtful goes into the report."""

    def __init__(self, links: Links, options: ReadOptions, report: Report) -> None:
        self.links, self.options, self.report = links, options, report

    def entry(self, parsed: Parsed, name: str, source_id: str, about: date | None = None) -> ImportedEntry:
        """`about` is the day if nothing else tells it. Raises Undated."""
        head = parsed.head
        zone = dates.known_zone(head.text(*ZONE), self.options.zone)
        moment = self._moment(head, name, zone, about)
        updated = dates.parse(head.text(*UPDATED), zone)
        body, found = self.links.rewritten(parsed.body, name)
        for missing in found.missing:
            self.report.note(reader.MISSING_MEDIA, f"{name}: {missing}")
        deleted = dates.parse(head.text("deleted"), zone)
        return ImportedEntry(
            fields=entry_fields(
                title=parsed.title,
                body=body,
                day=moment.day,
                zone=zone,
                tags=[tag.strip("\"'[] ") for tag in head.items(*TAGS)],
                mood_name=head.text("mood"),
            ),
            written_at=moment.at,
            updated_at=updated.at if updated else moment.at,
            source=NAME,
            source_id=source_id,
            starred=head.text(*STARRED).lower() in YES,
            place=Place(head.text(*PLACE), _degrees(head, 90, *LATITUDE), _degrees(head, 180, *LONGITUDE)),
            weather=head.text("weather"),
            attachments=tuple(found.media.values()),
            deleted_at=deleted.at if deleted else None,
            record=json_values.record({"file": name, "front_matter": head.raw}),
        )

    def _moment(self, head: FrontMatter, name: str, zone: str, about: date | None) -> Moment:
        """The day of the first field that tells one; the time also of another."""
        texts = [text for key in DATE if (text := head.text(key))]
        found = [moment for text in texts if (moment := dates.parse(text, zone, self.options.date_format))]
        day = found[0].day if found else dates.of_path(name) or about
        if not day:
            raise Undated
        timed = next((moment for moment in found if moment.has_time), None)
        return Moment(day, timed.at if timed else dates.of_day(day, zone), timed is not None)


def _degrees(head: FrontMatter, most: float, *keys: str) -> float | None:
    with suppress(ValueError):
        degrees = float(head.text(*keys))
        return degrees if abs(degrees) <= most else None
    return None


def has_nothing(entry: ImportedEntry) -> bool:
    fields = entry.fields
    return not (fields.title or (fields.body or "").strip() or fields.mood or entry.attachments)
