"""Block rules of the Markdown parser that differ from CommonMark (docs/decisions/0015).
Dashes under a line are a rule, a # without words is text, four spaces are an indent, and a number begins a
list only if it is 0 or 1 or the next number follows.
"""

import re

from markdown_it import rules_block
from markdown_it.rules_block import StateBlock
from markdown_it.token import Token

from journal.text import markdown_parser

UNDERLINE = re.compile(r"=+[ \t]*$")
EMPTY_HEADING = re.compile(r"#{1,6}[ \t#]*$")
INDENT = re.compile(r"^[ \t]+", re.MULTILINE)
COLUMNS = 4  # of spaces, which are shown as one wide space
DEEPEST = 40  # columns
# The first characters of lines that may end a paragraph, and of the second line of a table.
STARTS = frozenset("#>*+-_`~[0123456789")
TABLE_STARTS = frozenset("|-:")
NUMBER = re.compile(r"(0|[1-9][0-9]{0,2})([.)])(?=[ \t]|$)")
ANY_NUMBER = re.compile(r"[0-9]{1,9}[.)](?=[ \t]|$)")
DATE = re.compile(r"[0-9]{1,2}\.[ \t]+[0-9]{1,2}\.(?![0-9])")


def paragraph(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """A paragraph, or a heading if a line of = is under it."""
    old, state.parentType = state.parentType, "paragraph"
    line = start + 1
    underlined = False
    while line < state.lineMax and not state.isEmpty(line):
        if state.sCount[line] >= 0:  # negative: a lazy continuation line of a quote
            first = state.bMarks[line] + state.tShift[line]
            underlined = state.sCount[line] >= state.blkIndent and bool(
                UNDERLINE.match(state.src, first, state.eMarks[line])
            )
            if underlined or _ends(state, line):
                break
        line += 1
    markdown_parser.spend(state.env, (line - start) // 4)
    _push(state, start, line, underlined)
    state.parentType = old
    return True


def _push(state: StateBlock, start: int, line: int, is_heading: bool) -> None:
    name, tag = ("heading", "h1") if is_heading else ("paragraph", "p")
    is_first = bool(state.tokens) and state.tokens[-1].type == "list_item_open"
    content = _indented(state.getLines(start, line, state.blkIndent, False), is_first)
    state.line = line + is_heading
    state.push(f"{name}_open", tag, 1).map = [start, state.line]
    token = state.push("inline", "", 0)
    token.content, token.map, token.children = content, [start, line], []
    state.push(f"{name}_close", tag, -1)


def _ends(state: StateBlock, line: int) -> bool:
    """Whether another block begins in this line of a paragraph."""
    if _first(state, line) not in STARTS and _first(state, line + 1) not in TABLE_STARTS:
        return False
    rules = state.md.block.ruler.getRules("paragraph")
    return any(rule(state, line, state.lineMax, True) for rule in rules)


def _first(state: StateBlock, line: int) -> str:
    """The first character of a line; empty if there is none."""
    if line >= state.lineMax:
        return ""
    at = state.bMarks[line] + state.tShift[line]
    return state.src[at : min(at + 1, state.eMarks[line])]


def _indented(text: str, is_item: bool) -> str:
    """Turns indents into wide spaces, which a page shows. Spaces after the marker of a list item are
    dropped."""
    text = text.lstrip(" \t") if is_item else text
    text = text.rstrip(" \t\n\r\v\f")
    return INDENT.sub(_indent, text) if "    " in text or "\t" in text or text[:1] == " " else text


def _indent(spaces: re.Match[str]) -> str:
    width = min(len(spaces[0].expandtabs(COLUMNS)), DEEPEST)
    return "\u2003" * (width // COLUMNS)


def heading(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """A heading needs text: a lone # is shown."""
    first = state.bMarks[start] + state.tShift[start]
    if EMPTY_HEADING.match(state.src, first, state.eMarks[start]):
        return False
    return rules_block.heading(state, start, end, silent)


def listing(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """A list. A year or a date at the start of a line is none, and numbers are shown as written."""
    is_number = _begins_with_number(state, start)
    goes_on = silent and state.sCount[start] < state.blkIndent  # an item of the list that is being read
    if is_number and not goes_on and not _counts(state, start, end):
        return False
    if is_number and silent and not goes_on and _begins_with_number(state, start - 1):
        return False  # two numbered lines that don't count up, like 1990. behind 1986.
    known = len(state.tokens)
    if not rules_block.list_block(state, start, end, silent):
        return False
    if is_number and not silent:
        _keep_numbers(state.tokens[known], state.tokens[known:])
    return True


def _begins_with_number(state: StateBlock, line: int) -> bool:
    first = state.bMarks[line] + state.tShift[line]
    return line >= 0 and ANY_NUMBER.match(state.src, first, state.eMarks[line]) is not None


def _counts(state: StateBlock, start: int, end: int) -> bool:
    """Whether a list begins in this line: with 0 or 1, or if the next item has the next number."""
    first = state.bMarks[start] + state.tShift[start]
    number = NUMBER.match(state.src, first, state.eMarks[start])
    if number is None or DATE.match(state.src, first, state.eMarks[start]):
        return False
    return int(number[1]) < 2 or _next(state, start, end, number.end() - first) == int(number[1]) + 1


def _next(state: StateBlock, start: int, end: int, width: int) -> int:
    """The number of the next item of the list that would begin in this line, or -1."""
    was_empty = False
    for line in range(start + 1, end):
        markdown_parser.spend(state.env, 1)
        indent = state.sCount[line] - state.sCount[start]
        if state.isEmpty(line):
            was_empty = True
        elif indent < width:
            at = state.bMarks[line] + state.tShift[line]
            if number := NUMBER.match(state.src, at, state.eMarks[line]):
                return int(number[1])
            if was_empty or state.sCount[line] < state.blkIndent:
                return -1
        else:
            was_empty = False
    return -1


def _keep_numbers(opening: Token, tokens: list[Token]) -> None:
    """Sets `value` on items whose number does not follow the one before; 1. 1. 1. counts up."""
    items = [token for token in tokens if token.type == "list_item_open" and token.level == opening.level + 1]
    numbers = [int(item.info) for item in items]
    if set(numbers) in ({0}, {1}):
        return
    expected = numbers[0]
    for item, number in zip(items, numbers, strict=True):
        if number != expected:
            item.attrs["value"] = number
        expected = number + 1


def put_boxes(tokens: list[Token]) -> None:
    """Puts the checkbox of a task before its first words, also if they are a paragraph."""
    for at, token in enumerate(tokens):
        if token.type == "list_item_open" and "checked" in token.meta:
            box = Token("task_box", "input", 0, meta=dict(token.meta))
            inner = tokens[at + 2] if tokens[at + 1].nesting > 0 else None
            if inner and inner.type == "inline" and inner.children is not None:
                inner.children.insert(0, box)
                token.meta = {}
