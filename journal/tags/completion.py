"""Which of one's own tags are offered while one is typed. Pure."""

from collections.abc import Sequence
from typing import Any

from journal.text import tag_names

SHOWN = 6
ASKED = tag_names.COUNT + SHOWN + 1  # an entry may have so many of them already


def split(typed: str) -> tuple[set[str], str]:
    """The keys of the tags in a form's field, and the one that is being typed at its end."""
    *taken, begun = [
        tag_names.index_key(tag_names.tidy(part)) for part in tag_names.COMMA.split(typed[-2000:])
    ]
    return set(taken), begun


def offered(found: Sequence[Any], taken: set[str], begun: str) -> list[str]:
    """Names of those found, the most used first, that are not in the field yet; first those that begin so."""
    fitting = [tag for tag in found if tag["key"] not in taken and tag["key"] != begun]
    fitting.sort(key=lambda tag: not tag["key"].startswith(begun))
    return [tag["name"] for tag in fitting[:SHOWN]]
