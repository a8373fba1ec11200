"""Rules of the Markdown parser that limit its work, keep unused footnotes, and link bare URLs."""

import re

from markdown_it import rules_block
from markdown_it.rules_block import StateBlock
from markdown_it.rules_core import StateCore
from markdown_it.rules_inline import StateInline
from markdown_it.utils import EnvType
from mdit_py_plugins.footnote.index import footnote_def, footnote_ref

from journal import unicode_scripts
from journal.text.sanitizer import ADDRESS, is_link

# The limits of one text. Steps are counted instead of timed, so that a text always gives the same HTML.
# Together the limits keep the worst text below a second.
LENGTH = 2_000_000  # characters
STEPS = 80_000  # calls of rules
TOKENS = 80_000  # of the parser
LINES = 50_000
DELIMITER = 1  # steps for each * or _ that may be emphasis
BLOCK = 7  # steps for a block
CELL = 8  # and for a cell of a table
WALK = 64  # tokens passed on the way to the end of a label, for one step
SLOW = re.compile("[&\x80-\xbf]")  # the sanitizer takes 2 µs for an ampersand, 16 for a « in a line of 1 MB
SLOW_ONES = 30_000
COLUMNS = 50  # of a table: a row of one letter is filled up to so many cells
DEPTH = 40  # a nested list counts 2; at its own limit the parser would drop text
LONG_RUN = re.compile(r"(?<![ \t*_~+>-])[ \t*_~+>-]{1000}")  # such a line is read again at each depth

TABLE_DELIMITER_ROW = re.compile(
    r"[ \t>]*\|?[ \t]*:?-+:?[ \t]*(\||$)"
)  # the beginning of a table's second line

NOTE_LABEL = re.compile(r"\[\^([^\s\[\]]{1,100})\]")
# A bare URL ends before CJK letters, which follow it without a space; copied URLs have none.
BARE_ADDRESS = re.compile(
    rf"://[^\W_][^\s\x00-\x1f<>\"`{{}}|\\^\u2000-\u206f{unicode_scripts.EAST_ASIAN}]{{0,1999}}"
)
BARE_SCHEME = re.compile(r"(?<![\w+.-])https?$", re.IGNORECASE)


class TooComplex(Exception):
    """The text exceeds a limit."""


def check(body: str) -> None:
    """Raises TooMuch for texts that the rules would refuse too late."""
    if (
        len(body) > LENGTH
        or body.count("\n") > LINES
        or LONG_RUN.search(body)
        or len(SLOW.findall(body)) > SLOW_ONES
    ):
        raise TooComplex


def spend(env: EnvType, steps: int) -> None:
    env["steps"] += steps
    if env["steps"] > STEPS:
        raise TooComplex


def block_step(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """A rule that never matches, and counts the steps of each line."""
    is_costly = state.src[state.bMarks[start] + state.tShift[start]] == "["
    spend(state.env, (2 if silent else BLOCK) * (4 if is_costly else 1))
    if state.level >= DEPTH - 2 or len(state.tokens) > TOKENS:
        raise TooComplex
    return False


def inline_step(state: StateInline, silent: bool) -> bool:
    spend(state.env, 1 if state.src[state.pos] not in "[!<:" else 6)  # links cost more than the rest
    return False


def table(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    line = start + 1
    if line >= end or state.src.count("|", state.bMarks[line], state.eMarks[line]) > COLUMNS + 1:
        return False
    if not silent and TABLE_DELIMITER_ROW.match(state.src, state.bMarks[line], state.eMarks[line]):
        _pay_for_cells(state, start, end)
    return rules_block.table(state, start, end, silent)


def _pay_for_cells(state: StateBlock, start: int, end: int) -> None:
    """Counts the cells of a table beforehand, because each row is filled up to the number of columns."""
    columns = state.src.count("|", state.bMarks[start], state.eMarks[start]) + 1
    for line in range(start, end):
        if state.isEmpty(line):
            break
        spend(state.env, columns * CELL)


def quote(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """A block quote. Its lines are counted at each depth, because the parser reads them again there."""
    if not silent:
        line = start
        while line < end and state.src[state.bMarks[line] + state.tShift[line]] == ">":
            line += 1
        spend(state.env, line - start)
    return rules_block.blockquote(state, start, end, silent)


def note_definition(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """A footnote is defined once, without indent: the plugin would drop the text of others."""
    label = NOTE_LABEL.match(state.src, state.bMarks[start] + state.tShift[start])
    known = state.env.get("footnotes", {}).get("refs", {})
    if label is None or f":{label[1]}" in known or (state.level and not silent):
        return False
    return footnote_def(state, start, end, silent)


def note_reference(state: StateInline, silent: bool) -> bool:
    # The plugin alone would search the whole text for the end of each label.
    return NOTE_LABEL.match(state.src, state.pos) is not None and footnote_ref(state, silent)


def keep_unused_notes(state: StateCore) -> None:
    """A footnote without a reference stays where it was written."""
    known = state.env.get("footnotes", {}).get("refs", {})
    unused = False
    for token in state.tokens:
        if token.type == "footnote_reference_open":
            unused = known[":" + token.meta["label"]] < 0
            token.content = f"[^{token.meta['label']}]: "
        if unused and token.type.startswith("footnote_reference_"):
            token.type = "text"


def bare_address(state: StateInline, silent: bool) -> bool:
    """Links a bare URL before the rules of emphasis see its underscores."""
    if state.src[state.pos] != ":" or state.linkLevel:
        return False
    scheme = BARE_SCHEME.search(state.src[max(0, state.pos - 6) : state.pos])
    found = BARE_ADDRESS.match(state.src, state.pos, state.posMax)
    if not scheme or not found or not state.pending.endswith(scheme[0]):
        return False
    rest = _without_punctuation(found[0])
    href = state.md.normalizeLink(scheme[0] + rest)
    state.pos += len(rest)
    if silent:
        return True
    if len(found[0]) >= ADDRESS or not is_link(href):
        state.append_pending(rest)  # taken as text, so that it is read only once
        return True
    state.pending = state.pending[: -len(scheme[0])]
    state.push("link_open", "a", 1).attrs = {"href": href}
    state.push("text", "", 0).content = scheme[0] + rest
    state.push("link_close", "a", -1)
    return True


def _without_punctuation(address: str) -> str:
    """A full stop at its end belongs to the sentence, as does a bracket that was opened before the URL."""
    for _ in range(10):
        address = address.rstrip("?!.,:;*_~'")
        bracket = {")": "(", "]": "["}.get(address[-1])
        if bracket is None or address.count(bracket) >= address.count(address[-1]):
            break
        address = address[:-1]
    return address


def link_label(state: StateInline, start: int, disableNested: bool = False) -> int:
    """The end of the label of a link, or -1. Replaces the parser's own function, and counts its steps."""
    before, depth, end, walked = state.pos, 1, -1, 0
    state.pos = start + 1
    while state.pos < state.posMax:
        mark, at = state.src[state.pos], state.pos
        depth -= mark == "]"
        if depth == 0:
            end = at
            break
        state.md.inline.skipToken(state)
        if mark == "[" and state.pos == at + 1:
            depth += 1
        elif mark == "[" and disableNested:
            break
        walked += 1
        if walked % WALK == 0:
            spend(state.env, 6)
    state.pos = before
    return end
