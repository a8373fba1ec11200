"""Reader of jrnl: its JSON export, and the text of a journal in one file or in a folder of days."""

import io
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from journal.entries.imported import ImportedEntry
from journal.transfer.archive import Archive, UnreadableArchive
from journal.transfer.formats import dates, json_stream, json_values, reader
from journal.transfer.formats.dates import Moment
from journal.transfer.formats.reader import ContentIds, ReadOptions, entry_fields
from journal.transfer.report import Report

NAME = "jrnl"
LABEL = "jrnl"
JSON = re.compile(rb'(?:\xef\xbb\xbf)?\s*\{\s*"tags"\s*:\s*\{')
HEADER = re.compile(r"\[([^\]\n]{4,60})\](?: (.*))?")
TEXT = re.compile(rb"(?:\xef\xbb\xbf)?\s*\[[^\]\n]{0,55}[0-9][^\]\n]{0,55}\](?: |\r?\n)")
CLOCKS = (" %H:%M", " %H:%M:%S", " %I:%M %p", " %I:%M:%S %p", "")
ORDERS = (("%d/%m/%Y", "%m/%d/%Y"), ("%d-%m-%Y", "%m-%d-%Y"), ("%d/%m/%y", "%m/%d/%y"))
NO_STAR = "\u200b"  # our writer puts it behind an asterisk at the end of a title, which would be a star
WORD_SYMBOL = re.compile(r"^[^\w]+")


def recognises(archive: Archive) -> bool:
    return bool(_json_files(archive) or _text_files(archive))


def read(archive: Archive, options: ReadOptions, report: Report) -> Iterator[ImportedEntry]:
    ids = ContentIds()
    for name in _json_files(archive):
        with archive.open(name) as file:
            for number, item in enumerate(json_stream.items(file, "entries.item", name, report), 1):
                entry = _from_json(item, options, ids)
                if isinstance(entry, str):
                    report.miss(entry, f"{name}, entry {number}")
                else:
                    yield entry
    texts = _text_files(archive)
    date_format = options.date_format or _date_format(archive, texts, options)
    for name in texts:
        yield from _from_text(archive, name, date_format, options, ids)


def _json_files(archive: Archive) -> list[str]:
    return [name for name in archive.ending(".json") if JSON.match(archive.beginning(name))]


def _text_files(archive: Archive) -> list[str]:
    return [name for name in archive.ending(".txt") if TEXT.match(archive.beginning(name))]


def _from_json(item: Any, options: ReadOptions, ids: ContentIds) -> ImportedEntry | str:
    """The entry, or the sentence why it is left out."""
    if not isinstance(item, dict):
        return reader.UNREADABLE
    texts = {key: value if isinstance(value, str) else "" for key, value in item.items()}
    day, clock = texts.get("date", ""), texts.get("time", "")
    moment = dates.parse(f"{day} {clock}", options.zone) or dates.parse(
        day, options.zone, options.date_format
    )
    if not moment:
        return reader.UNDATED
    title, body = texts.get("title", ""), texts.get("body", "")
    tags = item.get("tags") if isinstance(item.get("tags"), list) else []
    uid = texts.get("uuid", "")
    found = Draft(moment, title, [body], item.get("starred") is True, [str(tag) for tag in tags or []])
    source_id = uid[:200] or ids.of(day, clock, title, body)
    return found.entry(options.zone, source_id, json_values.record(item))


@dataclass
class Draft:
    """An entry while its lines are read."""

    moment: Moment
    title: str
    lines: list[str]
    starred: bool
    tags: list[str] = field(default_factory=list)

    @property
    def body(self) -> str:
        return "\n".join(self.lines).strip("\n")

    def entry(self, zone: str, source_id: str, record: str = "") -> ImportedEntry:
        return ImportedEntry(
            fields=entry_fields(
                title=self.title.removesuffix(NO_STAR),
                body=self.body,
                day=self.moment.day,
                zone=zone,
                tags=[WORD_SYMBOL.sub("", tag) for tag in self.tags],
            ),
            written_at=self.moment.at,
            updated_at=self.moment.at,
            source=NAME,
            source_id=source_id,
            starred=self.starred,
            record=record,
        )


def _from_text(
    archive: Archive, name: str, date_format: str, options: ReadOptions, ids: ContentIds
) -> Iterator[ImportedEntry]:
    draft: Draft | None = None
    for line in _lines(archive, name):
        header = HEADER.fullmatch(line)
        moment = dates.parse(header[1], options.zone, date_format) if header else None
        if header and moment:
            if draft:
                yield _finished(draft, options, ids)
            title = (header[2] or "").strip()
            starred = title.endswith("*")
            draft = Draft(moment, title.rstrip("* ") if starred else title, [], starred)
        elif draft:
            draft.lines.append(line)
    if draft:
        yield _finished(draft, options, ids)


def _finished(draft: Draft, options: ReadOptions, ids: ContentIds) -> ImportedEntry:
    draft.tags = re.findall(r"(?:^|\s)@([\w+*/-]+)", f"{draft.title}\n{draft.body}")
    return draft.entry(options.zone, ids.of(str(draft.moment.at), draft.title, draft.body))


def _lines(archive: Archive, name: str) -> Iterator[str]:
    with archive.open(name) as file, io.TextIOWrapper(file, "utf-8-sig", "replace") as text:
        for line in text:
            yield line.rstrip("\n")


def _date_format(archive: Archive, names: list[str], options: ReadOptions) -> str:
    """The format of the dates; empty if each tells its own. Raises UnreadableArchive if it can't be told."""
    dated = [
        header[1]
        for name in names
        for line in _lines(archive, name)
        if (header := HEADER.fullmatch(line)) and re.search("[0-9]", header[1])
    ]
    if not dated or dates.parse(dated[0], options.zone):
        return ""
    for clock in CLOCKS:
        for order in ORDERS:
            fitting = [one + clock for one in order if _fits(dated[0], one + clock)]
            if fitting:
                return _chosen(fitting, dated, archive.name)
    raise UnreadableArchive(
        f"The dates of {archive.name}, like {dated[0]}, can't be read: name their format, "
        "like --date-format '%d/%m/%Y %H:%M'."
    )


def _chosen(formats: list[str], dated: list[str], name: str) -> str:
    """The format by which most of the dates can be read."""
    counts = {one: sum(_fits(text, one) for text in dated) for one in formats}
    best = [one for one in formats if counts[one] == max(counts.values())]
    if len(best) > 1:
        raise UnreadableArchive(
            f"The dates of {name}, like {dated[0]}, may begin with the day or with the month: name their "
            f"format, like --date-format '{best[0]}'."
        )
    return best[0]


def _fits(text: str, date_format: str) -> bool:
    try:
        return bool(datetime.strptime(text, date_format))  # noqa: DTZ007
    except ValueError:
        return False
