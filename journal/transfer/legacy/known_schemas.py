"""Known schemas: the usual names of tables and columns in journaling apps, and types for a schema."""

from collections.abc import Mapping
from dataclasses import dataclass, field

# Names are compared without case, underscores and plural; the first match is taken.
PEOPLE_TABLES = ("user", "account", "person", "people", "member", "author", "writer")
ENTRY_TABLES = (
    *("journalentry", "entry", "diaryentry", "post", "blogpost", "journalpost"),
    *("journal", "diary", "note", "article", "page", "log", "story", "memory"),
)
ROLES: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "people": {
        "id": ("id", "userid", "uid", "uuid"),
        "name": ("username", "login", "loginname", "nickname", "nick", "handle", "name", "displayname"),
        "email": ("email", "emailaddress", "mail"),
        "password": (
            *("passwordhash", "pwhash", "hashedpassword", "passwordhashed", "passhash", "pwdhash"),
            *("passworddigest", "encryptedpassword", "password", "pass", "passwd", "pw", "pwd"),
        ),
        "created": (
            *(
                "createdat",
                "created",
                "createdon",
                "datecreated",
                "datejoined",
                "joined",
                "joinedat",
                "joinedon",
            ),
            *("registeredat", "registered", "registeredon", "membersince", "signupdate", "timestamp"),
        ),
        "active": ("isactive", "active", "enabled", "isenabled"),
    },
    "entries": {
        "id": ("id", "entryid", "postid", "uid", "uuid"),
        "owner": (
            *("userid", "authorid", "ownerid", "personid", "accountid", "memberid", "writerid", "creatorid"),
            *("createdbyid", "createdby", "user", "author", "owner", "username"),
        ),
        "title": ("title", "subject", "headline", "heading"),
        "body": (
            "content",
            "body",
            "text",
            "entrytext",
            "bodytext",
            "contenttext",
            "entry",
            "note",
            "message",
        ),
        "mood": ("mood", "moodname", "feeling", "emotion"),
        "tags": ("tags", "taglist", "taglabels", "tag", "labels", "keywords"),
        "created": (
            *("createdat", "timestamp", "dateposted", "created", "datecreated", "createdon", "writtenat"),
            *("postedat", "postedon", "publishedat", "pubdate", "creationdate", "datetime", "dateadded"),
            *("entrydate", "date", "day", "time"),
        ),
        "updated": (
            *("updatedat", "modifiedat", "updated", "modified", "datemodified", "dateupdated"),
            *("lastmodified", "lastupdated", "lastedited", "updatedon", "modifiedon", "editedat"),
        ),
        # The day that an entry is about, where the app keeps it beside the time of writing.
        "day": ("entrydate", "journaldate", "day", "date"),
        "deleted": ("deletedat", "isdeleted", "deleted", "istrashed"),
    },
}
NEEDED = {"people": ("id",), "entries": ("id", "owner", "body")}
TAG_TABLES = ("tag", "label", "keyword")
TAG_NAMES = ("name", "tag", "title", "label", "text")
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

    @property
    def label(self) -> str:
        return f"{self.schema}.{self.name}" if self.schema not in ("", "public") else self.name


@dataclass(frozen=True)
class TagJoin:
    """Tags in a table of their own, related to entries by a join table."""

    join: Table
    entry: str  # columns of `join`
    tag: str
    tags: Table
    key: str  # columns of `tags`
    name: str


@dataclass(frozen=True)
class TableMapping:
    """A table, and which of its columns has which role (see ROLES)."""

    table: Table
    columns: Mapping[str, str]
    joined: TagJoin | None = None


@dataclass(frozen=True)
class SourceSchema:
    """The tables of a source that hold people and entries."""

    people: TableMapping
    entries: TableMapping


@dataclass(frozen=True)
class Hints:
    """Names that the host gives where detection fails."""

    people: str = ""
    entries: str = ""
    columns: Mapping[str, str] = field(default_factory=dict)  # entries.body: a column, or "" for none

    def of(self, kind: str) -> dict[str, str]:
        return {
            key.partition(".")[2]: name for key, name in self.columns.items() if key.startswith(kind + ".")
        }
