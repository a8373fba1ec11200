"""Retention: deletes rows that are older than a limit, in short transactions that don't delay saves."""

from datetime import datetime

from journal.database import Connection, committed, statement

BATCH = 500


async def delete_before(table: str, column: str, moment: datetime) -> None:
    """Deletes older rows. The column needs an index, else each hourly sweep would read the whole table."""
    oldest = f"SELECT id FROM {table} WHERE {column} < ? ORDER BY {column} LIMIT {BATCH}"

    async def work(db: Connection) -> int:
        return len(await statement(db, f"DELETE FROM {table} WHERE id IN ({oldest}) RETURNING id", moment))

    while await committed(work) == BATCH:
        pass
