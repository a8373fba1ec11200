"""Usual names: what journaling apps call their tables and columns, and the comparison of such names. Pure."""

import re
from collections.abc import Iterable, Mapping

# Names are compared without case, underscores and plural; the first match is taken.
PEOPLE_TABLES = ("user", "account", "person", "people", "member", "author", "writer")
ENTRY_TABLES = (
    *("journalentry", "entry", "diaryentry", "post", "blogpost", "journalpost"),
    *("journal", "diary", "note", "article", "page", "log", "story", "memory", "blog", "thought"),
)
# Tables of these names are entries only if the host says so.
NOT_ENTRIES = ("comment", "reply", "message", "response", "chat", "notification", "feedback", "contact")
# Join tables of these names don't say who wrote an entry.
NOT_OWNERS = (
    *("like", "favorite", "favourite", "bookmark", "vote", "share", "view", "follower", "follow", "upvote"),
    *("reader", "read", "save", "savedpost", "star", "reaction", "rating", "clap", *NOT_ENTRIES),
)
TAG_TABLES = (
    *("tag", "label", "keyword", "category", "topic", "mood", "emotion", "feeling", "activity"),
    *("notebook", "folder"),
)
TAG_NAMES = (
    *("name", "tag", "tagname", "title", "label", "text", "keyword", "category", "categoryname", "mood"),
    *("emotion", "feeling"),
)
ROLES: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "people": {
        "id": ("id", "userid", "uid", "uuid"),
        "name": ("username", "login", "loginname", "nickname", "nick", "handle", "name", "displayname"),
        "email": ("email", "emailaddress", "mail"),
        "password": (
            *("passwordhash", "pwhash", "hashedpassword", "passwordhashed", "passhash", "pwdhash"),
            *("passworddigest", "encryptedpassword", "password", "pass", "passwd", "pw", "pwd", "hash"),
        ),
        "created": (
            *("createdat", "created", "createdon", "datecreated", "datejoined", "joined", "joinedat"),
            *("joinedon", "registeredat", "registered", "registeredon", "membersince", "signupdate"),
            *("timestamp", "createddate", "createdate", "registerdate", "regdate", "confirmedat"),
        ),
        "active": ("isactive", "active", "enabled", "isenabled"),
    },
    "entries": {
        "id": ("id", "entryid", "postid", "uid", "uuid"),
        "owner": (
            *("userid", "authorid", "ownerid", "personid", "accountid", "memberid", "writerid", "creatorid"),
            *("posterid", "createdbyid", "createdby", "user", "author", "owner", "username", "writer"),
            *("postedby", "addedby", "creator", "poster", "authorname", "useremail", "authoremail", "email"),
        ),
        "title": ("title", "subject", "headline", "heading", "name", "topic", "caption"),
        "body": (
            *("content", "contents", "body", "text", "entrytext", "bodytext", "contenttext", "entry"),
            *("contentmd", "bodymd", "markdown", "longtext", "note", "message", "journalentry", "diaryentry"),
            *("data", "journal", "diary", "notes", "post", "story", "thoughts", "thought", "log", "memo"),
            *("info", "response", "answer", "reflection", "learned", "writing", "narrative", "remarks"),
            *("details", "detail", "description", "html", "bodyhtml", "contenthtml", "caption", "summary"),
        ),
        "mood": (
            "mood",
            "moodname",
            "feeling",
            "emotion",
            "moodscore",
            "moodrating",
            "moodlevel",
            "moodrate",
        ),
        "tags": ("tags", "taglist", "taglabels", "tag", "labels", "keywords", "hashtags", "tagstring"),
        "category": ("category", "categories", "categoryname", "topic", "type", "section", "folder"),
        "created": (
            *("createdat", "timestamp", "dateposted", "created", "datecreated", "createdon", "writtenat"),
            *("postedat", "postedon", "publishedat", "pubdate", "creationdate", "datetime", "dateadded"),
            *("createddate", "createdate", "postdate", "posteddate", "publisheddate", "publishdate"),
            *("writtenon", "datewritten", "addedat", "addedon", "ts", "createdts", "entrydate", "date"),
            *("day", "createdtime", "createtime", "posttime", "posted", "published", "added", "time", "when"),
        ),
        # The hour, where the app keeps it beside the date.
        "time": ("time", "entrytime", "posttime", "createdtime", "timecreated", "timeposted", "clock"),
        "updated": (
            *("updatedat", "modifiedat", "updated", "modified", "datemodified", "dateupdated", "edited"),
            *("lastmodified", "lastupdated", "lastedited", "updatedon", "modifiedon", "editedat", "editedon"),
            *("updateddate", "updatedate", "modifieddate", "modifydate", "lastupdate", "updatedtime"),
            *("modifiedtime", "modifytime", "updatetime", "editdate", "editeddate", "editedtime"),
        ),
        # The day that an entry is about, where the app keeps it beside the time of writing.
        "day": ("entrydate", "journaldate", "diarydate", "day", "date"),
        "deleted": (
            *("deletedat", "isdeleted", "deleted", "istrashed", "trashed", "trashedat", "intrash", "trash"),
            *("isremoved", "removed", "removedat"),
        ),
        "active": ("isactive", "active"),
        "draft": ("isdraft", "draft"),
        "published": ("ispublished", "published"),
        "status": ("status", "state", "poststatus"),
    },
}
NEEDED = {"people": ("id",), "entries": ("id", "body")}
PREFIXES = {
    "people": re.compile("^(user|account|member|author)"),
    "entries": re.compile("^((journal|diary|blog)?(entry|post|note|article|story|log)|journal|diary|blog)"),
}


def normalized(name: str) -> str:
    """`Journal_Entries` is `journalentry`."""
    text = re.sub("ies$", "y", folded(name))
    return text if text.endswith("ss") else text.removesuffix("s")


def folded(name: str) -> str:
    return "".join(letter for letter in name.casefold() if letter.isalnum())


def ends_with(name: str, usual: Iterable[str]) -> bool:
    return normalized(name).endswith(tuple(usual))


def first_match(columns: Iterable[str], names: Iterable[str]) -> str:
    found = {folded(column): column for column in columns}
    return next((found[name] for name in names if name in found), "")


def column_of(columns: Iterable[str], kind: str, role: str) -> str:
    """The column with a usual name for the role, else one that has it after a prefix, as `post_title`."""
    return next(iter(columns_of(columns, kind, role)), "")


def columns_of(columns: Iterable[str], kind: str, role: str) -> list[str]:
    """All columns with a usual name for the role, the likeliest first."""
    whole = {folded(column): column for column in columns}
    short = {PREFIXES[kind].sub("", name): column for name, column in whole.items()}
    named = [group[name] for group in (whole, short) for name in ROLES[kind][role] if name in group]
    return (
        list(dict.fromkeys(named))
        if role not in ("id", "owner")
        else [whole[name] for name in ROLES[kind][role] if name in whole]
    )
