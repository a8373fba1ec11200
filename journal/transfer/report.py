"""Import report: what an import has done, or would do, in sentences for the host."""

from dataclasses import dataclass, field
from datetime import date

SHOWN = 20


@dataclass
class Counts:
    added: int = 0
    updated: int = 0
    same: int = 0


@dataclass
class Report:
    dry_run: bool = False
    summary: list[str] = field(default_factory=list)
    people: Counts = field(default_factory=Counts)
    entries: Counts = field(default_factory=Counts)
    first: date | None = None  # the earliest and the latest day of the added entries
    last: date | None = None
    missing: dict[str, list[str]] = field(default_factory=dict)  # not imported; every name is listed
    notes: dict[str, list[str]] = field(default_factory=dict)

    def miss(self, sentence: str, name: str) -> None:
        self.missing.setdefault(sentence, []).append(name)

    def note(self, sentence: str, name: str) -> None:
        self.notes.setdefault(sentence, []).append(name)

    def day(self, day: date) -> None:
        self.first, self.last = min(day, self.first or day), max(day, self.last or day)

    def lines(self) -> list[str]:
        noted = [_name_line(sentence, names, SHOWN) for sentence, names in self.notes.items()]
        missed = [_name_line(sentence, names, len(names)) for sentence, names in self.missing.items()]
        end = ["This was a dry run: nothing was written."] if self.dry_run else []
        return [
            *self.summary,
            self._count_line("People", self.people),
            self._entry_line(),
            *noted,
            *missed,
            *end,
        ]

    def _entry_line(self) -> str:
        dated = f" They are from {self.first} to {self.last}." if self.first else ""
        return self._count_line("Entries", self.entries) + dated

    def _count_line(self, label: str, counts: Counts) -> str:
        come, update = ("would come", "would be updated") if self.dry_run else ("came", "were updated")
        return (
            f"{label}: {counts.added:,} {come}, {counts.updated:,} {update}, "
            f"{counts.same:,} {'are' if counts.same != 1 else 'is'} here already."
        )


def _name_line(sentence: str, names: list[str], shown: int) -> str:
    more = f" and {len(names) - shown:,} more" if len(names) > shown else ""
    return f"{sentence}: {len(names):,} ({', '.join(names[:shown])}{more})."
