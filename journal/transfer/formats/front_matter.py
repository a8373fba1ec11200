"""Front matter: the fields at the head of a Markdown file, read as text only: `on`, `12:30` and dates stay
as they were typed. A head that is no YAML stays in the text."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

FENCE = re.compile(r"---[ \t]*")
END = re.compile(r"(?:---|\.\.\.)[ \t]*")
KEY = re.compile(
    r"""("[^"\n]{1,100}"|'[^'\n]{1,100}'|[^\s:#\-\[\]{}"'][^:\n]{0,99}?)[ \t]*:(?=[ \t]|$)(.*)"""
)
WITHIN = re.compile(r"\s|-(?:\s|$)|#|$|[\]}]")  # how a line begins that belongs to the key above it
ITEM = re.compile(r"[ \t]*-(?:[ \t]+(.*)|[ \t]*$)")
BLOCK = re.compile(r"([|>])[+-]?[0-9]?[+-]?[ \t]*(?:#.*)?")
COMMENT = re.compile(r"(?:^|(?<=[ \t]))#.*")
PLAIN = re.compile(r"[^\W\d_][\w./-]*(?: [\w./-]+)*|\d{4}-\d\d-\d\d(?:T[\d:.+-]+)?|-?\d+(?:\.\d+)?", re.ASCII)
# Words that YAML takes for something else than text.
AMBIGUOUS = {"true", "false", "yes", "no", "on", "off", "null", "y", "n"}
SEPARATORS = "\x85\u2028\u2029\ufeff"  # line ends of YAML 1.1, and a mark that it forbids
ESCAPE = re.compile(r"\\(x[0-9A-Fa-f]{2}|u[0-9A-Fa-f]{4}|U[0-9A-Fa-f]{8}|.)")
ESCAPED = {
    "n": "\n",
    "t": "\t",
    "r": "\r",
    "0": "\0",
    "a": "\a",
    "b": "\b",
    "e": "\x1b",
    "f": "\f",
    "v": "\v",
}
ESCAPED |= {"N": "\x85", "_": "\xa0", "L": "\u2028", "P": "\u2029"}
LINES = 2_000  # that are searched for the end


@dataclass
class FrontMatter:
    """The keys in small letters. `raw` is each key as it was typed with all that followed its colon, from
    which the same lines can be written again."""

    texts: dict[str, str] = field(default_factory=dict)
    lists: dict[str, list[str]] = field(default_factory=dict)
    raw: dict[str, str] = field(default_factory=dict)

    def text(self, *keys: str) -> str:
        """The first of these fields that has a text; the items of a list are joined by commas."""
        found = (self.texts.get(key) or ", ".join(self.lists.get(key, [])) for key in keys)
        return next((text for text in found if text), "")

    def items(self, *keys: str) -> list[str]:
        """All items of these fields; a text is split at its commas."""
        found: list[str] = []
        for key in keys:
            found += self.lists.get(key) or self.texts.get(key, "").split(",")
        return [item.strip() for item in found if item.strip()]


def split(text: str) -> tuple[FrontMatter, str]:
    """The fields and the text after them. What only looks like a front matter stays in the text."""
    lines = text.split("\n", LINES)
    if not FENCE.fullmatch(lines[0]):
        return FrontMatter(), text
    end = next((n for n, line in enumerate(lines[1:LINES], 1) if END.fullmatch(line)), 0)
    inner = lines[1:end]
    if not end or not all(WITHIN.match(line) or KEY.match(line) for line in inner) or not _has_key(inner):
        return FrontMatter(), text
    return parse(inner), "\n".join(lines[end + 1 :])


def _has_key(lines: list[str]) -> bool:
    return not lines or any(KEY.match(line) for line in lines)


def parse(lines: list[str]) -> FrontMatter:
    found = FrontMatter()
    for name, rest in _parts(lines):
        key = _scalar(name).strip()
        found.raw[key] = "\n".join(rest)
        value = _value(rest)
        if isinstance(value, list):
            found.lists[key.lower()] = value
        else:
            found.texts[key.lower()] = value
    return found


