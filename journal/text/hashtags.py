"""Hashtags: finds and renames words with a # before them, except in code and in addresses. Pure."""

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Iterator
from functools import lru_cache

from journal import unicode_scripts
from journal.text import tag_names

UNSPACED = unicode_scripts.LETTERS + unicode_scripts.MARKS  # a # may follow one of these letters
EMOJI = "\u231a-\u23ff\u2600-\u27bf\u2b00-\u2bff\U0001f000-\U0001faff"
# A # and the characters up to the next space or mark; `_length` says where the word ends.
HASHTAG = re.compile(
    rf"(?:(?<![^\W_])(?<![&/\\#＃])|(?<=[{UNSPACED}]))[#＃](?=((?:[^\W_]|[{EMOJI}])[^\s!-&(-,.:-@\[-^`{{-~＃]*))"
)
# With a digit in it, or #fff and #aabbcc; #dad, #cafe and #decade are words.
COLOUR = re.compile(
    r"(?=[a-f]*[0-9])(?:[0-9a-f]{3,4}|[0-9a-f]{6}|[0-9a-f]{8})|([a-f])\1{2,3}|([a-f])\2([a-f])\3([a-f])\4",
    re.I,
)
# Between two letters, one at a time: hyphens, the underscore, the slash, the joiners of Persian and of Indic
# scripts, the middle dots of Catalan and Japanese, the Tibetan tsheg, the marks of Hebrew abbreviations.
WITHIN = frozenset("-_/\u200c\u200d\u2010\u2011\u05be\u00b7\u30fb\u0f0b\u05f3\u05f4")
APOSTROPHES = frozenset("'’＇")
# Words that lose a vowel before an apostrophe, which then stands within the tag. Behind other Latin words an
# ending follows: #london's is the tag london.
ELIDED = re.compile(
    "aujourd|(?:jus|lors|pu?is|quoi|pres|quel)qu|entr|grand|(?:d|n|qu|b)?[eau]ll|coll|quest|sant|mezz|tutt|gran|"
    "(?:d|n|a)egl|agl|(?:ness|alc|ciasc)un|buon|senz|anch|com|dov|cos",
    re.I,
)
PART = re.compile(r"[^\W\d_]+")
BEFORE = 40  # characters before an apostrophe that are checked for an elision
AND = re.compile(r"['’＇]n['’＇][^\W\d_]", re.I)  # rock'n'roll
EMOJI_PART = re.compile(f"[{EMOJI}\U000e0020-\U000e007f]")  # flags of regions end with tag characters
LINK = re.compile(
    rf"\]\([^()\n]*\)|(?:(?<![a-z0-9+.-])[a-z][a-z0-9+.-]{{1,20}}://|mailto:)[^\s<>{unicode_scripts.EAST_ASIAN}]+",
    re.I,
)
FENCE = re.compile(r"([ \t>]*)(?:(?:[-*+]|[0-9]{1,9}[.)])[ \t]+)*(`{3,}(?=[^`\n]*$)|~{3,})", re.MULTILINE)
LENGTH = 300_000  # characters of a text that are scanned
CANDIDATES = 1000  # words after a # that are checked, with numbers and colours


def found(body: str) -> list[str]:
    """The hashtags in order, each in its first spelling; no more than an entry may have."""
    tags: dict[str, str] = {}
    seen = set()
    for match in _candidates(body):
        if match[1] not in seen:
            seen.add(match[1])
            if name := _name(match[1]):
                tags.setdefault(tag_names.key(name), name)
        if len(tags) == tag_names.COUNT or len(seen) == CANDIDATES:
            break
    return list(tags.values())


def is_one(name: str) -> bool:
    """Whether the name can be a hashtag; a name with a space can't."""
    return found(f"#{name}") == [name]


def renamed(body: str, old: str, new: str) -> str:
    """Renames a hashtag in all its spellings, if the new name can be a hashtag."""
    if not is_one(new):
        return body
    pieces, at, key = [], 0, tag_names.key(old)
    is_old = lru_cache(CANDIDATES)(lambda letters: tag_names.key(_name(letters)) == key)
    for match in _candidates(body):
        if is_old(match[1]):
            pieces += [body[at : match.start(1)], new]
            at = match.start(1) + _length(match[1])
    return "".join([*pieces, body[at:]])


