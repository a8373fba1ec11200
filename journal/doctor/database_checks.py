"""Checks of the database: its version, damaged tables, and rows that refer to others that are not there."""

from journal import schema_snapshot
from journal.database import Unavailable, connection, is_postgres, rows
from journal.doctor.finding import Finding

SAFE_SQLITE = (3, 51, 3)
# Tables that can be rebuilt from the entries.
DERIVED_TABLES = {"search_texts", "search_index_data", "search_index_idx", "search_index_content"}
DERIVED_TABLES |= {"search_index_docsize", "search_index_config"}
DERIVED_TABLES |= {"day_counts", "hour_counts", "tags", "entry_tags"}
# Each foreign key of PostgreSQL, with the conditions for its columns: c is the row that refers, p the other.
FOREIGN_KEYS = """
SELECT o.conrelid::regclass::text AS child, o.confrelid::regclass::text AS parent,
       string_agg(format('p.%I = c.%I', b.attname, a.attname), ' AND ') AS is_same,
       string_agg(format('c.%I IS NOT NULL', a.attname), ' AND ') AS is_set
FROM pg_constraint o CROSS JOIN LATERAL unnest(o.conkey, o.confkey) AS k (child, parent)
JOIN pg_attribute a ON a.attrelid = o.conrelid AND a.attnum = k.child
JOIN pg_attribute b ON b.attrelid = o.confrelid AND b.attnum = k.parent
WHERE o.contype = 'f' AND o.connamespace = current_schema()::regnamespace
GROUP BY o.oid, o.conrelid, o.confrelid ORDER BY child, parent
"""


async def version(_repair: bool) -> list[Finding]:
    if is_postgres(connection()):
        found = await rows("SELECT current_setting('server_version') AS version")
        return [Finding(f"PostgreSQL {found[0]['version']}.")]
    found = await rows("SELECT sqlite_version() AS version")
    number = tuple(int(part) for part in found[0]["version"].split("."))
    old = (
        ""
        if number >= SAFE_SQLITE
        else (
            " Before 3.51.3 several programs that write to one file at the same moment could damage it: "
            "run a single Journal on it."
        )
    )
    return [Finding(f"SQLite {found[0]['version']}.{old}")]


async def integrity(_repair: bool) -> list[Finding]:
    damaged = {table: why for table in await _tables() if (why := await _damage(table))}
    faults = [Finding(f"The table {table} is damaged: {why}.", True) for table, why in damaged.items()]
    if damaged:
        return [*faults, Finding(_cure(set(damaged)), True)]
    whole = "Every table can be read to its end." if is_postgres(connection()) else "The file is whole."
    return [Finding(whole)]


async def _tables() -> list[str]:
    if is_postgres(connection()):
        return await schema_snapshot.tables(connection())
    # Including the tables behind the search index; a virtual table has no pages of its own.
    found = await rows(
        "SELECT name FROM sqlite_master WHERE type = 'table' AND rootpage > 0 AND name NOT LIKE 'sqlite_%'"
    )
    return [row["name"] for row in found]


async def _damage(table: str) -> str:
    """What the database says about the table. On PostgreSQL every value is read, also from TOAST."""
    try:
        if is_postgres(connection()):
            await rows(f'SELECT sum(length(t::text)) FROM "{table}" t')
            return ""
        return "; ".join(
            row[0] for row in await rows(f'PRAGMA integrity_check("{table}")') if row[0] != "ok"
        )[:500]
    except Unavailable as error:
        return str(error)


def _cure(damaged: set[str]) -> str:
    lost = "" if damaged - DERIVED_TABLES else " What people have written is not in there."
    if is_postgres(connection()):
        how = "stop the site, restore a backup, or save what `pg_dump --table` can still read"
    else:
        how = (
            "stop the site and restore a backup; or save what can be read by "
            "`sqlite3 FILE .recover | sqlite3 NEW`, and run `journal doctor --repair` on NEW"
        )
    return f"What to do: {how}.{lost}"


async def foreign_keys(_repair: bool) -> list[Finding]:
    """Both databases keep references by themselves, unless somebody has switched that off."""
    counts = await (_postgres_orphans() if is_postgres(connection()) else _sqlite_orphans())
    cure = "restore a backup from before, or delete these rows"
    return [
        Finding(f"{count:,} rows of {child} refer to rows of {parent} that are not there: {cure}.", True)
        for (child, parent), count in counts.items()
        if count
    ] or [Finding("Every row that another refers to is there.")]


async def _sqlite_orphans() -> dict[tuple[str, str], int]:
    counts: dict[tuple[str, str], int] = {}
    for row in await rows("PRAGMA foreign_key_check"):
        pair = (row["table"], row["parent"])
        counts[pair] = counts.get(pair, 0) + 1
    return counts


async def _postgres_orphans() -> dict[tuple[str, str], int]:
    counts: dict[tuple[str, str], int] = {}
    for key in await rows(FOREIGN_KEYS):
        found = await rows(
            f"SELECT count(*) AS n FROM {key['child']} c WHERE {key['is_set']} "
            f"AND NOT EXISTS (SELECT 1 FROM {key['parent']} p WHERE {key['is_same']})"
        )
        pair = (key["child"], key["parent"])
        counts[pair] = counts.get(pair, 0) + found[0]["n"]
    return counts
