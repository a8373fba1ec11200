"""Merging of two texts that were written at the same time: one entry with one below the other. Pure."""

from dataclasses import replace

from journal.entries.models import Entry
from journal.entries.values import EntryFields
from journal.text import tag_names

MAX_BODY = 1_000_000  # bytes
DIVIDER = "\n\n* * *\n\n"


class TooLong(ValueError):
    """The merged text is longer than an entry may be. The message is a sentence."""

    field = "body"


def both(mine: EntryFields, other: Entry) -> EntryFields:
    """Appends the text of `other` to mine. Of fields that hold one value only, mine is kept; a title that is
    dropped so becomes the first line of its text. Raises TooLong."""
    text = other.body
    if other.title and mine.title and mine.title != other.title:
        text = f"## {other.title}\n\n{text}"
    tags = [*(mine.tags or []), *(tag for tag in other.tags if tag not in (mine.tags or []))]
    body = _within(mine.body.rstrip("\n") + DIVIDER + text if mine.body else text)
    title, mood = mine.title or other.title, mine.mood or other.mood
    return replace(mine, title=title, body=body, tags=tags[: tag_names.COUNT], mood=mood)


def added(line: EntryFields, entry: Entry) -> EntryFields:
    """Appends a paragraph to the entry. Raises TooLong."""
    text = entry.body.rstrip("\n")
    return EntryFields(body=_within(f"{text}\n\n{line.body}" if text else line.body or ""))


def _within(body: str) -> str:
    if len(body.encode()) > MAX_BODY:
        raise TooLong("Both texts together are more than the 1 MB that an entry may have.")
    return body
