"""Retention of revisions: after a month one a day is kept, besides manual saves and conflicts."""

from datetime import datetime, timedelta

from journal.database import Connection, committed, is_postgres, rows

WHOLE = timedelta(days=30)  # for so long every revision is kept
STEP = 5_000  # revisions that one sweep checks; the next sweep goes on behind them
KEPT = "('manual', 'conflict')"  # at any age
DAY = {False: "substr({0}.created_at, 1, 10)", True: "({0}.created_at AT TIME ZONE 'UTC')::date"}

_walked = 0  # the last id that was checked


async def sweep(now: datetime) -> None:
    """Keeps the last revision of each day in UTC and the first of the entry."""
    global _walked
    step = "SELECT id FROM revisions WHERE id > ? ORDER BY id LIMIT ?"
    found = await rows(f"SELECT max(id) AS id, count(*) AS size FROM ({step}) AS step", _walked, STEP)
    start, end = _walked, found[0]["id"]
    if end is not None:
        await committed(lambda db: _thin(db, start, end, now - WHOLE))
    _walked = end if found[0]["size"] == STEP else 0


async def _thin(db: Connection, start: int, end: int, before: datetime) -> None:
    day, mark = DAY[is_postgres(db)], "$1" if is_postgres(db) else "?1"
    beside = "FROM revisions o WHERE o.entry_id = r.entry_id AND o.kind <> 'conflict' AND o.number"
    # Only the next revision is compared: comparing all later ones takes seconds for thousands of revisions.
    following = f"SELECT {day.format('o')} {beside} > r.number ORDER BY o.number LIMIT 1"
    is_old = f"SELECT o.created_at < {mark} {beside} > r.number ORDER BY o.number LIMIT 1"
    superfluous = (
        f"SELECT r.id FROM revisions r WHERE r.id > {start:d} AND r.id <= {end:d} AND r.created_at < {mark} "
        f"AND r.kind NOT IN {KEPT} AND ({following}) = {day.format('r')} AND ({is_old}) "
        f"AND EXISTS (SELECT 1 {beside} < r.number)"
    )
    await db.execute_query(f"DELETE FROM revisions WHERE id IN ({superfluous})", [before])
