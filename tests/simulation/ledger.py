"""What the site has acknowledged, and whether the database holds just that."""

from collections import Counter
from dataclasses import dataclass, field

from journal.entries.models import Entry, Revision


@dataclass
class Expected:
    body: str = ""
    version: int = 0
    lost_conflicts: list[str] = field(default_factory=list)  # texts that came too late
    overruled: list[str] = field(default_factory=list)  # texts that their writer chose to replace


class Ledger:
    def __init__(self) -> None:
        self.entries: dict[str, Expected] = {}
        self.wrong: list[str] = []

    def entry(self, uid: str) -> Expected:
        return self.entries.setdefault(uid, Expected())

    def acknowledge(self, uid: str, body: str, allowed: set[int], version: int) -> None:
        """`allowed` are the versions that this save can have made, if each before it counted once."""
        if version not in allowed:
            self.wrong.append(f"{uid}: a save made version {version}, not one of {sorted(allowed)}")
        entry = self.entry(uid)
        entry.body, entry.version = body, version

    async def check(self) -> list[str]:
        """Everything that is not as it was acknowledged."""
        found = {str(entry.uid): entry for entry in await Entry.all()}
        wrong = [f"{uid}: is there and was never acknowledged" for uid in found.keys() - self.entries.keys()]
        for uid, expected in self.entries.items():
            if uid in found:
                wrong += [f"{uid}: {what}" for what in await _differences(found[uid], expected)]
            else:
                wrong.append(f"{uid}: acknowledged, and not there")
        return self.wrong + wrong


async def _differences(entry: Entry, expected: Expected) -> list[str]:
    wrong = []
    if entry.body != expected.body:
        wrong.append(f"holds {entry.body[-60:]!r}, not {expected.body[-60:]!r}")
    if entry.version != expected.version:
        wrong.append(f"has version {entry.version}, not {expected.version}")
    revisions = await Revision.filter(entry_id=entry.id)
    lost = Counter(revision.body for revision in revisions if revision.kind == "conflict")
    if lost != Counter(expected.lost_conflicts):
        wrong.append(f"keeps {sum(lost.values())} losing texts, not {len(expected.lost_conflicts)}")
    wrong += [
        "an overruled text is gone"
        for text in expected.overruled
        if text not in {revision.body for revision in revisions}
    ]
    return wrong
