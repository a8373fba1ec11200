"""What one adoption goes by."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo


@dataclass(frozen=True)
class AdoptOptions:
    source: str  # under which name people and entries from there are known here
    zone: ZoneInfo  # of times that don't say theirs
    now: datetime
    dry_run: bool = False
