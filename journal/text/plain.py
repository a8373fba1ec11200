"""Rendering of a text: Markdown to sanitised HTML, excerpts and word count. Pure."""

import re
import unicodedata
from html import unescape

from journal import unicode_scripts
from journal.text import markdown
from journal.text.sanitizer import SANITIZER

UNSPACED = re.compile(f"[{unicode_scripts.LETTERS}]")
# Possessive quantifiers: backtracking through a megabyte of l'l'l' would take 90 MB.
WORD = re.compile(r"https?://\S++|[^\W_]++(?:(?:['’·׳״‐‑-]|(?<=\d)[.,](?=\d))[^\W_]++)*+", re.IGNORECASE)
TAG = re.compile(r"<[^>]*>?")
PARAGRAPH = re.compile("</(?:p|h[1-6]|pre|table|[ou]l)>")
SMALL, TIMES = 100_000, 4  # limit of the HTML: so many bytes, or so many times the bytes of the text
AMPERSAND = re.compile("&(?=[#A-Za-z0-9])")
CUT = re.compile(r"&#?\w{0,8}$")  # an incomplete entity
JOINERS = "\u00ad\u200c\u200d\u2060"  # soft hyphen, zero-width joiners: invisible, within words


def clean(text: str) -> str:
    """Normalises a text for storage: lines end with LF; NUL, which PostgreSQL can't store, and lone
    surrogates, which can't be encoded, become U+FFFD."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "\ufffd")
    if text.isascii() or not re.search("[\ud800-\udfff]", text):
        return text
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def is_long(body: str) -> bool:
    """Whether rendering may take more than some six milliseconds, and belongs in a thread."""
    return len(body) > 2_000


def to_html(body: str, prefix: str) -> str:
    """Sanitised HTML. The prefix, an entry's uid, makes the ids of footnotes unique on the page. A text
    that takes too long or gives too much HTML is shown as it was typed."""
    body = clean(body)
    try:
        html = markdown.render(body, prefix)
        most = max(SMALL, TIMES * len(body.encode()))
        if len(html) <= most and len((html := SANITIZER.clean(html)).encode()) <= most:
            return html
    except Exception:  # TooMuch, or a fault of the parser: neither may prevent a save
        return _as_typed(body)
    return _as_typed(body)


def _as_typed(body: str) -> str:
    """One paragraph, in which a style sheet keeps lines and spaces. & is escaped only where it could begin an
    entity."""
    typed = AMPERSAND.sub("&amp;", body.strip("\n")).replace("<", "&lt;").replace(">", "&gt;")
    return f'<p class="text" dir="auto">{typed}</p>\n'


def excerpt(body: str, length: int = 200) -> str:
    """The first words without marks of Markdown: at most `length` characters, cut after a word."""
    body = body.lstrip()
    head = clean(body[: length * 4 + 2000])
    try:
        plain = markdown.words(head)
    except Exception:  # as in to_html
        plain = head
    words = " ".join(plain.split())
    if len(words) <= length and len(body) <= length * 4 + 2000:
        return words
    return words[: _cut(words, length - 1)].rstrip(" ,;:.、。，-–—") + "…"


def opening(head: str, length: int = 80) -> str:
    """The first words of HTML of which only the head is given, perhaps cut within a tag."""
    words = " ".join(unescape(CUT.sub("", TAG.sub("", head))).split())
    return words if len(words) <= length else words[: _cut(words, length - 1)].rstrip(" ,;:.、。，-–—") + "…"


def beginning(head: str, length: int = 2000) -> list[str]:
    """The first paragraphs of such HTML as plain text, with their line breaks."""
    plain = unescape(CUT.sub("", TAG.sub("", PARAGRAPH.sub("\n\n", head)))).strip()
    plain = plain[: _cut(plain, length)].rstrip(" \n,;:.、。，-–—") + "…"
    paragraphs = re.split(r"\n\s*\n", plain)
    return ["\n".join(" ".join(line.split()) for line in one.split("\n")) for one in paragraphs]


def _cut(words: str, end: int) -> int:
    """Where to cut: after a word that ends in the second half, otherwise between composed characters."""
    if end >= len(words):
        return len(words)
    border = words.rfind(" ", end // 2, end + 1)
    if border > 0:
        return border
    for _ in range(20):
        if end > 0 and (unicodedata.category(words[end])[0] == "M" or "\u200d" in words[end - 1 : end + 1]):
            end -= 1
    return end


def count_words(body: str) -> int:
    """Words of any script, or letters of scripts without spaces. `don't`, `well-known` and `3.14` are one
    word."""
    letters = 0
    if not body.isascii():
        # A vowel sign is no letter for a regular expression, and would end the word.
        hidden = [ord(c) for c in set(body) if c in JOINERS or unicodedata.category(c)[0] == "M"]
        body, letters = UNSPACED.subn(" ", body.translate(dict.fromkeys(hidden)) if hidden else body)
    return letters + sum(1 for _ in WORD.finditer(body))
