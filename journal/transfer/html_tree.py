"""HTML parser for imports: builds the tree of an HTML5 parser, and refuses HTML for which that would take too
long, such as 100,000 open tags."""

import re
from collections.abc import Iterator

from selectolax.lexbor import LexborHTMLParser, LexborNode

from journal.text.plain import clean

# Comments and raw text, which may hold what looks like tags. They are removed before the tags are counted.
HIDDEN = re.compile(
    r"<!--.*?(?:-->|\Z)|<(script|style|title|noscript|template|iframe)\b[^<>]*>.*?(?:</\1\s*>|\Z)|<[!?][^<>]*>",
    re.DOTALL | re.IGNORECASE,
)
TAG = re.compile(r"<(/?)([a-zA-Z][^\s/<>]*)([^<>]*)(>?)")
ATTRIBUTES = re.compile(r"""(?:[\s/]++|[^\s/>"'=]++(?:\s*+=\s*+(?:"[^"]*+"|'[^']*+'|[^\s"'>]++))?+)*+""")
WORD = re.compile(r"[^\s/]+")
# Elements that don't nest: void ones, and those that the next one of their kind closes.
FLAT = {
    "area",
    "base",
    "br",
    "col",
    "embed",
    "hr",
    "img",
    "input",
    "link",
    "meta",
    "param",
    "source",
    "track",
}
FLAT |= {"wbr", "html", "head", "body", "p", "li", "dt", "dd", "tr", "td", "th", "thead", "tbody", "tfoot"}
# Elements in which other rules of parsing hold.
FOREIGN = {
    "svg",
    "math",
    "select",
    "textarea",
    "xmp",
    "plaintext",
    "noembed",
    "noframes",
    "frameset",
    "object",
}
FOREIGN |= {"script", "style", "title", "noscript", "template", "iframe"}
# Elements whose content is no text of the page.
DROPPED = {"script", "style", "head", "title", "template", "noscript", "iframe", "object", "svg", "math"}
COST = 3_000_000  # the tree builder walks through the open elements at each tag: about 16 ns for each


def parsed(html: str) -> LexborHTMLParser | None:
    """The tree, or None if it would be too deep or too costly to build."""
    html = HIDDEN.sub("", clean(html))
    return LexborHTMLParser(html) if _cost(html) <= COST else None


def events(root: LexborNode) -> Iterator[tuple[LexborNode, bool]]:
    """Each node at its beginning (True) and its end (False), without recursion. DROPPED ones are left out."""
    node: LexborNode | None = root
    while node is not None:
        if node.tag not in DROPPED:
            yield node, True
            if node.first_child is not None:
                node = node.first_child
                continue
            yield node, False
        while node is not None and node.next is None and node.mem_id != root.mem_id:
            node = node.parent
            if node is not None:
                yield node, False
        node = None if node is None or node.mem_id == root.mem_id else node.next


def _cost(html: str) -> int:
    """An upper bound of the number of open elements, summed over all tags. A closing tag counts only where
    the tree builder must find its element; in doubt, the element stays open."""
    is_plain, misnested, cost = _is_plain(html), 0, 0
    opened: list[str] = []
    for closing, name, attributes, _ in TAG.findall(html):
        tag = name.lower()
        if tag not in FLAT and not closing:
            opened.append(tag)
        elif opened and closing and is_plain and opened[-1] == tag:
            opened.pop()
        elif closing and is_plain and tag in opened[-200:]:
            opened.remove(tag)
            misnested += 1
        cost += len(opened) + misnested + len(WORD.findall(attributes)) ** 2 // 8
        if cost > COST:
            break
    return cost


def _is_plain(html: str) -> bool:
    """Whether every tag ends where TAG says, and none is inside an attribute or raw text."""
    return all(
        end and name.lower() not in FOREIGN and ATTRIBUTES.fullmatch(attributes)
        for _, name, attributes, end in TAG.findall(html)
    )
