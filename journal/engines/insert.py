"""Inserting a row unless its like is there, which Tortoise does without saying whether it did."""

from collections.abc import Mapping

from tortoise.backends.base.client import BaseDBAsyncClient
from tortoise.models import Model


async def insert(db: BaseDBAsyncClient, row: Model, computed: Mapping[str, str] | None = None) -> bool:
    """Whether it is in now, its id set; no error where a row with the same key was there before, not even
    where another transaction is about to commit it. What is `computed` in SQL is set on the row as well.
    """
    computed = computed or {}
    meta = row._meta
    given = [name for name in meta.fields_db_projection if name not in computed]
    given = [name for name in given if not meta.fields_map[name].generated]
    columns = [*(meta.fields_db_projection[name] for name in given), *computed]
    terms = [*(_mark(db, number) for number in range(1, len(given) + 1)), *computed.values()]
    values = [meta.fields_map[name].to_db_value(getattr(row, name), row) for name in given]
    sql = f"INSERT INTO {meta.db_table} ({', '.join(columns)}) VALUES ({', '.join(terms)})"
    returned = ["id", *computed]
    sql += f" ON CONFLICT DO NOTHING RETURNING {', '.join(returned)}"
    found = await db.execute_query_dict(sql, values)
    if found:
        row.update_from_dict({name: found[0][name] for name in returned})
    return bool(found)


def _mark(db: BaseDBAsyncClient, number: int) -> str:
    return f"${number}" if db.capabilities.dialect == "postgres" else "?"
