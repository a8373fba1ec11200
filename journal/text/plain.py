"""What becomes of the text of an entry: safe HTML, an excerpt, a count of its words. Pure."""

import re
import unicodedata
from html import unescape

from journal import unicode_scripts
from journal.text import markdown
from journal.text.sanitizer import SANITISER

UNSPACED = re.compile(f"[{unicode_scripts.LETTERS}]")
# Possessive, as the way back through a megabyte of l'l'l' would take 90 MB.
WORD = re.compile(r"https?://\S++|[^\W_]++(?:(?:['’·׳״‐‑-]|(?<=\d)[.,](?=\d))[^\W_]++)*+", re.IGNORECASE)
TAG = re.compile(r"<[^>]*>?")
PARAGRAPH = re.compile("</(?:p|h[1-6]|pre|table|[ou]l)>")
SMALL, TIMES = 100_000, 4  # a text may have so many bytes of HTML, or so many times its own bytes
AMPERSAND = re.compile("&(?=[#A-Za-z0-9])")
CUT = re.compile(r"&#?\w{0,8}$")  # an entity without its end
JOINERS = "\u00ad\u200c\u200d\u2060"  # soft hyphen, zero-width joiners: invisible, within words


def clean(text: str) -> str:
    """The text as it is kept, on both databases the same: lines end with LF; NUL, which PostgreSQL can't
    hold, and lone surrogates, which no encoding can, become U+FFFD. All else stays as it is."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "\ufffd")
    if text.isascii() or not re.search("[\ud800-\udfff]", text):
        return text
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def is_long(body: str) -> bool:
    """Whether rendering may take so long that it belongs in a thread: some six milliseconds."""
    return len(body) > 2_000


def to_html(body: str, prefix: str) -> str:
    """Sanitised HTML. The prefix, an entry's uid, keeps its footnotes apart from those of other entries on
    the page. A text that costs too much, in time or in HTML, is shown as it was typed."""
    body = clean(body)
    try:
        html = markdown.render(body, prefix)
        most = max(SMALL, TIMES * len(body.encode()))
        if len(html) <= most and len((html := SANITISER.clean(html)).encode()) <= most:
            return html
    except Exception:  # TooMuch, or a fault of the parser: neither may keep words from being saved
        return _as_typed(body)
    return _as_typed(body)


def _as_typed(body: str) -> str:
    """One block, in which a style sheet keeps lines and spaces; & is escaped only where it could be read as
    the beginning of an entity."""
    typed = AMPERSAND.sub("&amp;", body.strip("\n")).replace("<", "&lt;").replace(">", "&gt;")
    return f'<p class="text" dir="auto">{typed}</p>\n'


def excerpt(body: str, length: int = 200) -> str:
    """The first words without Markdown's marks: at most so many characters, cut after a word."""
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
    """The first words of rendered text, of which only the head is given: perhaps cut within a tag."""
    words = " ".join(unescape(CUT.sub("", TAG.sub("", head))).split())
    return words if len(words) <= length else words[: _cut(words, length - 1)].rstrip(" ,;:.、。，-–—") + "…"


def beginning(head: str, length: int = 2000) -> list[str]:
    """Paragraphs of it, with the lines in which they were written; at the end, as in `opening`."""
    plain = unescape(CUT.sub("", TAG.sub("", PARAGRAPH.sub("\n\n", head)))).strip()
    plain = plain[: _cut(plain, length)].rstrip(" \n,;:.、。，-–—") + "…"
    paragraphs = re.split(r"\n\s*\n", plain)
    return ["\n".join(" ".join(line.split()) for line in one.split("\n")) for one in paragraphs]


def _cut(words: str, end: int) -> int:
    """Where to cut: after a word if one ends in the second half, else not within a composed character."""
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
    """Words of any script; letters where words have no spaces. `don't`, `well-known` and `3.14` are one."""
    letters = 0
    if not body.isascii():
        # A vowel sign is no letter to a regular expression, and would end the word.
        hidden = [ord(c) for c in set(body) if c in JOINERS or unicodedata.category(c)[0] == "M"]
        body, letters = UNSPACED.subn(" ", body.translate(dict.fromkeys(hidden)) if hidden else body)
    return letters + sum(1 for _ in WORD.finditer(body))
