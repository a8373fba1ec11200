"""Backfill: fills columns of accounts that a migration left NULL, because migrations import no code of
ours."""

from journal.accounts import passwords
from journal.accounts.lookalikes import skeleton
from journal.database import committed, connection, is_postgres, numbered, rows

BATCH = 500
MISSING = (
    "SELECT id, username, password_hash FROM users WHERE hash_cost IS NULL LIMIT ?",
    "SELECT id, username, password_hash FROM users WHERE username_skeleton IS NULL LIMIT ?",
)
FILL = "UPDATE users SET hash_cost = ?, username_skeleton = ? WHERE id = ? AND username = ?"


async def complete() -> None:
    """Runs at each start; only the first start after the migration finds anything to do."""
    for missing in MISSING:
        while found := await rows(missing, BATCH):
            values = [
                [passwords.cost(row["password_hash"]), skeleton(row["username"]), row["id"], row["username"]]
                for row in found
            ]
            sql = numbered(FILL) if is_postgres(connection()) else FILL
            await committed(lambda db, values=values, sql=sql: db.execute_many(sql, values))  # type: ignore[misc]
