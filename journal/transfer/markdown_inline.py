"""Inline Markdown for imports: writes runs of marked text, such as bold words and links, as paragraphs."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby, takewhile

from journal.text import markdown, markdown_parser
from journal.transfer.markdown_escape import (
    SPECIAL,
    SPECIAL_IN_LABEL,
    address,
    block_escaped,
    code,
    escaped_part,
)

MARKS = {"bold": "**", "italic": "*", "strike": "~~"}
ORDER = ("bold", "italic", "strike")  # from the outermost to the innermost
CALM = frozenset(",.;:?()\"'–—…")  # punctuation that is no mark


@dataclass(frozen=True, slots=True)
class Run:
    """Text with its marks. The kind is `text`, `code`, or `raw` for Markdown that is complete, such as an
    image."""

    text: str
    marks: frozenset[str] = frozenset()
    href: str = ""
    kind: str = "text"

    @property
    def wanted(self) -> list[str]:
        """The marks from the outermost to the innermost; a link as its address behind a bracket."""
        marks = [mark for mark in ORDER if mark in self.marks]
        return [f"[{self.href}", *marks] if self.href else marks


def line(runs: Sequence[Run]) -> str:
    """Markdown of a paragraph. Its lines end with LF, and have no spaces around them. Some marks that stand
    close together can't be written in Markdown; the paragraph then has fewer of them."""
    hugged = _hugged(_merged(runs))
    text = _lines(_marked(hugged))
    if _is_clear(hugged):
        return text
    plain = _written(runs, frozenset())
    for found in (text, _written(runs, frozenset({"bold"}))):
        if _words(found) == _words(plain):
            return found
    return plain


def _written(runs: Sequence[Run], kept: frozenset[str]) -> str:
    fewer = [Run(run.text, run.marks & kept, run.href, run.kind) for run in runs]
    return _lines(_marked(_hugged(_merged(fewer))))


def _lines(text: str) -> str:
    return "\n".join(block_escaped(part.strip(" ")) for part in text.split("\n")).strip("\n")


def _is_clear(runs: Sequence[Run]) -> bool:
    """Whether all marks are certain to be read as such: there are letters inside, and none outside."""
    for at, run in enumerate(runs):
        if not run.marks or not run.text.strip():
            continue
        near = runs[max(at - 1, 0) : at + 2]
        if any(one.kind != "text" or one.href != run.href for one in near):
            return False
        outside = runs[at - 1].text[-1:] if at else "", runs[at + 1].text[:1] if at + 1 < len(runs) else ""
        if not (_is_word(run.text[0]) and _is_word(run.text[-1]) and all(map(_is_calm, outside))):
            return False
    return True


def _is_calm(letter: str) -> bool:
    return not letter or letter.isspace() or letter in CALM


def _words(text: str) -> str | None:
    try:
        return "".join(markdown.words(text).split())
    except markdown_parser.TooComplex:
        return None


def _merged(runs: Sequence[Run]) -> list[Run]:
    """Runs with the same marks as one run. Each has either words or spaces, not both at its ends."""
    merged = []
    for (marks, href, kind), group in groupby(runs, lambda run: (run.marks, run.href, run.kind)):
        text = "".join(run.text for run in group)
        if kind != "text":
            merged.append(Run(text, marks, href, kind))
            continue
        words = text.strip()
        left = text[: len(text) - len(text.lstrip())]
        right = text[len(left) + len(words) :]
        merged += [Run(part, marks, href) for part in (left, words, right) if part]
    return merged


def _hugged(runs: Sequence[Run]) -> list[Run]:
    """Marks don't reach over spaces at their ends, and not over punctuation next to a letter of other text:
    **so.**Not would show its stars."""
    hugged: list[Run] = []
    for at, run in enumerate(runs):
        before = hugged[-1] if hugged else Run(" ")
        after = runs[at + 1] if at + 1 < len(runs) else Run(" ")
        if run.kind == "text" and not run.text.strip():
            pairs = zip(before.wanted, after.wanted, strict=False)
            common = {mine for mine, other in takewhile(lambda pair: pair[0] == pair[1], pairs)}
            href = run.href if before.href == run.href == after.href else ""
            hugged.append(Run(run.text, frozenset(common & set(ORDER)), href))
        elif run.kind == "text" and run.marks:
            hugged += _trimmed(run, before, after)
        else:
            hugged.append(run)
    return hugged


def _trimmed(run: Run, before: Run, after: Run) -> list[Run]:
    start, end = 0, len(run.text)
    if _is_word(before.text[-1:]):
        start = next((n for n, letter in enumerate(run.text) if not _is_mark(letter)), end)
    if _is_word(after.text[:1]):
        end = next((n for n in range(end, start, -1) if not _is_mark(run.text[n - 1])), start)
    pieces = [
        (run.text[:start], before.marks),
        (run.text[start:end], run.marks),
        (run.text[end:], after.marks),
    ]
    return [Run(text, marks & run.marks, run.href) for text, marks in pieces if text]


def _is_word(letter: str) -> bool:
    return bool(letter) and not letter.isspace() and not _is_mark(letter)


def _is_mark(letter: str) -> bool:
    return unicodedata.category(letter)[0] in "PS"


def _marked(runs: Sequence[Run]) -> str:
    """The text of the runs with their marks opened and closed."""
    out: list[tuple[str, re.Pattern[str] | None]] = []
    opened: list[str] = []
    for run in [*runs, Run("")]:
        wanted = run.wanted
        while opened != wanted[: len(opened)]:
            out.append((_closing(opened.pop()), None))
        for mark in wanted[len(opened) :]:
            out.append((MARKS.get(mark, "["), None))
            opened.append(mark)
        out.append(_content(run))
    return _joined(out)


def _closing(mark: str) -> str:
    return MARKS.get(mark) or f"]({address(mark[1:])})"


def _content(run: Run) -> tuple[str, re.Pattern[str] | None]:
    """The text of a run, and what has to be escaped in it."""
    if run.kind == "raw":
        return run.text, None
    if run.kind == "code":
        return code(run.text), None
    return run.text, SPECIAL_IN_LABEL if run.href else SPECIAL


def _joined(parts: Sequence[tuple[str, re.Pattern[str] | None]]) -> str:
    whole = "".join(text for text, _ in parts)
    out, at = [], 0
    for text, special in parts:
        out.append(escaped_part(whole, at, at + len(text), special) if special else text)
        at += len(text)
    return "".join(out)
