"""Whether the clock can be believed where something goes for good: after a leap, only a day later."""

import json
import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from journal import disk

log = logging.getLogger(__name__)

LEAP = timedelta(days=2)  # since the last look: the site was stopped for long, or the clock is wrong
PAUSE = timedelta(days=1)  # in which a wrong clock is noticed and set right


@dataclass(frozen=True)
class Looks:
    """At the clock, of earlier hours and earlier runs of the site on this machine."""

    sure: datetime | None = None  # the last one that was believed
    doubted: datetime | None = None  # the first one after it that was not


def look(earlier: Looks, now: datetime) -> Looks:
    """With this one; it is believed if none is doubted any more."""
    goes_on = earlier.sure and now - earlier.sure <= LEAP
    has_waited = earlier.doubted and now - earlier.doubted >= PAUSE
    if goes_on or has_waited:
        return Looks(now)
    return Looks(earlier.sure, min(now, earlier.doubted or now))


def is_believed(file: Path, now: datetime) -> bool:
    """Looks, and writes down in `file` that it did; what can't be written down is not believed."""
    looks = look(_read(file), now)
    try:
        _write(file, looks)
    except OSError as error:
        log.warning("%s could not be written: %s", file, error)
        return False
    return looks.doubted is None


def _read(file: Path) -> Looks:
    try:
        found = json.loads(file.read_text(encoding="utf-8"))
        return Looks(**{name: datetime.fromisoformat(when) for name, when in found.items() if when})
    except (OSError, ValueError, TypeError, AttributeError):
        return Looks()


def _write(file: Path, looks: Looks) -> None:
    disk.make_folder(file.parent)
    whole = file.with_suffix(".new")
    moments = {name: when.isoformat() if when else "" for name, when in vars(looks).items()}
    whole.write_text(json.dumps(moments), encoding="utf-8")
    disk.put(whole, file)
