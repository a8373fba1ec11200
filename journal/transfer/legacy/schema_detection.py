"""Schema detection: finds the tables of people and entries by their names and columns. Pure."""

from collections.abc import Sequence

from journal.transfer.legacy import entry_columns, entry_table, relations
from journal.transfer.legacy.entry_columns import UnknownSchema, column_named
from journal.transfer.legacy.entry_table import labels
from journal.transfer.legacy.known_schemas import OURS, Hints, SourceSchema, Table, TableMapping
from journal.transfer.legacy.relations import is_table
from journal.transfer.legacy.usual_names import (
    NEEDED,
    PEOPLE_TABLES,
    ROLES,
    column_of,
    ends_with,
    normalized,
)


def detect(tables: Sequence[Table], hints: Hints) -> SourceSchema:
    """Raises UnknownSchema."""
    if not tables:
        raise UnknownSchema("It holds no tables at all.")
    if any(OURS & set(table.columns) for table in tables):
        raise UnknownSchema(
            "It holds tables of Journal itself; the old app's database should be another one."
        )
    _check_roles(hints)
    people = _people(tables, hints)
    entries = _entries(tables, people.table if people else None, hints)
    if people is None:
        return SourceSchema(None, entries)
    keyed = {**people.columns, "key": _key(people, entries)}
    return SourceSchema(TableMapping(people.table, keyed), entries)


def _key(people: TableMapping, entries: TableMapping) -> str:
    """The column of people that the owner column of entries refers to."""
    path = entries.path
    table, owner = (path.table, path.owner) if path else (entries.table, entries.columns.get("owner", ""))
    name, column = table.refers.get(owner, ("", ""))
    target = column if is_table(name, people.table) else ""
    by_name = not target and normalized(owner) == "username" and "name" in people.columns
    return target or people.columns["name" if by_name else "id"]


def _check_roles(hints: Hints) -> None:
    known = [f"{kind}.{role}" for kind, roles in ROLES.items() for role in roles]
    for key in hints.columns:
        if key not in known:
            raise UnknownSchema(f"There is no {key!r} to name a column for; there are {', '.join(known)}.")


def _people(tables: Sequence[Table], hints: Hints) -> TableMapping | None:
    """None if there are none, and the host named an owner."""
    if hints.people:
        return _people_mapping(_table_named(tables, hints.people), hints)
    candidates = [t for t in tables if _has(t, "name") or _has(t, "email")]
    chosen = _chosen([t for t in candidates if _has(t, "password")]) or _chosen(
        [table for table in candidates if ends_with(table.name, PEOPLE_TABLES)]
    )
    if chosen is None and hints.owner:
        return None
    if chosen is None:
        raise UnknownSchema(
            f"None of its tables looks like people ({labels(tables)}): name one with --people TABLE, or "
            "give all entries to one account with --owner NAME.",
            "--owner NAME",
        )
    return _people_mapping(chosen, hints)


def _has(table: Table, role: str) -> bool:
    return bool(column_of(table.columns, "people", role))


def _chosen(candidates: Sequence[Table]) -> Table | None:
    """The candidate with a usual name, else with a usual ending (`auth_user`), else the only one."""
    exact = [table for table in candidates if normalized(table.name) in PEOPLE_TABLES]
    ending = [table for table in candidates if ends_with(table.name, PEOPLE_TABLES)]
    for group in (exact, ending, candidates):
        group = [table for table in group if table.rows] or group
        if len(group) == 1:
            return group[0]
        if group:
            raise UnknownSchema(
                f"Several tables could hold people ({labels(group)}): choose one with --people TABLE.",
                f"--people {max(group, key=lambda table: table.rows or 0).label}",
            )
    return None


def _people_mapping(table: Table, hints: Hints) -> TableMapping:
    columns = {role: column_of(table.columns, "people", role) for role in ROLES["people"]}
    columns["id"] = table.key or columns["id"]
    columns["name"] = columns["name"] or columns["email"]
    columns |= {role: column_named(table, name) for role, name in hints.of("people").items()}
    return _complete("people", TableMapping(table, {role: name for role, name in columns.items() if name}))


def _entries(tables: Sequence[Table], people: Table | None, hints: Hints) -> TableMapping:
    given = hints.of("entries")
    if hints.entries:
        table = _table_named(tables, hints.entries)
    else:
        table = entry_table.chosen(tables, people, bool({"body", "owner"} & set(given)))
    columns = entry_columns.by_role(table, people, given)
    path = None
    if people and "owner" not in columns and "owner" not in given:
        path = relations.owner_path(tables, table, people)
    joined = () if "tags" in given else tuple(relations.tag_joins(tables, table, people))
    lookups = {role: found for role, found in relations.lookups(tables, table, path) if role not in given}
    columns = {role: name for role, name in columns.items() if role not in lookups}
    return _complete("entries", TableMapping(table, columns, joined, path, lookups))


def _complete(kind: str, mapping: TableMapping) -> TableMapping:
    """Raises UnknownSchema if a column is missing."""
    for role in NEEDED[kind]:
        if role not in mapping.columns:
            raise UnknownSchema(
                f"The table {mapping.table.label} has no column that looks like {kind}.{role} "
                f"({', '.join(mapping.table.columns)}): name it with --column {kind}.{role}=COLUMN.",
                f"--{kind} {mapping.table.label} --column {kind}.{role}=COLUMN",
            )
    return mapping


def _table_named(tables: Sequence[Table], name: str) -> Table:
    exact = [t for t in tables if name in (t.name, t.label, f"{t.schema}.{t.name}")]
    alike = [t for t in tables if name.casefold() in (t.name.casefold(), t.label.casefold())]
    if len(exact or alike) != 1:
        raise UnknownSchema(f"It has no one table {name!r}; it has {labels(tables)}.")
    return (exact or alike)[0]
