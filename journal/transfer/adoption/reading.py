"""Reading rules: what all rows of a source together say about how each of them is read."""

from dataclasses import dataclass

from journal.transfer.legacy.written_dates import NO_RULES, DateRules


@dataclass(frozen=True)
class Reading:
    dates: DateRules = NO_RULES
    mood_scale: int = 0  # the highest mood where moods are numbers: 5, 10 or 100
    is_html: bool = False  # texts are HTML and become Markdown
    owner: str = ""  # the key of the person who owns entries that don't say whose they are
