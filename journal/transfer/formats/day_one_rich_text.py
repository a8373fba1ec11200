"""Rich text of Day One: turns its blocks into Markdown, for entries that have no plain text."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from journal.transfer import markdown_escape, markdown_inline
from journal.transfer.formats.source_values import Item
from journal.transfer.markdown_inline import Run

MARKS = {"bold": "bold", "italic": "italic", "strikethrough": "strike"}
MEDIA = {"photo": "photo", "video": "video", "audio": "audio", "pdfAttachment": "pdfAttachment"}
DEEPEST = 8  # levels of a list


def to_markdown(value: Any) -> str:
    """`value` is the field `richText`: an object, or a string that holds one as JSON. "" if it is neither."""
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except (ValueError, RecursionError):
            return ""
    writer = _Writer()
    for content in Item(value if isinstance(value, dict) else {}).items("contents"):
        for part in content.items("embeddedObjects"):
            writer.add_block(_embedded(part))
        for runs, line, is_whole in _lines(content):
            writer.add(runs, line, is_whole)
    return writer.text()


def _embedded(part: Item) -> str:
    kind, identifier = part.text("type"), part.text("identifier")
    if kind == "horizontalRuleLine":
        return "---"
    if kind in MEDIA and identifier:
        return f"![](dayone-moment:/{MEDIA[kind]}/{identifier})"
    return part.text("url", "originalURL")


def _lines(content: Item) -> Iterator[tuple[list[Run], Item, bool]]:
    """The lines of one content, and whether each is complete."""
    attributes, text = content.item("attributes"), content.text("text")
    marks = frozenset(mark for name, mark in MARKS.items() if attributes.flag(name))
    kind = "code" if attributes.flag("inlineCode") else "text"
    href = markdown_escape.link_target(attributes.text("linkURL"))
    parts = text.split("\n")
    for number, part in enumerate(parts):
        is_whole = number < len(parts) - 1
        if part or is_whole:
            yield [Run(part, marks, href, kind)] if part else [], attributes.item("line"), is_whole


@dataclass
class _Writer:
    """Puts lines together: without a blank line within a list, a quote or code, and with one around them."""

    lines: list[str] = field(default_factory=list)
    runs: list[Run] = field(default_factory=list)
    line: Item = field(default_factory=lambda: Item({}))
    kind: str = ""  # of the last block
    markers: list[str] = field(default_factory=list)  # of the levels of the list, down to the last item
    first_level: float = 0

    def add(self, runs: list[Run], line: Item, is_whole: bool) -> None:
        self.runs += runs
        if line.values:
            self.line = line
        if is_whole:
            self.end_line()

    def add_block(self, text: str) -> None:
        if text:
            self.end_line(only_words=True)
            self._put("block", text)

    def end_line(self, only_words: bool = False) -> None:
        runs, line, self.runs, self.line = self.runs, self.line, [], Item({})
        if only_words and not runs:
            return
        header = line.whole("header") or 0
        if line.flag("codeBlock"):
            self._put("code", "".join(run.text for run in runs))
            return
        text = markdown_inline.line(runs).replace("\n", " ")
        if line.text("listStyle"):
            self._put("list", self._marker(line) + markdown_escape.item_escaped(text), line)
        elif line.flag("quote"):
            self._put("quote", f"> {text}".rstrip())
        elif 1 <= header <= 6 and text:
            self._put("block", f"{'#' * header} {markdown_escape.heading_escaped(text)}")
        else:
            self._put("text", text)

    def _put(self, kind: str, text: str, line: Item | None = None) -> None:
        if self.kind == "code" and kind != "code":
            self.lines.append("```")
        if kind != self.kind or kind == "block":
            if self.lines and self.lines[-1] and text:
                self.lines.append("")
            if kind == "code":
                self.lines.append("```")
        if kind != "list":
            self.markers = []
        self.kind = kind
        self.lines.append(text)

    def _marker(self, line: Item) -> str:
        """The marker of a list item, indented as deep as the markers above it are wide."""
        level = line.number("indentLevel") or 0
        if not self.markers:
            self.first_level = level
        depth = min(max(int(min(level - self.first_level, DEEPEST)), 0), len(self.markers))
        above = self.markers[depth] if depth < len(self.markers) else ""
        style = line.text("listStyle")
        marker = "- "
        if style == "numbered":
            marker = f"{int(above[:-2]) + 1 if above[:1].isdigit() else 1}. "
        self.markers = [*self.markers[:depth], marker]
        box = ("[x] " if line.flag("checked") else "[ ] ") if style == "checkbox" else ""
        return " " * sum(len(one) for one in self.markers[:depth]) + marker + box

    def text(self) -> str:
        self.end_line(only_words=True)
        if self.kind == "code":
            self.lines.append("```")
        return "\n".join(self.lines).strip("\n")
