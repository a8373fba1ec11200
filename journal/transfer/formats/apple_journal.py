"""Reader of Apple Journal: a zip or a folder with an HTML file for each entry, and its photos, films and
sounds with their descriptions."""

import json
import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from selectolax.lexbor import LexborHTMLParser, LexborNode

from journal.entries.imported import ImportedAttachment, ImportedEntry, Place
from journal.transfer import html_tree
from journal.transfer.archive import Archive, UnreadableArchive
from journal.transfer.formats import dates, localised_dates, reader
from journal.transfer.formats.reader import ReadOptions, entry_fields
from journal.transfer.formats.source_media import Media
from journal.transfer.formats.source_values import (
    UNREADABLE_FILE,
    Item,
    joined,
    miss_media,
    place,
    source_id,
    typed,
)
from journal.transfer.html_to_markdown import node_to_markdown, to_markdown
from journal.transfer.report import Report

NAME = "apple-journal"
LABEL = "Apple Journal"
ENTRY = re.compile(r"(?:^|/)Entries/[^/]+\.html$", re.IGNORECASE)
CONTENT = re.compile(rb"class=[\"']?(?:pageHeader|bodyText|assetGrid|pageContainer)")
HEAD = 16 * 1024
TRIED = 5  # files, to recognise the export
LARGEST = 16 * 1024 * 1024  # bytes of one entry
EPOCH = datetime(2001, 1, 1, tzinfo=UTC)  # Apple counts seconds from here
FILE_DAY = re.compile(r"(\d{4})-(\d{2})-(\d{2})", re.ASCII)
WITH_FILE = {"photo", "livePhoto", "video", "audio", "drawing"}
WITH_PLACE = {"genericMap", "multiPinMap", "map", "visit", "location"}


def recognises(archive: Archive) -> bool:
    return any(CONTENT.search(archive.beginning(name, HEAD)) for name in _entries(archive)[:TRIED])


def _entries(archive: Archive) -> list[str]:
    found = [name for name in archive.names if ENTRY.search(name)]
    return sorted(name for name in found if posixpath.basename(name).lower() != "index.html")


def read(archive: Archive, options: ReadOptions, report: Report) -> Iterator[ImportedEntry]:
    media = Media(archive, ["Resources"])
    for name in _entries(archive):
        try:
            entry = _entry(archive, name, media, options, report)
        except UnreadableArchive:
            entry = UNREADABLE_FILE
        except Exception:  # a damaged file may hold anything
            entry = reader.UNREADABLE
        if isinstance(entry, str):
            report.miss(entry, name)
            continue
        if not (entry.fields.body or entry.fields.title):
            report.note(reader.EMPTY, name)
        yield entry


@dataclass(frozen=True)
class _Asset:
    """Something that an entry shows above its text."""

    uuid: str
    kind: str
    words: str
    files: tuple[str, ...]
    described: Item


def _entry(
    archive: Archive, name: str, media: Media, options: ReadOptions, report: Report
) -> ImportedEntry | str:
    html = archive.read(name, LARGEST).decode("utf-8-sig", "replace")
    tree = html_tree.parsed(html)
    assets = _assets(archive, tree, media) if tree else []
    header = _words(tree, ".pageHeader") if tree else ""
    day = _day(name, header, assets, options.zone)
    if day is None:
        return reader.UNDATED
    at = dates.of_day(day, options.zone)
    body, pictures = media.pictures(_body(tree, assets) if tree else to_markdown(html))
    return ImportedEntry(
        fields=entry_fields(
            title=_words(tree, ".title") if tree else "", body=body, day=day, zone=options.zone
        ),
        written_at=at,
        updated_at=at,
        source=NAME,
        source_id=source_id(posixpath.splitext(posixpath.basename(name))[0]),
        place=_place(assets),
        attachments=tuple(
            {one.key: one for one in [*pictures, *_attached(assets, media, name, report)]}.values()
        ),
        record=_record(name, header, assets),
    )


