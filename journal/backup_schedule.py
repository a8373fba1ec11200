"""Backup schedule: parses the setting BACKUPS, which says how often the site makes a backup and how many it
keeps."""

import re
from dataclasses import dataclass
from datetime import timedelta

INTERVALS = {"hourly": timedelta(hours=1), "daily": timedelta(days=1), "weekly": timedelta(weeks=1)}
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


def parse(text: str) -> Schedule | None:
    """The schedule, or None for `off`. Raises ValueError."""
    if text == "off":
        return None
    found = re.fullmatch(r"(hourly|daily|weekly) +([1-9][0-9]{0,3})", text)
    if not found:
        raise ValueError(WANTED)
    return Schedule(found[1], int(found[2]))
