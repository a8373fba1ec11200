"""How tags are typed, written and compared."""

import hashlib
import re
import unicodedata
from collections.abc import Iterable
from urllib.parse import quote

LENGTH = 60  # characters of a tag
COUNT = 50  # tags of an entry

LONGEST_KEY = 200  # characters, so that an index can hold it
TYPED = 1_000  # characters that are looked at: to put 10,000 accents in order takes seconds

COMMA = re.compile("[,，､、،]")  # ASCII, full-width, half-width, ideographic, Arabic
# Bidirectional controls, which would turn the text around a tag, and characters of no width, with which two
# tags could look alike. The joiners U+200C and U+200D stay: Persian and emoji need them.
INVISIBLE = re.compile("[\u00ad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]")
# Phones write a curly apostrophe for a straight one, and emoji come with and without a variation selector.
ALIKE = str.maketrans({"’": "'", "ʼ": "'", "\ufe0e": None, "\ufe0f": None})


def split(text: str) -> list[str]:
    """The tags of a form's field, in order, each once; raises ValueError with a sentence for the form."""
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
    """The form's field for these tags."""
    return ", ".join(names)


def key(name: str) -> str:
    """What two spellings of one tag have in common. It may be longer than the name, up to 18 times."""
    for _ in range(2):  # folding can make letters that compose or fold once more
        name = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold())
    return name.translate(ALIKE)


def index_key(name: str) -> str:
    """The key as tables hold it: of the few that are longer only a digest."""
    whole = key(name)
    return whole if len(whole) <= LONGEST_KEY else hashlib.sha256(whole.encode()).hexdigest()


def path(name: str) -> str:
    """The address of a tag's page. A # before it keeps browsers from taking dots for folders, and us from
    taking the tag for a page of ours."""
    odd = name == "known" or any(part in ("", ".", "..") for part in name.split("/"))
    return "/tags/" + quote(f"#{name}" if odd else name, safe="")


def tidy(part: str) -> str:
    """One tag as it is kept: without what can't be seen, a # before it, and spaces at its ends."""
    visible = INVISIBLE.sub("", part)
    visible = "".join(c for c in visible if c.isspace() or unicodedata.category(c) not in ("Cc", "Cs"))
    return unicodedata.normalize("NFC", " ".join(visible.split()).lstrip("# ")[:TYPED])