def _words(tree: LexborHTMLParser, selector: str) -> str:
    node = tree.css_first(selector)
    return " ".join(node.text(separator=" ").split()) if node else ""


def _day(name: str, header: str, assets: list[_Asset], zone: str) -> date | None:
    """The day in the file's name, else in the header, else that of the first photo."""
    if found := FILE_DAY.match(posixpath.basename(name)):
        try:
            return date(*map(int, found.groups()))
        except ValueError:
            pass
    if day := localised_dates.parse(header):
        return day
    days = (_taken(asset.described.number("date"), zone) for asset in assets)
    return next((day for day in days if day), None)


def _taken(seconds: float | None, zone: str) -> date | None:
    try:
        return (EPOCH + timedelta(seconds=seconds)).astimezone(ZoneInfo(zone)).date() if seconds else None
    except OverflowError:
        return None


def _assets(archive: Archive, tree: LexborHTMLParser, media: Media) -> list[_Asset]:
    return [_asset(archive, node, media) for node in tree.css(".gridItem")]


def _asset(archive: Archive, node: LexborNode, media: Media) -> _Asset:
    uuid = node.attributes.get("id") or ""
    classes = (node.attributes.get("class") or "").split()
    kind = next((one.partition("_")[2] for one in classes if one.startswith("assetType_")), "")
    members = media.all_named(uuid) if uuid else []
    for inner in node.css("img[src], video[src], source[src], audio[src]"):
        member = media.named(inner.attributes.get("src") or "")
        members = [*members, *([member] if member and member not in members else [])]
    described = next((member for member in members if member.lower().endswith(".json")), "")
    files = tuple(member for member in members if not member.lower().endswith(".json"))
    return _Asset(uuid, kind, _caption(node), files, _description(archive, described))


def _caption(node: LexborNode) -> str:
    """The words of an asset, each part once."""
    texts = [
        event.text_content or "" for event, begins in html_tree.events(node) if begins and event.is_text_node
    ]
    return joined(*(" ".join(text.split()) for text in texts))


def _description(archive: Archive, name: str) -> Item:
    try:
        value: Any = json.loads(archive.read(name, 1024 * 1024)) if name else {}
    except (UnreadableArchive, ValueError, RecursionError):
        value = {}
    return Item.of(value)


def _body(tree: LexborHTMLParser, assets: list[_Asset]) -> str:
    """The prompt as a quote, the text, and the words of what stands above it, such as a walk or a song."""
    prompt = _words(tree, ".reflectionPrompt")
    texts = [node_to_markdown(node) for node in tree.css(".bodyText")]
    captions = [asset.words for asset in assets if asset.words]
    if len(captions) == 1 and captions[0] == _place(assets).name:
        captions = []
    parts = [f"> {typed(prompt)}" if prompt else "", *texts, "\n".join(f"- {typed(one)}" for one in captions)]
    return "\n\n".join(part for part in parts if part)


def _place(assets: list[_Asset]) -> Place:
    """The first place that an asset names."""
    for asset in assets:
        name = asset.described.text("placeName") or (asset.words if asset.kind in WITH_PLACE else "")
        if name:
            return place(name, asset.described.number("latitude"), asset.described.number("longitude"))
    return Place()


def _attached(assets: list[_Asset], media: Media, name: str, report: Report) -> Iterator[ImportedAttachment]:
    """A live photo is a picture and a film; both come."""
    for asset in assets:
        if not asset.files and asset.kind in WITH_FILE:
            miss_media(report, name, f"{asset.kind} {asset.uuid}")
        yield from map(media.attachment, asset.files)


def _record(name: str, header: str, assets: list[_Asset]) -> str:
    shown = [{"id": one.uuid, "type": one.kind, "text": one.words, **one.described.values} for one in assets]
    return Item({"file": posixpath.basename(name), "header": header, "assets": shown}).record()
