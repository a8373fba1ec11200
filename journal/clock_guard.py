"""Clock guard: permits deletion for good only if the clock has run without a jump for 30 days. Its readings
are kept in a file, as the rows of the database bear the times of the same clock."""

import json
import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from journal import fsync

log = logging.getLogger(__name__)

JUMP = timedelta(days=8)  # between two readings: the site was stopped for long, or the clock is or was wrong
# As long as the bin keeps entries, so entries that were deleted under a wrong clock keep their time, too.
PAUSE = timedelta(days=30)


@dataclass(frozen=True)
class Readings:
    """The first reading after the last jump of the clock, and the last reading."""

    since: datetime
    last: datetime

    @property
    def is_trusted(self) -> bool:
        return self.last - self.since >= PAUSE


def read(earlier: Readings | None, now: datetime) -> Readings:
    if earlier and abs(now - earlier.last) <= JUMP:
        return Readings(earlier.since, now)
    return Readings(now, now)


def is_trusted(file: Path, now: datetime) -> bool:
    """Adds a reading to `file`. A clock whose reading can't be stored is not trusted."""
    readings = read(load(file), now)
    try:
        _store(file, readings)
    except OSError as error:
        log.warning("%s could not be written: %s", file, error)
        return False
    return readings.is_trusted


def load(file: Path) -> Readings | None:
    """The readings so far, or None if there are none that can be read."""
    try:
        found = json.loads(file.read_text(encoding="utf-8"))
        readings = Readings(**{name: datetime.fromisoformat(when) for name, when in found.items()})
    except (OSError, ValueError, TypeError, AttributeError):
        return None
    return readings if readings.since.tzinfo and readings.last.tzinfo else None


def _store(file: Path, readings: Readings) -> None:
    fsync.make_folder(file.parent)
    whole = file.with_suffix(".new")
    moments = {name: when.isoformat() for name, when in vars(readings).items()}
    fsync.create(whole)
    whole.write_text(json.dumps(moments), encoding="utf-8")
    fsync.replace_file(whole, file)
