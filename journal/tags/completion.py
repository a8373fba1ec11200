"""Autocompletion of tags: which of an account's tags are offered while one is typed. Pure."""

from collections.abc import Sequence

from journal.engines.row import Row
from journal.text import tag_names

SHOWN = 6
QUERIED = tag_names.COUNT + SHOWN + 1  # as an entry may have so many tags already


def split(typed: str) -> tuple[set[str], str]:
    """The keys of the tags in the field, and of the one that is being typed at its end."""
    *taken, begun = [
        tag_names.index_key(tag_names.tidy(part)) for part in tag_names.COMMA.split(typed[-2000:])
    ]
    return set(taken), begun


def offered(found: Sequence[Row], taken: set[str], begun: str) -> list[str]:
    """Names of tags that are not in the field yet: first those with this prefix, then by use."""
    fitting = [tag for tag in found if tag["key"] not in taken and tag["key"] != begun]
    fitting.sort(key=lambda tag: not tag["key"].startswith(begun))
    return [tag["name"] for tag in fitting[:SHOWN]]
