"""Bodies of source entries: the text of one or several columns, whether it is HTML, and its images. Pure."""

import re
from collections.abc import Iterator

from journal.transfer.legacy import values
from journal.transfer.legacy.known_schemas import SourceRow

HTML = re.compile(r"</(p|div|h[1-6]|ul|ol|li|blockquote|span|strong|em|b|i|u|a|table|pre)>|<(br|p)\b", re.I)
IMAGES = re.compile(r"<img\b[^>]*?\bsrc\s*=\s*[\"']?([^\"'\s>]+)|!\[[^\]]*\]\(<?([^)\s>]+)", re.I)
ELSEWHERE = re.compile(r"[a-z][a-z0-9+.-]*:|//", re.I)


def joined(row: SourceRow) -> str:
    """The text of the entry; several columns are paragraphs of their own, and empty ones are left out."""
    whole = values.text(row["body"])
    further = [values.text(value) for role, value in row.items() if role.startswith("body.")]
    if not further:
        return whole
    return "\n\n".join(part for part in (whole, *further) if part.strip())


def is_html(text: str) -> bool:
    return bool(HTML.search(text))


def local_images(text: str) -> Iterator[str]:
    """The images that lie beside the old app, not on another site."""
    for by_html, by_markdown in IMAGES.findall(text):
        address = by_html or by_markdown
        if not ELSEWHERE.match(address):
            yield address
