"""Emphasis: decides which runs of `*`, `_` and `~~` open it and which close it.
It is CommonMark's rule with two additions. Beside a character of a script that is written without spaces
(CommonMark's pull request 839) and beside a European quotation mark, punctuation on the inner side of a run
does not keep it from opening or closing. Which way a quotation mark or a bracket faces is looked up, so that
a run behind an opening one never closes what was opened before it.
"""

import re
import unicodedata
from functools import lru_cache
from typing import Literal

from markdown_it.common.utils import isMdAsciiPunct, isPunctChar, isWhiteSpace
from markdown_it.rules_inline import StateInline
from markdown_it.rules_inline.state_inline import Delimiter

from journal import unicode_scripts
from journal.text import markdown_parser

Facing = Literal["opens", "closes", ""]

LONGEST = 12  # characters of a run; a longer run is a drawn line
RUN = re.compile(r"\*+|_+|~+")
SELECTORS = re.compile("[\ufe00-\ufe0f\U000e0100-\U000e01ef]")  # how the character before them is drawn
BESIDE = 400  # characters before a quotation mark in which its partner is searched for

EUROPEAN = frozenset("„“”‟«»‚‘’‛‹›")
FAMILIES = {
    mark: re.compile(f"[{family}]") for family in ("„“”‟", "«»", "‹›", '"', "＂〝〞〟") for mark in family
}
SINGLE = re.compile("[‚‘’‛]")
STOPS = frozenset("。、，．：；｡､")  # no emphasis begins with these


def delimiters(state: StateInline, silent: bool) -> bool:
    """A rule of the parser: each marker becomes a token, which is paired later."""
    run = None if silent else RUN.match(state.src, state.pos, state.posMax)
    if run is None or run[0] == "~":
        return False
    state.pos = run.end()
    if len(run[0]) > LONGEST:
        state.append_pending(run[0])
        return True
    size = 2 if run[0][0] == "~" else 1
    if len(run[0]) % size:
        state.push("text", "", 0).content = "~"
    opens, closes = _flanks(state.src, run.start(), run.end(), state.posMax)
    markdown_parser.spend(state.env, len(run[0]) * markdown_parser.DELIMITER)
    for _ in range(len(run[0]) // size):
        state.push("text", "", 0).content = run[0][:size]
        length = 0 if size == 2 else len(run[0])  # 0: no rule of three for ~~
        place = len(state.tokens) - 1
        state.delimiters.append(Delimiter(ord(run[0][0]), length, place, -1, opens, closes))
    return True


def _flanks(text: str, start: int, end: int, last: int) -> tuple[bool, bool]:
    """Whether the run may open emphasis, and whether it may close it."""
    at = start - 1
    if at > 0 and SELECTORS.match(text[at]):
        at -= 1
    before = text[at] if at >= 0 else " "
    after = text[end] if end < last else " "
    (space_before, punct_before), (space_after, punct_after) = _kind(before), _kind(after)
    left = right = False  # allowed by an addition to the rule
    if punct_after and not (space_before or punct_before):
        left = _is_free(before, after, after, text, end, "opens")
    if punct_before and not (space_after or punct_after):
        right = _is_free(before, after, before, text, at, "closes")
    opens = not space_after and (not punct_after or space_before or punct_before or left)
    closes = not space_before and (not punct_before or space_after or punct_after or right)
    if text[start] != "_":
        return opens, closes
    return opens and (not closes or punct_before or left), closes and (not opens or punct_after or right)


@lru_cache(10_000)
def _kind(letter: str) -> tuple[bool, bool]:
    """Whether the letter is white space, and whether it is punctuation."""
    return isWhiteSpace(ord(letter)), isMdAsciiPunct(ord(letter)) or isPunctChar(letter)


def _is_free(before: str, after: str, mark: str, text: str, at: int, way: Facing) -> bool:
    """Whether the mark, the inner neighbour of a run, does not bind the run to its outer neighbour."""
    if mark in EUROPEAN and not mark.isascii():
        return _facing(mark, text, at) == way
    return (unicode_scripts.is_wide(before) or unicode_scripts.is_wide(after)) and _facing(
        mark, text, at
    ) in (way, "")


def _facing(mark: str, text: str, at: int) -> Facing:
    """Whether a bracket or quotation mark opens or closes. Of marks that may do both, every second in a line
    closes, in any language."""
    category = unicodedata.category(mark)
    near = max(0, at - BESIDE)  # a search for the start of the line would take quadratic time
    line = text[max(text.rfind("\n", near, at) + 1, near) : at]
    if mark in FAMILIES:
        return "closes" if len(FAMILIES[mark].findall(line)) % 2 else "opens"
    if mark in "‘’‛":
        partner = SINGLE.findall(line)[-1:]
        if partner and partner[0] in "‚‘‛":
            return "closes"
        return "" if mark == "’" else "opens"  # an apostrophe
    if category == "Ps":
        return "opens"
    return "closes" if category == "Pe" or mark in STOPS else ""
