"""Source users: turns a row of the source database into a person. Pure."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from journal.accounts.names import fold
from journal.transfer.legacy import timestamps, values
from journal.transfer.legacy.known_schemas import SourceRow

LONGEST_EMAIL = 254
LONGEST_KEY = 400
LONGEST_HASH = 1024


@dataclass(frozen=True)
class SourceUser:
    source_id: str
    key: str  # the value in the owner column of their entries
    name: str
    email: str
    password_hash: str | None
    created_at: datetime
    is_active: bool

    @property
    def called(self) -> str:
        return self.name or self.email.partition("@")[0] or f"person-{self.source_id}"


def read(row: SourceRow, zone: ZoneInfo, now: datetime) -> SourceUser | None:
    """None for a row without an id."""
    source_id = values.identity(row["id"])
    created = timestamps.read(row.get("created"), zone)
    name = values.text(row.get("name")).strip()
    email = values.text(row.get("email")).strip()
    if not source_id:
        return None
    return SourceUser(
        source_id=source_id,
        key=values.identity(row["key"]) or source_id,
        name=name,
        email=email if len(email) <= LONGEST_EMAIL and len(fold(email)) <= LONGEST_KEY else "",
        password_hash=_hash(row.get("password")),
        created_at=created.at if created else now,
        is_active=row.get("active") is None or values.is_true(row["active"]),
    )


def _hash(value: object) -> str | None:
    """Keeps the hash as it is; a value longer than any hash counts as none."""
    text = None if value is None else values.text(value)
    return text if text is None or len(text) <= LONGEST_HASH else None
