"""Escapes for Markdown of imports: a backslash before whatever would be read as Markdown though it was typed
as plain text, and addresses, images and code as Markdown writes them."""

import re

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


def plain_line(text: str) -> str:
    """Markdown of a line without marks."""
    return block_escaped(escaped(text.strip()))


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
    return f"![{escaped_part(alt, 0, len(alt), SPECIAL_IN_LABEL)}]({address(src)})"


def escaped(text: str) -> str:
    """Plain text with a backslash before what Markdown would read as a mark; addresses stay as they are."""
    return escaped_part(text, 0, len(text), SPECIAL)


def escaped_part(whole: str, start: int, end: int, special: re.Pattern[str]) -> str:
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


def code(text: str) -> str:
    text = " ".join(text.split())
    if not text:
        return ""
    fence = "`" * (max((len(ticks) for ticks in re.findall("`+", text)), default=0) + 1)
    space = " " if text[0] == "`" or text[-1] == "`" else ""
    return f"{fence}{space}{text}{space}{fence}"


def block_escaped(text: str) -> str:
    """A line that doesn't begin a block; a list item or a heading is marked afterwards."""
    found = BLOCK.match(text)
    if not found:
        return text
    return f"\\{text}" if found[1] else f"{found[2]}\\{text[found.end(2) :]}"