def _parts(lines: list[str]) -> Iterator[tuple[str, list[str]]]:
    """Each key with what follows its colon, and the lines that belong to it."""
    name, rest = "", [""]
    for line in lines:
        match = KEY.match(line)
        if match:
            if name:
                yield name, rest
            name, rest = match[1], [match[2]]
        else:
            rest.append(line)
    if name:
        yield name, rest


def _value(rest: list[str]) -> str | list[str]:
    first = rest[0].strip()
    if block := BLOCK.fullmatch(first):
        return _block(rest[1:], block[1])
    if first.startswith("["):
        return _flow(" ".join(line.strip() for line in rest))
    more = [line for line in rest[1:] if line.strip() and not line.lstrip().startswith("#")]
    if not _scalar(first) and more and all(ITEM.match(line) for line in more):
        items = (ITEM.match(line) for line in more)
        return [text for item in items if item and (text := _scalar((item[1] or "").strip()))]
    if not first and more:  # a mapping, of which only `raw` keeps something
        return "" if KEY.match(more[0].strip()) else _scalar(" ".join(line.strip() for line in more))
    return _scalar(" ".join([first, *(line.strip() for line in more)]))


def _block(lines: list[str], style: str) -> str:
    """A text of several lines. Its indent, of spaces or tabs, is the one of the first line with words."""
    indent = next((re.match(r"[ \t]*", line) for line in lines if line.strip()), None)
    width = len(indent[0]) if indent else 0
    texts = [line[width:] if line[:width].isspace() else line.lstrip() for line in lines]
    if style == "|":
        return "\n".join(texts).strip("\n")
    return "\n".join(" ".join(part.split("\n")) for part in "\n".join(texts).strip("\n").split("\n\n"))


def _flow(text: str) -> list[str]:
    """The items of a list in brackets, of which the last bracket may be missing."""
    found, at, start, quote, is_blank = [], 1, 1, "", True
    while at < len(text):
        letter = text[at]
        if quote:
            at += letter == "\\" and quote == '"'
            quote = "" if letter == quote else quote
        elif letter in "\"'" and is_blank:
            quote = letter
        elif letter == "]":
            break
        elif letter == ",":
            found.append(text[start:at])
            start = at + 1
        is_blank = (letter == "," and not quote) or (is_blank and letter.isspace())
        at += 1
    found.append(text[start:at])
    return [item for part in found if (item := _scalar(part.strip()))]


def _scalar(text: str) -> str:
    if text[:1] == '"' and (match := re.match(r'"((?:[^"\\]|\\.)*)"', text, re.DOTALL)):
        return ESCAPE.sub(_unescaped, match[1])
    if text[:1] == "'" and (match := re.match(r"'((?:[^']|'')*)'", text, re.DOTALL)):
        return match[1].replace("''", "'")
    text = COMMENT.sub("", text).strip()
    return "" if text in ("null", "~") else text


def _unescaped(found: re.Match[str]) -> str:
    letter = found[1]
    if len(letter) == 1:
        return ESCAPED.get(letter, letter)
    code = int(letter[1:], 16)
    return chr(code) if code <= 0x10FFFF else "\ufffd"


# Writing


def line(key: str, value: str) -> str:
    return f"{key}: {scalar(value)}\n"


def listing(key: str, values: list[str]) -> str:
    return f"{key}:\n" + "".join(f"  - {scalar(value)}\n" for value in values)


def scalar(value: str) -> str:
    """The value as YAML, in quotes unless every parser takes it for the same text."""
    if PLAIN.fullmatch(value) and value.lower() not in AMBIGUOUS:
        return value
    escaped = value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\t", "\\t")
    return '"' + "".join(_escaped(letter) for letter in escaped) + '"'


def _escaped(letter: str) -> str:
    is_odd = letter < " " or letter in SEPARATORS or "\x7f" <= letter < "\xa0"
    return f"\\u{ord(letter):04x}" if is_odd else letter


def again(raw: dict[str, str], known: set[str]) -> str:
    """The lines of the fields that are not known, as they were typed."""
    kept = ""
    for key, rest in raw.items():
        lines = f"{key}:{rest}".split("\n")
        is_sound = KEY.match(lines[0]) and all(WITHIN.match(line) for line in lines[1:])
        if key.lower() not in known and is_sound and not any(END.fullmatch(line) for line in lines):
            kept += "\n".join(lines).rstrip() + "\n"
    return kept
