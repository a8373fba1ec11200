"""HTML to Markdown, for texts of apps with rich-text editors: keeps paragraphs, headings, lists, marks,
links, images and tables, and drops scripts, styles and everything that has no words."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from html import unescape

from selectolax.lexbor import LexborNode

from journal.text.plain import clean
from journal.transfer import html_tree, markdown_escape
from journal.transfer.markdown_blocks import MarkdownBlocks
from journal.transfer.markdown_inline import Run

SPACES = re.compile(r"[ \t\n\r\f\xa0]+")
INVISIBLE = re.compile("[\u200b\ufeff\u2060]")
# Elements that end a paragraph; the others are parts of one.
BLOCKS = {
    "address",
    "article",
    "aside",
    "body",
    "caption",
    "center",
    "dd",
    "details",
    "dialog",
    "div",
    "dl",
    "dt",
}
BLOCKS |= {"fieldset", "figcaption", "figure", "footer", "form", "header", "html", "main", "nav", "optgroup"}
BLOCKS |= {"option", "p", "section", "summary", "tbody", "tfoot", "thead"}
MARKS = {"b": "bold", "strong": "bold", "i": "italic", "em": "italic", "cite": "italic"}
MARKS |= {"s": "strike", "del": "strike", "strike": "strike"}
LISTS = ("ul", "ol", "menu")
HEADINGS = {"h1", "h2", "h3", "h4", "h5", "h6"}
STYLES = {
    "bold": re.compile(r"font-weight\s*:\s*(bold|[6-9]00)", re.IGNORECASE),
    "italic": re.compile(r"font-style\s*:\s*italic", re.IGNORECASE),
    "strike": re.compile(r"text-decoration[^;]*:[^;]*line-through", re.IGNORECASE),
}
NORMAL = re.compile(r"font-weight\s*:\s*(normal|400)", re.IGNORECASE)
QUILL_INDENT = re.compile(r"ql-indent-(\d)\b")
LINE_END = re.compile(r"<(?:br|/?(?:p|div|li|ul|ol|h[1-6]|tr|table|blockquote|pre))\b[^<>]*>", re.IGNORECASE)
ANY_TAG = re.compile(r"</?[a-zA-Z][^<>]*>")


def to_markdown(html: str) -> str:
    """Markdown that shows the words of the HTML, and none that the HTML doesn't show. HTML that is nested too
    deep keeps its words and paragraphs only."""
    tree = html_tree.parsed(html)
    if tree is None:
        return _words_only(html)
    return _Converter().markdown(tree.root) if tree.root else ""


def node_to_markdown(node: LexborNode) -> str:
    """Markdown of a part of a parsed tree."""
    return _Converter().markdown(node)


def _words_only(html: str) -> str:
    text = LINE_END.sub("\0", html_tree.HIDDEN.sub("", clean(html)))
    paragraphs = INVISIBLE.sub("", unescape(ANY_TAG.sub("", text))).split("\0")
    lines = (SPACES.sub(" ", part).strip() for part in paragraphs)
    return "\n\n".join(markdown_escape.plain_line(line) for line in lines if line)


@dataclass
class _Converter:
    """Turns the events of a tree into blocks."""

    blocks: MarkdownBlocks = field(default_factory=MarkdownBlocks)
    marks: list[frozenset[str]] = field(default_factory=lambda: [frozenset()])
    hrefs: list[str] = field(default_factory=lambda: [""])
    code: int = 0
    pre: int = 0
    lists: list[dict[int, int]] = field(
        default_factory=list
    )  # of each ordered list: its next number by indent

    def markdown(self, root: LexborNode) -> str:
        for node, begins in html_tree.events(root):
            tag = node.tag or ""
            if node.is_text_node and begins:
                self._text(node)
            elif tag in HEADINGS | BLOCKS:
                self.blocks.end_paragraph()
                if tag in HEADINGS:
                    self.blocks.heading = int(tag[1]) if begins else 0
            elif tag in ELEMENTS:
                ELEMENTS[tag](self, node, begins)
        return self.blocks.text()

    def _text(self, node: LexborNode) -> None:
        text = INVISIBLE.sub("", node.text_content or "")
        if self.pre:
            self.blocks.add_code(text)
        else:
            self.blocks.add(self._run(SPACES.sub(" ", text), "code" if self.code else "text"))

    def _run(self, text: str, kind: str = "text") -> Run:
        return Run(text, self.marks[-1], self.hrefs[-1], kind)

    def _mark(self, node: LexborNode, begins: bool) -> None:
        if begins:
            self.marks.append(self.marks[-1] | _marks(node.tag or "", node.attributes.get("style") or ""))
        else:
            self.marks.pop()

    def _inline_code(self, node: LexborNode, begins: bool) -> None:
        self.code += 1 if begins else -1

    def _link(self, node: LexborNode, begins: bool) -> None:
        if begins:
            self.hrefs.append(markdown_escape.link_target(node.attributes.get("href")))
        else:
            self.hrefs.pop()

    def _break(self, node: LexborNode, begins: bool) -> None:
        if begins and self.pre:
            self.blocks.add_code("\n")
        elif begins:
            self.blocks.add_break(self._run("\n"))

    def _image(self, node: LexborNode, begins: bool) -> None:
        if begins and not self.pre:
            image = markdown_escape.image(node.attributes.get("alt") or "", node.attributes.get("src") or "")
            self.blocks.add(self._run(image, "raw"))

    def _rule(self, node: LexborNode, begins: bool) -> None:
        if begins:
            self.blocks.rule()

    def _quote(self, node: LexborNode, begins: bool) -> None:
        if begins:
            self.blocks.begin("> ")
        else:
            self.blocks.end()

    def _pre(self, node: LexborNode, begins: bool) -> None:
        self.blocks.end_paragraph()
        self.pre += 1 if begins else -1
        if not self.pre:
            self.blocks.end_code()

    def _list(self, node: LexborNode, begins: bool) -> None:
        """A list that stands in another list without an item around it is indented."""
        is_inner = node.parent is not None and node.parent.tag in LISTS
        if begins:
            if is_inner:
                indent = "   " if node.parent is not None and node.parent.tag == "ol" else "  "
                self.blocks.begin(indent, is_close=True)
            self.lists.append({0: _number(node.attributes.get("start"), 1)} if node.tag == "ol" else {})
            return
        self.lists.pop()
        if is_inner:
            self.blocks.end()
        if not self.lists:
            self.blocks.end_list()

    def _item(self, node: LexborNode, begins: bool) -> None:
        depth = QUILL_INDENT.search(node.attributes.get("class") or "")
        indent = int(depth[1]) if depth else 0
        if not begins:
            if not self.blocks.end_item() and self.lists and indent in self.lists[-1]:
                self.lists[-1][indent] -= 1
            return
        bullet = self._bullet(node, indent)
        self.blocks.begin_item(" " * len(bullet) * indent, bullet)
        if (is_checked := _checked(node)) is not None:
            self.blocks.add_box(is_checked)

    def _bullet(self, node: LexborNode, indent: int) -> str:
        numbers = self.lists[-1] if self.lists else {}
        if not numbers or node.attributes.get("data-list") not in (None, "ordered"):
            return "- "
        for deeper in [key for key in numbers if key > indent]:
            del numbers[deeper]
        number = _number(node.attributes.get("value"), numbers.get(indent, 1))
        numbers[indent] = number + 1
        return f"{number}. "

    def _input(self, node: LexborNode, begins: bool) -> None:
        if begins and (node.attributes.get("type") or "").lower() == "checkbox":
            self.blocks.add_box("checked" in node.attributes)

    def _table(self, node: LexborNode, begins: bool) -> None:
        if begins:
            self.blocks.begin_table()
        else:
            self.blocks.end_table()

    def _row(self, node: LexborNode, begins: bool) -> None:
        if begins:
            self.blocks.begin_row()

    def _cell(self, node: LexborNode, begins: bool) -> None:
        if begins:
            self.blocks.begin_cell()
        else:
            self.blocks.end_cell()


def _marks(tag: str, style: str) -> frozenset[str]:
    marks = {mark for mark, pattern in STYLES.items() if pattern.search(style)}
    if tag in MARKS and not (MARKS[tag] == "bold" and NORMAL.search(style)):
        marks.add(MARKS[tag])
    return frozenset(marks)


def _number(value: str | None, default: int) -> int:
    return int(value) if value and re.fullmatch(r"[0-9]{1,9}", value.strip()) else default


def _checked(node: LexborNode) -> bool | None:
    """The state of a checkbox that is an attribute of the item or of its list, as some editors write it."""
    parent = node.parent.attributes.get("data-checked") if node.parent is not None else None
    state = node.attributes.get("data-list") or node.attributes.get("data-checked") or parent
    return {"checked": True, "true": True, "unchecked": False, "false": False}.get(state or "")


ELEMENTS: dict[str, Callable[[_Converter, LexborNode, bool], None]] = {
    **dict.fromkeys([*MARKS, "span"], _Converter._mark),
    **dict.fromkeys(["code", "kbd", "samp", "tt"], _Converter._inline_code),
    **dict.fromkeys(LISTS, _Converter._list),
    "a": _Converter._link,
    "br": _Converter._break,
    "img": _Converter._image,
    "hr": _Converter._rule,
    "blockquote": _Converter._quote,
    "pre": _Converter._pre,
    "li": _Converter._item,
    "input": _Converter._input,
    "table": _Converter._table,
    "tr": _Converter._row,
    "td": _Converter._cell,
    "th": _Converter._cell,
}
