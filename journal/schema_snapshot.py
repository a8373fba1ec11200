"""Schema snapshot: tables, columns, indexes and row counts of a database, compared before and after a
migration."""

from dataclasses import dataclass, field

from tortoise.context import TortoiseContext

from journal.database import Connection, config


@dataclass(frozen=True)
class Index:
    table: str
    unique: bool
    columns: tuple[str, ...]
    where: str  # the condition of a partial index
    name: str = field(compare=False)

    def sql(self) -> str:
        """The statement that creates the index. An index of a constraint gets another name, because its own
        name is reserved by SQLite."""
        kind = "UNIQUE INDEX" if self.unique else "INDEX"
        own = f"uidx_{self.table}_{'_'.join(self.columns)}"
        name = own if self.name.startswith("sqlite_") else self.name
        columns = ", ".join(f'"{column}"' for column in self.columns)
        return f'CREATE {kind} "{name}" ON "{self.table}" ({columns}){self.where}'


@dataclass(frozen=True)
class Shape:
    columns: frozenset[tuple[str, str]]
    indexes: frozenset[Index]


def is_sqlite(db: Connection) -> bool:
    return db.capabilities.dialect == "sqlite"


async def tables(db: Connection) -> list[str]:
    # Virtual tables of SQLite and their shadow tables are left out: they are indexes of other tables.
    catalog = (
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' "
        "AND name NOT LIKE 'search_index%' AND name <> 'search_words'"
        if is_sqlite(db)
        else "SELECT table_name AS name FROM information_schema.tables "
        "WHERE table_schema = current_schema() AND table_type = 'BASE TABLE'"
    )
    _, found = await db.execute_query(catalog)
    return [table["name"] for table in found]


async def row_counts(db: Connection) -> dict[str, int]:
    counts = {}
    for table in await tables(db):
        _, found = await db.execute_query(f'SELECT count(*) AS n FROM "{table}"')
        counts[table] = found[0]["n"]
    return counts


async def sqlite_shape(db: Connection) -> Shape:
    columns, indexes = set(), set()
    for table in await tables(db):
        _, found = await db.execute_query(f'PRAGMA table_info("{table}")')
        columns |= {(table, column["name"]) for column in found}
        _, found = await db.execute_query(f'PRAGMA index_list("{table}")')
        for index in found:
            _, parts = await db.execute_query(f'PRAGMA index_info("{index["name"]}")')
            columns_of = tuple(str(part["name"]) for part in parts)
            where = await _condition(db, index["name"]) if index["partial"] else ""
            indexes.add(Index(table, bool(index["unique"]), columns_of, where, index["name"]))
    return Shape(frozenset(columns), frozenset(indexes))


async def _condition(db: Connection, index: str) -> str:
    _, found = await db.execute_query("SELECT sql FROM sqlite_master WHERE name = ?", [index])
    return " WHERE" + str(found[0]["sql"]).partition(" WHERE")[2]


async def wanted() -> Shape:
    """The shape of a database that is created from the models."""
    async with TortoiseContext() as fresh:
        await fresh.init(config("sqlite://:memory:"))
        await fresh.generate_schemas()
        return await sqlite_shape(fresh.db())
