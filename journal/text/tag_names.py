"""Tag names: parsing of the field, normalisation, and the key by which spellings are compared. Pure."""

import hashlib
import re
import unicodedata
from collections.abc import Iterable
from urllib.parse import quote

LENGTH = 60  # characters of a tag
COUNT = 50  # tags of an entry

LONGEST_KEY = 200  # characters, because of the limit of an index
TYPED = 1_000  # characters that are read: to normalise 10,000 accents takes seconds

COMMA = re.compile("[,，､、،]")  # ASCII, full-width, half-width, ideographic, Arabic
# Bidirectional controls, which would turn the text around a tag, and characters without width, by which two
# different tags could look the same. The joiners U+200C and U+200D stay for Persian and emoji.
INVISIBLE = re.compile("[\u00ad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]")
# Phones write a curly apostrophe for a straight one, and emoji come with and without a variation selector.
ALIKE = str.maketrans({"’": "'", "ʼ": "'", "\ufe0e": None, "\ufe0f": None})


def split(text: str) -> list[str]:
    """Parses the field of a form: the tags in order, each once. Raises ValueError with a sentence."""
    tags: dict[str, str] = {}
    for part in COMMA.split(text):
        if name := tidy(part):
            tags.setdefault(key(name), name)
    if any(len(name) > LENGTH for name in tags.values()):
        raise ValueError(f"A tag may have {LENGTH} characters at most.")
    if len(tags) > COUNT:
        raise ValueError(f"An entry may have {COUNT} tags at most.")
    return list(tags.values())


def join(names: Iterable[str]) -> str:
    """The value of the field for these tags."""
    return ", ".join(names)


def key(name: str) -> str:
    """The same for all spellings of a tag. It may be up to 18 times as long as the name."""
    for _ in range(2):  # folding may give letters that compose or fold again
        name = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold())
    return name.translate(ALIKE)


def index_key(name: str) -> str:
    """The key as it is stored in tables; a digest of a longer key."""
    whole = key(name)
    return whole if len(whole) <= LONGEST_KEY else hashlib.sha256(whole.encode()).hexdigest()


def path(name: str) -> str:
    """The path of a tag's page. A # is added to names that a browser would resolve as folders, and to the
    name of another page."""
    odd = name == "known" or any(part in ("", ".", "..") for part in name.split("/"))
    return "/tags/" + quote(f"#{name}" if odd else name, safe="")


def tidy(part: str) -> str:
    """Normalises a tag for storage: without invisible characters, a leading # and outer spaces."""
    visible = INVISIBLE.sub("", part)
    visible = "".join(c for c in visible if c.isspace() or unicodedata.category(c) not in ("Cc", "Cs"))
    return unicodedata.normalize("NFC", " ".join(visible.split()).lstrip("# ")[:TYPED])
