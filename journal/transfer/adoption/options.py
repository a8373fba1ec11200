"""Import options: where the data comes from and how its times are read."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from journal.transfer.adoption.local_files import LocalFiles
from journal.transfer.adoption.reading import Reading

AS_THEY_ARE = Reading()


@dataclass(frozen=True)
class AdoptOptions:
    source: str  # the name under which people and entries of this source are stored here
    zone: ZoneInfo  # of times in the source that name no zone
    people_in: ZoneInfo  # decides the day of an entry
    now: datetime
    dry_run: bool = False
    reading: Reading = AS_THEY_ARE
    files: LocalFiles | None = None  # the files of the old app
    lacks_salt: bool = False  # whether the source is an app with Flask-Security, whose salt was not given
