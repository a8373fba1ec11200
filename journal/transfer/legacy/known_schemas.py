"""Known schemas: the types that describe the tables of a source, and the errors of reading one."""

from collections.abc import Mapping
from dataclasses import dataclass, field

SourceRow = dict[str, object]  # values by the role of their column
OURS = {"session_stamp", "source_digest"}


class CannotAdopt(Exception):
    """The message is a sentence that says why; nothing was written."""


class UnreadableSource(CannotAdopt):
    """Nothing can be adopted from this source."""


@dataclass(frozen=True)
class Table:
    name: str
    columns: tuple[str, ...]
    key: str = ""  # its primary key, where that is one column
    refers: Mapping[str, tuple[str, str]] = field(default_factory=dict)  # column: (table, its column or "")
    schema: str = ""
    rows: int | None = field(default=None, compare=False)  # None: not counted
    # The mean length of texts of several words by column, in a sample; 0 for a column without any.
    lengths: Mapping[str, float] = field(default_factory=dict, compare=False)

    @property
    def label(self) -> str:
        return f"{self.schema}.{self.name}" if self.schema not in ("", "public") else self.name


@dataclass(frozen=True)
class TagJoin:
    """Tags in a table of their own, related to entries by a join table, which may be the same table."""

    join: Table
    entry: str  # columns of `join`
    tag: str  # "" if `join` and `tags` are one table
    tags: Table
    key: str  # columns of `tags`
    name: str


@dataclass(frozen=True)
class OwnerPath:
    """A table that says whose an entry is: its row with `match` equal to the entry's `own` has the owner."""

    table: Table
    match: str
    own: str  # column of the entries
    owner: str


@dataclass(frozen=True)
class Lookup:
    """A column that refers to a table of names."""

    column: str
    table: Table
    key: str
    name: str


@dataclass(frozen=True)
class TableMapping:
    """A table, and which of its columns has which role (see usual_names.ROLES). Further columns of the text
    have the roles `body.2`, `body.3` and so on."""

    table: Table
    columns: Mapping[str, str]
    joined: tuple[TagJoin, ...] = ()
    path: OwnerPath | None = None
    lookups: Mapping[str, Lookup] = field(default_factory=dict)

    @property
    def has_owner(self) -> bool:
        return "owner" in self.columns or self.path is not None


@dataclass(frozen=True)
class SourceSchema:
    """The tables of a source that hold people and entries. Without people, the host names the owner."""

    people: TableMapping | None
    entries: TableMapping


@dataclass(frozen=True)
class Hints:
    """Names that the host gives where detection fails."""

    people: str = ""
    entries: str = ""
    columns: Mapping[str, str] = field(default_factory=dict)  # entries.body: a column, or "" for none
    owner: str = ""  # a person's name, for entries that don't say whose they are
    date_format: str = ""  # of dates that are texts, as in strptime

    def of(self, kind: str) -> dict[str, str]:
        return {
            key.partition(".")[2]: name for key, name in self.columns.items() if key.startswith(kind + ".")
        }
