"""Options of adopting: where the data comes from and how its rows are read."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from journal.transfer.adoption.local_files import LocalFiles
from journal.transfer.legacy.written_dates import NO_RULES, DateRules


@dataclass(frozen=True)
class Reading:
    """What all rows of a source together say about how each of them is read."""

    dates: DateRules = NO_RULES
    mood_scale: int = 0  # the highest mood where moods are numbers: 5, 10 or 100
    is_html: bool = False  # texts are HTML and become Markdown
    owner: str = ""  # the key of the person who owns entries that don't say whose they are


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
