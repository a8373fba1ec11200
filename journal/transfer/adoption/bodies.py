"""Bodies of source entries: the text of one or several columns, whether it is HTML, and its images. Pure."""

import re
from collections.abc import Iterator

from journal.transfer.html_to_markdown import to_markdown
from journal.transfer.legacy import values
from journal.transfer.legacy.known_schemas import SourceRow

HTML = re.compile(r"</(p|div|h[1-6]|ul|ol|li|blockquote|span|strong|em|b|i|u|a|table|pre)>|<(br|p)\b", re.I)
IMAGES = re.compile(r"<img\b[^>]*?\bsrc\s*=\s*[\"']?([^\"'\s>]+)|!\[[^\]]*\]\(<?([^)\s>]+)", re.I)
ELSEWHERE = re.compile(r"[a-z][a-z0-9+.-]*:|//", re.I)


def joined(row: SourceRow, becomes_markdown: bool = False) -> str:
    """The text of the entry; several columns are paragraphs of their own, and empty ones are left out."""
    read = markdown if becomes_markdown else values.text
    whole = read(row["body"])
    further = [read(value) for role, value in row.items() if role.startswith("body.")]
    if not further:
        return whole
    return "\n\n".join(part for part in (whole, *further) if part.strip())


def markdown(value: object) -> str:
    """The text with HTML as Markdown; one without any HTML as it is."""
    text = values.text(value)
    return to_markdown(text) if is_html(text) else text


def is_html(text: str) -> bool:
    return bool(HTML.search(text))


def local_images(text: str) -> Iterator[str]:
    """The images that lie beside the old app, not on another site."""
    for by_html, by_markdown in IMAGES.findall(text):
        address = by_html or by_markdown
        if not ELSEWHERE.match(address):
            yield address
