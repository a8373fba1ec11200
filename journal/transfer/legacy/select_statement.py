"""SELECT statement that reads a table of the source with its columns named by their roles. Pure."""

from dataclasses import dataclass

from journal.transfer.legacy.known_schemas import Table, TableMapping

TIMES = ("created", "updated", "day")
ORDER = {"people": ("id",), "entries": ("owner", "created", "id")}


@dataclass(frozen=True)
class Dialect:
    time: str  # reads a column that holds a time
    tags: str  # aggregates the names of an entry's tags


SQLITE = Dialect("{}", "json_group_array({})")
# Times are read as text, since the driver refuses a whole batch for one date BC.
POSTGRES = Dialect("{}::text", "array_agg({}::text)")
# As text, since Python has no date 0000-00-00.
MYSQL = Dialect("CAST({} AS CHAR)", "json_arrayagg({})")


def quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def named(table: Table) -> str:
    return f"{quoted(table.schema)}.{quoted(table.name)}" if table.schema else quoted(table.name)


def select(mapping: TableMapping, dialect: Dialect) -> str:
    """Entries are ordered by owner and time of writing."""
    columns = {role: f"e.{quoted(column)}" for role, column in mapping.columns.items()}
    shown = {role: dialect.time.format(c) if role in TIMES else c for role, c in columns.items()}
    if mapping.joined:
        shown["tags"] = _tags(mapping, dialect)
    order = [
        columns[role] for role in ORDER["entries" if "owner" in columns else "people"] if role in columns
    ]
    listed = ", ".join(f"{expression} AS {quoted(role)}" for role, expression in shown.items())
    return f"SELECT {listed} FROM {named(mapping.table)} AS e ORDER BY {', '.join(order)}"


def _tags(mapping: TableMapping, dialect: Dialect) -> str:
    join = mapping.joined
    assert join
    return (
        f"(SELECT {dialect.tags.format(f't.{quoted(join.name)}')} FROM {named(join.join)} AS j "
        f"JOIN {named(join.tags)} AS t ON t.{quoted(join.key)} = j.{quoted(join.tag)} "
        f"WHERE j.{quoted(join.entry)} = e.{quoted(mapping.columns['id'])})"
    )
