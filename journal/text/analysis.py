"""Tokenizes long texts before the transaction that indexes them: a transaction that waited for a thread would
keep all other writers waiting."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from contextvars import ContextVar
from types import MappingProxyType
from typing import NamedTuple

from journal.engines.fair_queue import Priority, in_turn
from journal.text import hashtags, tokenizer

LONG = 20_000  # characters, which take some milliseconds


class Cut(NamedTuple):
    words: str  # in one piece: a list takes ten times as much memory while a save waits
    tags: Sequence[str]


_ahead: ContextVar[Mapping[str, Cut]] = ContextVar("ahead", default=MappingProxyType({}))


@asynccontextmanager
async def cut_ahead(user_id: int, *texts: str) -> AsyncIterator[None]:
    """Inside, and in the tasks that are started there, the words and tags of these texts are at hand."""
    long = [text for text in texts if len(text) > LONG]
    token = _ahead.set(await in_turn(user_id, Priority.SAVE, _cut, long) if long else {})
    try:
        yield
    finally:
        _ahead.reset(token)


def _cut(texts: Sequence[str]) -> dict[str, Cut]:
    return {text: Cut(" ".join(tokenizer.words(text)), hashtags.found(text)) for text in texts}


def words(text: str) -> list[str]:
    known = _ahead.get().get(text)
    return known.words.split() if known else tokenizer.words(text)


def tags(text: str) -> Sequence[str]:
    known = _ahead.get().get(text)
    return known.tags if known else hashtags.found(text)
