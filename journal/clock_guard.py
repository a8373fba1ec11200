"""Clock guard: allows permanent deletion only after the clock has run without a leap for 30 days, because a
wrong clock would empty the bin too early."""

import json
import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from journal import fsync

log = logging.getLogger(__name__)

LEAP = timedelta(days=8)  # between two observations: the site was stopped, or the clock is or was wrong
PAUSE = timedelta(days=30)  # the retention of the bin, also for entries that were binned by a wrong clock


@dataclass(frozen=True)
class ClockGuard:
    """The observations of the clock since its last leap, in all runs of the site on this machine."""

    since: datetime  # the first observation after the last leap
    last: datetime

    @property
    def is_trusted(self) -> bool:
        return self.last - self.since >= PAUSE


def observe(earlier: ClockGuard | None, now: datetime) -> ClockGuard:
    """The guard after another observation, which starts anew if the clock has leapt."""
    is_steady = earlier and abs(now - earlier.last) <= LEAP
    return ClockGuard(earlier.since if earlier and is_steady else now, now)


def is_trusted(file: Path, now: datetime) -> bool:
    """Observes the clock and stores that in `file`. If that fails, the clock is not trusted."""
    guard = observe(_read(file), now)
    try:
        _write(file, guard)
    except OSError as error:
        log.warning("%s could not be written: %s", file, error)
        return False
    return guard.is_trusted


def _read(file: Path) -> ClockGuard | None:
    try:
        found = json.loads(file.read_text(encoding="utf-8"))
        guard = ClockGuard(**{name: datetime.fromisoformat(when) for name, when in found.items()})
    except (OSError, ValueError, TypeError, AttributeError):
        return None
    return guard if guard.since.tzinfo and guard.last.tzinfo else None


def _write(file: Path, guard: ClockGuard) -> None:
    fsync.make_folder(file.parent)
    whole = file.with_suffix(".new")
    moments = {name: when.isoformat() for name, when in vars(guard).items()}
    fsync.create(whole)
    whole.write_text(json.dumps(moments), encoding="utf-8")
    fsync.replace_file(whole, file)
