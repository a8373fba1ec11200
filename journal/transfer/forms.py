"""Forms of imports and exports: how a file is to be read, and which entries leave."""

import re
from datetime import UTC, date, datetime
from uuid import UUID, uuid4

from journal.accounts.users import zones
from journal.entries.forms import parse_day
from journal.forms import Form
from journal.text import plain, tag_names
from journal.transfer.formats import readers

LONGEST_DATE_FORMAT = 64  # characters
DATE_FORMAT = "Write it like %d.%m.%Y %H:%M, where %d is the day, %m the month and %Y the year."


class ImportForm(Form):
    """How a file is to be read. `save` is the idempotency key of the form."""

    def check(self) -> None:
        self.format = self.text("format")
        self.zone = self.text("zone").strip().replace(" ", "_") or "UTC"
        self.date_format = plain.clean(self.text("date_format")).strip()
        try:
            self.save = UUID(self.text("save"))
        except ValueError:
            self.save = uuid4()
        if self.format and self.format not in {reader.NAME for reader in readers.READERS}:
            self.wrong("format", "Choose one of the formats in the list.")
        if self.zone not in zones():
            self.wrong("zone", "This is not a time zone; it should be a name like Europe/London.")
        if len(self.date_format) > LONGEST_DATE_FORMAT or not is_date_format(self.date_format):
            self.wrong("date_format", DATE_FORMAT)


def is_date_format(text: str) -> bool:
    """Whether it names day, month and year as strptime reads them, or is empty."""
    try:
        known = datetime(2019, 12, 31, tzinfo=UTC)
        return not text or datetime.strptime(known.strftime(text), text).date() == known.date()  # noqa: DTZ007
    except (ValueError, re.error):
        return False


class ExportForm(Form):
    """Which entries leave: those from a day on, up to a day, with a tag."""

    def check(self) -> None:
        self.first, self.last = self._day("from"), self._day("to")
        self.tag = tag_names.tidy(plain.clean(self.text("tag")))
        if self.first and self.last and self.first > self.last:
            self.wrong("to", "This day is before the first one.")

    def _day(self, name: str) -> date | None:
        try:
            return parse_day(self.text(name)) if self.text(name) else None
        except ValueError:
            self.wrong(name, "This day is not in the calendar; write it like 2024-05-31.")
            return None
