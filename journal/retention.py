"""Retention: deletes what is older than a moment, in short transactions, so that writers get their turn."""

from datetime import datetime

from journal.database import Connection, committed, statement

BATCH = 500


async def delete_before(table: str, column: str, moment: datetime) -> None:
    """The column needs an index, or each hour's sweep would go through the whole table."""
    oldest = f"SELECT id FROM {table} WHERE {column} < ? ORDER BY {column} LIMIT {BATCH}"

    async def work(db: Connection) -> int:
        return len(await statement(db, f"DELETE FROM {table} WHERE id IN ({oldest}) RETURNING id", moment))

    while await committed(work) == BATCH:
        pass
