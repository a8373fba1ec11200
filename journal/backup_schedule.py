"""Backup settings: parses BACKUPS, the schedule and the number of backups to keep, and BACKUP_RECIPIENT, the
public key that they are encrypted to."""

import re
from dataclasses import dataclass
from datetime import timedelta

from journal import database_url

INTERVALS = {"hourly": timedelta(hours=1), "daily": timedelta(days=1), "weekly": timedelta(weeks=1)}
AGE_KEY = re.compile(r"age1[02-9ac-hj-np-z]{58}")
WANTED = "daily 14, weekly 8, hourly 48 (the number of backups to keep) or off"


@dataclass(frozen=True)
class Schedule:
    name: str
    keep: int  # the number of backups

    @property
    def interval(self) -> timedelta:
        return INTERVALS[self.name]

    def __str__(self) -> str:
        return f"{self.name} {self.keep}"


def default(url: str) -> str:
    """What BACKUPS is for a database unless it is set: PostgreSQL is left to whoever runs the server."""
    return "daily 14" if database_url.is_sqlite(url) else "off"


def parse(text: str) -> Schedule | None:
    """The schedule, or None for `off`. Raises ValueError."""
    if text == "off":
        return None
    found = re.fullmatch(r"(hourly|daily|weekly) +([1-9][0-9]{0,3})", text)
    if not found:
        raise ValueError(WANTED)
    return Schedule(found[1], int(found[2]))


def public_key(text: str) -> str:
    """The text, if it is empty or a public key of age. Raises ValueError."""
    if text and not AGE_KEY.fullmatch(text):
        raise ValueError("a public key of age, like age1…, which age-keygen makes")
    return text
