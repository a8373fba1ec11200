"""Backup manifest: `backup.json`, which describes a backup and holds the checksum of each of its files."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import PurePosixPath

FORMAT = 1
NAME = "backup.json"
DATABASES = {"sqlite": "database.sqlite3", "postgres": "database.dump"}  # the member that is the database
TITLES = {"sqlite": "SQLite", "postgres": "PostgreSQL"}
ATTACHMENTS = "attachments"


class BackupError(Exception):
    """A backup can't be made, verified or restored. The message is a sentence for the host."""


@dataclass(frozen=True)
class Member:
    """A file in a backup."""

    size: int  # bytes
    sha256: str


@dataclass(frozen=True)
class Contents:
    """The contents of a database: the migrations that made it and the number of rows of each table."""

    migrations: tuple[str, ...]
    rows: Mapping[str, int]


@dataclass(frozen=True)
class Manifest:
    program: str  # the version of Journal that made the backup
    created: datetime
    engine: str  # a key of DATABASES
    contents: Contents
    members: Mapping[str, Member] = field(repr=False)  # by their names in the archive

    @property
    def database(self) -> str:
        return DATABASES[self.engine]

    @property
    def entries(self) -> int:
        return self.contents.rows.get("entries", 0)

    def to_json(self) -> bytes:
        described = {
            "format": FORMAT,
            "program": self.program,
            "created": self.created.isoformat(),
            "engine": self.engine,
            "migrations": list(self.contents.migrations),
            "rows": dict(self.contents.rows),
            "members": {name: asdict(member) for name, member in self.members.items()},
        }
        return json.dumps(described, indent=1).encode()


def from_json(text: bytes) -> Manifest:
    """Raises BackupError if a newer version made the backup, or if it is not one of Journal."""
    try:
        found = json.loads(text)
        if found["format"] > FORMAT:
            raise BackupError(
                f"The backup was made by a newer version of Journal ({found['program']}); use that version."
            )
        members = {name: Member(**member) for name, member in found["members"].items()}
        contents = Contents(tuple(map(str, found["migrations"])), dict(found["rows"]))
        created = datetime.fromisoformat(found["created"])
        manifest = Manifest(found["program"], created, found["engine"], contents, members)
        is_valid = manifest.database in members and all(is_safe(name, manifest) for name in members)
    except (ValueError, TypeError, LookupError, AttributeError, RecursionError):
        is_valid = False
    if not is_valid:
        raise BackupError(f"The file is no backup of Journal: its {NAME} can't be read.")
    return manifest


def is_safe(name: str, manifest: Manifest) -> bool:
    """Whether a member may be written to disk: it is the database or lies in the folder of attachments."""
    path = PurePosixPath(name)
    is_plain = str(path) == name and not {"..", "."} & set(path.parts) and "\0" not in name
    return name == manifest.database or (is_plain and len(path.parts) > 1 and path.parts[0] == ATTACHMENTS)
