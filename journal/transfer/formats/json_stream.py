"""JSON stream: the items of a large JSON file one by one, as far as it can be read."""

import io
import math
from collections.abc import Collection, Iterable, Iterator
from decimal import Decimal
from typing import Any, BinaryIO

import ijson

from journal.transfer.archive import UnreadableArchive
from journal.transfer.report import Report

Event = tuple[str, str, Any]  # prefix, kind, value

DEPTHS = {"start_map": 1, "start_array": 1, "end_map": -1, "end_array": -1}
CUT_OFF = "Files that are damaged or cut off, of which only the beginning is read"
BYTE_ORDER_MARK = b"\xef\xbb\xbf"


def items(file: BinaryIO, prefix: str, name: str, report: Report) -> Iterator[Any]:
    """The items at a prefix, like `entries.item`. Raises UnreadableArchive if not even one can be read."""
    return whole(built(events(file), prefix), name, report)


def events(file: BinaryIO) -> Iterator[Event]:
    """The parser's events. Numbers are read as Decimal first: as floats, one that is too large would end the
    whole file. It becomes a text."""
    for prefix, kind, value in ijson.parse(without_mark(file)):
        if isinstance(value, Decimal):
            number = float(value)
            yield (prefix, kind, number) if math.isfinite(number) else (prefix, "string", str(value))
        else:
            yield prefix, kind, value


def whole(items: Iterable[Any], name: str, report: Report) -> Iterator[Any]:
    """The items up to an error of the parser, which is told."""
    has_any = False
    try:
        for item in items:
            yield item
            has_any = True
    except (ijson.JSONError, UnreadableArchive, ValueError, OverflowError) as error:
        if isinstance(error, UnreadableArchive) and not has_any:
            raise
        if not has_any:
            raise UnreadableArchive(f"{name} can't be read as JSON ({error}).") from None
        report.note(CUT_OFF, name)


def built(events: Iterable[Event], prefix: str) -> Iterator[Any]:
    """The items at a prefix, from the parser's events."""
    return (item for _, item in named(events, (prefix,)))


def named(events: Iterable[Event], prefixes: Collection[str]) -> Iterator[tuple[str, Any]]:
    """The items at several prefixes, none of which may begin with another, in the order of the file."""
    builder, depth, prefix = ijson.ObjectBuilder(), 0, ""
    for at, kind, value in events:
        if depth == 0:
            if at not in prefixes or kind in ("end_map", "end_array"):
                continue
            prefix = at
        builder.event(kind, value)
        depth += DEPTHS.get(kind, 0)
        if depth == 0:
            yield prefix, builder.value
            builder = ijson.ObjectBuilder()


def without_mark(file: BinaryIO) -> BinaryIO:
    """The file without a byte order mark, which the parser refuses."""
    head = file.read(len(BYTE_ORDER_MARK))
    return io.BufferedReader(_Joined(b"" if head == BYTE_ORDER_MARK else head, file))


class _Joined(io.RawIOBase):
    def __init__(self, head: bytes, rest: BinaryIO) -> None:
        self.head, self.rest = head, rest

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        content = self.head or self.rest.read(len(buffer))
        self.head = b""
        buffer[: len(content)] = content
        return len(content)
