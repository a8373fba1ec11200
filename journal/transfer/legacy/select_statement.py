"""SELECT statement that reads a table of the source with its columns named by their roles. Pure."""

from dataclasses import dataclass

from journal.transfer.legacy.known_schemas import Lookup, OwnerPath, Table, TableMapping, TagJoin

TIMES = ("created", "updated", "day", "time")
SAMPLE = "sample."  # roles of columns that are read to learn what they hold
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
    shown = {role: _shown(role, column, dialect) for role, column in columns.items()}
    if mapping.path:
        owner = dialect.time.format(f"j.{quoted(mapping.path.owner)}")  # a UUID has no minimum in PostgreSQL
        columns["owner"] = shown["owner"] = _along(mapping.path, f"min({owner})")
        shown["owners"] = _along(mapping.path, f"count(DISTINCT {owner})")
    shown |= {role: _looked_up(lookup) for role, lookup in mapping.lookups.items()}
    for number, join in enumerate(mapping.joined, 1):
        shown[f"tags.{number}"] = _tags(join, mapping, dialect)
    order = [columns[role] for role in ORDER["entries" if "body" in columns else "people"] if role in columns]
    listed = ", ".join(f"{expression} AS {quoted(role)}" for role, expression in shown.items())
    ordered = f" ORDER BY {', '.join(order)}" if order else ""
    return f"SELECT {listed} FROM {named(mapping.table)} AS e{ordered}"


def _shown(role: str, column: str, dialect: Dialect) -> str:
    return dialect.time.format(column) if role in TIMES or role.startswith(SAMPLE) else column


def _along(path: OwnerPath, what: str) -> str:
    own = f"e.{quoted(path.own)}"
    return f"(SELECT {what} FROM {named(path.table)} AS j WHERE j.{quoted(path.match)} = {own})"


def _looked_up(lookup: Lookup) -> str:
    where = f"l.{quoted(lookup.key)} = e.{quoted(lookup.column)}"
    return f"(SELECT min(l.{quoted(lookup.name)}) FROM {named(lookup.table)} AS l WHERE {where})"


def _tags(join: TagJoin, mapping: TableMapping, dialect: Dialect) -> str:
    where = f"WHERE j.{quoted(join.entry)} = e.{quoted(mapping.columns['id'])}"
    if not join.tag:
        names = dialect.tags.format(f"j.{quoted(join.name)}")
        return f"(SELECT {names} FROM {named(join.join)} AS j {where})"
    return (
        f"(SELECT {dialect.tags.format(f't.{quoted(join.name)}')} FROM {named(join.join)} AS j "
        f"JOIN {named(join.tags)} AS t ON t.{quoted(join.key)} = j.{quoted(join.tag)} {where})"
    )
