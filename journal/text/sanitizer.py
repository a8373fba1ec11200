"""HTML sanitizer: the allowed tags, attributes and links of entries; everything else is removed."""

import re
from html import escape

import nh3

ADDRESS = 2_000  # characters; a long address that is defined once may be used many times
REL = "noopener noreferrer nofollow"
OUTSIDE = re.compile(r"https?://[^/]|mailto:[^/]", re.IGNORECASE)
ATTACHMENT = re.compile(r"/attachments/[\w-]{1,64}", re.ASCII)
ENTRY = re.compile(r"/entries/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
NOTE = re.compile(r"#fn(ref)?[\w:-]{1,80}", re.ASCII)

# Tags that get dir="auto".
DIRECTED = {"p", "h3", "h4", "h5", "h6", "ul", "ol", "li", "blockquote", "pre", "table", "th", "td"}
INLINE = {"a", "br", "code", "em", "img", "input", "s", "strong", "sup"}
TAGS = DIRECTED | INLINE | {"hr", "section", "thead", "tbody", "tr"}
ATTRIBUTES = {
    "a": {"href", "title", "id"},
    "img": {"src", "alt", "title"},
    "input": {"checked", "disabled"},
    "li": {"id", "value"},
    "ol": {"start"},
}
ALIGN = {"align": {"left", "center", "right"}}
VALUES = {tag: {"dir": {"auto"}} for tag in DIRECTED} | {
    "a": {"rel": {REL}, "aria-label": {"Back to the text"}},
    "img": {"loading": {"lazy"}},
    "input": {"type": {"checkbox"}, "aria-label": {"done", "to do"}},
    "td": {"dir": {"auto"}} | ALIGN,
    "th": {"dir": {"auto"}} | ALIGN,
}
CLASSES = {
    "a": {"footnote-backref"},
    "input": {"task-list-item-checkbox"},
    "li": {"footnote-item", "task-list-item"},
    "ol": {"contains-task-list", "footnotes-list"},
    "section": {"footnotes"},
    "sup": {"footnote-ref"},
    "ul": {"contains-task-list"},
}


def is_outside(url: str) -> bool:
    """Whether a link leads to another site or to a mailbox."""
    return OUTSIDE.match(url) is not None


def is_attachment(url: str) -> bool:
    return ATTACHMENT.fullmatch(url) is not None


def is_inside(url: str) -> bool:
    """Whether a link leads to a file or an entry of this site. Both are fetched without changing anything."""
    return is_attachment(url) or ENTRY.fullmatch(url) is not None


def is_link(url: str) -> bool:
    """Whether a link is allowed; the sanitizer also refuses invalid hosts and ports."""
    if len(url) > ADDRESS or not (is_outside(url) or is_inside(url)):
        return False
    return "href" in SANITIZER.clean(f'<a href="{escape(url)}">')


def _checked(tag: str, name: str, value: str) -> str | None:
    """The value of an attribute, if it is allowed."""
    match name:
        case "id":
            allowed = NOTE.fullmatch("#" + value) is not None
        case "src":
            allowed = is_attachment(value)
        case "href":
            allowed = is_outside(value) or is_inside(value) or NOTE.fullmatch(value) is not None
        case _:
            allowed = True
    return value if allowed else None


SANITIZER = nh3.Cleaner(
    tags=TAGS,
    attributes=ATTRIBUTES,
    tag_attribute_values=VALUES,
    allowed_classes=CLASSES,
    attribute_filter=_checked,
    url_schemes={"http", "https", "mailto"},
    link_rel=None,  # `rel` is set by Markdown, for links to other sites
)
