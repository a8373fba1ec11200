"""Inline Markdown for imports: writes runs of marked text, such as bold words and links, and escapes whatever
would be read as Markdown though it was typed as plain text."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby, takewhile

from journal.text import markdown, markdown_parser

MARKS = {"bold": "**", "italic": "*", "strike": "~~"}
ORDER = ("bold", "italic", "strike")  # from the outermost to the innermost
# A bare address without the punctuation behind it, and without what could be an entity.
ADDRESS = r"(?:[^\s<>\"`{}|\\^*&]|&(?!\#?\w+;))"
URL = re.compile(rf"(?<![\w+.-])https?://{ADDRESS}*(?<![?!.,:;_~'&])", re.IGNORECASE)
SCHEME = re.compile(r"[a-z][a-z0-9+.-]*:", re.IGNORECASE)
UNSAFE_SCHEME = re.compile(r"(javascript|data|vbscript|blob|about|file):", re.IGNORECASE)
UNSAFE_CHARACTER = re.compile(r"[\x00-\x20()<>\\]")
ALWAYS = (
    r"\\(?=[!-/:-@\[-`{-~]| ?(?:\n|$))"  # a backslash before punctuation or at the end of a line
    r"|`"
    r"|(?<!\s)\*|\*(?!\s)|^\*|\*$"
    r"|(?<![^\W_])_(?!\s)|(?<!\s)_(?![^\W_])"
    r"|~(?=~)|(?<=~)~"
    r"|<(?=[a-zA-Z/!?])"
    r"|&(?=\#?\w+;)"
)
SPECIAL = re.compile(ALWAYS + r"|\](?=[(\[:])|\[(?=\^)|!(?=\[)")
AHEAD = 40  # characters behind a text that decide what has to be escaped in it
SPECIAL_IN_LABEL = re.compile(ALWAYS + r"|[\[\]!]")  # of a link or an image
# The beginning of a line that would be a heading, a quote, a list, a rule or the second line of a table.
BLOCK = re.compile(r"(#{1,6}(?=\s|$)|>|[-+*](?=\s|$)|=+\s*$|[-:|][-:| ]*$)|(\d{1,9})([.)])(?=\s|$)")
ITEM = re.compile(r"^(\d{1,2}(?=\.(?!\d))|(?=\[[ xX]\]))")


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
    plain = _written(runs, frozenset())
    if not any(run.marks for run in runs):
        return plain
    for kept in (frozenset(ORDER), frozenset({"bold"})):
        text = _written(runs, kept)
        if _words(text) == _words(plain):
            return text
    return plain


def _written(runs: Sequence[Run], kept: frozenset[str]) -> str:
    text = _marked(_hugged(_merged([Run(run.text, run.marks & kept, run.href, run.kind) for run in runs])))
    return "\n".join(_block_escaped(part.strip(" ")) for part in text.split("\n")).strip("\n")


def _words(text: str) -> str | None:
    try:
        return "".join(markdown.words(text).split())
    except markdown_parser.TooComplex:
        return None


def plain_line(text: str) -> str:
    """Markdown of a line without marks."""
    return _block_escaped(escaped(text.strip()))


def item_escaped(text: str) -> str:
    """The first words of a list item, which would otherwise be a checkbox, or a date behind the number."""
    return ITEM.sub(r"\g<1>\\", text, count=1)


def heading_escaped(text: str) -> str:
    """A heading in one line; # at its end would be dropped."""
    return re.sub(r"(?<=\s)(?=#+$)", r"\\", text.replace("\n", " "))


def image(alt: str, src: str) -> str:
    """An image without an address, or with its data in the address, is its alternative text."""
    alt = " ".join(alt.split())
    if not src or UNSAFE_SCHEME.match(src.strip()):
        return escaped(alt)
    return f"![{_escaped(alt, 0, len(alt), SPECIAL_IN_LABEL)}]({address(src)})"


def escaped(text: str) -> str:
    """Plain text with a backslash before what Markdown would read as a mark; addresses stay as they are."""
    return _escaped(text, 0, len(text), SPECIAL)


def _escaped(whole: str, start: int, end: int, special: re.Pattern[str]) -> str:
    """A part of a paragraph, escaped with regard to what stands around it."""
    parts, at = [], start
    addresses = [(url.start(), url.end()) for url in URL.finditer(whole[start:end])]
    for found in special.finditer(whole, start, end + AHEAD):
        here = found.start()
        if here >= end:
            break
        while addresses and start + addresses[0][1] <= here:
            addresses.pop(0)
        if special is SPECIAL and addresses and here >= start + addresses[0][0]:
            continue
        parts.append(whole[at:here])
        at = here
        parts.append("\\")
    return "".join([*parts, whole[at:end]])


def address(href: str) -> str:
    return UNSAFE_CHARACTER.sub(lambda found: f"%{ord(found[0]):02X}", href.strip())


def link_target(href: str | None) -> str:
    """The address of a link, or nothing if it leads nowhere outside its own page, or may be harmful."""
    href = (href or "").strip()
    return href if SCHEME.match(href) and not UNSAFE_SCHEME.match(href) else ""


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
        while opened != run.wanted[: len(opened)]:
            out.append((_closing(opened.pop()), None))
        for mark in run.wanted[len(opened) :]:
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
        return _code(run.text), None
    return run.text, SPECIAL_IN_LABEL if run.href else SPECIAL


def _joined(parts: Sequence[tuple[str, re.Pattern[str] | None]]) -> str:
    whole = "".join(text for text, _ in parts)
    out, at = [], 0
    for text, special in parts:
        out.append(_escaped(whole, at, at + len(text), special) if special else text)
        at += len(text)
    return "".join(out)


def _code(text: str) -> str:
    text = " ".join(text.split())
    if not text:
        return ""
    fence = "`" * (max((len(ticks) for ticks in re.findall("`+", text)), default=0) + 1)
    space = " " if text[0] == "`" or text[-1] == "`" else ""
    return f"{fence}{space}{text}{space}{fence}"


def _block_escaped(text: str) -> str:
    """A line that doesn't begin a block; a list item or a heading is marked afterwards."""
    found = BLOCK.match(text)
    if not found:
        return text
    return f"\\{text}" if found[1] else f"{found[2]}\\{text[found.end(2) :]}"
