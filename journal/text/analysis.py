"""Text analysis: everything that is derived from the text of an entry, made once and before the transaction
that writes it, so that the write lock is held briefly. Long texts are analysed in a thread."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from journal.engines.fair_queue import Priority, in_turn
from journal.text import hashtags, plain, tag_names, tokenizer

VERSION = 1  # of the rules for HTML, word counts and hashtags; raising it renders every entry anew
LONG = 20_000  # characters, which take some milliseconds to tokenize


class Source(NamedTuple):
    """The text of an entry."""

    title: str
    body: str
    tags: Sequence[str]


class Analysis(NamedTuple):
    """`html` and `word_count` are None where the body was not rendered, because it stays as it is."""

    source: Source
    html: str | None
    word_count: int | None
    hashtags: Sequence[str]
    tags: dict[str, str]  # spellings by index key: the tags of the field and the hashtags, without repetition
    facets: str  # a search token for each tag
    tokens: str  # in one string: a list takes ten times as much memory while a save waits
    version: int = VERSION


def analyse(source: Source, prefix: str | None) -> Analysis:
    """Renders the body if it has a prefix for the ids of its footnotes, and tokenizes the text."""
    found = hashtags.found(source.body)
    tags = by_index_key([*source.tags, *found])
    return Analysis(
        source=source,
        html=None if prefix is None else plain.to_html(source.body, prefix),
        word_count=None if prefix is None else plain.count_words(source.body),
        hashtags=found,
        tags=tags,
        facets=" ".join(dict.fromkeys(tokenizer.facet("t", name) for name in tags.values())),
        tokens=" ".join(tokenizer.document([source.title, source.body, *source.tags])),
    )


def by_index_key(names: Iterable[str]) -> dict[str, str]:
    """Each tag once, in its first spelling."""
    tags: dict[str, str] = {}
    for name in names:
        tags.setdefault(tag_names.index_key(name), name)
    return tags


async def analysed(user_id: int, source: Source, prefix: str | None) -> Analysis:
    """Analyses a long text in a thread, in the account's turn."""
    is_long = len(source.body) > LONG or (prefix is not None and plain.is_long(source.body))
    if is_long:
        return await in_turn(user_id, Priority.SAVE, analyse, source, prefix)
    return analyse(source, prefix)


async def preview(user_id: int, body: str, prefix: str) -> str:
    """Renders a text that is not saved."""
    if plain.is_long(body):
        return await in_turn(user_id, Priority.PREVIEW, plain.to_html, body, prefix)
    return plain.to_html(body, prefix)