def _candidates(body: str) -> Iterator[re.Match[str]]:
    closing = -1  # where a second # would close the one before, as in #话题#
    if "#" in body or "＃" in body:
        for match in HASHTAG.finditer(_readable(body[:LENGTH])):
            if match.start() != closing and not _ends_a_word(match.string, match.start()):
                closing = match.start(1) + _length(match[1])
                yield match


def _ends_a_word(text: str, at: int) -> bool:
    """Whether a vowel sign is before it, which is no letter for a regular expression."""
    before = text[at - 1 : at]
    return (
        not before.isascii()
        and unicodedata.category(before)[0] == "M"
        and not re.match(f"[{UNSPACED}]", before)
    )


def _name(letters: str) -> str:
    """The part of the characters that is one word; empty for a number or a colour."""
    name = unicodedata.normalize("NFC", letters[: _length(letters)])
    is_word = any(unicodedata.category(letter)[0] == "L" or EMOJI_PART.match(letter) for letter in name)
    return name if is_word and len(name) <= tag_names.LENGTH and not COLOUR.fullmatch(name) else ""


def _length(letters: str) -> int:
    letters = letters[: 4 * tag_names.LENGTH]
    end = 0
    for at, letter in enumerate(letters):
        if unicodedata.category(letter)[0] in "LMN" or EMOJI_PART.match(letter):
            end = at + 1
        elif end != at or not (letter in WITHIN or (letter in APOSTROPHES and _is_within(letters, at))):
            break
    return end


def _is_within(letters: str, at: int) -> bool:
    """Whether the apostrophe belongs to the tag, as in сім'я and l'été, and no ending follows."""
    near = unicodedata.normalize("NFC", letters[max(0, at - BEFORE) : at])
    before, after = PART.search(near[::-1]), PART.match(letters, at + 1)
    if not before or not after or after[0] in "sS":
        return False
    last = before[0][::-1]
    is_latin = unicodedata.name(last[-1], "").startswith("LATIN")
    is_elided = len(last) <= 2 or ELIDED.fullmatch(last) or AND.match(letters, at)
    return not is_latin or bool(is_elided)


def _readable(body: str) -> str:
    """Replaces code and addresses with spaces, so that positions stay."""
    if "`" in body or "~~~" in body:
        body = "\n".join(_without_code_blocks(body.split("\n")))
        parts = re.split(r"(\n[ \t]*\n)", body)
        body = "".join(_without_spans(part) if "`" in part else part for part in parts)
    return LINK.sub(lambda link: _blank(link[0]), body) if ":" in body or "](" in body else body


def _blank(text: str) -> str:
    return " " * len(text)


def _without_code_blocks(lines: list[str]) -> Iterator[str]:
    fence, quoted = "", False
    for line in lines:
        if fence and (not quoted or line.lstrip().startswith(">")):
            fence = "" if _closes(line, fence) else fence
            yield _blank(line)
            continue
        opening = FENCE.match(line)
        quoted, fence = (">" in opening[1], opening[2]) if opening else (False, "")
        yield _blank(line) if opening else line


def _closes(line: str, fence: str) -> bool:
    mark = line.strip(" \t>")
    return mark.startswith(fence) and not mark.strip(fence[0])


def _without_spans(text: str) -> str:
    """A code span ends with as many backticks as it begins with, in the same paragraph."""
    runs = [match.span() for match in re.finditer("`+", text)]
    ends: dict[int, list[int]] = {}
    for start, end in runs:
        ends.setdefault(end - start, []).append(end)
    kept, at = [], 0
    for start, end in runs:
        later = ends[end - start]
        closing = bisect_right(later, end)
        if start >= at and closing < len(later):
            kept += [text[at:start], _blank(text[start : later[closing]])]
            at = later[closing]
    return "".join([*kept, text[at:]])
