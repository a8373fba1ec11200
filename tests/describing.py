"""A database's whole schema as plain data, to compare two of them."""

from typing import Any

from journal import database, schema_snapshot
from journal.database import Connection

COLUMNS = """
SELECT table_name, column_name, data_type, character_maximum_length, is_nullable, column_default
FROM information_schema.columns WHERE table_schema = current_schema()
"""
INDEXES = "SELECT tablename, indexname, indexdef FROM pg_indexes WHERE schemaname = current_schema()"
CONSTRAINTS = """
SELECT conrelid::regclass::text AS table_name, conname, pg_get_constraintdef(oid) AS definition
FROM pg_constraint WHERE connamespace = current_schema()::regnamespace
"""

# The index that searching needs on PostgreSQL is beyond what models can say.
BEYOND = {"search_texts_found_by", "search_texts_newest", "found_by"}

Facts = set[tuple[Any, ...]]


async def described(url: str) -> Facts:
    """Columns, indexes and constraints, the order of columns aside."""
    async with database.connected(url):
        db = database.connection()
        facts = await (_of_sqlite(db) if schema_snapshot.is_sqlite(db) else _of_postgres(db))
    return {fact for fact in facts if fact[1] != "tortoise_migrations" and fact[2] not in BEYOND}


async def _of_postgres(db: Connection) -> Facts:
    facts: Facts = set()
    for kind, query in (("column", COLUMNS), ("index", INDEXES), ("constraint", CONSTRAINTS)):
        _, found = await db.execute_query(query)
        facts |= {(kind, *row.values()) for row in found}
    return facts


async def _of_sqlite(db: Connection) -> Facts:
    facts: Facts = set()
    for table in await schema_snapshot.tables(db):
        _, found = await db.execute_query(f'PRAGMA table_info("{table}")')
        facts |= {("column", table, *tuple(row)[1:]) for row in found}
        _, found = await db.execute_query(f'PRAGMA foreign_key_list("{table}")')
        facts |= {("constraint", table, *tuple(row)[2:]) for row in found}
    for index in (await schema_snapshot.sqlite_shape(db)).indexes:
        name = "of a constraint" if index.name.startswith("sqlite_") else index.name
        facts.add(("index", index.table, index.unique, index.columns, index.where, name))
    return facts
