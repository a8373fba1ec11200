"""The one statement that reads a table by roles, for both kinds of databases. Pure."""

from dataclasses import dataclass

from journal.transfer.legacy.known_schemas import Found, Table

TIMES = ("created", "updated", "day")
ORDER = {"people": ("id",), "entries": ("owner", "created", "id")}


@dataclass(frozen=True)
class Dialect:
    time: str  # how a column that holds a time is read
    tags: str  # how the names of one entry's tags are gathered


SQLITE = Dialect("{}", "json_group_array({})")
# Times as text: PostgreSQL knows dates, like those BC, that the driver refuses with the whole batch.
POSTGRES = Dialect("{}::text", "array_agg({}::text)")


def quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def named(table: Table) -> str:
    return f"{quoted(table.schema)}.{quoted(table.name)}" if table.schema else quoted(table.name)


def select(found: Found, dialect: Dialect) -> str:
    """Columns are called by their roles; entries come by owner and in the order of writing."""
    columns = {role: f"e.{quoted(column)}" for role, column in found.columns.items()}
    shown = {role: dialect.time.format(c) if role in TIMES else c for role, c in columns.items()}
    if found.joined:
        shown["tags"] = _tags(found, dialect)
    order = [
        columns[role] for role in ORDER["entries" if "owner" in columns else "people"] if role in columns
    ]
    listed = ", ".join(f"{expression} AS {quoted(role)}" for role, expression in shown.items())
    return f"SELECT {listed} FROM {named(found.table)} AS e ORDER BY {', '.join(order)}"


def _tags(found: Found, dialect: Dialect) -> str:
    join = found.joined
    assert join
    return (
        f"(SELECT {dialect.tags.format(f't.{quoted(join.name)}')} FROM {named(join.ties)} AS j "
        f"JOIN {named(join.tags)} AS t ON t.{quoted(join.key)} = j.{quoted(join.tag)} "
        f"WHERE j.{quoted(join.entry)} = e.{quoted(found.columns['id'])})"
    )
