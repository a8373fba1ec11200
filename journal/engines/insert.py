"""Insert or ignore: INSERT … ON CONFLICT DO NOTHING that tells whether the row was inserted, as Tortoise does
not."""

from collections.abc import Mapping

from tortoise.backends.base.client import BaseDBAsyncClient
from tortoise.models import Model


async def insert(db: BaseDBAsyncClient, row: Model, computed: Mapping[str, str] | None = None) -> bool:
    """Inserts the row and sets its id; returns False if the key exists, also if another transaction is about
    to commit it. `computed` maps columns to SQL expressions, whose values are set on the row too."""
    computed = computed or {}
    meta = row._meta
    given = [name for name in meta.fields_db_projection if name not in computed]
    given = [name for name in given if not meta.fields_map[name].generated]
    columns = [*(meta.fields_db_projection[name] for name in given), *computed]
    terms = [*(_placeholder(db, number) for number in range(1, len(given) + 1)), *computed.values()]
    values = [meta.fields_map[name].to_db_value(getattr(row, name), row) for name in given]
    sql = f"INSERT INTO {meta.db_table} ({', '.join(columns)}) VALUES ({', '.join(terms)})"
    returned = ["id", *computed]
    sql += f" ON CONFLICT DO NOTHING RETURNING {', '.join(returned)}"
    found = await db.execute_query_dict(sql, values)
    if found:
        row.update_from_dict({name: found[0][name] for name in returned})
    return bool(found)


def _placeholder(db: BaseDBAsyncClient, number: int) -> str:
    return f"${number}" if db.capabilities.dialect == "postgres" else "?"
