"""Known entries: which of the imported entries an account has already, and what changed on either side."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from journal.accounts.departures import departure_id
from journal.database import rows
from journal.engines.row import Row
from journal.entries.imported import ImportedEntry

COLUMNS = "id, uid, user_id, source_id, source_digest, source_version, version, deleted_at, day, written_at"
TEXTS = "zone, mood, tags, title, body, starred"

Key = tuple[int | None, str]  # the account and the id at the source


@dataclass(frozen=True)
class Plan:
    """What the import does with an entry."""

    entry: ImportedEntry
    user_id: int | None
    status: str  # new, changed, same, edited (here as well), binned or departed
    entry_id: int | None = None
    uid: UUID | None = None


async def planned(batch: Sequence[tuple[int | None, ImportedEntry]]) -> list[Plan]:
    """The plan of each entry; all of them are of one source."""
    if not batch:
        return []
    departed, known, by_uid = await _departed(batch), await _known(batch), await _by_uid(batch)
    return [
        Plan(entry, user_id, "departed")
        if (user_id, entry.source_id) in departed
        else _plan(user_id, entry, known.get((user_id, entry.source_id)), by_uid)
        for user_id, entry in batch
    ]


def _plan(user_id: int | None, entry: ImportedEntry, stored: Row | None, by_uid: Mapping[UUID, Row]) -> Plan:
    if stored:
        if entry.is_undated:
            fields = replace(entry.fields, day=stored["day"])
            entry = replace(entry, fields=fields, written_at=stored["written_at"])
        return _plan_known(user_id, entry, stored, _status(entry, stored))
    if entry.uid and (own := by_uid.get(entry.uid)):
        if own["user_id"] == user_id:
            return _plan_known(user_id, entry, own, _status_of_own(entry, own))
        return Plan(entry, user_id, "new")
    return Plan(entry, user_id, "new", uid=entry.uid)


def _plan_known(user_id: int | None, entry: ImportedEntry, stored: Row, status: str) -> Plan:
    return Plan(entry, user_id, status, stored["id"], UUID(str(stored["uid"])))


def _status(entry: ImportedEntry, stored: Row) -> str:
    if stored["deleted_at"] and not entry.deleted_at:
        return "binned"
    if stored["source_digest"] == entry.digest and stored["written_at"] == entry.written_at:
        return "same"
    return "changed" if stored["version"] == stored["source_version"] else "edited"


def _status_of_own(entry: ImportedEntry, stored: Row) -> str:
    """Of an entry that was exported here: nobody knows which text is the later one, so none is replaced."""
    if stored["deleted_at"] and not entry.deleted_at:
        return "binned"
    fields = entry.fields
    there = (fields.title, fields.body, fields.day, fields.zone, fields.mood, fields.tags, entry.written_at)
    here = (
        *(stored[name] for name in ("title", "body", "day", "zone", "mood", "tags")),
        stored["written_at"],
    )
    return "same" if there == here else "edited"


async def _departed(batch: Sequence[tuple[int | None, ImportedEntry]]) -> set[Key]:
    """The entries that were deleted here for good."""
    source = batch[0][1].source
    wanted: dict[str, list[Key]] = {}
    for user_id, entry in batch:
        # Versions before 0.3 stored the id alone.
        for stored in (entry.source_id, departure_id(user_id or 0, entry.source_id)):
            wanted.setdefault(stored, []).append((user_id, entry.source_id))
    where = f"kind = 'entry' AND source = ? AND source_id IN ({placeholders(wanted)})"
    found = await rows(f"SELECT source_id FROM departures WHERE {where}", source, *wanted)
    return {key for row in found for key in wanted[row["source_id"]]}


async def _known(batch: Sequence[tuple[int | None, ImportedEntry]]) -> dict[Key, Row]:
    """The rows of entries that were imported before."""
    users = sorted({user_id for user_id, _ in batch if user_id})
    ids = [entry.source_id for _, entry in batch]
    if not users:
        return {}
    where = f"user_id IN ({placeholders(users)}) AND source = ? AND source_id IN ({placeholders(ids)})"
    found = await rows(f"SELECT {COLUMNS} FROM entries WHERE {where}", *users, batch[0][1].source, *ids)
    return {(row["user_id"], row["source_id"]): row for row in found}


async def _by_uid(batch: Sequence[tuple[int | None, ImportedEntry]]) -> dict[UUID, Row]:
    """The rows of entries that an export of this site names, whoever owns them."""
    uids = [str(entry.uid) for _, entry in batch if entry.uid]
    if not uids:
        return {}
    found = await rows(f"SELECT {COLUMNS}, {TEXTS} FROM entries WHERE uid IN ({placeholders(uids)})", *uids)
    return {UUID(str(row["uid"])): row for row in found}


def placeholders(values: Iterable[object]) -> str:
    return ", ".join("?" for _ in values)
