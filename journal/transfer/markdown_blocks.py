"""Block writer for Markdown of imports: puts paragraphs, headings, list items, quotes, code and tables into
lines, with the prefixes of the blocks around them."""

import re
from dataclasses import dataclass, field

from journal.transfer import markdown_escape, markdown_inline
from journal.transfer.markdown_inline import Run

DEEPEST = 12  # of quotes and lists; deeper ones keep their words at this depth
COLUMNS = 50  # of a table; the cells of wider ones become paragraphs


@dataclass
class _Container:
    """A quote or a list item: the prefix of its first line, and of the others."""

    first: str
    rest: str
    is_close: bool  # whether its first line follows the line before without a blank one
    begun: bool = False


@dataclass
class MarkdownBlocks:
    heading: int = 0
    _lines: list[str] = field(default_factory=list)
    _runs: list[Run] = field(default_factory=list)
    _code: list[str] = field(default_factory=list)
    _containers: list[_Container] = field(default_factory=list)
    _box: str = ""
    _rows: list[list[str]] = field(default_factory=list)
    _cell: list[str] | None = None
    _tables: int = 0
    _after_item: bool = False

    def text(self) -> str:
        """All blocks; ends the last paragraph."""
        self.end_paragraph()
        return "\n".join(self._lines)

    def add(self, run: Run) -> None:
        """Adds words or spaces to the paragraph."""
        if run.text and (self._runs or run.text != " "):
            self._runs.append(run)

    def add_break(self, run: Run) -> None:
        """Begins a new line, or a new paragraph if the line has no words."""
        last = next((old.text for old in reversed(self._runs) if old.text != " "), "")
        if last == "\n":
            self.end_paragraph()
        elif last:
            self._runs.append(run)

    def add_code(self, text: str) -> None:
        self._code.append(text)

    def add_box(self, is_checked: bool) -> None:
        """A checkbox stands before the words of its paragraph."""
        self._box = self._box or ("[x] " if is_checked else "[ ] ")

    def end_paragraph(self) -> None:
        runs, self._runs = self._runs, []
        text = markdown_inline.line(runs) if runs else ""
        if not text:
            return
        box, self._box = self._box, ""
        if self._cell is not None:
            self._cell.append(box + text.replace("\n", " "))
        elif self.heading:
            self._write([f"{'#' * self.heading} {box}{markdown_escape.heading_escaped(text)}"])
        else:
            is_first = any(one.first != one.rest and not one.begun for one in self._containers)
            text = text if box or not is_first else markdown_escape.item_escaped(text)
            self._write((box + text).split("\n"))

    def end_code(self) -> None:
        text, self._code = "".join(self._code).strip("\n"), []
        if not text.strip():
            return
        if self._cell is not None:
            self._cell.append(markdown_inline.line([Run(text, kind="code")]))
            return
        longest = max((len(ticks) for ticks in re.findall("`{3,}", text)), default=2)
        fence = "`" * (longest + 1)
        self._write([fence, *text.split("\n"), fence])

    def rule(self) -> None:
        self.end_paragraph()
        if self._cell is None:
            self._write(["---"])

    def begin(self, prefix: str, is_close: bool = False) -> None:
        """Begins a quote, or an indented list; a close one follows the line before without a blank one."""
        self.end_paragraph()
        self._containers.append(_Container(prefix, prefix, is_close))

    def end(self) -> None:
        self.end_paragraph()
        if self._containers:
            self._containers.pop()

    def begin_item(self, indent: str, bullet: str) -> None:
        """Begins a list item. Items, and lists within them, stand close together; only a number other than 1
        needs a blank line between the words of an item and its first inner one."""
        self.end_paragraph()
        within = any(container.rest.isspace() for container in self._containers)
        outer = self._containers[-1] if self._containers else None
        if outer and not outer.begun and outer.first[:1].isdigit() and bullet[:1].isdigit():
            self._write([""])  # 1. 1. in one line would be a date
        is_close = self._after_item or (within and bullet in ("- ", "1. "))
        self._containers.append(_Container(indent + bullet, indent + " " * len(bullet), is_close))

    def end_item(self) -> bool:
        """Whether the item had any words; one without them is left out, unless it is a task."""
        self.end_paragraph()
        if self._box and self._cell is None:
            box, self._box = self._box, ""
            self._write([box.strip()])
        is_written = self._containers.pop().begun if self._containers else False
        self._after_item = self._after_item or is_written
        return is_written

    def end_list(self) -> None:
        self.end_paragraph()
        self._after_item = False

    def _write(self, lines: list[str]) -> None:
        containers = self._containers[:DEEPEST]
        opening = next((one for one in containers if not one.begun), None)
        if self._lines and not (opening and opening.is_close):
            self._lines.append("".join(one.rest for one in containers if one.begun).rstrip())
        for line in lines:
            prefix = "".join(one.rest if one.begun else one.first for one in containers)
            self._lines.append((prefix + line).rstrip(" "))
            for one in containers:
                one.begun = True
        self._after_item = False

    def begin_table(self) -> None:
        self.end_paragraph()
        self._tables += 1

    def begin_row(self) -> None:
        if self._tables == 1:
            self._rows.append([])

    def begin_cell(self) -> None:
        """A table within a cell adds its words to the cell."""
        self.end_paragraph()
        if self._tables == 1:
            self._cell = []

    def end_cell(self) -> None:
        self.end_paragraph()
        if self._tables == 1 and self._cell is not None:
            self._rows[-1].append(" ".join(self._cell))
            self._cell = None

    def end_table(self) -> None:
        self.end_paragraph()
        self._tables -= 1
        if self._tables:
            return
        rows, self._rows = [row for row in self._rows if any(row)], []
        width = max((len(row) for row in rows), default=0)
        if len(rows) > 1 and 1 < width <= COLUMNS:
            header = rows[0] + [""] * (width - len(rows[0]))
            self._write([_row(header), "|" + " --- |" * width, *map(_row, rows[1:])])
            return
        for cell in (cell for row in rows for cell in row if cell):
            self._write([cell])


def _row(cells: list[str]) -> str:
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"
