"""Values of other programs' exports: reads fields of JSON objects whose types can't be relied on, and zones,
places and ids as they are stored."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from journal.entries.imported import ImportedEntry, Place
from journal.text import plain
from journal.transfer import markdown_escape
from journal.transfer.formats import dates, json_values, reader
from journal.transfer.report import Report

OFFSET = re.compile(r"(?:GMT|UTC)?([+-])(\d{1,2})(?::?(\d{2}))?", re.ASCII)
LONGEST_ID = 200
UNREADABLE_FILE = "Files that can't be read, and are left out"
NOTHING = ("(null)", "null", "undefined", "NaN")  # words that programs write for a missing value


@dataclass(frozen=True)
class Item:
    """A JSON object. A field of another type than the one asked for counts as missing."""

    values: Mapping[str, Any]

    @classmethod
    def of(cls, value: object) -> "Item":
        """An item without fields for what is no object."""
        return cls(json_values.mapping(value))

    def text(self, *names: str) -> str:
        """The first of these fields that has words."""
        found = (self.values.get(name) for name in names)
        return next((text for text in found if isinstance(text, str) and text not in ("", *NOTHING)), "")

    def typed(self, name: str) -> str:
        """A text as it was typed, even if it is the word for a missing value."""
        value = self.values.get(name)
        return value if isinstance(value, str) else ""

    def number(self, name: str) -> float | None:
        return json_values.number(self.values.get(name))

    def whole(self, name: str) -> int | None:
        number = self.number(name)
        return int(number) if number is not None else None

    def flag(self, *names: str) -> bool:
        return any(self.values.get(name) is True for name in names)

    def item(self, name: str) -> "Item":
        return Item.of(self.values.get(name))

    def items(self, name: str) -> list["Item"]:
        return [Item(value) for value in self.array(name) if isinstance(value, dict)]

    def array(self, name: str) -> list[Any]:
        return json_values.items(self.values.get(name))

    def texts(self, name: str) -> list[str]:
        return [value for value in self.array(name) if isinstance(value, str) and value.strip()]

    def record(self) -> str:
        """The object as JSON text, which is kept with the entry."""
        return json_values.record(self.values)


def each(
    items: Iterator[Any], label: str, report: Report, convert: Callable[[Item], ImportedEntry | str]
) -> Iterator[ImportedEntry]:
    """The entries of JSON objects. `convert` returns an entry or the sentence why there is none; one that it
    can't read is told, and the next one is read."""
    for number, value in enumerate(items, 1):
        name = f"{label}, entry {number}"
        try:
            entry = convert(Item(value)) if isinstance(value, dict) else reader.UNREADABLE
        except Exception:  # a damaged item may hold anything
            entry = reader.UNREADABLE
        if isinstance(entry, str):
            report.miss(entry, name)
            continue
        if not (entry.fields.body or entry.fields.title or entry.attachments):
            report.note(reader.EMPTY, name)
        yield entry


def miss_media(report: Report, entry: str, what: str) -> None:
    report.note(reader.MISSING_MEDIA, plain.clean(f"{entry}: {what}")[:300])


def source_id(text: str) -> str:
    return plain.clean(text)[:LONGEST_ID]


def zone_of(*names: str) -> str:
    """The first zone that we know; a whole number of hours from Greenwich is one too. "" if none is."""
    for name in names:
        if known := dates.known_zone(name[:100].replace("\\", ""), ""):
            return known
        if (offset := OFFSET.fullmatch(name.strip())) and offset[3] in (None, "00"):
            sign = "-" if offset[1] == "+" else "+"
            if known := dates.known_zone(f"Etc/GMT{sign}{int(offset[2])}", ""):
                return known
    return ""


def place(name: str, latitude: float | None, longitude: float | None) -> Place:
    """A place. Coordinates outside the globe mean that there are none."""
    is_known = latitude is not None and longitude is not None
    if not is_known or abs(latitude or 0) > 90 or abs(longitude or 0) > 180:
        latitude = longitude = None
    return Place(" ".join(plain.clean(name).split())[:300], latitude, longitude)


def degrees(celsius: float | None) -> str:
    """A temperature in words; "" for one that no weather has."""
    return f"{celsius:.0f} °C" if celsius is not None and -100 < celsius < 100 else ""


def joined(*texts: str) -> str:
    """Different words, separated by commas."""
    return ", ".join(dict.fromkeys(plain.clean(text).strip() for text in texts if text.strip()))


def typed(text: str) -> str:
    """Markdown that shows a text as it was typed."""
    lines = plain.clean(text).split("\n")
    return "\n".join(markdown_escape.plain_line(line) for line in lines).strip("\n")
