"""Quill: turns the operations of a Quill editor (a Delta) into Markdown."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from journal.transfer import markdown_escape, markdown_inline
from journal.transfer.formats import json_values
from journal.transfer.markdown_inline import Run

MARKS = {"bold": "bold", "italic": "italic", "strike": "strike"}
BULLETS = {"bullet": "- ", "ordered": "1. ", "checked": "- [x] ", "unchecked": "- [ ] "}
DEEPEST = 8  # of lists

Embed = Callable[[str, Any], str]  # the kind and value of an embedded object to Markdown


@dataclass
class _Lines:
    """Markdown so far. Lines of one kind follow each other; others have a blank line between them."""

    done: list[str] = field(default_factory=list)
    last: str = ""
    widths: list[int] = field(default_factory=lambda: [2] * DEEPEST)  # of the bullets at each depth

    def add(self, kind: str, text: str) -> None:
        if self.last == "code" != kind:
            self.done.append("```")
        if self.last and self.last != kind:
            self.done.append("")
        if kind == "code" != self.last:
            self.done.append("```")
        self.done.append(text)
        self.last = kind

    def bullet(self, listed: str, depth: int) -> str:
        bullet = BULLETS[listed]
        self.widths[depth] = 3 if listed == "ordered" else 2
        return " " * sum(self.widths[:depth]) + bullet

    def text(self) -> str:
        return "\n".join([*self.done, "```"] if self.last == "code" else self.done).strip("\n")


def to_markdown(operations: Iterable[object], embed: Embed) -> str:
    lines, runs, words = _Lines(), list[Run](), ""
    for operation in operations:
        record = json_values.mapping(operation)
        inserted, attributes = record.get("insert"), json_values.mapping(record.get("attributes"))
        if isinstance(inserted, dict):
            runs += [Run(embed(str(kind), value), kind="raw") for kind, value in inserted.items()]
        first, *others = json_values.text(inserted).split("\n")
        runs += _runs(first, attributes)
        words += first
        for part in others:
            _end_line(lines, runs, words, attributes)
            runs, words = _runs(part, attributes), part
    if runs:
        _end_line(lines, runs, words, {})
    return lines.text()


def _runs(text: str, attributes: dict[str, Any]) -> list[Run]:
    if not text:
        return []
    marks = frozenset(mark for name, mark in MARKS.items() if attributes.get(name) is True)
    href = markdown_escape.link_target(json_values.text(attributes.get("link")))
    return [Run(text, marks, href, "code" if attributes.get("code") is True else "text")]


def _end_line(lines: _Lines, runs: list[Run], words: str, attributes: dict[str, Any]) -> None:
    """Ends a line. Quill puts the attributes of a line on its line break."""
    listed, header = attributes.get("list"), attributes.get("header")
    if attributes.get("code-block"):
        lines.add("code", words)
        return
    text = markdown_inline.line(runs)
    if isinstance(listed, str) and listed in BULLETS:
        depth = int(min(max(json_values.number(attributes.get("indent")) or 0, 0), DEEPEST - 1))
        lines.add("list", lines.bullet(listed, depth) + markdown_escape.item_escaped(text))
    elif isinstance(header, int) and 1 <= header <= 6 and text:
        lines.add(f"heading {len(lines.done)}", "#" * header + " " + markdown_escape.heading_escaped(text))
    elif attributes.get("blockquote"):
        lines.add("quote", f"> {text}")
    else:
        lines.add("text", text)
