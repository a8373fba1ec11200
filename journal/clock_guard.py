"""Whether the clock can be believed where something goes for good: when it has not leapt for long."""

import json
import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from journal import fsync

log = logging.getLogger(__name__)

LEAP = timedelta(days=8)  # between two looks: the site was stopped for long, or the clock is or was wrong
PAUSE = timedelta(
    days=30
)  # as long as the bin keeps: what was thrown away by a wrong clock has its time, too


@dataclass(frozen=True)
class ClockGuard:
    """At the clock, in all runs of the site on this machine."""

    since: datetime  # the first one after the last leap
    last: datetime

    @property
    def is_believed(self) -> bool:
        return self.last - self.since >= PAUSE


def look(earlier: ClockGuard | None, now: datetime) -> ClockGuard:
    goes_on = earlier and abs(now - earlier.last) <= LEAP
    return ClockGuard(earlier.since if earlier and goes_on else now, now)


def is_believed(file: Path, now: datetime) -> bool:
    """Looks, and writes down in `file` that it did; what can't be written down is not believed."""
    looks = look(_read(file), now)
    try:
        _write(file, looks)
    except OSError as error:
        log.warning("%s could not be written: %s", file, error)
        return False
    return looks.is_believed


def _read(file: Path) -> ClockGuard | None:
    try:
        found = json.loads(file.read_text(encoding="utf-8"))
        looks = ClockGuard(**{name: datetime.fromisoformat(when) for name, when in found.items()})
    except (OSError, ValueError, TypeError, AttributeError):
        return None
    return looks if looks.since.tzinfo and looks.last.tzinfo else None


def _write(file: Path, looks: ClockGuard) -> None:
    fsync.make_folder(file.parent)
    whole = file.with_suffix(".new")
    moments = {name: when.isoformat() for name, when in vars(looks).items()}
    fsync.create(whole)
    whole.write_text(json.dumps(moments), encoding="utf-8")
    fsync.put(whole, file)
