"""Which texts are kept as revisions: the first, one in ten minutes, where much goes, lost conflicts."""

from datetime import datetime, timedelta

from journal.database import Connection
from journal.entries.models import Entry, Revision
from journal.entries.words import Words

SITTING = timedelta(minutes=10)
MUCH = 200  # characters
MUCH_SHARE = 0.2


async def keep(db: Connection, entry: Entry, kind: str, now: datetime) -> int:
    """The entry as it stands, once a version. Returns the revision's number."""
    same = Revision.filter(entry_id=entry.id, version=entry.version).exclude(kind="conflict")
    kept = await same.using_db(db).first()
    return kept.number if kept else await _add(db, entry, kind, entry.version, now)


async def keep_before(db: Connection, entry: Entry, body: str, kind: str, now: datetime) -> None:
    """The present text, where the one that comes removes much of it."""
    removed = _removed(entry.body, body)
    if kind == "restore" or removed > MUCH or removed > MUCH_SHARE * len(entry.body):
        await keep(db, entry, "before", now)


def _removed(old: str, new: str) -> int:
    """How many characters of the old text are gone from between what both begin and end with."""
    start = _common(old, new)
    return len(old) - start - _common(old[start:][::-1], new[start:][::-1])


def _common(one: str, other: str) -> int:
    """How many characters both begin with; halving, as a loop over a megabyte would hold up all writers."""
    low, high = 0, min(len(one), len(other))
    while low < high:
        middle = (low + high + 1) // 2
        if one[low:middle] == other[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low


async def keep_after(db: Connection, entry: Entry, kind: str, now: datetime) -> None:
    """The text just saved: each one that was asked for, else one in ten minutes."""
    kept = Revision.filter(entry_id=entry.id).exclude(kind="conflict")
    last = await kept.using_db(db).order_by("-number").first()
    if kind != "auto" or last is None or now - last.created_at >= SITTING:
        await keep(db, entry, kind, now)


async def keep_conflict(db: Connection, entry: Entry, words: Words, version: int, now: datetime) -> None:
    """Words that came too late, merged over the fields they leave alone."""
    losing = Revision(**{name: getattr(entry, name) for name in FIELDS} | words.given())
    await _add(db, losing, "conflict", version, now, entry.id)


FIELDS = ("day", "zone", "mood", "tags", "title", "body")


async def _add(
    db: Connection,
    texts: Entry | Revision,
    kind: str,
    version: int,
    now: datetime,
    entry_id: int | None = None,
) -> int:
    entry_id = entry_id or texts.id
    last = await Revision.filter(entry_id=entry_id).using_db(db).order_by("-number").first()
    copied = {name: getattr(texts, name) for name in FIELDS}
    number = last.number + 1 if last else 1
    await Revision.create(
        entry_id=entry_id, number=number, kind=kind, version=version, created_at=now, using_db=db, **copied
    )
    return number
