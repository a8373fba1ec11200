"""What an adoption has done, or would do, in sentences for the host."""

from dataclasses import dataclass, field
from datetime import date

SHOWN = 20


@dataclass
class Counts:
    came: int = 0
    updated: int = 0
    same: int = 0


@dataclass
class Report:
    dry_run: bool = False
    understood: list[str] = field(default_factory=list)
    people: Counts = field(default_factory=Counts)
    entries: Counts = field(default_factory=Counts)
    first: date | None = None  # days of the entries that came
    last: date | None = None
    missing: dict[str, list[str]] = field(default_factory=dict)  # what did not come: all of it is named
    notes: dict[str, list[str]] = field(default_factory=dict)

    def miss(self, what: str, name: str) -> None:
        self.missing.setdefault(what, []).append(name)

    def note(self, what: str, name: str) -> None:
        self.notes.setdefault(what, []).append(name)

    def day(self, day: date) -> None:
        self.first, self.last = min(day, self.first or day), max(day, self.last or day)

    def lines(self) -> list[str]:
        noted = [_named(what, names, SHOWN) for what, names in self.notes.items()]
        missed = [_named(what, names, len(names)) for what, names in self.missing.items()]
        end = ["This was a dry run: nothing was written."] if self.dry_run else []
        return [
            *self.understood,
            self._counted("People", self.people),
            self._entries(),
            *noted,
            *missed,
            *end,
        ]

    def _entries(self) -> str:
        dated = f" They are from {self.first} to {self.last}." if self.first else ""
        return self._counted("Entries", self.entries) + dated

    def _counted(self, what: str, counts: Counts) -> str:
        come, update = ("would come", "would be updated") if self.dry_run else ("came", "were updated")
        return (
            f"{what}: {counts.came:,} {come}, {counts.updated:,} {update}, "
            f"{counts.same:,} {'are' if counts.same != 1 else 'is'} here already."
        )


def _named(what: str, names: list[str], shown: int) -> str:
    more = f" and {len(names) - shown:,} more" if len(names) > shown else ""
    return f"{what}: {len(names):,} ({', '.join(names[:shown])}{more})."
