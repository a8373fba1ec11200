"""Profile: what all entries of a source together show before any of them is imported."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from journal.transfer.adoption import bodies, moods, states
from journal.transfer.adoption.date_choice import DateChoice
from journal.transfer.adoption.local_files import LocalFiles
from journal.transfer.adoption.options import Reading
from journal.transfer.legacy import values
from journal.transfer.legacy.entry_columns import UnknownSchema
from journal.transfer.legacy.known_schemas import SourceRow, TableMapping

SHOWN = 20
LONGEST = 400  # letters of a text that the host is shown
DATES = ("created", "updated", "day")


@dataclass
class Profile:
    """Add every row, then ask."""

    mapping: TableMapping
    keys: frozenset[str]  # of the people
    default: str  # the key of the owner of entries that don't say
    dates: DateChoice
    files: LocalFiles | None = None
    rows: int = 0
    coming: int = 0
    html: int = 0
    owners: list[str] = field(default_factory=list)  # some that are unknown
    numbers: set[float] | None = field(default_factory=set)  # of moods; None if one is a word
    sample: tuple[str, str] | None = None  # id and text of an entry that is HTML
    found: dict[str, list[str]] = field(default_factory=dict)  # ids or names by what they are

    def add(self, row: SourceRow) -> None:
        self.rows += 1
        source_id, body = values.identity(row["id"]), bodies.joined(row)
        owner = values.identity(row.get("owner")) or self.default
        if owner in self.keys:
            self.coming += 1
            self._look(row, source_id, body)
        elif len(self.owners) < SHOWN and owner not in self.owners:
            self.owners.append(owner)
        for role in DATES:
            if role in self.mapping.columns:
                column = f"{self.mapping.table.label}.{self.mapping.columns[role]}"
                self.dates.add(source_id, role, column, row.get(role))

    def _look(self, row: SourceRow, source_id: str, body: str) -> None:
        if bodies.is_html(body):
            self.html += 1
            self.sample = self.sample or (source_id, body)
        facts = {
            "empty": not body.strip(),
            "deleted": states.is_deleted(row),
            "draft": states.is_draft(row),
            "shared": int(str(row.get("owners") or 0)) > 1,
        }
        for fact in (name for name, is_so in facts.items() if is_so):
            self.found.setdefault(fact, []).append(source_id)
        images = bodies.local_images(body)
        if self.files:
            images = (image for image in images if not self.files.find(image))
        self.found.setdefault("image", []).extend(images)
        self._add_mood(row.get("mood"))

    def _add_mood(self, value: object) -> None:
        if self.numbers is not None and values.text(value).strip():
            number = moods.number(value)
            self.numbers = None if number is None else self.numbers | {number}

    def _count(self, fact: str) -> int:
        return len(self.found.get(fact, ()))

    def reading(self) -> Reading:
        """Raises UnknownSchema if no entry would come, or its dates can't be read."""
        self._refuse_nothing()
        texts = self.coming - self._count("empty")
        return Reading(
            dates=self.dates.rules(),
            mood_scale=moods.scale(self.numbers or set()),
            is_html=2 * self.html > texts,
            owner=self.default,
        )

    def _refuse_nothing(self) -> None:
        table, columns = self.mapping.table.label, self.mapping.columns
        if self.rows and not self.coming:
            seen = ", ".join(repr(owner) for owner in self.owners[:3]) if any(self.owners) else "nothing"
            raise UnknownSchema(
                f"0 of the {self.rows:,} entries in {table} would come, for "
                f"{columns.get('owner', 'the owner')} holds {seen}, and that is none of the people.",
                "--owner NAME",
            )
        if self.rows and self._count("deleted") == self.rows:
            raise UnknownSchema(
                f"All {self.rows:,} entries in {table} seem to be deleted, so 0 would come: name the column "
                "that says so, or none, as with --column entries.deleted=.",
                _nothing_deleted(self.mapping),
            )

    def lines(self, reading: Reading, dry_run: bool) -> Iterator[str]:
        if reading.is_html and self.sample:
            yield f"Most texts in {self.mapping.table.label} are HTML, and become Markdown."
            source_id, text = self.sample
            if dry_run:
                yield f"Entry {source_id}, there: {_beginning(text)}"
                yield f"Entry {source_id}, here: {_beginning(bodies.markdown(text))}"
        if reading.dates.day_first is not None and self.dates.either:
            order = "day" if reading.dates.day_first else "month"
            yield f"Dates like {self.dates.either[0].text} are read with the {order} first."
        if reading.mood_scale:
            yield f"Moods are read as numbers up to {reading.mood_scale}."
        for fact, sentence in SENTENCES.items():
            if names := list(dict.fromkeys(self.found.get(fact, ()))):
                more = f" and {len(names) - SHOWN:,} more" if len(names) > SHOWN else ""
                yield f"{sentence}: {len(names):,} ({', '.join(names[:SHOWN])}{more})."


def _beginning(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"


SENTENCES = {
    "empty": "Entries that come without any text",
    "deleted": "Entries that are deleted there, and come into the bin, where they stay for 30 days",
    "draft": "Entries that are drafts there, and come as entries",
    "shared": "Entries of several people, which come to the first of them",
    "image": "Images that entries name, and that stay with the old app (--files FOLDER brings them)",
}


def _nothing_deleted(mapping: TableMapping) -> str:
    roles = [role for role in ("deleted", "active", "status") if role in mapping.columns]
    return " ".join(f"--column entries.{role}=" for role in roles)
