"""Schema detection: finds the tables of people and entries by their names and columns. Pure."""

import re
from collections.abc import Iterable, Sequence

from journal.transfer.legacy.known_schemas import (
    ENTRY_TABLES,
    NEEDED,
    OURS,
    PEOPLE_TABLES,
    ROLES,
    TAG_NAMES,
    TAG_TABLES,
    Hints,
    SourceSchema,
    Table,
    TableMapping,
    TagJoin,
    UnreadableSource,
)


class UnknownSchema(UnreadableSource):
    """People or entries were not found; the message says which option would help."""


def normalized(name: str) -> str:
    """`Journal_Entries` is `journalentry`."""
    text = "".join(letter for letter in name.casefold() if letter.isalnum())
    text = re.sub("ies$", "y", text)
    return text if text.endswith("ss") else text.removesuffix("s")


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
    entries = _entries(tables, people.table, hints)
    return SourceSchema(TableMapping(people.table, {**people.columns, "key": _key(people, entries)}), entries)


def _key(people: TableMapping, entries: TableMapping) -> str:
    """The column of people that the owner column of entries refers to."""
    owner = entries.columns["owner"]
    table, column = entries.table.refers.get(owner, ("", ""))
    target = column if _is_table(table, people.table) else ""
    by_name = not target and normalized(owner) == "username" and "name" in people.columns
    return target or people.columns["name" if by_name else "id"]


def _check_roles(hints: Hints) -> None:
    known = [f"{kind}.{role}" for kind, roles in ROLES.items() for role in roles]
    for key in hints.columns:
        if key not in known:
            raise UnknownSchema(f"There is no {key!r} to name a column for; there are {', '.join(known)}.")


def _people(tables: Sequence[Table], hints: Hints) -> TableMapping:
    if hints.people:
        return _mapping("people", _table_named(tables, hints.people), hints)
    candidates = [
        table for table in tables if _role(table, "people", "name") or _role(table, "people", "email")
    ]
    with_password = [table for table in candidates if _role(table, "people", "password")]
    chosen = _chosen("people", with_password, PEOPLE_TABLES) or _chosen(
        "people", _ending_with(candidates, PEOPLE_TABLES), ()
    )
    if chosen is None:
        raise UnknownSchema(
            f"None of its tables looks like people ({_labels(tables)}): name one with --people TABLE."
        )
    return _mapping("people", chosen, hints)


def _entries(tables: Sequence[Table], people: Table, hints: Hints) -> TableMapping:
    if hints.entries:
        mapping = _mapping("entries", _table_named(tables, hints.entries), hints, people)
    else:
        named = {"body", "owner"} & set(hints.of("entries"))
        candidates = [
            t
            for t in tables
            if t != people and (named or _role(t, "entries", "body")) and (named or _owner(t, people))
        ]
        chosen = _chosen("entries", candidates, ENTRY_TABLES)
        if chosen is None:
            others = _labels(t for t in tables if t != people)
            raise UnknownSchema(
                f"People are in the table {people.label}, but no other table looks like their entries "
                f"({others}): name it with --entries TABLE."
            )
        mapping = _mapping("entries", chosen, hints, people)
    joined = None if "tags" in mapping.columns else _tag_join(tables, mapping.table)
    return TableMapping(mapping.table, mapping.columns, joined)


def _table_named(tables: Sequence[Table], name: str) -> Table:
    exact = [t for t in tables if name in (t.name, t.label, f"{t.schema}.{t.name}")]
    folded = [t for t in tables if name.casefold() in (t.name.casefold(), t.label.casefold())]
    if len(exact or folded) != 1:
        raise UnknownSchema(f"It has no one table {name!r}; it has {_labels(tables)}.")
    return (exact or folded)[0]


def _chosen(kind: str, candidates: Sequence[Table], names: Sequence[str]) -> Table | None:
    """The candidate with a usual name, else with a usual ending (`auth_user`), else the only one."""
    exact = [table for table in candidates if normalized(table.name) in names]
    for group in (exact, _ending_with(candidates, names), candidates):
        if len(group) == 1:
            return group[0]
        if group:
            raise UnknownSchema(
                f"Several tables could hold {kind} ({_labels(group)}): choose one with --{kind} TABLE."
            )
    return None


def _ending_with(candidates: Sequence[Table], names: Sequence[str]) -> list[Table]:
    return [table for table in candidates if normalized(table.name).endswith(tuple(names))]


def _labels(tables: Iterable[Table]) -> str:
    return ", ".join(sorted(table.label for table in tables)) or "there is none"


def _mapping(kind: str, table: Table, hints: Hints, people: Table | None = None) -> TableMapping:
    columns = {role: _role(table, kind, role) for role in ROLES[kind]}
    columns["id"] = table.key or columns["id"]
    if kind == "people":
        columns["name"] = columns["name"] or columns["email"]
    elif people:
        columns["owner"] = _owner(table, people)
        if columns["day"] == columns["created"]:
            columns["day"] = ""
    columns |= {role: _column(table, name) for role, name in hints.of(kind).items()}
    for role in NEEDED[kind]:
        if not columns[role]:
            raise UnknownSchema(
                f"The table {table.label} has no column that looks like {kind}.{role} "
                f"({', '.join(table.columns)}): name it with --column {kind}.{role}=COLUMN."
            )
    return TableMapping(table, {role: column for role, column in columns.items() if column})


def _column(table: Table, name: str) -> str:
    if name and name not in table.columns:
        raise UnknownSchema(
            f"The table {table.label} has no column {name!r}; it has {', '.join(table.columns)}."
        )
    return name


def _role(table: Table, kind: str, role: str) -> str:
    return _first_match(table.columns, ROLES[kind][role])


def _first_match(columns: Iterable[str], names: Iterable[str]) -> str:
    folded = {"".join(c for c in column.casefold() if c.isalnum()): column for column in columns}
    return next((folded[name] for name in names if name in folded), "")


def _owner(table: Table, people: Table) -> str:
    """The declared reference to people; where there are several or none, the one with a usual name."""
    declared = [column for column, (other, _) in table.refers.items() if _is_table(other, people)]
    if len(declared) == 1:
        return declared[0]
    return _first_match(declared or table.columns, ROLES["entries"]["owner"])


def _is_table(name: str, table: Table) -> bool:
    return name.casefold() in (table.name.casefold(), table.label.casefold())


def _tag_join(tables: Sequence[Table], entries: Table) -> TagJoin | None:
    for join_table in tables:
        to_entry = [column for column, (other, _) in join_table.refers.items() if _is_table(other, entries)]
        for tags in (t for t in tables if normalized(t.name).endswith(TAG_TABLES) and t != join_table):
            to_tag = [column for column, (other, _) in join_table.refers.items() if _is_table(other, tags)]
            name = _first_match(tags.columns, TAG_NAMES)
            if len(to_entry) == len(to_tag) == 1 and name:
                key = join_table.refers[to_tag[0]][1] or tags.key
                return TagJoin(join_table, to_entry[0], to_tag[0], tags, key, name)
    return None
