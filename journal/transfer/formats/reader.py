"""Reader: the contract of a module that reads the export of another program, and what all readers share."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from hashlib import sha256
from typing import Protocol

from journal.entries import mood
from journal.entries.imported import ImportedEntry
from journal.entries.values import EntryFields
from journal.text import plain, tag_names
from journal.transfer.archive import Archive
from journal.transfer.report import Report

LONGEST_TITLE = 300
UNREADABLE = "Entries that can't be read, and are left out"
EMPTY = "Entries without any text"
UNDATED = "Entries without a readable date, which are left out"
MISSING_MEDIA = "Photos and files that an entry names, but that are not in the export"


@dataclass(frozen=True)
class ReadOptions:
    zone: str  # of times that name none, an IANA name
    now: datetime
    date_format: str = ""  # of strptime; for jrnl's text, where it can't be told
    owner: str = ""  # a user name of the source; for Memos, whose database may hold several people's


class Reader(Protocol):
    """A module with these names. `read` never raises because of a single entry: it is left out by
    `report.miss(sentence, name)`, and what is doubtful is told by `report.note(sentence, name)`."""

    @property
    def NAME(self) -> str:
        """The value of --format, and the `source` of every entry that it yields."""

    @property
    def LABEL(self) -> str:
        """The program's name as people know it."""

    def recognises(self, archive: Archive, /) -> bool:
        """Whether this is an export of the program. Looks at names and the first bytes of members only."""

    def read(self, archive: Archive, options: ReadOptions, report: Report, /) -> Iterator[ImportedEntry]:
        """Yields entries while it reads, in constant memory. Runs in a thread. Raises UnreadableArchive if
        nothing of it can be read."""


def entry_fields(
    *,
    title: str,
    body: str,
    day: date,
    zone: str,
    tags: Iterable[str] = (),
    mood_name: str = "",
) -> EntryFields:
    """The fields of an entry as they can be stored: a title that is too long goes on in the text, and a mood
    that is none of ours becomes a tag."""
    title, body = " ".join(plain.clean(title).split()), plain.clean(body)
    if len(title) > LONGEST_TITLE:
        title, body = title[:LONGEST_TITLE], f"{title[LONGEST_TITLE:]}\n\n{body}"
    known, others = parsed_mood(mood_name)
    return EntryFields(title=title, body=body, day=day, zone=zone, tags=tidied([*tags, *others]), mood=known)


def parsed_mood(text: str) -> tuple[str, list[str]]:
    """One of our moods, or a tag with its name."""
    try:
        return mood.parse(text), []
    except ValueError:
        return "", [plain.clean(text)]


def tidied(texts: Iterable[str]) -> list[str]:
    """Tags in the form in which they are stored, each once."""
    tags: dict[str, str] = {}
    for text in texts:
        for part in tag_names.COMMA.split(plain.clean(text)):
            if name := tag_names.tidy(part)[: tag_names.LENGTH]:
                tags.setdefault(tag_names.key(name), name)
    return list(tags.values())[: tag_names.COUNT]


def content_id(*parts: object) -> str:
    """A source id for formats that have none: a digest of what makes the entry the same one."""
    return sha256("\0".join(str(part) for part in parts).encode(errors="surrogatepass")).hexdigest()[:40]


@dataclass
class ContentIds:
    """Content ids of a file: the second of two equal entries has its number in it."""

    used: Counter[str] = field(default_factory=Counter)

    def of(self, *parts: object) -> str:
        found = content_id(*parts)
        self.used[found] += 1
        return found if self.used[found] == 1 else content_id(*parts, self.used[found])
